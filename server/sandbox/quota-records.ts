import type { Database } from '../database/index.ts';

/** How long a quota lasts before it begins anew. */
export type Span = 'minute' | 'day' | 'month';

interface CountRecord {
  _id: string;
  appId: string;
  name: string;
  span: Span;
  number: number;
  count: number;
}

/** Which calls are counted together: of one account, under one name, in one span of time. */
export interface Count {
  readonly appId: string;
  readonly name: string;
  readonly span: Span;
  /** Which minute, day or month since 1970 it is where the platform is. */
  readonly number: number;
}

/** What was used of the quotas, in the sandbox's database. */
export async function openQuotaRecords({ connection }: Database) {
  const counts = connection.collection<CountRecord>('quotas');
  await counts.createIndex({ appId: 1, span: 1, number: 1 });

  return {
    /** Counts one call, and gives how many there were in its span. */
    async count(one: Count): Promise<number> {
      const { appId, name, span, number } = one;
      const counted = await counts.findOneAndUpdate(
        { _id: idOf(one) },
        { $inc: { count: 1 }, $setOnInsert: { appId, name, span, number } },
        { upsert: true, returnDocument: 'after' },
      );
      if (counted?.count === 1) await counts.deleteMany({ appId, span, number: { $lt: number } });
      return counted?.count ?? 1;
    },
    async counted(one: Count): Promise<number> {
      return (await counts.findOne({ _id: idOf(one) }))?.count ?? 0;
    },
    async set(one: Count, count: number): Promise<void> {
      const { appId, name, span, number } = one;
      await counts.updateOne({ _id: idOf(one) }, { $set: { appId, name, span, number, count } }, { upsert: true });
    },
    /** Forgets what this account has used in this span, but for what is counted under these names. */
    async clear({ appId, span }: Omit<Count, 'name' | 'number'>, spared: readonly string[]): Promise<void> {
      await counts.deleteMany({ appId, span, name: { $nin: [...spared] } });
    },
  };
}

function idOf({ appId, name, span, number }: Count): string {
  return `${appId}/${name}/${span}/${number}`;
}

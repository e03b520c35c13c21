import type { Database } from '../database/index.ts';

/** An access_token. Those of the two calls live side by side and know nothing of each other. */
export interface TokenRecord {
  /** The token itself. */
  _id: string;
  appId: string;
  call: 'token' | 'stable';
  madeAt: number;
  /** Until when it works, epoch ms. */
  expiresAt: number;
  /** A newer one has taken its place: once it is over it is no longer the latest rather than expired. */
  isReplaced?: true;
}

interface CountRecord {
  _id: string;
  appId: string;
  day: number;
  count: number;
}

/** Which day's calls are counted: of one account, for one quota. */
export interface Quota {
  readonly appId: string;
  readonly name: string;
  /** Days since 1970 where the platform is. */
  readonly day: number;
}

/** Tokens and what was used of the quotas, in the sandbox's database. */
export async function openTokenRecords({ connection, transact }: Database) {
  const tokens = connection.collection<TokenRecord>('tokens');
  const counts = connection.collection<CountRecord>('quotas');
  await tokens.createIndex({ appId: 1, call: 1, madeAt: -1 });
  await counts.createIndex({ appId: 1, day: 1 });

  return {
    find: (token: string): Promise<TokenRecord | null> => tokens.findOne({ _id: token }),
    newest: (appId: string, call: TokenRecord['call']): Promise<TokenRecord | null> =>
      tokens.findOne({ appId, call }, { sort: { madeAt: -1 } }),

    /** Adds a token. Those before it work until `overlapEnds` at most; of those that were over before `forgetBefore` nothing is kept. */
    async add(token: TokenRecord, overlapEnds: number, forgetBefore: number): Promise<void> {
      const { appId, call } = token;
      await transact(async (session) => {
        await tokens.deleteMany({ appId, call, expiresAt: { $lt: forgetBefore } }, { session });
        const longer = { appId, call, expiresAt: { $gt: overlapEnds } };
        await tokens.updateMany(longer, { $set: { expiresAt: overlapEnds, isReplaced: true } }, { session });
        await tokens.insertOne(token, { session });
      });
    },

    /** Counts one call, and gives how many there were on its day. */
    async count({ appId, name, day }: Quota): Promise<number> {
      const counted = await counts.findOneAndUpdate(
        { _id: `${appId}/${name}/${day}` },
        { $inc: { count: 1 }, $setOnInsert: { appId, day } },
        { upsert: true, returnDocument: 'after' },
      );
      if (counted?.count === 1) await counts.deleteMany({ appId, day: { $lt: day } });
      return counted?.count ?? 1;
    },
  };
}

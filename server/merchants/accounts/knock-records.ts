import type { Database } from '../../database/index.ts';
import type { Id } from '../../kernel/ids.ts';
import type { Knock } from './account.ts';

interface KnockRow extends Knock {
  readonly merchantId: Id<'merchant'>;
  readonly accountId: Id<'account'>;
}

/** The last time of each outcome that an account's callbacks had. */
export async function openKnockRecords({ connection }: Database) {
  const knocks = connection.collection<KnockRow>('knocks');
  await knocks.createIndex({ merchantId: 1, accountId: 1, outcome: 1 }, { unique: true });

  return {
    async note(merchantId: Id<'merchant'>, accountId: Id<'account'>, { outcome, at }: Knock): Promise<void> {
      await knocks.updateOne({ merchantId, accountId, outcome }, { $max: { at } }, { upsert: true });
    },

    /** The latest first. */
    async list(merchantId: Id<'merchant'>, accountId: Id<'account'>, since: number): Promise<readonly Knock[]> {
      const found = await knocks
        .find({ merchantId, accountId, at: { $gte: since } })
        .sort({ at: -1 })
        .toArray();
      return found.map(({ outcome, at }) => ({ outcome, at }));
    },
  };
}

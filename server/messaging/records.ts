import { type Lease, leaseIsHeldBy } from '../coordination/lease.ts';
import { type Database, isDuplicate } from '../database/index.ts';
import type { Id } from '../kernel/ids.ts';
import type { Person } from '../kernel/personal.ts';
import type { TellingRow, TellingState } from './telling.ts';

export type { Database } from '../database/index.ts';

/** How a row is left: ended, or to wait for another try. */
export type Settlement =
  | { readonly state: 'sent'; readonly endedAt: number }
  | { readonly state: 'refused' | 'unknown'; readonly reason: string; readonly endedAt: number }
  | { readonly state: 'waiting'; readonly reason: string; readonly dueAt: number };

/** The collection `outbox`. */
export async function openTellingRecords(database: Database) {
  const rows = database.connection.collection<TellingRow>('outbox');
  await rows.createIndex({ merchantId: 1, uniqueNumber: 1 }, { unique: true });
  await rows.createIndex({ merchantId: 1, 'account.id': 1, openid: 1 });
  await rows.createIndex({ dueAt: 1 }, { sparse: true });
  await rows.createIndex({ endedAt: 1 }, { sparse: true });

  return {
    /** False when the merchant has one with this unique number already. */
    async insert(merchantId: Id<'merchant'>, row: TellingRow): Promise<boolean> {
      try {
        await rows.insertOne({ ...row, merchantId });
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    },

    /** Of all merchants: what is due, and what a process left while it was sending; the longest due first. */
    findDue: (now: number, limit: number): Promise<TellingRow[]> =>
      rows
        .find({ dueAt: { $lte: now } })
        .sort({ dueAt: 1 })
        .limit(limit)
        .toArray(),

    /** Takes one that is due, so that nobody else sends it; undefined when another has, or its time is over. */
    async take(merchantId: Id<'merchant'>, id: Id<'telling'>, lease: Lease, now: number): Promise<TellingRow | undefined> {
      const isDue = { _id: id, merchantId, state: 'waiting' as const, dueAt: { $lte: now }, expiresAt: { $gt: now } };
      const taken = { $set: { state: 'sending' as const, lease, dueAt: lease.until }, $inc: { tries: 1 } };
      return (await rows.findOneAndUpdate(isDue, taken, { returnDocument: 'after' })) ?? undefined;
    },

    /**
     * Writes what came of it, if this lease took it last. A row that others gave up meanwhile is written all the same: whoever sent it
     * knows better.
     */
    async settle(merchantId: Id<'merchant'>, id: Id<'telling'>, lease: Lease, settlement: Settlement): Promise<boolean> {
      const states: TellingState[] = ['sending', 'unknown'];
      const held = { _id: id, merchantId, state: { $in: states }, ...leaseIsHeldBy(lease) };
      // What is sent no longer has the reason for which it was put off.
      const fields = settlement.state === 'waiting' ? ['endedAt'] : settlement.state === 'sent' ? ['dueAt', 'reason'] : ['dueAt'];
      const unset = Object.fromEntries(fields.map((field) => [field, true as const]));
      return (await rows.updateOne(held, { $set: settlement, $unset: unset })).matchedCount === 1;
    },

    /** Ends one that waits and whose time is over; the reason stays that of its last try. */
    async expire(merchantId: Id<'merchant'>, id: Id<'telling'>, now: number): Promise<boolean> {
      const isOver = { _id: id, merchantId, state: 'waiting' as const, expiresAt: { $lte: now } };
      const ended = await rows.updateOne(isOver, { $set: { state: 'expired', endedAt: now }, $unset: { dueAt: true } });
      return ended.matchedCount === 1;
    },

    /** Ends one whose sender has not come back: whether it was sent, nobody knows. */
    async giveUp(merchantId: Id<'merchant'>, id: Id<'telling'>, now: number): Promise<boolean> {
      const isLeft = { _id: id, merchantId, state: 'sending' as const, dueAt: { $lte: now } };
      const ended = { state: 'unknown', reason: 'cut-off', endedAt: now } as const;
      return (await rows.updateOne(isLeft, { $set: ended, $unset: { dueAt: true } })).matchedCount === 1;
    },

    /** Forgets what ended before this time; gives how many. */
    prune: async (before: number): Promise<number> => (await rows.deleteMany({ endedAt: { $lt: before } })).deletedCount,

    /** All that these senders were told, in the order in which it was made. */
    async findOf(person: Person): Promise<TellingRow[]> {
      const found = await Promise.all(filtersOf(person).map((filter) => rows.find(filter).toArray()));
      return found.flat().sort((a, b) => a.madeAt - b.madeAt || (a._id < b._id ? -1 : 1));
    },

    /** Takes content and openid away, and ends what still waits; gives how many rows were changed. */
    async eraseOf(person: Person, now: number): Promise<number> {
      let erased = 0;
      for (const filter of filtersOf(person)) {
        const ended = { state: 'refused', reason: 'erased', endedAt: now } as const;
        await rows.updateMany({ ...filter, state: 'waiting' }, { $set: ended, $unset: { dueAt: true } });
        erased += (await rows.updateMany(filter, { $unset: { content: true, openid: true } })).modifiedCount;
      }
      return erased;
    },
  };
}

/** The rows of each of a person's senders. */
function filtersOf({ merchantId, senders }: Person) {
  return senders.map(({ accountId, openid }) => ({ merchantId, 'account.id': accountId, openid }));
}

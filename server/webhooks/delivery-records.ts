import { createCombiner } from '../kernel/combine.ts';
import type { Id, Ids } from '../kernel/ids.ts';
import { type Page, type PageQuery, pageOf } from '../kernel/page.ts';
import type { PlacedHappening } from '../members/index.ts';
import type { Database, Session } from './records.ts';
import type { Attempt, EventType, WebhookDelivery } from './webhook.ts';

/** One event for one webhook, with all that its body says: ids, so that a person can be forgotten without it. */
export interface DeliveryRow extends Omit<WebhookDelivery, 'id'> {
  readonly _id: Id<'delivery'>;
  readonly merchantId: Id<'merchant'>;
  readonly webhookId: Id<'webhook'>;
  readonly event: Pick<PlacedHappening, 'at' | 'followerId' | 'accountId' | 'entryCode' | 'isOutdated'>;
  readonly firstTriedAt?: number;
}

type Owner = Pick<DeliveryRow, 'merchantId' | 'webhookId'>;

interface Ending {
  row: DeliveryRow;
  state: 'delivered' | 'given-up';
  attempt: Attempt;
}

export type DeliveryRecords = Awaited<ReturnType<typeof openDeliveryRecords>>;

const mostTogether = 64;

/** The rows of deliveries. Of those that wait, a member's are due in the order of their positions. */
export async function openDeliveryRecords(database: Database, ids: Ids) {
  const deliveries = database.connection.collection<DeliveryRow>('webhookDeliveries');
  const isWaiting = { partialFilterExpression: { state: 'waiting' } };
  await deliveries.createIndex({ merchantId: 1, webhookId: 1, position: -1 }, { unique: true });
  await deliveries.createIndex({ merchantId: 1, webhookId: 1, state: 1, position: -1 });
  await deliveries.createIndex({ merchantId: 1, webhookId: 1, state: 1, nextTryAt: 1, position: 1 }, isWaiting);
  await deliveries.createIndex({ merchantId: 1, webhookId: 1, memberId: 1, position: 1 }, isWaiting);
  await deliveries.createIndex({ endedAt: 1 }, { partialFilterExpression: { endedAt: { $exists: true } } });

  const waitingOf = ({ merchantId, webhookId }: Owner) => ({ merchantId, webhookId, state: 'waiting' as const });

  const end = createCombiner<Ending, void>(mostTogether, async (endings) => {
    const updates = endings.map(({ row, state, attempt }) => ({
      updateOne: {
        filter: { _id: row._id, merchantId: row.merchantId, state: 'waiting' },
        update: {
          $set: { state, endedAt: attempt.at + attempt.milliseconds, last: attempt },
          $inc: { attempts: 1 },
          $unset: { nextTryAt: true },
        },
      },
    }));
    await deliveries.bulkWrite(updates as never, { ordered: false });
    return endings.map(() => ({ value: undefined }));
  });

  async function findFirst(filter: ReturnType<typeof waitingOf> & { memberId?: Id<'member'> }): Promise<DeliveryRow[]> {
    return deliveries.find(filter).sort({ position: 1 }).limit(1).toArray();
  }

  return {
    /** Puts events up for delivery inside a transaction, in place of what is there of these positions: whatever is there ended before a replay. */
    async putUp(
      session: Session,
      owner: Owner,
      range: { after: number; upTo: number },
      events: readonly (PlacedHappening & { readonly type: EventType })[],
      now: number,
    ): Promise<void> {
      const { merchantId, webhookId } = owner;
      await deliveries.deleteMany({ merchantId, webhookId, position: { $gt: range.after, $lte: range.upTo } }, { session });
      const rows = events.map(({ id, type, position, memberId, at, followerId, accountId, entryCode, isOutdated }) => ({
        ...{ _id: ids<'delivery'>(), merchantId, webhookId, eventId: id, type, position, memberId },
        event: {
          ...{ at, followerId, accountId },
          ...(entryCode === undefined ? {} : { entryCode }),
          ...(isOutdated === undefined ? {} : { isOutdated }),
        },
        ...{ state: 'waiting' as const, attempts: 0, madeAt: now, nextTryAt: now },
      }));
      if (rows.length > 0) await deliveries.insertMany(rows, { session });
    },

    /** Takes down what waits after a position, for it to be put up anew in order. */
    async takeDown(session: Session, { merchantId, webhookId }: Owner, after: number): Promise<void> {
      await deliveries.deleteMany({ ...waitingOf({ merchantId, webhookId }), position: { $gt: after } }, { session });
    },

    /**
     * Up to `limit` that are due, at most one of a member: the first that waits. None of the members in `except`.
     * Those behind one that waits for a later time are put off to that time, so that they do not stand in the way of the others.
     */
    async findDue(owner: Owner, now: number, except: readonly Id<'member'>[], limit: number): Promise<DeliveryRow[]> {
      for (;;) {
        const others = except.length > 0 ? { memberId: { $nin: [...except] } } : {};
        const due = await deliveries
          .find({ ...waitingOf(owner), nextTryAt: { $lte: now }, ...others }, { projection: { memberId: 1 } })
          .sort({ nextTryAt: 1, position: 1 })
          .limit(limit)
          .toArray();
        if (due.length === 0) return [];
        const members = [...new Set(due.map(({ memberId }) => memberId))];
        const firsts = (await Promise.all(members.map((memberId) => findFirst({ ...waitingOf(owner), memberId })))).flat();
        const heldUp = firsts.filter(({ nextTryAt = 0 }) => nextTryAt > now);
        for (const { memberId, nextTryAt = 0 } of heldUp)
          await deliveries.updateMany({ ...waitingOf(owner), memberId }, { $max: { nextTryAt } });
        if (firsts.length > heldUp.length) return firsts.filter(({ nextTryAt = 0 }) => nextTryAt <= now);
      }
    },

    /** The first of all that wait, whenever it is due. */
    findFirst: async (owner: Owner): Promise<DeliveryRow | undefined> => (await findFirst(waitingOf(owner)))[0],

    /** When the next one is due. */
    async findNextTry(owner: Owner): Promise<number | undefined> {
      const options = { projection: { nextTryAt: 1 } };
      const [row] = await deliveries.find(waitingOf(owner), options).sort({ nextTryAt: 1, position: 1 }).limit(1).toArray();
      return row?.nextTryAt;
    },

    /** All that wait are due now: the receiver is back. */
    async hasten(owner: Owner, now: number): Promise<void> {
      await deliveries.updateMany({ ...waitingOf(owner), nextTryAt: { $gt: now } }, { $set: { nextTryAt: now } });
    },

    /** It was taken by the receiver, or will not be tried again. */
    end: (ending: Ending): Promise<void> => end(ending),

    /** It is tried again at `nextTryAt`. */
    async putOff(row: DeliveryRow, attempt: Attempt, nextTryAt: number): Promise<void> {
      const filter = { _id: row._id, merchantId: row.merchantId, state: 'waiting' as const };
      const firstTriedAt = row.firstTriedAt ?? attempt.at;
      await deliveries.updateOne(filter, { $set: { nextTryAt, firstTriedAt, last: attempt }, $inc: { attempts: 1 } });
    },

    async list(
      { merchantId, webhookId }: Owner,
      { cursor, limit, state }: PageQuery & { state?: WebhookDelivery['state'] | undefined },
    ): Promise<Page<WebhookDelivery>> {
      const filter = {
        ...{ merchantId, webhookId },
        ...(state === undefined ? {} : { state }),
        ...(cursor === undefined ? {} : { position: { $lt: Number(cursor) } }),
      };
      const rows = await deliveries
        .find(filter)
        .sort({ position: -1 })
        .limit(limit + 1)
        .toArray();
      return pageOf(rows, limit, ({ position }) => String(position), toDelivery);
    },

    async prune(before: number): Promise<number> {
      return (await deliveries.deleteMany({ endedAt: { $lt: before } })).deletedCount;
    },
  };
}

function toDelivery(row: DeliveryRow): WebhookDelivery {
  const { _id: id, eventId, type, position, memberId, state, attempts, madeAt, nextTryAt, endedAt, last } = row;
  return Object.freeze({
    ...{ id, eventId, type, position, memberId, state, attempts, madeAt },
    ...(nextTryAt === undefined ? {} : { nextTryAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(last === undefined ? {} : { last }),
  });
}

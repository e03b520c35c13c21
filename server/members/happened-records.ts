import { type Database, isDuplicate, type Session } from '../database/index.ts';
import type { Id } from '../kernel/ids.ts';
import type { Happening } from './follower.ts';

type MerchantId = Id<'merchant'>;

interface HappeningRow extends Omit<Happening, 'id'> {
  _id: Id<'happening'>;
  merchantId: MerchantId;
  /** Where it stands in the merchant's stream; absent until it is numbered. */
  position?: number;
}

/** The last position that a merchant's stream has given out. */
interface HeadRow {
  _id: MerchantId;
  position: number;
}

/** Something that happened and has its place in the merchant's stream. */
export type PlacedHappening = Happening & { readonly position: number };

export type HappenedRecords = Awaited<ReturnType<typeof openHappenedRecords>>;

/** What happened to followers: appended without a position inside the change's transaction, numbered once that is committed. */
export async function openHappenedRecords(database: Database) {
  const happened = database.connection.collection<HappeningRow>('happened');
  const heads = database.connection.collection<HeadRow>('happenedHeads');
  await happened.createIndex({ merchantId: 1, uniqueNumber: 1 }, { unique: true });
  await happened.createIndex({ merchantId: 1, memberId: 1, position: 1 });
  const placed = { position: { $exists: true } };
  await happened.createIndex({ merchantId: 1, position: 1 }, { unique: true, partialFilterExpression: placed });
  // Holds only what waits for its position, so that looking for it costs nothing while there is none. Rows from before there were
  // positions lack the field too, and are numbered with the rest.
  await happened.createIndex({ merchantId: 1, at: 1, _id: 1 }, { partialFilterExpression: { position: null } });

  const waiting = { position: null } as never as { position?: number };

  async function findPositionBefore(merchantId: MerchantId, recordedAt: number): Promise<number> {
    let low = 0;
    let high = (await heads.findOne({ _id: merchantId }))?.position ?? 0;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const row = await happened.findOne({ merchantId, position: middle }, { projection: { recordedAt: 1 } });
      if (row && row.recordedAt < recordedAt) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  function number(merchantId: MerchantId, most: number, within: (session: Session) => Promise<void>): Promise<number> {
    return database.transact(async (session) => {
      const rows = await happened
        .find({ merchantId, ...waiting }, { session, projection: { _id: 1 } })
        .sort({ merchantId: 1, at: 1, _id: 1 })
        .limit(most)
        .toArray();
      if (rows.length === 0) return 0;
      // Two processes that number the same rows meet here: one of them begins anew and finds them numbered.
      const head = await heads.findOneAndUpdate(
        { _id: merchantId },
        { $inc: { position: rows.length } },
        { session, upsert: true, returnDocument: 'after' },
      );
      const first = (head?.position ?? rows.length) - rows.length + 1;
      const updates = rows.map(({ _id }, index) => ({
        updateOne: { filter: { _id, merchantId }, update: { $set: { position: first + index } } },
      }));
      await happened.bulkWrite(updates, { session });
      await within(session);
      return rows.length;
    });
  }

  return {
    /** Appends what happened, inside the transaction of the change. A unique number that is known is refused as a duplicate. */
    async append(session: Session, merchantId: MerchantId, { id, ...rest }: Happening): Promise<void> {
      await happened.insertOne({ _id: id, merchantId, ...rest }, { session });
    },

    /** All that happened to a member, in the order of its time. */
    async findOfMember(merchantId: MerchantId, memberId: Id<'member'>): Promise<Happening[]> {
      return (await happened.find({ merchantId, memberId }).sort({ at: 1, _id: 1 }).toArray()).map(toHappening);
    },

    /** Of the merchants after this one, in the order of their ids, the first whose stream has something that waits for its position. */
    async findWaiting(after: string): Promise<MerchantId | undefined> {
      const [row] = await happened
        .find({ merchantId: { $gt: after as MerchantId }, ...waiting }, { projection: { merchantId: 1 } })
        .sort({ merchantId: 1, at: 1, _id: 1 })
        .limit(1)
        .toArray();
      return row?.merchantId;
    },

    /** Gives the next positions to up to `most` rows that wait, by time and then id, and runs `within` in the same transaction; gives how many. */
    number: (merchantId: MerchantId, most: number, within: (session: Session) => Promise<void>): Promise<number> =>
      number(merchantId, most, within).catch((error) => {
        // Two processes made the head of a new stream at once.
        if (isDuplicate(error)) return number(merchantId, most, within);
        throw error;
      }),

    /** The last position given out; 0 when there is none. */
    async findHead(merchantId: MerchantId): Promise<number> {
      return (await heads.findOne({ _id: merchantId }))?.position ?? 0;
    },

    /** What happened after a position, in the order of positions; of one member if one is named. */
    async findAfter(
      merchantId: MerchantId,
      { after, limit, memberId }: { after: number; limit: number; memberId?: Id<'member'> | undefined },
    ): Promise<PlacedHappening[]> {
      const filter = { merchantId, ...(memberId === undefined ? {} : { memberId }), position: { $gt: after } };
      const rows = await happened.find(filter).sort({ position: 1 }).limit(limit).toArray();
      return rows.map((row) => toHappening(row) as PlacedHappening);
    },

    /** The last position before what was written down from this time on (epoch ms). Positions follow that time only about: it is a place to begin to read at. */
    findPositionBefore,
  };
}

function toHappening({ _id, merchantId: _merchantId, ...rest }: HappeningRow): Happening {
  return Object.freeze({ id: _id, ...rest });
}

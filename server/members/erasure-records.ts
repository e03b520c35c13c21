import { type Database, isDuplicate } from '../database/index.ts';
import { digestOf } from '../kernel/digest.ts';
import type { Id } from '../kernel/ids.ts';
import { type Page, type PageQuery, pageOf } from '../kernel/page.ts';
import type { Person, Sender } from '../kernel/personal.ts';
import type { AppendAudit, By } from '../merchants/index.ts';
import type { Receipt } from './receipt.ts';

type MerchantId = Id<'merchant'>;

interface ErasureRow extends Omit<Receipt, 'id' | 'rooms'> {
  _id: Id<'erasure'>;
  merchantId: MerchantId;
  rooms: Receipt['rooms'];
  /** What the erasure needs as long as it is under way; gone when it is done. */
  running?: { by: By; senders: readonly Sender[] };
  /** Digests of the senders, by which what they sent before is known for old until `markedUntil`; then they are gone too. */
  marks?: readonly { accountId: Id<'account'>; digest: string }[];
  markedUntil?: number;
}

/** An erasure under way: whom it is about and on whose behalf. */
export interface Running {
  readonly id: Id<'erasure'>;
  readonly person: Person;
  readonly by: By;
  readonly asked: ReadonlySet<string>;
}

/** A message is worked again for a day at most: for so long an old one may come up after its sender was erased. */
const marksLast = 86_400_000;

export type ErasureRecords = Awaited<ReturnType<typeof openErasureRecords>>;

/** The rows of erasures: one for each member, which is the receipt and, until it is done, the way to its end. */
export async function openErasureRecords(database: Database) {
  const rows = database.connection.collection<ErasureRow>('erasures');
  await rows.createIndex({ merchantId: 1, memberId: 1 }, { unique: true });
  await rows.createIndex({ merchantId: 1, _id: -1 });
  // Each holds few rows: what is under way, and what was begun within the last day.
  await rows.createIndex({ begunAt: 1 }, { partialFilterExpression: { state: 'begun' } });
  await rows.createIndex({ markedUntil: 1 }, { sparse: true });
  // Every newcomer asks for the marks of their merchant, and is not to read through all of its erasures.
  await rows.createIndex({ merchantId: 1, markedUntil: 1 });

  return {
    /** Writes the receipt and its audit, both or neither. False: the member has one. */
    async begin(id: Id<'erasure'>, person: Person, { by, at }: { by: By; at: number }, append: AppendAudit): Promise<boolean> {
      const { merchantId, memberId, senders } = person;
      const marks = senders.map(({ accountId, openid }) => ({ accountId, digest: markOf(id, openid) }));
      const running = { by, senders };
      const row = { _id: id, merchantId, memberId, state: 'begun' as const, begunAt: at, rooms: [], running, marks };
      try {
        await database.transact(async (session) => {
          await rows.insertOne({ ...row, markedUntil: at + marksLast }, { session });
          await append(session, merchantId, { by, action: 'member.erasure-begun', subject: { kind: 'member', id: memberId } });
        });
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    },

    async find(merchantId: MerchantId, memberId: Id<'member'>): Promise<{ receipt: Receipt; running?: Running } | undefined> {
      const row = await rows.findOne({ merchantId, memberId });
      return row ? { receipt: toReceipt(row), ...toRunning(row) } : undefined;
    },

    /** Notes what a room answered; the first note stays. */
    async note(merchantId: MerchantId, id: Id<'erasure'>, room: string, hadSomething: boolean): Promise<void> {
      await rows.updateOne(
        { _id: id, merchantId, state: 'begun', 'rooms.room': { $ne: room } },
        { $push: { rooms: { room, hadSomething } } },
      );
    },

    /** Ends an erasure and drops what it needed; its audit is written with it, once. */
    async end({ id, person: { merchantId, memberId }, by }: Running, at: number, append: AppendAudit): Promise<void> {
      await database.transact(async (session) => {
        const change = { $set: { state: 'done' as const, doneAt: at }, $unset: { running: true as const } };
        const { matchedCount } = await rows.updateOne({ _id: id, merchantId, state: 'begun' }, change, { session });
        if (matchedCount === 0) return;
        const subject = { kind: 'member', id: memberId };
        await append(session, merchantId, { by, action: 'member.erased', subject, after: { erasureId: id } });
      });
    },

    /** Newest first. */
    async list(merchantId: MerchantId, { cursor, limit }: PageQuery): Promise<Page<Receipt>> {
      const filter = { merchantId, ...(cursor === undefined ? {} : { _id: { $lt: cursor as Id<'erasure'> } }) };
      const found = await rows
        .find(filter)
        .sort({ _id: -1 })
        .limit(limit + 1)
        .toArray();
      return pageOf(found, limit, ({ _id }) => _id, toReceipt);
    },

    /** Which of these contacts were made before the erasure of the one who made them. */
    async findErased<Contact extends { openid: string; at: number }>(
      merchantId: MerchantId,
      accountId: Id<'account'>,
      contacts: readonly Contact[],
      now: number,
    ): Promise<Set<Contact>> {
      const recent = await rows.find({ merchantId, markedUntil: { $gt: now } }).toArray();
      const isErased = ({ openid, at }: Contact) =>
        recent.some(({ _id, begunAt, marks = [] }) => {
          const digest = at <= begunAt ? markOf(_id, openid) : undefined;
          return marks.some((mark) => mark.accountId === accountId && mark.digest === digest);
        });
      return new Set(recent.length === 0 ? [] : contacts.filter(isErased));
    },

    /** Erasures of all merchants that were begun before and have not ended, oldest first. */
    async findUnfinished(before: number, limit: number): Promise<Running[]> {
      const found = await rows
        .find({ state: 'begun', begunAt: { $lt: before } })
        .sort({ begunAt: 1 })
        .limit(limit)
        .toArray();
      return found.flatMap((row) => toRunning(row).running ?? []);
    },

    /** Drops marks that have done their work. */
    async dropMarks(now: number): Promise<void> {
      await rows.updateMany({ markedUntil: { $lte: now } }, { $unset: { marks: true, markedUntil: true } });
    },
  };
}

/** Salted with the erasure's id, so that marks of two erasures tell nothing of each other. */
const markOf = (id: Id<'erasure'>, openid: string): string => digestOf(`${id}:${openid}`);

function toReceipt({ _id, memberId, state, begunAt, doneAt, rooms }: ErasureRow): Receipt {
  return Object.freeze({ id: _id, memberId, state, begunAt, ...(doneAt === undefined ? {} : { doneAt }), rooms });
}

function toRunning({ _id, merchantId, memberId, running, rooms }: ErasureRow): { running?: Running } {
  if (!running) return {};
  const { by, senders } = running;
  const asked = new Set(rooms.map(({ room }) => room));
  return { running: { id: _id, person: { merchantId, memberId, senders }, by, asked } };
}

import { hash } from 'node:crypto';
import type { Database } from '../database/index.ts';
import { createCombiner, type Settled } from '../kernel/combine.ts';
import { fault } from '../kernel/errors.ts';
import type { Person } from '../kernel/personal.ts';
import { type Lease, leaseIsHeldBy, leaseIsOver } from './lease.ts';

/** A row of the inbox: one inbound message, from its receipt to the answer stored with it. */
export interface InboxRow<Message, Answer> {
  /** merchant, account and the message's own key: the platform's repeats meet the same row. Also the unique number of the message's effects. */
  readonly _id: string;
  readonly merchantId: string;
  readonly accountId: string;
  /** Who sent it, as a number by which the rows of one person are found; two people may share one. */
  readonly sender?: number;
  readonly message: Message;
  /** Of what is erased only the id stays, so that a repeat of it is known. */
  readonly state: 'received' | 'answered' | 'erased';
  readonly lease: Lease;
  readonly receivedAt: number;
  readonly answer?: Answer;
  readonly answeredAt?: number;
  /** The answer came when the platform no longer waited for it: it has to reach the follower another way. */
  readonly isLate?: boolean;
  /** Epoch ms since when a late answer waits to be handed on; absent once it is. */
  readonly untoldSince?: number;
}

/** What storing a message found: our work, a stored answer, or another's work. */
export type Receipt<Answer> =
  | { state: 'mine' }
  | { state: 'answered'; answer: Answer | undefined }
  | { state: 'leased'; until: number };

interface Ending<Answer> {
  id: string;
  lease: Lease;
  /** Undefined when the message is to be forgotten. */
  answer: Answer | undefined;
  answeredAt: number;
  isLate: boolean;
}

const duplicateKey = 11000;
/** Messages written together at most: enough to share a sync, few enough not to hold the first one up. */
const mostTogether = 64;
/** Each message has its own row, so their order does not matter: while one batch is synced the next is made. */
const batchesInFlight = 2;

/** The inbox's collection. Its writes are combined: messages that arrive together share one round trip and one sync. */
export async function openInboxRecords<Message extends { readonly openid: string }, Answer>(database: Database) {
  type Row = InboxRow<Message, Answer>;
  type Answered = Row & { readonly answer: Answer };
  const rows = database.connection.collection<Row>('inbox');
  // One index for both jobs: what must be worked again (received), what may be forgotten (answered).
  await rows.createIndex({ state: 1, 'lease.until': 1 });
  // Every message pays for this index: with a number as its key half of what names would cost.
  await rows.createIndex({ sender: 1 }, { sparse: true });
  // Only late answers are in it, and those only until they are handed on.
  await rows.createIndex({ untoldSince: 1 }, { sparse: true });

  const receive = createCombiner<Row, 'mine' | 'repeat'>(
    mostTogether,
    async (batch) => {
      const repeated = await insertUnordered(batch);
      return batch.map((_, index) => ({ value: repeated.has(index) ? 'repeat' : 'mine' }));
    },
    batchesInFlight,
  );

  /** Inserts what is new; gives the positions of what was there already. */
  async function insertUnordered(batch: Row[]): Promise<Set<number>> {
    try {
      // The driver's types want a writable document; the row is not touched.
      await rows.insertMany(batch as never, { ordered: false });
      return new Set();
    } catch (error) {
      const writeErrors = (error as { writeErrors?: { code: number; index: number }[] }).writeErrors;
      if (writeErrors?.length && writeErrors.every(({ code }) => code === duplicateKey)) {
        return new Set(writeErrors.map(({ index }) => index));
      }
      throw fault('server.unavailable', 'the message could not be stored', error);
    }
  }

  const end = createCombiner<Ending<Answer>, boolean>(
    mostTogether,
    async (batch) => {
      const updates = batch.map(({ id, lease, ...rest }) => ({
        updateOne: { filter: { _id: id, state: 'received', ...leaseIsHeldBy(lease) }, update: endingOf(rest) },
      }));
      const { matchedCount } = await rows.bulkWrite(updates as never, { ordered: false });
      if (matchedCount === batch.length) return batch.map(() => ({ value: true }));
      return Promise.all(batch.map(wasEnded));
    },
    batchesInFlight,
  );

  /** A bulk write only counts its matches: where one is missing, each row tells whose answer it holds. */
  async function wasEnded({ id, lease, answer }: Ending<Answer>): Promise<Settled<boolean>> {
    const state = answer === undefined ? 'erased' : 'answered';
    const own = await rows.findOne({ _id: id, state, ...leaseIsHeldBy(lease) } as never, { projection: { _id: 1 } });
    return { value: own !== null };
  }

  /** Takes a row whose lease ran out; false when somebody holds it or it is answered. */
  async function takeOver(id: string, lease: Lease, now: number): Promise<boolean> {
    const filter = { _id: id, state: 'received', ...leaseIsOver(now) };
    return (await rows.updateOne(filter as never, { $set: { lease } } as never)).modifiedCount === 1;
  }

  /** What a repeat finds now. */
  async function look(id: string): Promise<Receipt<Answer>> {
    const row = await rows.findOne({ _id: id } as never, { projection: { state: 1, lease: 1, answer: 1, isLate: 1 } });
    // A late answer goes another way: given to a repeat as well it would be read twice.
    if (row && row.state !== 'received') return { state: 'answered', answer: row.isLate ? undefined : (row.answer as Answer) };
    if (!row) throw fault('server.unavailable', 'the stored message is gone: it was pruned while it was worked on');
    return { state: 'leased', until: row.lease.until };
  }

  return {
    takeOver,
    look,

    /** Stores a new row, or says what its repeat finds. Throws the fault server.unavailable when it could not be stored. */
    async receive(row: Row, now: number): Promise<Receipt<Answer>> {
      if ((await receive(row)) === 'mine') return { state: 'mine' };
      return (await takeOver(row._id, row.lease, now)) ? { state: 'mine' } : look(row._id);
    },

    /** Stores the answer, or forgets the message, if the lease is still held; false when another has taken the row over. */
    end: (ending: Ending<Answer>) => end(ending),

    /** The answer was stored in time and nobody took it: it is late after all. False when the message was erased. */
    async markLate(id: string, answeredAt: number): Promise<boolean> {
      const late = { $set: { isLate: true, untoldSince: answeredAt } };
      return (await rows.updateOne({ _id: id, state: 'answered' } as never, late as never)).matchedCount === 1;
    },

    /** Late answers that have waited to be handed on since `before`, the oldest first. */
    findUntold: (before: number, limit: number): Promise<Pick<Answered, '_id' | 'message' | 'answer'>[]> =>
      rows
        .find({ untoldSince: { $lte: before } } as never)
        .sort({ untoldSince: 1 })
        .limit(limit)
        .toArray() as Promise<Answered[]>,

    async handedOn(id: string): Promise<void> {
      await rows.updateOne({ _id: id } as never, { $unset: { untoldSince: true } } as never);
    },

    async renew(id: string, lease: Lease, until: number): Promise<boolean> {
      const filter = { _id: id, state: 'received', ...leaseIsHeldBy(lease) };
      return (await rows.updateOne(filter as never, { $set: { 'lease.until': until } } as never)).matchedCount === 1;
    },

    /** Up to `limit` rows that were received since, and whose lease was over at `before`, oldest first. */
    findOverdue: ({ before, receivedAfter, limit }: { before: number; receivedAfter: number; limit: number }): Promise<Row[]> =>
      rows
        .find({ state: 'received', ...leaseIsOver(before), receivedAt: { $gt: receivedAfter } } as never)
        .sort({ state: 1, 'lease.until': 1 })
        .limit(limit)
        .toArray() as Promise<Row[]>,

    /** Forgets messages whose lease was over at `before`; gives how many. */
    prune: async (before: number): Promise<number> =>
      (await rows.deleteMany({ state: { $in: ['answered', 'erased', 'received'] }, ...leaseIsOver(before) } as never))
        .deletedCount,

    /** All that these senders wrote and were answered, in the order in which it came. */
    async findOf(person: Person): Promise<Pick<Row, 'message' | 'receivedAt' | 'answer' | 'answeredAt'>[]> {
      const found = await Promise.all(filtersOf(person).map((filter) => rows.find(filter as never).toArray() as Promise<Row[]>));
      return found.flat().sort((a, b) => a.receivedAt - b.receivedAt || (a._id < b._id ? -1 : 1));
    },

    /** Empties all rows of these senders, also those that are still worked on; gives how many. */
    async eraseOf(person: Person): Promise<number> {
      const erased = filtersOf(person).map((filter) => rows.updateMany(filter as never, erasing as never));
      return (await Promise.all(erased)).reduce((sum, { modifiedCount }) => sum + modifiedCount, 0);
    },
  };
}

/** 48 bits of a digest: few people share one, and what is found by it is told apart by the openid itself. */
export function senderNumber(merchantId: string, accountId: string, openid: string): number {
  return hash('sha1', `${merchantId}:${accountId}:${openid}`, 'buffer').readUIntBE(0, 6);
}

/** The rows of each of a person's senders. */
function filtersOf({ merchantId, senders }: Person) {
  return senders.map(({ accountId, openid }) => ({
    sender: senderNumber(merchantId, accountId, openid),
    merchantId,
    accountId,
    'message.openid': openid,
  }));
}

const erasing = { $set: { state: 'erased' }, $unset: { message: true, answer: true, sender: true, untoldSince: true } };

function endingOf<Answer>({ answer, answeredAt, isLate }: Omit<Ending<Answer>, 'id' | 'lease'>) {
  if (answer === undefined) return erasing;
  return { $set: { state: 'answered', answer, answeredAt, isLate, ...(isLate && { untoldSince: answeredAt }) } };
}

import { createHash } from 'node:crypto';
import { type Database, isDuplicate } from '../database/index.ts';
import { type Clock, sleep } from '../kernel/clock.ts';
import { digestOf } from '../kernel/digest.ts';
import { createIds, type Ids } from '../kernel/ids.ts';
import type { Vault } from '../kernel/vault.ts';
import { grantLease, type Lease, leaseIsHeldBy, leaseIsOver } from './lease.ts';

/** A request that its caller may send again under the same name. */
export interface NamedRequest {
  /** Who sends it: names of different callers never meet. */
  readonly scope: string;
  /** The caller's name for it. */
  readonly key: string;
  /** All that makes it this request and no other: what a repeat must not differ in. */
  readonly content: string;
}

/** What a request finds: it is ours to work, was answered, was another one by the same name, or is still worked on. */
export type Finding =
  | { state: 'mine'; work: NamedWork }
  | { state: 'answered'; answer: string }
  | { state: 'other' }
  | { state: 'running' };

export interface NamedWork {
  /** Ids for what is made: the same ones, in the same order, for whoever works this request again. */
  readonly ids: Ids;
  /** Stores the answer, which repeats get from now on. */
  answer(text: string): Promise<void>;
  /** Lets a repeat work it again at once: nothing came of it. */
  giveUp(): Promise<void>;
}

/** Answers kept for repeats, so that asking twice has one effect, in all processes. */
export interface StoredAnswers {
  begin(request: NamedRequest): Promise<Finding>;
  /** Forgets what was asked more than a day ago. */
  prune(): Promise<void>;
}

interface AnswerRow {
  /** Digest of scope and key. */
  readonly _id: string;
  /** Digest of the content. */
  readonly print: string;
  /** What the ids of its work are made from. */
  readonly seed: string;
  readonly begunAt: number;
  readonly lease: Lease;
  /** Sealed: some answers hold what is shown once. */
  readonly answer?: string;
}

const keptFor = 86_400_000;
/** Longer than any work takes: what is still open then belonged to a process that was killed. */
const leaseLasts = 15_000;
/** A repeat waits for the first request for this long: who lost a connection rarely wants to hear that it was too quick. */
const waitsFor = 5_000;
const lookEvery = 50;

/** Answers in this database's collection `answers`. */
export async function openStoredAnswers(parts: {
  database: Database;
  clock: Clock;
  ids: Ids;
  vault: Vault;
}): Promise<StoredAnswers> {
  const { clock, ids, vault } = parts;
  const rows = parts.database.connection.collection<AnswerRow>('answers');
  await rows.createIndex({ begunAt: 1 });

  /** The row as it is once we asked for it: new, taken over from one who was killed, or another's. */
  async function claim(_id: string, print: string, lease: Lease): Promise<AnswerRow | null> {
    const begunAt = clock.now();
    const row = { _id, print, seed: ids<'seed'>(), begunAt, lease };
    try {
      await rows.insertOne(row);
      return row;
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
    const filter = { _id, print, answer: { $exists: false }, ...leaseIsOver(begunAt) };
    const taken = await rows.findOneAndUpdate(filter, { $set: { lease } }, { returnDocument: 'after' });
    return taken ?? rows.findOne({ _id });
  }

  function workOf({ _id, seed, begunAt }: AnswerRow, lease: Lease): NamedWork {
    const held = { _id, ...leaseIsHeldBy(lease) };
    return {
      ids: createIds({ ...clock, now: () => begunAt }, seeded(seed)),
      async answer(text) {
        await rows.updateOne(held, { $set: { answer: vault.seal(text, contextOf(_id)) } });
      },
      async giveUp() {
        await rows.updateOne(held, { $set: { 'lease.until': 0 } });
      },
    };
  }

  return {
    async begin({ scope, key, content }) {
      const _id = digestOf(JSON.stringify([scope, key]));
      const print = digestOf(content);
      for (const givesUpAt = clock.now() + waitsFor; ; await sleep(clock, lookEvery)) {
        const lease = grantLease(ids, clock.now(), leaseLasts);
        const row = await claim(_id, print, lease);
        // Pruned between the two looks: it is new again.
        if (!row) continue;
        if (row.print !== print) return { state: 'other' };
        if (row.answer !== undefined) return { state: 'answered', answer: vault.open(row.answer, contextOf(_id)) };
        if (row.lease.holder === lease.holder) return { state: 'mine', work: workOf(row, lease) };
        if (clock.now() >= givesUpAt) return { state: 'running' };
      }
    },
    async prune() {
      await rows.deleteMany({ begunAt: { $lt: clock.now() - keptFor } });
    },
  };
}

const contextOf = (id: string): string => `answer:${id}`;

/** Bytes that follow from the seed alone. */
function seeded(seed: string): (bytes: Uint8Array) => void {
  let round = 0;
  return (bytes) => bytes.set(createHash('shake256', { outputLength: bytes.length }).update(`${seed}:${round++}`).digest());
}

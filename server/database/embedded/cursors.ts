import { Long } from 'bson';
import { encode } from './bson.ts';
import type { Document } from './document.ts';
import { commandError } from './errors.ts';
import { MAX_DOCUMENT_BYTES } from './raw.ts';
import type { Deadline } from './read.ts';
import type { Transaction } from './txn.ts';
import type { Reply } from './wire.ts';

/** One document of a result: raw bytes as stored, or a document that was made. */
export type Item = Buffer | Document;

export type CursorOptions = {
  namespace: string;
  items: Iterable<Item>;
  /** Documents of the first batch; 101 where the client does not say. 0 opens the cursor without reading. */
  batchSize: number | undefined;
  singleBatch?: boolean;
  transaction: Transaction | undefined;
  deadline: Deadline;
};

export type Cursors = {
  /** The first batch, and the number of the cursor if there is more. */
  open(options: CursorOptions, now: number): Reply;
  /** 43 for a cursor that is not there (or whose transaction has ended). */
  next(id: bigint, namespace: string, batchSize: number | undefined, transaction: Transaction | undefined, now: number): Reply;
  kill(id: bigint): boolean;
  expire(now: number): void;
};

type Cursor = {
  items: Iterator<Item>;
  ahead: Item | undefined;
  namespace: string;
  transaction: Transaction | undefined;
  usedAt: number;
};

const FIRST_BATCH = 101;
const IDLE_MS = 10 * 60_000;

export function createCursors(): Cursors {
  const cursors = new Map<bigint, Cursor>();
  let lastId = 1_000n;
  return {
    open({ namespace, items, batchSize, singleBatch, transaction, deadline }, now) {
      const cursor: Cursor = { items: items[Symbol.iterator](), ahead: undefined, namespace, transaction, usedAt: now };
      const size = batchSize ?? FIRST_BATCH;
      const { batch, isDone } = size === 0 ? { batch: [], isDone: false } : take(cursor, size);
      let id = 0n;
      if (!isDone && !singleBatch) {
        id = ++lastId;
        cursors.set(id, cursor);
        deadline.at = Infinity;
      }
      return { cursor: { firstBatch: batch, id: Long.fromBigInt(id), ns: namespace }, ok: 1 };
    },
    next(id, namespace, batchSize, transaction, now) {
      const cursor = cursors.get(id);
      if (!cursor || cursor.transaction !== transaction || (transaction && transaction.state !== 'open')) {
        throw commandError(43, `cursor id ${id} not found`);
      }
      if (cursor.namespace !== namespace) {
        throw commandError(
          13,
          `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
        );
      }
      cursor.usedAt = now;
      try {
        const { batch, isDone } = take(cursor, batchSize || Infinity);
        if (isDone) cursors.delete(id);
        return { cursor: { nextBatch: batch, id: isDone ? Long.ZERO : Long.fromBigInt(id), ns: cursor.namespace }, ok: 1 };
      } catch (error) {
        cursors.delete(id);
        throw error;
      }
    },
    kill: (id) => cursors.delete(id),
    expire(now) {
      for (const [id, { usedAt, transaction }] of cursors) {
        if (now - usedAt > IDLE_MS || (transaction && transaction.state !== 'open')) cursors.delete(id);
      }
    },
  };
}

/** As many items as were asked for and fit into one reply. Looks one ahead, so that the last batch says that it is the last. */
function take(cursor: Cursor, size: number): { batch: Item[]; isDone: boolean } {
  const batch: Item[] = [];
  let bytes = 0;
  for (;;) {
    const item = cursor.ahead ?? nextOf(cursor);
    cursor.ahead = undefined;
    if (item === undefined) return { batch, isDone: true };
    const itemBytes = item instanceof Uint8Array ? item : encode(item);
    if (itemBytes.length > MAX_DOCUMENT_BYTES)
      throw commandError(10334, `BSONObj size: ${itemBytes.length} is invalid. Size must be between 0 and 16793600(16MB)`);
    if (batch.length === size || (batch.length && bytes + itemBytes.length > MAX_DOCUMENT_BYTES)) {
      cursor.ahead = itemBytes;
      return { batch, isDone: false };
    }
    bytes += itemBytes.length;
    batch.push(itemBytes);
  }
}

function nextOf(cursor: Cursor): Item | undefined {
  const next = cursor.items.next();
  return next.done ? undefined : next.value;
}

import type { Index } from './catalog.ts';
import type { Range } from './plan.ts';
import type { Overlay } from './read.ts';
import type { Change, IndexEntry, Row } from './row.ts';

/** The writes of a transaction to one collection. No operation looks at all of them but rows(). */
export type OverlayWrites = Overlay & {
  put(idKey: Buffer, row: Row | null, before: Row | undefined, entries: IndexEntry[]): void;
  /** The id key (as latin1 text) of the document that holds a key of an index here. */
  ownerOf(index: Index, key: Buffer): string | undefined;
  changes(): Iterable<Change>;
};

type Written = Change & { entries: IndexEntry[] };

export function createOverlay(): OverlayWrites {
  const written = new Map<string, Written>();
  const hidden = new Set<number>();
  const keysOfIndex = new Map<Index, SortedKeys>();
  const keysOf = (index: Index): SortedKeys => {
    let keys = keysOfIndex.get(index);
    if (!keys) {
      keys = createSortedKeys();
      keysOfIndex.set(index, keys);
    }
    return keys;
  };
  const rowUnder = (id: string): Row | null | undefined => written.get(id)?.row;
  return {
    get size() {
      return written.size;
    },
    byId: (key) => rowUnder(key.toString('latin1')),
    *rows() {
      for (const { row } of written.values()) if (row) yield row;
    },
    *inRange(index, range) {
      for (const id of [...keysOf(index).between(range)]) {
        const row = rowUnder(id);
        if (row) yield row;
      }
    },
    hides: (rid) => hidden.has(rid),
    put(idKey, row, before, entries) {
      const id = idKey.toString('latin1');
      const earlier = written.get(id);
      for (const { index, keys } of earlier?.entries ?? []) for (const key of keys) keysOf(index).remove(key, id);
      for (const { index, keys } of entries) for (const key of keys) keysOf(index).add(key, id);
      const stored = earlier ? earlier.stored : before;
      if (stored) hidden.add(stored.rid);
      written.set(id, { stored, row, entries });
    },
    ownerOf: (index, key) => keysOf(index).first(key),
    changes: () => written.values(),
  };
}

/** Pairs of key and document id in the order of the keys. Texts are latin1, so that comparing them compares bytes. */
type SortedKeys = {
  add(key: Buffer, id: string): void;
  remove(key: Buffer, id: string): void;
  first(key: Buffer): string | undefined;
  between(range: Range): Iterable<string>;
};

function createSortedKeys(): SortedKeys {
  const keys: string[] = [];
  const ids: string[] = [];
  const lowerBound = (key: string): number => {
    let low = 0;
    let high = keys.length;
    // Most transactions write in ascending order: look at the end first.
    if (high && (keys[high - 1] ?? '') < key) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    add(key, id) {
      const text = key.toString('latin1');
      const at = lowerBound(text);
      keys.splice(at, 0, text);
      ids.splice(at, 0, id);
    },
    remove(key, id) {
      const text = key.toString('latin1');
      for (let at = lowerBound(text); keys[at] === text; at++) {
        if (ids[at] !== id) continue;
        keys.splice(at, 1);
        ids.splice(at, 1);
        return;
      }
    },
    first(key) {
      const text = key.toString('latin1');
      const at = lowerBound(text);
      return keys[at] === text ? ids[at] : undefined;
    },
    *between([low, high]) {
      const end = high.toString('latin1');
      for (let at = lowerBound(low.toString('latin1')); at < keys.length && (keys[at] ?? '') < end; at++) yield ids[at] ?? '';
    },
  };
}

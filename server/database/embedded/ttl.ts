import { isNumeric, toNumber } from './bson.ts';
import type { Collection, Index } from './catalog.ts';
import { Blocked } from './claims.ts';
import { findRows, NO_DEADLINE, type View } from './read.ts';
import type { Store } from './store.ts';

const MOST_AT_ONCE = 5_000;

/** Deletes documents whose time in a TTL index is over; answers how many. Must run inside a batch. At most 5,000 an index and turn. */
export function deleteExpired(store: Store, view: View, now: number): number {
  let deleted = 0;
  for (const collection of store.catalog.all()) {
    for (const index of collection.indexes) deleted += deleteThrough(store, view, collection, index, now);
  }
  return deleted;
}

function deleteThrough(store: Store, view: View, collection: Collection, index: Index, now: number): number {
  const seconds = index.spec.expireAfterSeconds;
  const [field] = index.fields;
  if (!isNumeric(seconds) || !field) return 0;
  const filter = { ...index.partialFilter, [field.path]: { $lte: new Date(now - toNumber(seconds) * 1_000) } };
  const rows = [...findRows(view, collection, { filter, limit: MOST_AT_ONCE, deadline: NO_DEADLINE }).rows];
  let deleted = 0;
  for (const row of rows) {
    try {
      store.remove(collection, row);
      deleted++;
    } catch (error) {
      // Held by a transaction: next time.
      if (!(error instanceof Blocked)) throw error;
    }
  }
  return deleted;
}

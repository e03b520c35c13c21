import { decode } from './bson.ts';
import type { Index } from './catalog.ts';
import type { Document } from './document.ts';

/** A stored document as read: `decoded` is filled when somebody needs it (documentOf). */
export type Row = { rid: number; version: number; raw: Buffer; decoded: Document | undefined };

/** The keys of a document in one index. */
export type IndexEntry = { index: Index; keys: Buffer[]; multikey: boolean };

/** One document as a transaction leaves it: `stored` is what the file holds under the id, `row` what it shall hold (null: nothing). */
export type Change = { stored: Row | undefined; row: Row | null };

export function documentOf(row: Row): Document {
  row.decoded ??= decode(row.raw);
  return row.decoded;
}

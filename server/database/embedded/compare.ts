import type { Document } from './bson.ts';

/** MongoDB's equality of values: numbers by value, documents by fields in their order, missing as null. */
export function equals(_a: unknown, _b: unknown): boolean {
  throw new Error('to come');
}

/** MongoDB's order over all values and types: negative, zero or positive. */
export function compareValues(_a: unknown, _b: unknown): number {
  throw new Error('to come');
}

/** An order over documents from a sort document such as `{ at: -1, _id: 1 }`; 15974 and 15975 for a bad one. */
export function createSorter(_spec: Document): (a: Document, b: Document) => number {
  throw new Error('to come');
}

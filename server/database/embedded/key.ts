import type { Document } from './bson.ts';

/** One field of an index: a dotted path and its direction. */
export type IndexField = { path: string; direction: 1 | -1 };

/** The value as bytes that sort as MongoDB sorts values; numbers of every kind share one order. */
export function encodeKey(_value: unknown): Buffer {
  throw new Error('to come');
}

/** The same key for a descending field: every byte turned over. */
export function invertKey(_key: Buffer): Buffer {
  throw new Error('to come');
}

/** The first byte of the value's key: ranges stay between a tag and the next one. */
export function typeTag(_value: unknown): number {
  throw new Error('to come');
}

/** Every value that a dotted path reaches, arrays on the way and at its end opened; undefined where the path is missing. */
export function pathValues(_document: Document, _path: string): unknown[] {
  throw new Error('to come');
}

/** True if the path reaches a value (null is one). */
export function hasPath(_document: Document, _path: string): boolean {
  throw new Error('to come');
}

/** The document's entries in an index, each once; `multikey` tells that an array was opened. 171 for two parallel arrays. */
export function indexKeys(_document: Document, _fields: readonly IndexField[]): { keys: Buffer[]; multikey: boolean } {
  throw new Error('to come');
}

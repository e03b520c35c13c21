import type { Collection, Index } from './catalog.ts';

/** Whoever holds documents or unique keys until its end: a transaction. */
export type Claimant = { onEnd(callback: () => void): void };

/** Thrown by a plain write that meets something a transaction holds: the command is taken back and run again when that ends. */
export class Blocked extends Error {
  by: Claimant;

  constructor(by: Claimant) {
    super('waiting for a transaction');
    this.by = by;
  }
}

export function claimOfDocument(collection: Collection, idKey: Buffer): string {
  return `d${collection.id}:${idKey.toString('latin1')}`;
}

export function claimOfKey(index: Index, key: Buffer): string {
  return `x${index.id}:${key.toString('latin1')}`;
}

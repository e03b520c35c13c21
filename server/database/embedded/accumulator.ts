import type { Document } from './document.ts';

/** What one accumulator has seen of one group. */
export type Accumulator = { add(document: Document): void; result(): unknown };

/** Makes an accumulator for a new group. */
export type AccumulatorMaker = () => Accumulator;

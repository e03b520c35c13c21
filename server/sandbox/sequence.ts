/** Gives the next id: twelve digits that sort as numbers do, each higher than all before it. */
export type Sequence = () => string;

/** A sequence that goes on behind `last`, the highest id kept so far. Only one process may draw from it. */
export function createSequence(last: string | undefined): Sequence {
  let number = last === undefined ? 0 : Number(last);
  return () => sequenceId(++number);
}

/** The id with this number. */
export function sequenceId(number: number): string {
  return String(number).padStart(12, '0');
}

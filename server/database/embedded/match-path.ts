import { getField, isDocument } from './document.ts';
import { isIndex } from './key.ts';

/** A condition on one value; undefined stands for a missing one. */
export type ValueTest = (value: unknown) => boolean;

/** A condition on a document, or on an element of an array. */
export type Test = (root: unknown) => boolean;

/** True if a value at the path, or an element of an array at its end, passes. */
export function anyValue(names: readonly string[], test: ValueTest): Test {
  return (root) => reaches(root, names, 0, test, true);
}

/** True if a value at the path passes; an array there is one value. */
export function anyWhole(names: readonly string[], test: ValueTest): Test {
  return (root) => reaches(root, names, 0, test, false);
}

/** The values at the path, arrays on the way opened, those at its end not. */
export function valuesAt(root: unknown, names: readonly string[]): unknown[] {
  const values: unknown[] = [];
  reaches(root, names, 0, (value) => values.push(value) === 0, false);
  return values;
}

/**
 * Walks to the ends of the path until one passes. An array on the way is looked into: by index where the path names one, and
 * through each document in it; scalars in it have no fields, not even missing ones.
 */
function reaches(root: unknown, names: readonly string[], from: number, test: ValueTest, opens: boolean): boolean {
  let value = root;
  for (let depth = from; depth < names.length; depth++) {
    const name = names[depth] ?? '';
    if (Array.isArray(value)) return reachesThrough(value, names, depth, test, opens);
    value = isDocument(value) ? getField(value, name) : undefined;
  }
  if (test(value)) return true;
  return opens && Array.isArray(value) && value.some(test);
}

function reachesThrough(array: unknown[], names: readonly string[], depth: number, test: ValueTest, opens: boolean): boolean {
  const name = names[depth] ?? '';
  if (isIndex(name) && Number(name) < array.length && reaches(array[Number(name)], names, depth + 1, test, opens)) return true;
  for (const element of array) if (isDocument(element) && reaches(element, names, depth, test, opens)) return true;
  return false;
}

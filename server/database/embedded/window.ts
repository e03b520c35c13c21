import { isNumeric, toNumber } from './bson.ts';
import { sortValue } from './compare.ts';
import { type Document, isDocument } from './document.ts';
import { commandError, shown, unsupported } from './errors.ts';

/** Which documents of a sorted partition belong to the one at `place`: from the first place up to, not including, the second. */
export type Window = (documents: readonly Document[], place: number) => [from: number, to: number];

/** A window by places (`documents`) or by values of the one field in sortBy (`range`, with a `unit` for dates). Error 9. */
export function compileWindow(window: unknown, sortBy: Document | undefined): Window {
  if (window === undefined) return (documents) => [0, documents.length];
  if (!isDocument(window)) throw commandError(9, `'window' field must be an object, found: ${shown(window)}`);
  const { documents, range, unit } = window;
  if ((documents === undefined) === (range === undefined))
    throw commandError(9, "Window bounds must specify either 'documents' or 'range'");
  if (documents !== undefined) {
    if (unit !== undefined) throw commandError(9, "Window bounds can only specify 'unit' with range-based bounds");
    if (sortBy === undefined) throw commandError(5339901, 'Document-based bounds require a sortBy');
    return placeWindow(boundsOf(documents));
  }
  const [[path, direction] = [], another] = Object.entries(sortBy ?? {});
  if (path === undefined || another !== undefined || !isNumeric(direction) || toNumber(direction) !== 1)
    throw commandError(5339902, 'Range-based bounds require sortBy a single field, ascending');
  return rangeWindow(boundsOf(range), path, unit);
}

type Bound = 'unbounded' | 'current' | number;

function boundsOf(value: unknown): [Bound, Bound] {
  const bounds = Array.isArray(value) ? value.map(boundOf) : [];
  const [lower, upper] = bounds;
  if (bounds.length !== 2 || lower === undefined || upper === undefined)
    throw commandError(9, `Window bounds must be a 2-element array, found: ${shown(value)}`);
  const [from, to] = [lower, upper].map((bound) => (bound === 'current' ? 0 : bound));
  if (typeof from === 'number' && typeof to === 'number' && from > to)
    throw commandError(5339900, `Lower bound must not exceed upper bound: ${shown(value)}`);
  return [lower, upper];
}

function boundOf(value: unknown): Bound {
  if (value === 'unbounded' || value === 'current') return value;
  if (isNumeric(value)) return toNumber(value);
  throw commandError(9, `Window bounds must be 'unbounded', 'current', or a number, found: ${shown(value)}`);
}

function placeWindow([lower, upper]: [Bound, Bound]): Window {
  for (const bound of [lower, upper])
    if (typeof bound === 'number' && !Number.isInteger(bound))
      throw commandError(9, `Numeric document-based bounds must be an integer: ${bound}`);
  return ({ length }, place) => {
    const from = lower === 'unbounded' ? 0 : place + (lower === 'current' ? 0 : lower);
    const to = upper === 'unbounded' ? length : place + (upper === 'current' ? 0 : upper) + 1;
    const begin = Math.min(Math.max(from, 0), length);
    return [begin, Math.min(Math.max(to, begin), length)];
  };
}

/** Months and longer have no fixed length. */
const UNITS = new Map<unknown, number>([
  ['millisecond', 1],
  ['second', 1000],
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', 86_400_000],
  ['week', 604_800_000],
]);

function rangeWindow([lower, upper]: [Bound, Bound], path: string, unit: unknown): Window {
  const unitMs = unit === undefined ? 1 : UNITS.get(unit);
  if (unitMs === undefined) throw unsupported(`A window with the unit ${shown(unit)}`);
  const numberOf = (document: Document | undefined): number => {
    const value = document && sortValue(document, path, 1);
    if (unit === undefined && isNumeric(value)) return toNumber(value);
    if (unit !== undefined && value instanceof Date) return value.getTime();
    const wanted = unit === undefined ? 'a number' : 'a date';
    throw commandError(5429414, `Range-based bounds need ${wanted} in ${path}, found: ${shown(value)}`);
  };
  const distance = (bound: Bound): number => (typeof bound === 'number' ? bound * unitMs : 0);
  return (documents, place) => {
    const here = numberOf(documents[place]);
    const from = lower === 'unbounded' ? 0 : firstWhere(documents, (other) => numberOf(other) >= here + distance(lower));
    const to =
      upper === 'unbounded' ? documents.length : firstWhere(documents, (other) => numberOf(other) > here + distance(upper));
    return [from, Math.max(from, to)];
  };
}

/** By halving: the documents are in order, so that once the test holds it holds for all behind. */
function firstWhere(documents: readonly Document[], test: (document: Document | undefined) => boolean): number {
  let low = 0;
  let high = documents.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(documents[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

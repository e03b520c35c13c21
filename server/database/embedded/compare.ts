import { bsonScalar, isNumeric, toNumber } from './bson.ts';
import { type Document, getField, isDocument } from './document.ts';
import { commandError, unsupported } from './errors.ts';
import { keyValues, splitPath } from './key.ts';
import { writeKey } from './key-writer.ts';

/** MongoDB's equality of values: numbers by value, documents by fields in their order, missing as null. */
export function equals(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  const left = a ?? null;
  const right = b ?? null;
  if (left === null || right === null) return left === right;
  const type = typeof left;
  if (type !== 'object' && type === typeof right) return type === 'number' && Number.isNaN(left) && Number.isNaN(right);
  if (type === 'string' || type === 'boolean') return bsonScalar(right)?._bsontype === 'BSONSymbol' && String(right) === left;
  const id = bsonScalar(left);
  if (id?._bsontype === 'ObjectId') {
    const other = bsonScalar(right);
    return other?._bsontype === 'ObjectId' && id.equals(other);
  }
  return writeKey(left).equals(writeKey(right));
}

/** MongoDB's order over all values and types: negative, zero or positive. Agrees with the bytes of encodeKey. */
export function compareValues(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (typeof a === 'number' && typeof b === 'number') return compareNumbers(a, b);
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  if (a instanceof Date && b instanceof Date) return compareNumbers(a.getTime(), b.getTime());
  return Buffer.compare(writeKey(a), writeKey(b));
}

/** An order over documents from a sort document such as `{ at: -1, _id: 1 }`; 15974 and 15975 for a bad one. */
export function createSorter(spec: Document): (a: Document, b: Document) => number {
  const fields = Object.entries(spec).map(([path, order]) => ({ path, direction: directionOf(path, order) }));
  return (a, b) => {
    for (const { path, direction } of fields) {
      const difference = compareValues(sortValue(a, path, direction), sortValue(b, path, direction));
      if (difference !== 0) return direction * difference;
    }
    return 0;
  };
}

/** What a document is sorted by: the lowest value that the path reaches when ascending, the highest when descending. */
export function sortValue(document: Document, path: string, direction: 1 | -1): unknown {
  const value = plainValue(document, path);
  if (value !== SEVERAL) return value ?? null;
  const [first, ...others] = keyValues(document, path);
  return others.reduce((best, other) => (compareValues(other, best) * direction < 0 ? other : best), first) ?? null;
}

const SEVERAL = Symbol('behind an array');

/** The value at a path that meets no array, which is nearly every path. */
function plainValue(document: Document, path: string): unknown {
  let value: unknown = document;
  for (const name of splitPath(path)) {
    if (Array.isArray(value)) return SEVERAL;
    if (!isDocument(value)) return undefined;
    value = getField(value, name);
  }
  return Array.isArray(value) ? SEVERAL : value;
}

function directionOf(path: string, order: unknown): 1 | -1 {
  if (isDocument(order) && '$meta' in order) throw unsupported('$meta in a sort');
  if (!isNumeric(order)) throw commandError(15974, `Illegal key in $sort specification: ${path}`);
  const direction = toNumber(order);
  if (direction === 1 || direction === -1) return direction;
  throw commandError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
}

/** NaN sorts below every number. */
function compareNumbers(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

/** Strings sort by their UTF-8 bytes, which is by code point; JavaScript's own order is by UTF-16 unit and puts 🎉 below U+E000. */
function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Code units in the order of the code points that they begin: surrogates (0xd800 to 0xdfff) stand for those above 0xffff. */
function rank(unit: number): number {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x10000 : unit;
}

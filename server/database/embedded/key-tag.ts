import { bsonScalar } from './bson.ts';
import { isDocument } from './document.ts';

/** Stands for an empty array where an array is opened: it sorts below null, as in MongoDB. */
export const EMPTY_ARRAY = Symbol('empty array');

/**
 * First bytes of keys, in MongoDB's order of types (https://www.mongodb.com/docs/v8.0/reference/bson-type-comparison-order/).
 * None is 0x00 or 0xff, which end and escape; there is room for a range's end between two of them.
 */
export const TAG = {
  minKey: 0x01,
  emptyArray: 0x03,
  null: 0x05,
  number: 0x10,
  string: 0x20,
  object: 0x28,
  array: 0x30,
  binary: 0x38,
  objectId: 0x40,
  boolean: 0x48,
  date: 0x50,
  timestamp: 0x58,
  regExp: 0x60,
  code: 0x68,
  scopedCode: 0x70,
  maxKey: 0xf0,
} as const;

/** The first byte of the value's key: a range over one type lies between its tag and the next number. */
export function typeTag(value: unknown): number {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return TAG.number;
    case 'string':
      return TAG.string;
    case 'boolean':
      return TAG.boolean;
    case 'symbol':
      return TAG.emptyArray;
    case 'undefined':
      return TAG.null;
    default:
      return objectTag(value);
  }
}

function objectTag(value: unknown): number {
  if (value === null) return TAG.null;
  if (Array.isArray(value)) return TAG.array;
  if (value instanceof Date) return TAG.date;
  if (isDocument(value)) return TAG.object;
  const scalar = bsonScalar(value);
  if (scalar === undefined) return TAG.object;
  if (scalar._bsontype === 'Code') return scalar.scope ? TAG.scopedCode : TAG.code;
  return TAG_OF_CLASS[scalar._bsontype] ?? TAG.object;
}

const TAG_OF_CLASS: Record<string, number> = {
  Int32: TAG.number,
  Double: TAG.number,
  Long: TAG.number,
  Decimal128: TAG.number,
  BSONSymbol: TAG.string,
  Binary: TAG.binary,
  ObjectId: TAG.objectId,
  Timestamp: TAG.timestamp,
  BSONRegExp: TAG.regExp,
  MinKey: TAG.minKey,
  MaxKey: TAG.maxKey,
};

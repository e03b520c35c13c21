import type {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  DBRef,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { serialize } from 'bson';
import { readDocument } from './bson-reader.ts';
import { type Document, isDocument } from './document.ts';

/** The classes of package bson that stand for a scalar. */
export type BsonScalar =
  | Binary
  | BSONRegExp
  | BSONSymbol
  | Code
  | DBRef
  | Decimal128
  | Double
  | Int32
  | Long
  | MaxKey
  | MinKey
  | ObjectId
  | Timestamp;

/** Every form a number may have. */
export type Numeric = number | bigint | Int32 | Double | Long | Decimal128;

/** Reads a document; every type stays what it was (a whole Double is a Double, an Int64 a Long). RangeError for malformed bytes. */
export function decode(bytes: Uint8Array): Document {
  return readDocument(asBuffer(bytes));
}

/** Reads a command; the documents of an insert (`documents`) stay bytes. RangeError for malformed bytes. */
export function decodeCommand(bytes: Uint8Array): Document {
  return readDocument(asBuffer(bytes), 'documents');
}

/** Writes a document; fields that are undefined are left out. */
export function encode(document: Document): Buffer {
  return asBuffer(serialize(document));
}

/** The value as one of bson's classes, else undefined. */
export function bsonScalar(value: unknown): BsonScalar | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date || isDocument(value))
    return undefined;
  return '_bsontype' in value ? (value as BsonScalar) : undefined;
}

/** True for every form of number, Decimal128 among them. */
export function isNumeric(value: unknown): value is Numeric {
  if (typeof value === 'number' || typeof value === 'bigint') return true;
  switch (bsonScalar(value)?._bsontype) {
    case 'Int32':
    case 'Double':
    case 'Long':
    case 'Decimal128':
      return true;
    default:
      return false;
  }
}

/** The nearest double; a Long beyond 2^53 or a Decimal128 may lose digits. */
export function toNumber(value: Numeric): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  return value._bsontype === 'Decimal128' ? Number(value.toString()) : Number(value.valueOf());
}

/** True for a regular expression, which is text here: JavaScript's own have other options and keep state. */
export function isRegExp(value: unknown): value is BSONRegExp {
  return bsonScalar(value)?._bsontype === 'BSONRegExp';
}

/** BSON's number of the value's type as it would be written; 0 for undefined (missing). */
export function typeNumber(value: unknown): number {
  switch (typeof value) {
    case 'undefined':
      return 0;
    case 'string':
      return 2;
    case 'boolean':
      return 8;
    case 'bigint':
      return 18;
    case 'number':
      return isInt32(value) ? 16 : 1;
    default:
      return objectTypeNumber(value);
  }
}

/** MongoDB's name of the value's type, "missing" for undefined. */
export function typeName(value: unknown): string {
  return NAME_OF_TYPE.get(typeNumber(value)) ?? 'object';
}

/** The number of a type that $type names, undefined for an unknown name. "number" stands for several: see match. */
export function typeNumberOf(name: string): number | undefined {
  return TYPE_NUMBERS.get(name);
}

/** True where the writer of BSON would choose Int32. */
export function isInt32(value: number): boolean {
  return (value | 0) === value && !Object.is(value, -0);
}

function objectTypeNumber(value: unknown): number {
  if (value === null) return 10;
  if (Array.isArray(value)) return 4;
  if (value instanceof Date) return 9;
  const scalar = bsonScalar(value);
  return scalar === undefined ? 3 : (TYPE_OF_CLASS[scalar._bsontype] ?? 3);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const TYPE_OF_CLASS: Record<string, number> = {
  Double: 1,
  Binary: 5,
  ObjectId: 7,
  BSONRegExp: 11,
  Code: 13,
  BSONSymbol: 14,
  Int32: 16,
  Timestamp: 17,
  Long: 18,
  Decimal128: 19,
  MinKey: -1,
  MaxKey: 127,
};

/** https://www.mongodb.com/docs/v8.0/reference/bson-types/ */
const TYPE_NUMBERS = new Map<string, number>([
  ['double', 1],
  ['string', 2],
  ['object', 3],
  ['array', 4],
  ['binData', 5],
  ['undefined', 6],
  ['objectId', 7],
  ['bool', 8],
  ['date', 9],
  ['null', 10],
  ['regex', 11],
  ['dbPointer', 12],
  ['javascript', 13],
  ['symbol', 14],
  ['javascriptWithScope', 15],
  ['int', 16],
  ['timestamp', 17],
  ['long', 18],
  ['decimal', 19],
  ['minKey', -1],
  ['maxKey', 127],
]);

const NAME_OF_TYPE = new Map<number, string>([
  [0, 'missing'],
  ...[...TYPE_NUMBERS].map(([name, number]): [number, string] => [number, name]),
]);

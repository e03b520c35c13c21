import type { Binary } from 'bson';
import { bsonScalar } from './bson.ts';
import type { Document } from './document.ts';
import { decimalKey, longKey, numberTie, type TiedNumber } from './key-number.ts';
import { TAG, typeTag } from './key-tag.ts';

/** The value's key, a buffer of its own: see encodeKey. */
export function writeKey(value: unknown): Buffer {
  length = 0;
  writeValue(value);
  return Buffer.from(scratch.subarray(0, length));
}

// Keys are put together in one buffer that grows to the longest of them; nothing here calls out, so it is never shared.
let scratch = Buffer.allocUnsafeSlow(4096);
let length = 0;

function reserve(bytes: number): void {
  if (length + bytes <= scratch.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(scratch.length * 2, length + bytes));
  scratch.copy(larger, 0, 0, length);
  scratch = larger;
}

function writeByte(byte: number): void {
  reserve(1);
  scratch[length++] = byte;
}

function writeBytes(bytes: Uint8Array): void {
  reserve(bytes.length);
  scratch.set(bytes, length);
  length += bytes.length;
}

function writeValue(value: unknown): void {
  const tag = typeTag(value);
  writeByte(tag);
  writeBody(value, tag);
}

function writeBody(value: unknown, tag: number): void {
  switch (tag) {
    case TAG.number:
      writeNumber(value);
      break;
    case TAG.string:
      writeText(String(value));
      break;
    case TAG.boolean:
      writeByte(value ? 1 : 0);
      break;
    case TAG.date:
      writeInt64(toInt64((value as Date).getTime()));
      break;
    case TAG.array:
      writeArray(value as unknown[]);
      break;
    case TAG.object:
      writeDocument(value as Document);
      break;
    case TAG.minKey:
    case TAG.maxKey:
    case TAG.null:
    case TAG.emptyArray:
      break;
    default:
      writeScalar(value);
      break;
  }
}

function writeNumber(value: unknown): void {
  const scalar = bsonScalar(value);
  if (typeof value === 'number') writeDouble(value);
  else if (typeof value === 'bigint') writeTied(longKey(value));
  else if (scalar?._bsontype === 'Long') writeTied(longKey(scalar.toBigInt()));
  else if (scalar?._bsontype === 'Decimal128') writeTied(decimalKey(scalar.toString()));
  else writeDouble(Number(scalar));
}

function writeDouble(value: number): void {
  writeSortableDouble(value);
  writeByte(numberTie.exact);
}

/** Numbers that no double holds sort by the nearest double first, then by which side of it they lie, then by their digits. */
function writeTied({ nearest, tie, digits }: TiedNumber): void {
  writeSortableDouble(nearest);
  writeByte(tie);
  if (digits !== undefined) writeBytes(digits);
}

/** An IEEE double sorts by its bits once the sign is flipped, and all bits of a negative one. NaN sorts below every number. */
function writeSortableDouble(value: number): void {
  reserve(8);
  const at = length;
  length += 8;
  if (Number.isNaN(value)) {
    scratch.fill(0, at, length);
    return;
  }
  scratch.writeDoubleBE(value === 0 ? 0 : value, at);
  if (value >= 0) scratch[at] = (scratch[at] ?? 0) | 0x80;
  else for (let index = at; index < length; index++) scratch[index] = 255 - (scratch[index] ?? 0);
}

/** UTF-8, in which a zero byte is followed by 0xff, ended by two zero bytes: no text is then the beginning of another. */
function writeText(text: string): void {
  reserve(text.length * 3 + 2);
  if (text.includes('\0')) {
    for (const byte of Buffer.from(text)) {
      writeByte(byte);
      if (byte === 0) writeByte(0xff);
    }
    reserve(2);
  } else length += scratch.write(text, length);
  scratch[length++] = 0;
  scratch[length++] = 0;
}

function writeArray(items: readonly unknown[]): void {
  for (const item of items) writeValue(item);
  writeByte(0);
}

/** Fields are compared in their order: first the type, then the name, then the value. */
function writeDocument(document: Document): void {
  for (const name of Object.keys(document)) {
    const value = document[name];
    const tag = typeTag(value);
    writeByte(tag);
    writeText(name);
    writeBody(value, tag);
  }
  writeByte(0);
}

function writeScalar(value: unknown): void {
  const scalar = bsonScalar(value);
  switch (scalar?._bsontype) {
    case 'ObjectId':
      writeBytes(scalar.id);
      break;
    case 'Timestamp':
      writeUint64(scalar.toBigInt());
      break;
    case 'Binary':
      writeBinary(scalar);
      break;
    case 'BSONRegExp':
      writeText(scalar.pattern);
      writeText(scalar.options);
      break;
    case 'Code':
      writeText(String(scalar.code));
      if (scalar.scope) writeDocument(scalar.scope);
      break;
    default:
      throw new TypeError(`no key for ${typeof value}`);
  }
}

/** Binary data sorts by length, then subtype, then bytes. */
function writeBinary(value: Binary): void {
  reserve(5);
  length = scratch.writeUInt32BE(value.length(), length);
  scratch[length++] = value.sub_type;
  writeBytes(value.buffer.subarray(0, value.position));
}

function writeInt64(value: bigint): void {
  writeUint64(BigInt.asUintN(64, value ^ (1n << 63n)));
}

function writeUint64(value: bigint): void {
  reserve(8);
  length = scratch.writeBigUInt64BE(BigInt.asUintN(64, value), length);
}

/** A date beyond what JavaScript can hold has no number any more; it sorts first. */
function toInt64(milliseconds: number): bigint {
  return Number.isNaN(milliseconds) ? -(1n << 63n) : BigInt(milliseconds);
}

import { Binary, BSONRegExp, BSONSymbol, Code, Decimal128, Double, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import { type Document, setField } from './document.ts';

/**
 * Reads BSON (https://bsonspec.org/spec.html) and keeps every type as it was written, which package bson's own reader does
 * not: a whole Double stays a Double, an Int64 a Long, a DBRef a document. Where `rawField` names a field of the top level that
 * holds documents, their bytes are handed over unread. RangeError for malformed bytes.
 */
export function readDocument(bytes: Buffer, rawField?: string): Document {
  const length = bytes.readInt32LE(0);
  if (length !== bytes.length || length < 5 || bytes[length - 1] !== 0) throw new RangeError('BSON document of a wrong length');
  const reader = { bytes, at: 4, depth: 0, rawField };
  return readFields(reader, length);
}

type Reader = { bytes: Buffer; at: number; depth: number; rawField: string | undefined };

// MongoDB itself refuses deeper nesting: https://www.mongodb.com/docs/v8.0/reference/limits/
const MAX_DEPTH = 180;

function readFields(reader: Reader, end: number): Document {
  const document: Document = {};
  const { bytes } = reader;
  if (reader.depth++ > MAX_DEPTH) throw new RangeError('BSON document nested too deeply');
  while (reader.at < end - 1) {
    const type = bytes[reader.at++] ?? 0;
    const name = readName(reader);
    const isRaw = reader.rawField === name && reader.depth === 1 && type === 4;
    const value = isRaw ? readRawItems(reader) : readValue(reader, type);
    if (name === '__proto__') setField(document, name, value);
    else document[name] = value;
  }
  return closed(reader, end, document);
}

function readItems(reader: Reader, end: number): unknown[] {
  const items: unknown[] = [];
  const { bytes } = reader;
  if (reader.depth++ > MAX_DEPTH) throw new RangeError('BSON array nested too deeply');
  while (reader.at < end - 1) {
    const type = bytes[reader.at++] ?? 0;
    while (bytes[reader.at++] !== 0) if (reader.at >= end) throw new RangeError('BSON array without an end');
    const value = readValue(reader, type);
    items.push(value === undefined ? null : value);
  }
  return closed(reader, end, items);
}

function closed<T>(reader: Reader, end: number, value: T): T {
  if (reader.at !== end - 1 || reader.bytes[reader.at] !== 0) throw new RangeError('BSON value runs past its document');
  reader.at = end;
  reader.depth--;
  return value;
}

function readRawItems(reader: Reader): Buffer[] {
  const { bytes } = reader;
  const end = reader.at + bytes.readInt32LE(reader.at);
  const items: Buffer[] = [];
  reader.at += 4;
  while (reader.at < end - 1) {
    if (bytes[reader.at++] !== 3) throw new RangeError('BSON array with an item that is no document');
    while (bytes[reader.at++] !== 0) if (reader.at >= end) throw new RangeError('BSON array without an end');
    const length = bytes.readInt32LE(reader.at);
    if (length < 5 || reader.at + length >= end) throw new RangeError('BSON document runs past its array');
    items.push(bytes.subarray(reader.at, reader.at + length));
    reader.at += length;
  }
  reader.at = end;
  return items;
}

function readValue(reader: Reader, type: number): unknown {
  const { bytes, at } = reader;
  switch (type) {
    case 1:
      reader.at = at + 8;
      return double(bytes.readDoubleLE(at));
    case 2:
      return readString(reader);
    case 3:
      reader.at = at + 4;
      return readFields(reader, at + bytes.readInt32LE(at));
    case 4:
      reader.at = at + 4;
      return readItems(reader, at + bytes.readInt32LE(at));
    case 7:
      return new ObjectId(take(reader, 12));
    case 8:
      reader.at = at + 1;
      return bytes.readUInt8(at) !== 0;
    case 9:
      reader.at = at + 8;
      return new Date(bytes.readInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at));
    case 10:
      return null;
    case 16:
      reader.at = at + 4;
      return bytes.readInt32LE(at);
    case 18:
      reader.at = at + 8;
      return new Long(bytes.readInt32LE(at), bytes.readInt32LE(at + 4));
    default:
      return readRareValue(reader, type);
  }
}

function readRareValue(reader: Reader, type: number): unknown {
  const { bytes, at } = reader;
  switch (type) {
    case 5:
      return readBinary(reader);
    case 6:
      return undefined;
    case 11:
      return regExp(readText(reader), readText(reader));
    case 13:
      return new Code(readString(reader));
    case 14:
      return new BSONSymbol(readString(reader));
    case 15:
      reader.at = at + 4;
      return readScopedCode(reader);
    case 17:
      reader.at = at + 8;
      return new Timestamp({ t: bytes.readUInt32LE(at + 4), i: bytes.readUInt32LE(at) });
    case 19:
      return new Decimal128(take(reader, 16));
    case 127:
      return new MaxKey();
    case 255:
      return new MinKey();
    default:
      throw new RangeError(`BSON type ${type} is not known`);
  }
}

function regExp(pattern: string, options: string): BSONRegExp {
  if (!/^[imxlsu]*$/.test(options)) throw new RangeError(`BSON regular expression with unknown options: ${options}`);
  return new BSONRegExp(pattern, options);
}

function readScopedCode(reader: Reader): Code {
  const text = readString(reader);
  const end = reader.at + reader.bytes.readInt32LE(reader.at);
  reader.at += 4;
  return new Code(text, readFields(reader, end));
}

/** A number is written as Int32 when it is whole and small, so what was a Double then has to stay an object. */
function double(value: number): number | Double {
  return (value | 0) === value && !Object.is(value, -0) ? new Double(value) : value;
}

function readString(reader: Reader): string {
  const { bytes, at } = reader;
  const end = at + 4 + bytes.readInt32LE(at) - 1;
  if (end < at + 4 || bytes[end] !== 0) throw new RangeError('BSON string without an end');
  reader.at = end + 1;
  return bytes.toString('utf8', at + 4, end);
}

function readText(reader: Reader): string {
  const end = reader.bytes.indexOf(0, reader.at);
  if (end < 0) throw new RangeError('BSON text without an end');
  const text = reader.bytes.toString('utf8', reader.at, end);
  reader.at = end + 1;
  return text;
}

function readBinary(reader: Reader): Binary {
  const length = reader.bytes.readInt32LE(reader.at);
  const subtype = reader.bytes.readUInt8(reader.at + 4);
  reader.at += 5;
  // Subtype 2, the old one, repeats the length inside; https://bsonspec.org/spec.html
  if (subtype === 2) return new Binary(take(reader, length).subarray(4), subtype);
  return new Binary(take(reader, length), subtype);
}

/** A copy: values must not hold on to the page or packet that they came in. */
function take(reader: Reader, length: number): Buffer {
  const end = reader.at + length;
  if (length < 0 || end > reader.bytes.length) throw new RangeError('BSON value runs past its document');
  const copy = Buffer.allocUnsafe(length);
  reader.bytes.copy(copy, 0, reader.at, end);
  reader.at = end;
  return copy;
}

// Names repeat from document to document: a small table of those met before spares making each of them again.
const NAMES: string[] = new Array<string>(2048).fill('');

function readName(reader: Reader): string {
  const { bytes } = reader;
  const start = reader.at;
  let hash = 0;
  let end = start;
  let isAscii = true;
  for (let byte = bytes[end]; byte !== 0; byte = bytes[++end]) {
    if (byte === undefined) throw new RangeError('BSON name without an end');
    if (byte > 127) isAscii = false;
    hash = (hash * 31 + byte) | 0;
  }
  reader.at = end + 1;
  if (!isAscii || end - start > 40) return bytes.toString('utf8', start, end);
  const slot = hash & (NAMES.length - 1);
  const known = NAMES[slot] ?? '';
  if (isSame(bytes, start, end, known)) return known;
  const name = bytes.toString('latin1', start, end);
  NAMES[slot] = name;
  return name;
}

function isSame(bytes: Buffer, start: number, end: number, text: string): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) !== bytes[start + index]) return false;
  return true;
}

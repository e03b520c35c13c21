import { ObjectId } from 'bson';
import { decode } from './bson.ts';
import { commandError } from './errors.ts';

// Documents as bytes (https://bsonspec.org/spec.html): what is stored and sent back as it came need not be decoded.

export const MAX_DOCUMENT_BYTES = 16_777_216;

/** MongoDB's limit: https://www.mongodb.com/docs/manual/reference/limits/ */
const MAX_DEPTH = 180;

/**
 * The document with `_id` as its first element, made where it is missing; every other byte stays as the client sent it, so that
 * Long, Double and field order survive. 22 for bytes that are no document, 15 for one nested too deeply.
 */
export function withIdFirst(raw: Uint8Array): Buffer {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const id = checkDocument(bytes, 0, bytes.length, 1);
  if (!id) return prepend(bytes, '_id', 7, new ObjectId().id);
  if (id.start === 4) return bytes;
  return Buffer.concat([
    bytes.subarray(0, 4),
    bytes.subarray(id.start, id.end),
    bytes.subarray(4, id.start),
    bytes.subarray(id.end),
  ]);
}

/** The `_id` of a document that has it first, decoded alone: rows found by it need nothing else of their document. */
export function idOf(raw: Buffer): unknown {
  const type = raw[4] ?? 0;
  if (type === 7) return new ObjectId(raw.subarray(9, 21));
  if (type === 2) return raw.toString('utf8', 13, 12 + raw.readInt32LE(9));
  if (type === 16) return raw.readInt32LE(9);
  const end = valueEnd(raw, type, 9);
  const alone = Buffer.allocUnsafe(end + 1);
  raw.copy(alone, 0, 0, end);
  alone[end] = 0;
  alone.writeInt32LE(end + 1, 0);
  return decode(alone)._id;
}

/** The document with one more element at its front. */
export function prepend(document: Buffer, key: string, type: number, value: Uint8Array): Buffer {
  const keyBytes = Buffer.byteLength(key);
  const out = Buffer.allocUnsafe(document.length + 2 + keyBytes + value.length);
  out.writeInt32LE(out.length, 0);
  out[4] = type;
  out.write(key, 5);
  out[5 + keyBytes] = 0;
  out.set(value, 6 + keyBytes);
  out.set(document.subarray(4), 6 + keyBytes + value.length);
  return out;
}

type Element = { start: number; end: number };

/** Walks the whole document, so that nothing is stored that could not be read again; answers where `_id` is. */
function checkDocument(bytes: Buffer, start: number, limit: number, depth: number): Element | undefined {
  if (depth > MAX_DEPTH) throw commandError(15, `BSONObj exceeds maximum nested object depth: ${MAX_DEPTH}`);
  const end = limit - start < 5 ? -1 : start + bytes.readInt32LE(start);
  if (end < start + 5 || end > limit || (depth === 1 && end !== limit) || bytes[end - 1] !== 0) throw invalid();
  let id: Element | undefined;
  let at = start + 4;
  while (at < end - 1) {
    const type = bytes[at] ?? 0;
    const value = bytes.indexOf(0, at + 1) + 1;
    if (!value || value >= end) throw invalid();
    const next = nextElement(bytes, type, value, end);
    if (type === 3 || type === 4) checkDocument(bytes, value, next, depth + 1);
    if (value - at === 5 && bytes[at + 1] === 0x5f && bytes[at + 2] === 0x69 && bytes[at + 3] === 0x64)
      id ??= { start: at, end: next };
    at = next;
  }
  return id;
}

function nextElement(bytes: Buffer, type: number, value: number, end: number): number {
  if (CARRY_LENGTH.has(type) && (value + 4 >= end || bytes.readInt32LE(value) < 0)) throw invalid();
  const next = valueEnd(bytes, type, value);
  if (next > end - 1 || next < value) throw invalid();
  return next;
}

// Bytes of a value by its type, for the types whose length is fixed.
const FIXED_BYTES: Record<number, number> = { 1: 8, 6: 0, 7: 12, 8: 1, 9: 8, 10: 0, 16: 4, 17: 8, 18: 8, 19: 16, 127: 0, 255: 0 };
const CARRY_LENGTH = new Set([2, 3, 4, 5, 12, 13, 14, 15]);

function valueEnd(bytes: Buffer, type: number, at: number): number {
  const fixed = FIXED_BYTES[type];
  if (fixed !== undefined) return at + fixed;
  if (type === 2 || type === 13 || type === 14) return at + 4 + bytes.readInt32LE(at);
  if (type === 3 || type === 4 || type === 15) return at + bytes.readInt32LE(at);
  if (type === 5) return at + 5 + bytes.readInt32LE(at);
  if (type === 11) return bytes.indexOf(0, bytes.indexOf(0, at) + 1) + 1;
  if (type === 12) return at + 16 + bytes.readInt32LE(at);
  throw invalid();
}

function invalid(): Error {
  return commandError(22, 'The bytes sent are no valid BSON document.');
}

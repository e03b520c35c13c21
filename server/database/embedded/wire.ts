import { decode, decodeCommand, encode } from './bson.ts';
import type { Document } from './document.ts';
import { prepend } from './raw.ts';

// MongoDB wire protocol: OP_MSG both ways, and OP_QUERY answered by OP_REPLY for the first handshake of a connection.
// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER_BYTES = 16;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
const KNOWN_REQUIRED_FLAGS = CHECKSUM_PRESENT | MORE_TO_COME;

export const MAX_MESSAGE_BYTES = 48_000_000;

/** One command as it came: `body.documents` (insert) holds raw BSON buffers, everything else is decoded. */
export type Request = { id: number; opCode: number; name: string; body: Document; wantsReply: boolean };

/** A reply document; documents inside `cursor.firstBatch`, `cursor.nextBatch` and `value` may be raw BSON buffers, which are spliced in. */
export type Reply = Document;

/**
 * Collects socket chunks into messages. `onMessage` gets each whole message; `onFault` is called once for a length that no
 * message can have, after which the rest of the stream means nothing.
 */
export function createFramer(onMessage: (message: Buffer) => void, onFault: (reason: string) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let size = 0;
  let broken = false;
  const joined = (): Buffer => {
    const whole = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
    chunks = [whole];
    return whole;
  };
  return (chunk) => {
    if (broken) return;
    chunks.push(chunk);
    size += chunk.length;
    while (size >= HEADER_BYTES) {
      let head = chunks[0] ?? joined();
      if (head.length < 4) head = joined();
      const length = head.readInt32LE(0);
      if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES) {
        broken = true;
        onFault(`message length ${length}`);
        return;
      }
      if (size < length) return;
      if (head.length < length) head = joined();
      const rest = head.subarray(length);
      if (rest.length) chunks[0] = rest;
      else chunks.shift();
      size -= length;
      onMessage(head.subarray(0, length));
    }
  };
}

/** Reads one message. Throws a plain Error for anything malformed: the connection it came on is of no further use. */
export function parseMessage(message: Buffer): Request {
  const opCode = message.readInt32LE(12);
  if (opCode === OP_MSG) return parseMsg(message);
  if (opCode === OP_QUERY) return parseQuery(message);
  throw new Error(`unsupported opcode ${opCode}`);
}

/** Frames an encoded reply document for the request that it answers. */
export function frameReply(request: Request, document: Buffer): Buffer {
  const headBytes = request.opCode === OP_QUERY ? 36 : 21;
  const message = Buffer.allocUnsafe(headBytes + document.length);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(nextReplyId(), 4);
  message.writeInt32LE(request.id, 8);
  if (request.opCode === OP_QUERY) {
    message.writeInt32LE(OP_REPLY, 12);
    message.writeInt32LE(8, 16); // AwaitCapable, as every server since 2.4 sets
    message.fill(0, 20, 32); // cursor id and startingFrom
    message.writeInt32LE(1, 32); // documents returned
  } else {
    message.writeInt32LE(OP_MSG, 12);
    message.writeInt32LE(0, 16);
    message[20] = 0; // section kind 0: the body
  }
  message.set(document, headBytes);
  return message;
}

/** Encodes a reply, splicing raw documents in as the bytes that are stored. */
export function encodeReply(reply: Reply): Buffer {
  const cursor = reply.cursor as Document | undefined;
  const batchKey = cursor?.firstBatch ? 'firstBatch' : 'nextBatch';
  const batch = cursor?.[batchKey];
  if (cursor && Array.isArray(batch)) {
    const { [batchKey]: _batch, ...restOfCursor } = cursor;
    const { cursor: _cursor, ...rest } = reply;
    const array = arrayOf(batch.map((item: unknown) => (item instanceof Uint8Array ? item : encode(item as Document))));
    return prepend(encode(rest), 'cursor', 3, prepend(encode(restOfCursor), batchKey, 4, array));
  }
  if (reply.value instanceof Uint8Array) {
    const { value, ...rest } = reply;
    return prepend(encode(rest), 'value', 3, value as Uint8Array);
  }
  return encode(reply);
}

/** Adds fields at the end of an encoded reply. */
export function appendFields(reply: Buffer, fields: Document): Buffer {
  const added = encode(fields);
  const out = Buffer.concat([reply.subarray(0, -1), added.subarray(4)]);
  out.writeInt32LE(out.length, 0);
  return out;
}

/** Puts the cluster time, which causally consistent sessions hand back, at the end of an encoded reply. */
export function appendClusterTime(reply: Buffer, seconds: number, increment: number): Buffer {
  const out = Buffer.allocUnsafe(reply.length - 1 + CLUSTER_TIME.length);
  out.set(reply.subarray(0, -1));
  out.set(CLUSTER_TIME, reply.length - 1);
  for (const offset of CLUSTER_TIME_OFFSETS) {
    out.writeUInt32LE(increment >>> 0, reply.length - 1 + offset);
    out.writeUInt32LE(seconds >>> 0, reply.length - 1 + offset + 4);
  }
  out.writeInt32LE(out.length, 0);
  return out;
}

let lastReplyId = 0;
function nextReplyId(): number {
  lastReplyId = (lastReplyId + 1) & 0x7fffffff;
  return lastReplyId;
}

function parseMsg(message: Buffer): Request {
  const flags = message.readUInt32LE(16);
  if (flags & 0xffff & ~KNOWN_REQUIRED_FLAGS) throw new Error('unknown required flag bits');
  const end = message.length - (flags & CHECKSUM_PRESENT ? 4 : 0);
  let body: Document | undefined;
  const sequences: Array<[string, Buffer[]]> = [];
  let at = 20;
  while (at < end) {
    const kind = message[at];
    const length = message.readInt32LE(at + 1);
    const stop = at + 1 + length;
    if (length < 5 || stop > end) throw new Error('section runs past its message');
    if (kind === 0) {
      if (body) throw new Error('two body sections');
      body = decodeCommand(message.subarray(at + 1, stop));
    } else if (kind === 1) sequences.push(parseSequence(message, at + 5, stop));
    else throw new Error(`unknown section kind ${kind}`);
    at = stop;
  }
  if (!body) throw new Error('message without a body');
  for (const [name, documents] of sequences) body[name] = name === 'documents' ? documents : documents.map(decode);
  return request(message.readInt32LE(4), OP_MSG, body, !(flags & MORE_TO_COME));
}

function parseSequence(message: Buffer, start: number, stop: number): [string, Buffer[]] {
  const nameEnd = message.indexOf(0, start);
  if (nameEnd < 0 || nameEnd >= stop) throw new Error('unterminated sequence name');
  const documents: Buffer[] = [];
  let at = nameEnd + 1;
  while (at < stop) {
    const length = message.readInt32LE(at);
    if (length < 5 || at + length > stop) throw new Error('document runs past its section');
    documents.push(message.subarray(at, at + length));
    at += length;
  }
  return [message.toString('utf8', start, nameEnd), documents];
}

function parseQuery(message: Buffer): Request {
  const nameEnd = message.indexOf(0, 20);
  if (nameEnd < 0) throw new Error('unterminated collection name');
  const at = nameEnd + 9;
  const body: Document = decode(message.subarray(at, at + message.readInt32LE(at)));
  body.$db ??= message.toString('utf8', 20, nameEnd).split('.')[0];
  return request(message.readInt32LE(4), OP_QUERY, body, true);
}

function request(id: number, opCode: number, body: Document, wantsReply: boolean): Request {
  for (const name in body) return { id, opCode, name, body, wantsReply };
  throw new Error('empty command');
}

function arrayOf(items: Uint8Array[]): Buffer {
  let length = 5;
  for (let index = 0; index < items.length; index++) length += 2 + decimalDigits(index) + (items[index]?.length ?? 0);
  const out = Buffer.allocUnsafe(length);
  out.writeInt32LE(length, 0);
  let at = 4;
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    if (!item) continue;
    out[at++] = 3;
    at += out.write(String(index), at, 'latin1');
    out[at++] = 0;
    out.set(item, at);
    at += item.length;
  }
  out[at] = 0;
  return out;
}

function decimalDigits(index: number): number {
  return index < 10 ? 1 : index < 100 ? 2 : index < 1000 ? 3 : String(index).length;
}

function clusterTimeTemplate(): { bytes: Buffer; offsets: number[] } {
  const element = (type: number, name: string) => Buffer.concat([Buffer.from([type]), Buffer.from(`${name}\0`)]);
  const int32 = (value: number) => Buffer.from(Int32Array.of(value).buffer);
  const wrap = (content: Buffer) => Buffer.concat([int32(content.length + 5), content, Buffer.from([0])]);
  const hash = Buffer.concat([element(5, 'hash'), int32(20), Buffer.from([0]), Buffer.alloc(20)]);
  const signature = Buffer.concat([element(3, 'signature'), wrap(Buffer.concat([hash, element(18, 'keyId'), Buffer.alloc(8)]))]);
  const head = element(17, 'operationTime');
  const clusterHead = element(3, '$clusterTime');
  const timeHead = element(17, 'clusterTime');
  const cluster = wrap(Buffer.concat([timeHead, Buffer.alloc(8), signature]));
  const bytes = Buffer.concat([head, Buffer.alloc(8), clusterHead, cluster, Buffer.alloc(1)]);
  return { bytes, offsets: [head.length, head.length + 8 + clusterHead.length + 4 + timeHead.length] };
}

const { bytes: CLUSTER_TIME, offsets: CLUSTER_TIME_OFFSETS } = clusterTimeTemplate();

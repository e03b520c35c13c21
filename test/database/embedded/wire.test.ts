import { Binary, Decimal128, Double, Int32, Long, ObjectId, Timestamp } from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, encode } from '../../../server/database/embedded/bson.ts';
import { idOf, withIdFirst } from '../../../server/database/embedded/raw.ts';
import {
  appendClusterTime,
  appendFields,
  createFramer,
  encodeReply,
  frameReply,
  parseMessage,
} from '../../../server/database/embedded/wire.ts';
import { framed, int32, opMsg, opQuery } from './messages.ts';

const ping = (id: number) => opMsg(id, { ping: 1, $db: 'admin' });

function framesOf(chunks: Buffer[]): { messages: Buffer[]; faults: string[] } {
  const messages: Buffer[] = [];
  const faults: string[] = [];
  const receive = createFramer(
    (message) => messages.push(Buffer.from(message)),
    (reason) => faults.push(reason),
  );
  for (const chunk of chunks) receive(chunk);
  return { messages, faults };
}

describe('framing', () => {
  test('messages come out whole, however the stream is cut', () => {
    const sent = [ping(1), opMsg(2, { find: 'a', filter: { text: 'x'.repeat(300) }, $db: 'b' }), ping(3)];
    const stream = Buffer.concat(sent);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const { messages, faults } = framesOf(at.slice(1).map((end, index) => stream.subarray(at[index], end)));
        expect(faults).toEqual([]);
        expect(messages).toEqual(sent);
      }),
    );
  });

  test('a byte at a time is enough', () => {
    const stream = Buffer.concat([ping(1), ping(2)]);
    expect(framesOf([...stream].map((byte) => Buffer.from([byte]))).messages).toEqual([ping(1), ping(2)]);
  });

  test.each([0, 15, -1, 48_000_001, 0x7fffffff])('a length of %i is a fault, and nothing after it is read', (length) => {
    const { messages, faults } = framesOf([ping(1), Buffer.concat([int32(length), ping(2)]), ping(3)]);
    expect(messages).toEqual([ping(1)]);
    expect(faults).toHaveLength(1);
  });
});

describe('requests', () => {
  test('a message names its command, its fields and whether it wants a reply', () => {
    const request = parseMessage(opMsg(7, { find: 'orders', $db: 'shop' }));
    expect(request).toMatchObject({ id: 7, name: 'find', wantsReply: true, body: { find: 'orders', $db: 'shop' } });
    expect(parseMessage(opMsg(8, { ping: 1, $db: 'a' }, { flags: 2 })).wantsReply).toBe(false);
  });

  test('document sequences join the body: the documents of an insert as bytes, statements decoded', () => {
    const documents = [{ _id: 1 }, { _id: 2 }];
    const insert = parseMessage(opMsg(1, { insert: 'a', $db: 'b' }, { sequences: { documents } }));
    expect(insert.body.documents).toEqual(documents.map(encode));
    const update = parseMessage(
      opMsg(1, { update: 'a', $db: 'b' }, { sequences: { updates: [{ q: {}, u: { $set: { a: 1 } } }] } }),
    );
    expect(update.body.updates).toEqual([{ q: {}, u: { $set: { a: 1 } } }]);
  });

  test('the documents of an insert are bytes in the body too', () => {
    const request = parseMessage(opMsg(1, { insert: 'a', documents: [{ _id: 1 }], $db: 'b' }));
    expect((request.body.documents as Uint8Array[]).map((bytes) => decode(bytes))).toEqual([{ _id: 1 }]);
  });

  test('a checksum is left aside', () => {
    const body = Buffer.concat([int32(1), Buffer.from([0]), encode({ ping: 1, $db: 'admin' }), int32(12345)]);
    expect(parseMessage(framed(1, 2013, body)).name).toBe('ping');
  });

  test('the first greeting of a driver is an OP_QUERY and is answered by an OP_REPLY', () => {
    const request = parseMessage(opQuery(3, 'admin.$cmd', { ismaster: 1, helloOk: true }));
    expect(request).toMatchObject({ id: 3, name: 'ismaster', body: { $db: 'admin' } });
    const reply = frameReply(request, encode({ ok: 1 }));
    expect(reply.readInt32LE(0)).toBe(reply.length);
    expect([reply.readInt32LE(8), reply.readInt32LE(12), reply.readInt32LE(32)]).toEqual([3, 1, 1]);
    expect(decode(reply.subarray(36))).toEqual({ ok: 1 });
  });

  const section = (kind: number, bytes: Buffer) => Buffer.concat([int32(0), Buffer.from([kind]), bytes]);
  test.each([
    ['an unknown opcode', framed(1, 2010, Buffer.alloc(20))],
    ['a compressed message, which was never agreed on', framed(1, 2012, Buffer.alloc(20))],
    ['an unknown required flag', opMsg(1, { ping: 1 }, { flags: 4 })],
    ['an unknown section', framed(1, 2013, section(7, encode({ ping: 1 })))],
    ['a section longer than the message', framed(1, 2013, section(0, Buffer.concat([int32(900), Buffer.alloc(30)])))],
    ['two bodies', framed(1, 2013, Buffer.concat([section(0, encode({ ping: 1 })), Buffer.from([0]), encode({ ping: 1 })]))],
    ['no body', framed(1, 2013, int32(0))],
    ['an empty command', framed(1, 2013, section(0, encode({})))],
    ['a body that is no BSON', framed(1, 2013, section(0, Buffer.concat([int32(12), Buffer.from('nonsense')])))],
    ['a sequence without a name', framed(1, 2013, section(1, Buffer.concat([int32(8), Buffer.from('abcd')])))],
  ])('%s is refused', (_name, message) => {
    expect(() => parseMessage(message)).toThrow();
  });
});

describe('replies', () => {
  test('stored bytes are spliced in as they are', () => {
    const stored = [encode({ _id: 1, whole: new Double(3) }), encode({ _id: 2, large: Long.fromString('9007199254740993') })];
    for (const batch of ['firstBatch', 'nextBatch']) {
      const reply = encodeReply({ cursor: { [batch]: stored, id: Long.ZERO, ns: 'a.b' }, ok: 1 });
      expect(reply.includes(stored[0] ?? '')).toBe(true);
      expect(decode(reply)).toMatchObject({ cursor: { [batch]: stored.map((bytes) => decode(bytes)), ns: 'a.b' }, ok: 1 });
    }
    expect(decode(encodeReply({ value: stored[0], ok: 1 }))).toMatchObject({ value: { _id: 1 }, ok: 1 });
  });

  test('a batch of more than a thousand documents keeps its order', () => {
    const batch = Array.from({ length: 1_234 }, (_, index) => encode({ _id: index }));
    const decoded = decode(encodeReply({ cursor: { firstBatch: batch, id: Long.ZERO, ns: 'a.b' }, ok: 1 }));
    expect(decoded).toMatchObject({ cursor: { firstBatch: batch.map((_, index) => ({ _id: index })) } });
  });

  test('the cluster time and further fields are added at the end', () => {
    const timed = decode(appendClusterTime(appendFields(encode({ n: 1, ok: 1 }), { note: 'x' }), 1_700_000_000, 7));
    const time = new Timestamp({ t: 1_700_000_000, i: 7 });
    expect(timed).toMatchObject({ n: 1, ok: 1, note: 'x', operationTime: time, $clusterTime: { clusterTime: time } });
  });
});

describe('the id of a document in its bytes', () => {
  test('it is moved to the front; everything else stays byte for byte', () => {
    const sent = encode({ whole: new Double(1), _id: 5, text: 'x' });
    const stored = withIdFirst(sent);
    expect(Object.keys(decode(stored))).toEqual(['_id', 'whole', 'text']);
    expect(stored.length).toBe(sent.length);
    expect(withIdFirst(encode({ _id: 1, a: 2 }))).toEqual(encode({ _id: 1, a: 2 }));
  });

  test('one is made where it is missing, also beside an _id inside another field', () => {
    const made = decode(withIdFirst(encode({ a: { _id: 3 } })));
    expect(Object.keys(made)).toEqual(['_id', 'a']);
    expect(made._id).toBeInstanceOf(ObjectId);
  });

  test.each([
    ['an ObjectId', new ObjectId()],
    ['a string', '粉丝-1'],
    ['an Int32', -7],
    ['a double', 1.5],
    ['a Long', Long.fromString('9007199254740993')],
    ['a Decimal128', Decimal128.fromString('1.50')],
    ['a Binary', new Binary(Buffer.from('abc'))],
    ['a date', new Date(12)],
    ['a document', { merchant: 'a', member: 'b' }],
    ['null', null],
    ['a boolean', true],
  ])('%s is read alone', (_name, id) => {
    expect(idOf(encode({ _id: id, rest: 'x' }))).toEqual(decode(encode({ _id: id }))._id);
  });

  test('a document whose lengths are wrong is refused', () => {
    const good = encode({ a: 'text', _id: 1 });
    const wrongTotal = Buffer.from(good);
    wrongTotal.writeInt32LE(good.length + 1, 0);
    const wrongText = Buffer.from(good);
    wrongText.writeInt32LE(4_000, 7);
    const wrongInside = encode({ a: { b: 'text' } });
    wrongInside.writeInt32LE(4_000, 14);
    for (const bytes of [wrongTotal, wrongText, wrongInside, Buffer.alloc(3), encode({ a: new Int32(1) }).subarray(0, 8)]) {
      expect(() => withIdFirst(bytes)).toThrow(expect.objectContaining({ code: 22 }));
    }
  });

  test('bytes at random are refused or are a document', () => {
    const good = encode({ _id: 1, a: [1, 'x', { b: new Date(1) }], c: /x/i, d: new Binary(Buffer.from('abc')) });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          withIdFirst(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 22 });
        }
      }),
    );
  });

  test('a document nested deeper than MongoDB takes is refused', () => {
    const nested = (depth: number): Buffer => encode(JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`));
    expect(() => withIdFirst(nested(180))).not.toThrow();
    expect(() => withIdFirst(nested(181))).toThrow(expect.objectContaining({ code: 15 }));
  });
});

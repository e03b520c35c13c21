import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Binary, Long } from 'bson';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Document } from '../../../server/database/embedded/document.ts';
import { createDatabaseServer, type DatabaseServer } from '../../../server/database/embedded/server.ts';
import { framed, int32, opMsg, opQuery, type RawClient, rawClient } from './messages.ts';

let folder: string;
let server: DatabaseServer;
let uri: string;
let clients: RawClient[];
const faults: object[] = [];
const log = { info() {}, warn: () => {}, error: (fields: object) => void faults.push(fields) };

const start = async (): Promise<void> => {
  server = createDatabaseServer({ file: join(folder, 'database.sqlite'), log, testCommands: true });
  uri = await server.listen({ port: 0 });
};
const client = async (): Promise<RawClient> => {
  const made = await rawClient(uri);
  clients.push(made);
  return made;
};
const lsid = { id: new Binary(Buffer.alloc(16, 7), 4) };
const retryable = (number: number, body: Document): Document => {
  const [name = '', ...rest] = Object.keys(body);
  const tail = Object.fromEntries(rest.map((key) => [key, body[key]]));
  return { [name]: body[name], ...tail, lsid, txnNumber: Long.fromNumber(number), $db: 'shop' };
};
const send = async (from: RawClient, body: Document): Promise<Document> => {
  from.write(opMsg(1, body));
  return (await from.reply()).document;
};
const count = async (from: RawClient, collection: string) => (await send(from, { count: collection, $db: 'shop' })).n;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-server-'));
  clients = [];
  faults.length = 0;
  await start();
});
afterEach(async () => {
  for (const one of clients) one.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
  expect(faults).toEqual([]);
});

describe('a connection', () => {
  test('is greeted by OP_QUERY and goes on with OP_MSG', async () => {
    const one = await client();
    one.write(opQuery(9, 'admin.$cmd', { ismaster: 1 }));
    const greeting = await one.reply();
    expect(greeting).toMatchObject({ to: 9, opCode: 1 });
    expect(greeting.document).toMatchObject({ ok: 1, isWritablePrimary: true, maxWireVersion: 25, setName: 'embedded' });
    expect(greeting.document.logicalSessionTimeoutMinutes).toBe(30);
    expect(greeting.document).not.toHaveProperty('topologyVersion');
    expect(await send(one, { ping: 1, $db: 'admin' })).toMatchObject({ ok: 1 });
  });

  test('may send several commands at once, in pieces', async () => {
    const one = await client();
    const stream = Buffer.concat([1, 2, 3].map((id) => opMsg(id, { insert: 'a', documents: [{ _id: id }], $db: 'shop' })));
    for (const byte of [0, 7, 40, 90])
      one.write(stream.subarray(byte, byte === 90 ? stream.length : [7, 40, 90][[0, 7, 40].indexOf(byte)]));
    const replies = [await one.reply(), await one.reply(), await one.reply()];
    expect(replies.map(({ to, document }) => [to, document.n])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
  });

  test('gets no reply to a write that wants none, and the write is done', async () => {
    const one = await client();
    one.write(opMsg(1, { insert: 'a', documents: [{ _id: 1 }], writeConcern: { w: 0 }, $db: 'shop' }, { flags: 2 }));
    one.write(opMsg(2, { ping: 1, $db: 'admin' }));
    expect((await one.reply()).to).toBe(2);
    expect(await count(one, 'a')).toBe(1);
  });

  test.each([
    ['a length that no message has', Buffer.concat([int32(-5), Buffer.alloc(60)])],
    ['more than 48 MB', Buffer.concat([int32(48_000_001), Buffer.alloc(60)])],
    ['an unknown opcode', framed(1, 2002, Buffer.alloc(40))],
    ['a body that is no BSON', framed(1, 2013, Buffer.concat([int32(0), Buffer.from([0]), int32(30), Buffer.alloc(30, 0xee)]))],
  ])('that sends %s is closed, alone', async (_name, bytes) => {
    const [bad, good] = [await client(), await client()];
    bad.write(bytes);
    await bad.closed;
    expect(await send(good, { ping: 1, $db: 'admin' })).toMatchObject({ ok: 1 });
  });

  test('that sends a document with wrong lengths hears so, and nothing is stored', async () => {
    const one = await client();
    const bytes = opMsg(1, { insert: 'a', $db: 'shop' }, { sequences: { documents: [{ _id: 1, text: 'x' }] } });
    bytes.writeInt32LE(5_000, bytes.indexOf('text') + 5);
    one.write(bytes);
    expect((await one.reply()).document).toMatchObject({ n: 0, writeErrors: [{ index: 0, code: 22 }] });
    expect(await count(one, 'a')).toBe(0);
  });

  test('that goes away in the middle of a message harms nobody', async () => {
    const [bad, good] = [await client(), await client()];
    bad.write(opMsg(1, { ping: 1, $db: 'admin' }).subarray(0, 20));
    bad.close();
    await bad.closed;
    expect(await send(good, { ping: 1, $db: 'admin' })).toMatchObject({ ok: 1 });
  });

  test('hears what is not a command here, and what needs a real MongoDB', async () => {
    const one = await client();
    expect(await send(one, { dance: 1, $db: 'shop' })).toMatchObject({ ok: 0, code: 59, codeName: 'CommandNotFound' });
    expect(await send(one, { __proto__: null, toString: 1, $db: 'shop' })).toMatchObject({ ok: 0, code: 59 });
    const refused = await send(one, { saslStart: 1, $db: 'admin' });
    expect(refused).toMatchObject({ ok: 0, code: 115 });
    expect(refused.errmsg).toContain('MONGODB_URI');
  });
});

describe('group commit', () => {
  test('many writers share few commits, and each is answered', async () => {
    const writers = await Promise.all(Array.from({ length: 20 }, client));
    const commits = async () =>
      ((await send(writers[0] as RawClient, { serverStatus: 1, $db: 'admin' })).embedded as Document).commits as number;
    await send(writers[0] as RawClient, { create: 'a', $db: 'shop' });
    const before = await commits();
    for (let id = 0; id < 400; id++) writers[id % 20]?.write(opMsg(id, { insert: 'a', documents: [{ _id: id }], $db: 'shop' }));
    const replies = await Promise.all(Array.from({ length: 400 }, (_, id) => (writers[id % 20] as RawClient).reply()));
    expect(replies.every(({ document }) => document.n === 1)).toBe(true);
    expect((await commits()) - before).toBeLessThan(200);
    expect(await count(writers[0] as RawClient, 'a')).toBe(400);
  });

  test('a command that fails takes nothing else in its batch with it', async () => {
    const one = await client();
    const inserts = [1, 2, 2, 3].map((id, index) => opMsg(index, { insert: 'a', documents: [{ _id: id }], $db: 'shop' }));
    one.write(Buffer.concat([...inserts, opMsg(9, { update: 'a', updates: [{ q: {}, u: { $bad: 1 } }], $db: 'shop' })]));
    const replies = await Promise.all([1, 2, 3, 4, 5].map(() => one.reply()));
    expect(replies.map(({ document }) => document.n)).toEqual([1, 1, 0, 1, 0]);
    expect(await count(one, 'a')).toBe(3);
  });
});

describe('a write that is sent again', () => {
  test('is answered as the first time and done once', async () => {
    const one = await client();
    const insert = retryable(1, { insert: 'a', documents: [{ _id: 1 }] });
    expect(await send(one, insert)).toMatchObject({ n: 1, ok: 1 });
    const again = await send(one, insert);
    expect(again).toMatchObject({ n: 1, ok: 1 });
    expect(again).not.toHaveProperty('writeErrors');
    const change = retryable(2, { findAndModify: 'a', query: { _id: 1 }, update: { $inc: { n: 1 } }, new: true });
    expect(await send(one, change)).toMatchObject({ value: { _id: 1, n: 1 } });
    expect(await send(one, change)).toMatchObject({ value: { _id: 1, n: 1 } });
  });

  test('is known after a restart of the server', async () => {
    const change = retryable(5, { update: 'a', updates: [{ q: { _id: 1 }, u: { $inc: { n: 1 } }, upsert: true }] });
    const first = await send(await client(), change);
    await server.close();
    await start();
    const one = await client();
    expect((await send(one, change)).upserted).toEqual(first.upserted);
    expect(await send(one, { find: 'a', filter: {}, $db: 'shop' })).toMatchObject({ cursor: { firstBatch: [{ _id: 1, n: 1 }] } });
    expect(await send(one, retryable(4, { insert: 'a', documents: [{ _id: 2 }] }))).toMatchObject({ ok: 0, code: 225 });
  });

  test('is tried again when it had failed', async () => {
    const one = await client();
    const bad = retryable(1, { findAndModify: 'a', query: {}, update: { $bad: { n: 1 } } });
    expect(await send(one, bad)).toMatchObject({ ok: 0 });
    expect(await send(one, retryable(1, { insert: 'a', documents: [{ _id: 1 }] }))).toMatchObject({ n: 1 });
  });

  test('a commit is known after a restart; one that never came is not', async () => {
    const part = (number: number, body: Document, isFirst = false) =>
      retryable(number, { ...body, autocommit: false, ...(isFirst && { startTransaction: true }) });
    const one = await client();
    await send(one, part(1, { insert: 'a', documents: [{ _id: 1 }] }, true));
    expect(await send(one, { ...part(1, { commitTransaction: 1 }), $db: 'admin' })).toMatchObject({ ok: 1 });
    await server.close();
    await start();
    const two = await client();
    expect(await send(two, { ...part(1, { commitTransaction: 1 }), $db: 'admin' })).toMatchObject({ ok: 1 });
    await send(two, part(2, { insert: 'a', documents: [{ _id: 2 }] }, true));
    await server.close();
    await start();
    const three = await client();
    const lost = await send(three, { ...part(2, { commitTransaction: 1 }), $db: 'admin' });
    expect(lost).toMatchObject({ ok: 0, code: 251, errorLabels: ['TransientTransactionError'] });
    expect(await count(three, 'a')).toBe(1);
  });
});

describe('a fault that was asked for', () => {
  const failNext = (one: RawClient, data: Document, times = 1) =>
    send(one, { configureFailPoint: 'failCommand', mode: { times }, data, $db: 'admin' });

  test('an error code comes with the labels that drivers act on, as often as asked', async () => {
    const one = await client();
    await failNext(one, { failCommands: ['insert'], errorCode: 11602 });
    expect(await send(one, { ping: 1, $db: 'admin' })).toMatchObject({ ok: 1 });
    const insert = retryable(1, { insert: 'a', documents: [{ _id: 1 }] });
    expect(await send(one, insert)).toMatchObject({ ok: 0, code: 11602, errorLabels: ['RetryableWriteError'] });
    expect(await send(one, insert)).toMatchObject({ n: 1, ok: 1 });
  });

  test('a connection is closed before the command has run', async () => {
    const [one, two] = [await client(), await client()];
    await failNext(one, { failCommands: ['insert'], closeConnection: true });
    one.write(opMsg(1, { insert: 'a', documents: [{ _id: 1 }], $db: 'shop' }));
    await one.closed;
    expect(await count(two, 'a')).toBe(0);
  });

  test('a write concern error stands beside a write that was done', async () => {
    const one = await client();
    const writeConcernError = { code: 91, errmsg: 'Replication is being shut down' };
    await failNext(one, { failCommands: ['insert'], writeConcernError });
    const reply = await send(one, retryable(1, { insert: 'a', documents: [{ _id: 1 }] }));
    expect(reply).toMatchObject({ n: 1, ok: 1, writeConcernError, errorLabels: ['RetryableWriteError'] });
  });

  test('a blocked command comes later; others go on', async () => {
    const [one, two] = [await client(), await client()];
    await failNext(one, { failCommands: ['insert'], blockConnection: true, blockTimeMS: 50 });
    one.write(opMsg(1, { insert: 'a', documents: [{ _id: 1 }], $db: 'shop' }));
    expect(await count(two, 'a')).toBe(0);
    expect((await one.reply()).document).toMatchObject({ n: 1 });
  });

  test('is refused by a server that is not for tests', async () => {
    const other = createDatabaseServer({ file: join(folder, 'other.sqlite'), log, testCommands: false });
    const one = await rawClient(await other.listen({ port: 0 }));
    expect(await failNext(one, { failCommands: ['insert'], errorCode: 1 })).toMatchObject({ ok: 0, code: 59 });
    one.close();
    await other.close();
  });
});

test('what was written is there after a restart, and a cursor is not', async () => {
  const one = await client();
  await send(one, { insert: 'a', documents: [{ _id: 1 }, { _id: 2 }], $db: 'shop' });
  const opened = (await send(one, { find: 'a', batchSize: 1, $db: 'shop' })).cursor as Document;
  await server.close();
  await start();
  const two = await client();
  expect(await send(two, { getMore: opened.id, collection: 'a', $db: 'shop' })).toMatchObject({ ok: 0, code: 43 });
  expect(await count(two, 'a')).toBe(2);
});

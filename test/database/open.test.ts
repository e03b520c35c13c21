import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Schema } from 'mongoose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../server/database/index.ts';

let folder: string;
let opened: Database[];
let lines: string[];
const log = { info: (_fields: object, event: string) => void lines.push(event), warn() {}, error() {} };

const open = async (name: string, dataDir = folder): Promise<Database> => {
  const database = await openDatabase({ dataDir, name, log });
  opened.push(database);
  return database;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-'));
  opened = [];
  lines = [];
});
afterEach(async () => {
  for (const database of opened) await database.close();
  await rm(folder, { recursive: true, force: true });
});

const serve = (dataDir: string, ...more: string[]) =>
  spawn(process.execPath, ['server/database/embedded/serve.ts', '--port', '0', '--data', dataDir, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const textOf = async (stream: NodeJS.ReadableStream): Promise<string> => {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
};

describe('a database without a URI', () => {
  test('is kept in the data folder, by mongoose models as they are, and is there the next time', async () => {
    const schema = new Schema({ openid: { type: String, unique: true }, name: String });
    const first = await open('shop');
    expect(first.engine).toBe('embedded');
    const Follower = first.connection.model('Follower', schema);
    await Follower.init();
    await Follower.create({ openid: 'o1', name: '小明' });
    await expect(Follower.create({ openid: 'o1' })).rejects.toMatchObject({ code: 11000 });
    await first.close();
    const second = await open('shop');
    expect((await second.connection.model('Follower', schema).findOne({ openid: 'o1' }))?.name).toBe('小明');
  });

  test('shows a transaction, the next time, what was stored before', async () => {
    const first = await open('shop');
    await first.connection.collection('a').createIndex({ name: 1 }, { unique: true });
    await first.connection.transaction(async (session) => {
      await first.connection.collection('a').insertOne({ name: 'kept' }, { session });
    });
    await first.close();
    const second = await open('shop');
    const rows = second.connection.collection('a');
    await second.connection.transaction(async (session) => {
      expect(await rows.findOne({ name: 'kept' }, { session })).toMatchObject({ name: 'kept' });
      const changed = await rows.updateOne({ name: 'kept' }, { $set: { n: 1 } }, { upsert: true, session });
      expect(changed).toMatchObject({ matchedCount: 1, upsertedCount: 0 });
    });
    expect(await rows.findOne({ name: 'kept' })).toMatchObject({ n: 1 });
  });

  test('shares one server with another name on the same folder until the last of them is closed', async () => {
    const [shop, sandbox] = await Promise.all([open('shop'), open('sandbox')]);
    await shop.connection.collection('a').insertOne({ n: 1 });
    await shop.close();
    await shop.close();
    expect(await sandbox.connection.collection('a').find().toArray()).toEqual([]);
    await sandbox.connection.collection('a').insertOne({ n: 2 });
    expect(lines).toEqual(['database.opened']);
    await sandbox.close();
    const again = await open('sandbox');
    expect((await again.connection.collection('a').findOne({}))?.n).toBe(2);
    expect(lines).toEqual(['database.opened', 'database.opened']);
  });

  test('can be opened while the last one is being closed', async () => {
    const first = await open('shop');
    await first.connection.collection('a').insertOne({ n: 1 });
    await first.connection.close();
    const closing = first.close();
    const second = await open('shop');
    await closing;
    expect((await second.connection.collection('a').findOne({}))?.n).toBe(1);
  });

  test('can be read by its owner alone', async () => {
    const database = await open('shop');
    await database.connection.collection('a').insertOne({ n: 1 });
    const mode = async (path: string) => (await stat(path)).mode & 0o777;
    expect(await mode(folder)).toBe(0o700);
    for (const file of (await readdir(folder)).filter((name) => name.includes('.sqlite')))
      expect(await mode(join(folder, file))).toBe(0o600);
    if (process.platform !== 'win32') expect(await mode(join(folder, 'socket'))).toBe(0o700);
  });

  test('is served on loopback where the folder is too deep for a socket', async () => {
    const deep = join(folder, 'd'.repeat(100));
    const database = await open('shop', deep);
    await database.connection.collection('a').insertOne({ n: 1 });
    expect(await readdir(deep)).not.toContain('socket');
  });

  test('is told from a folder that cannot be one', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(open('shop', file)).rejects.toThrow(file);
    const broken = join(folder, 'broken');
    await mkdir(broken);
    await writeFile(join(broken, 'database.sqlite'), 'this is no database, and long enough to be looked at as one');
    await expect(open('shop', broken)).rejects.toThrow(/not a database/);
    await expect(open('shop', broken)).rejects.toThrow(/not a database/);
  });
});

describe('a folder that another process holds', () => {
  test('is refused at once, saying which folder and what to do; it is free when that process ends', async () => {
    const holder = serve(folder);
    await once(holder.stdout, 'data');
    await expect(open('shop')).rejects.toThrow(new RegExp(`${folder}.*in use by another process.*DATA_DIR`));
    const second = serve(folder);
    const [text, [code]] = await Promise.all([textOf(second.stderr), once(second, 'exit')]);
    expect(code).toBe(1);
    expect(text).toContain('in use by another process');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect((await open('shop')).engine).toBe('embedded');
  });
});

describe('npm run db', () => {
  test('says where it serves, and stops cleanly when told to', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const child = serve(folder);
      const [line] = await once(child.stdout, 'data');
      const { uri } = JSON.parse(String(line)) as { uri: string };
      const database = await openDatabase({ uri, dataDir: '', name: 'shop', log });
      expect(database.engine).toBe('mongodb');
      await database.connection.collection('a').insertOne({ signal });
      await database.close();
      child.kill(signal);
      expect(await once(child, 'exit')).toEqual([0, null]);
    }
    const kept = await open('shop');
    expect((await kept.connection.collection('a').find().toArray()).map(({ signal }) => signal)).toEqual(['SIGTERM', 'SIGINT']);
  });

  test('refuses a port that is none', async () => {
    const child = serve(folder, '--port', 'http');
    const [text, [code]] = await Promise.all([textOf(child.stderr), once(child, 'exit')]);
    expect([text, code]).toEqual(['--port must be a number from 0 to 65535, not http\n', 1]);
  });
});

test('a URI that nobody answers at is an error, not a hang', async () => {
  await expect(
    openDatabase({ uri: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100', dataDir: folder, name: 'shop', log }),
  ).rejects.toThrow(/ECONNREFUSED/);
});

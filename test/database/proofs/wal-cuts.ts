import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { startDatabaseProcess } from '../../support/database-process.ts';
import { expectIndexesAgree, expectSoundFiles } from './agreement.ts';

type Step = { _id: number; tag: string; half?: 'first' | 'second' };

const WRITES = 300;
const WAL = 'database.sqlite-wal';

/**
 * Cuts the write-ahead log of a killed database at `cuts` random bytes, as a loss of power may leave it, every second time with
 * garbage behind the cut. Each time the database must open with a prefix of what was written, whole transactions only, and take
 * new writes. Answers how many of the writes each cut kept.
 */
export async function cutWriteAheadLog(cuts: number): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'service-window-wal-'));
  try {
    const original = join(folder, 'original');
    await writeInOrder(original);
    const log = await readFile(join(original, WAL));
    assert.ok(log.length > 0, 'there is no write-ahead log to cut');
    const kept: number[] = [];
    for (let cut = 0; cut < cuts; cut += 1) {
      const copy = join(folder, `cut-${cut}`);
      // The shared-memory file belongs to the process that died.
      await cp(original, copy, { recursive: true, filter: (path) => !path.endsWith('-shm') });
      const garbage = cut % 2 === 0 ? Buffer.alloc(0) : randomBytes(randomInt(1, 20_000));
      await writeFile(join(copy, WAL), Buffer.concat([log.subarray(0, randomInt(0, log.length)), garbage]));
      kept.push(await expectPrefix(copy));
      await rm(copy, { recursive: true });
    }
    return kept;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Every third write is a transaction of two documents. Each is acknowledged before the next begins; then the process is killed. */
async function writeInOrder(folder: string): Promise<void> {
  await withDatabase(folder, async (client) => {
    const steps = stepsOf(client);
    await steps.createIndex({ tag: 1 });
    for (let _id = 0; _id < WRITES; _id += 1) {
      const step = { _id, tag: `tag ${_id % 5}` };
      if (_id % 3 !== 0) await steps.insertOne(step);
      else {
        await client.withSession((session) =>
          session.withTransaction(async () => {
            await steps.insertOne({ ...step, half: 'first' }, { session });
            await steps.insertOne({ ...step, _id: WRITES + _id, half: 'second' }, { session });
          }),
        );
      }
    }
  });
}

async function expectPrefix(folder: string): Promise<number> {
  let kept = 0;
  await withDatabase(folder, async (client) => {
    const steps = stepsOf(client);
    const found = (await steps.find().toArray()).map(({ _id }) => _id).sort((left, right) => left - right);
    const firsts = found.filter((_id) => _id < WRITES);
    kept = firsts.length;
    assert.deepEqual(firsts, [...Array(kept).keys()], 'what is left is not a prefix of what was written');
    const seconds = firsts.filter((_id) => _id % 3 === 0).map((_id) => WRITES + _id);
    assert.deepEqual(found.slice(kept), seconds, 'half a transaction is left');
    // A log that is cut before its first collection leaves an empty database, which is a prefix too.
    if (found.length > 0) await expectIndexesAgree(client.db('wal').collection('steps'));
    await steps.insertOne({ _id: -1, tag: 'after' });
  });
  expectSoundFiles(folder);
  return kept;
}

async function withDatabase(folder: string, work: (client: mongoose.mongo.MongoClient) => Promise<void>): Promise<void> {
  const database = await startDatabaseProcess({ folder });
  const client = new mongoose.mongo.MongoClient(database.uri);
  try {
    await work(client);
  } finally {
    await client.close();
    await database.kill();
  }
}

function stepsOf(client: mongoose.mongo.MongoClient): mongoose.mongo.Collection<Step> {
  return client.db('wal').collection('steps');
}

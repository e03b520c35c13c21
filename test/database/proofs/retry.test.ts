import mongoose from 'mongoose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DatabaseProcess, startDatabaseProcess } from '../../support/database-process.ts';
import { type Relay, startRelay } from './relay.ts';

type Purse = { _id: string; fen: number; marker?: string };
type Purses = mongoose.mongo.Collection<Purse>;

let database: DatabaseProcess;
let relay: Relay;
let client: mongoose.mongo.MongoClient;
let purses: Purses;

beforeEach(async () => {
  database = await startDatabaseProcess();
  relay = await startRelay(database);
  client = new mongoose.mongo.MongoClient(relay.uri);
  purses = client.db('retry').collection('purses');
  await purses.insertOne({ _id: 'ming', fen: 100 });
});

afterEach(async () => {
  await client?.close();
  await relay?.close();
  await database?.remove();
});

/** The next command that holds `marker` is worked, its answer lost with the process, and the process started again. */
function killAfterAnswering(marker: string): void {
  relay.swallowAnswer(marker, async () => {
    await database.kill();
    await database.restart();
  });
}

describe('a write whose answer is lost when the server is killed, tried again by the driver after the restart', () => {
  test('an increment is applied once, and told as if nothing had happened', async () => {
    killAfterAnswering('once-only');
    const { matchedCount, modifiedCount } = await purses.updateOne(
      { _id: 'ming' },
      { $inc: { fen: -30 }, $set: { marker: 'once-only' } },
    );
    expect({ matchedCount, modifiedCount }).toEqual({ matchedCount: 1, modifiedCount: 1 });
    expect(await fenOf('ming')).toBe(70);
  });

  test('a guarded increment that emptied the purse is not refused at the second try', async () => {
    killAfterAnswering('once-only');
    const { modifiedCount } = await purses.updateOne(
      { _id: 'ming', fen: { $gte: 100 } },
      { $inc: { fen: -100 }, $set: { marker: 'once-only' } },
    );
    expect(modifiedCount).toBe(1);
    expect(await fenOf('ming')).toBe(0);
  });

  test('an insert is not its own duplicate', async () => {
    killAfterAnswering('once-only');
    await expect(purses.insertOne({ _id: 'fang', fen: 5, marker: 'once-only' })).resolves.toMatchObject({ insertedId: 'fang' });
    expect(await fenOf('fang')).toBe(5);
  });

  test('findOneAndUpdate answers the document as it was at the first try', async () => {
    killAfterAnswering('once-only');
    const before = await purses.findOneAndUpdate(
      { _id: 'ming' },
      { $inc: { fen: 1 }, $set: { marker: 'once-only' } },
      { returnDocument: 'before' },
    );
    expect(before).toEqual({ _id: 'ming', fen: 100 });
    expect(await fenOf('ming')).toBe(101);
  });

  test('an upsert makes one document, and says that it did', async () => {
    killAfterAnswering('once-only');
    const result = await purses.updateOne({ _id: 'fang' }, { $inc: { fen: 7 }, $set: { marker: 'once-only' } }, { upsert: true });
    expect(result).toMatchObject({ upsertedId: 'fang', upsertedCount: 1 });
    expect(await fenOf('fang')).toBe(7);
  });

  test('each statement of a bulk write is applied once', async () => {
    killAfterAnswering('once-only');
    const result = await purses.bulkWrite([
      { updateOne: { filter: { _id: 'ming' }, update: { $inc: { fen: 1 }, $set: { marker: 'once-only' } } } },
      { updateOne: { filter: { _id: 'ming' }, update: { $inc: { fen: 10 } } } },
    ]);
    expect(result.modifiedCount).toBe(2);
    expect(await fenOf('ming')).toBe(111);
  });

  test('a transaction that was committed stays committed, once', async () => {
    await client.withSession((session) =>
      session.withTransaction(async () => {
        await purses.updateOne({ _id: 'ming' }, { $inc: { fen: -40 } }, { session });
        await purses.insertOne({ _id: 'fang', fen: 40 }, { session });
        killAfterAnswering('commitTransaction');
      }),
    );
    expect([await fenOf('ming'), await fenOf('fang')]).toEqual([60, 40]);
  });
});

test('a transaction that was open when the server was killed has left nothing, and is done as a whole at the next try', async () => {
  let tries = 0;
  await client.withSession((session) =>
    session.withTransaction(async () => {
      tries += 1;
      await purses.updateOne({ _id: 'ming' }, { $inc: { fen: -40 } }, { session });
      if (tries === 1) {
        await database.kill();
        await database.restart();
      }
      await purses.updateOne({ _id: 'fang' }, { $inc: { fen: 40 } }, { session, upsert: true });
    }),
  );
  expect(tries).toBe(2);
  expect([await fenOf('ming'), await fenOf('fang')]).toEqual([60, 40]);
});

test('the first transaction after a restart sees all that was stored before', async () => {
  await database.kill();
  await database.restart();
  const seen = await client.withSession((session) => session.withTransaction(() => purses.findOne({ _id: 'ming' }, { session })));
  expect(seen).toEqual({ _id: 'ming', fen: 100 });
});

test('the same number in another session is another write', async () => {
  await purses.updateOne({ _id: 'ming' }, { $inc: { fen: 1 } });
  const other = new mongoose.mongo.MongoClient(relay.uri);
  await other
    .db('retry')
    .collection<Purse>('purses')
    .updateOne({ _id: 'ming' }, { $inc: { fen: 1 } });
  await other.close();
  expect(await fenOf('ming')).toBe(102);
});

async function fenOf(_id: string): Promise<number | undefined> {
  return (await purses.findOne({ _id }))?.fen;
}

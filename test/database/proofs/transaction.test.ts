import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../server/database/index.ts';
import { openTestDatabase } from '../../support/database.ts';
import { stressTransactions } from './transaction-stress.ts';

let database: Database;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.close());

test('transactions, plain writers, snapshots and a unique index get along on the same documents', async () => {
  const { connection } = database;
  const { tries, transactions, duplicatesRefused } = await stressTransactions(connection.getClient(), connection.name, 25);
  expect(transactions + duplicatesRefused).toBe(150);
  // Else they never met.
  expect(tries).toBeGreaterThan(transactions + duplicatesRefused);
});

test('a transaction changes a document time and again without meeting its unique key as a duplicate', async () => {
  const cards = database.connection.collection<{ _id: number; code: string; uses: number }>('cards');
  await cards.createIndex({ code: 1 }, { unique: true });
  await cards.insertMany([
    { _id: 1, code: 'first', uses: 0 },
    { _id: 2, code: 'second', uses: 0 },
  ]);
  await database.connection.transaction(async (session) => {
    await cards.updateOne({ code: 'first' }, { $inc: { uses: 1 } }, { session });
    await cards.updateOne({ code: 'first' }, { $inc: { uses: 1 } }, { session });
    await expect(cards.findOne({ code: 'first' }, { session })).resolves.toMatchObject({ uses: 2 });
  });
  await expect(cards.findOne({ _id: 1 })).resolves.toMatchObject({ uses: 2 });
  const taken = database.connection.transaction((session) =>
    cards.updateOne({ _id: 2 }, { $set: { code: 'first' } }, { session }),
  );
  await expect(taken).rejects.toMatchObject({ code: 11000 });
});

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

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../server/database/index.ts';
import { openTestDatabase } from '../../support/database.ts';
import { databaseOf } from './database-of.ts';
import { fuzzPlanner } from './planner-fuzz.ts';

let database: Database;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.close());

test('what an index answers is what a full scan answers, over odd values, indexes, filters and orders', async () => {
  const { queries, indexed } = await fuzzPlanner(databaseOf(database), 40);
  // Else the comparison would prove nothing.
  expect(indexed / queries).toBeGreaterThan(0.1);
});

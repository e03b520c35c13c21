import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../server/database/index.ts';
import { databaseOf } from '../../database/proofs/database-of.ts';
import { fuzzPlanner } from '../../database/proofs/planner-fuzz.ts';
import { openTestDatabase } from '../../support/database.ts';

let database: Database;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.close());

test('40,000 random queries are answered through indexes as by full scans', async () => {
  const { queries, indexed } = await fuzzPlanner(databaseOf(database), 2_000);
  console.log(`${queries} queries, ${indexed} through an index, none different`);
  expect(indexed / queries).toBeGreaterThan(0.1);
});

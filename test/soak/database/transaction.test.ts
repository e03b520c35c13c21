import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../server/database/index.ts';
import { stressTransactions } from '../../database/proofs/transaction-stress.ts';
import { openTestDatabase } from '../../support/database.ts';

const WRITES = 5_000;

let database: Database;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.close());

test('transactions, plain writers, snapshots and a unique index get along for 500 rounds', async () => {
  const { connection } = database;
  console.log(await stressTransactions(connection.getClient(), connection.name, 500));
});

test('the last of 5,000 writes in a transaction cost what the first did', async () => {
  const notes = database.connection.collection<{ _id: number; slot: string }>('notes');
  await notes.createIndex({ slot: 1 }, { unique: true });
  const durations: number[] = [];
  const client = database.connection.getClient();
  await client.withSession((session) =>
    session.withTransaction(async () => {
      durations.length = 0;
      for (let _id = 0; _id < WRITES; _id += 1) {
        const started = performance.now();
        await notes.insertOne({ _id, slot: `slot ${_id}` }, { session });
        durations.push(performance.now() - started);
      }
    }),
  );
  expect(await notes.countDocuments()).toBe(WRITES);
  // The first hundred are the warm-up. Where each write looks at all before it, the ratio grows with their number.
  const ratio = median(durations.slice(-100)) / median(durations.slice(100, 200));
  console.log(`last hundred / second hundred: ${ratio.toFixed(2)}`);
  expect(ratio).toBeLessThan(5);
});

function median(durations: number[]): number {
  return durations.toSorted((left, right) => left - right)[Math.floor(durations.length / 2)] ?? Number.NaN;
}

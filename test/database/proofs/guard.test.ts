import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../server/database/index.ts';
import { openTestDatabase } from '../../support/database.ts';

const STOCK = 5_000;
const CALLERS = 100;
const TRIES_A_CALLER = 60;

let database: Database;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.close());

test('of 6,000 tries by 100 callers exactly the 5,000 pieces in stock are taken', async () => {
  const batches = database.connection.collection<{ _id: string; stock: number; taken: number }>('batches');
  await batches.insertOne({ _id: 'batch', stock: STOCK, taken: 0 });

  let won = 0;
  const caller = async () => {
    for (let attempt = 0; attempt < TRIES_A_CALLER; attempt += 1) {
      const { modifiedCount } = await batches.updateOne({ _id: 'batch', stock: { $gt: 0 } }, { $inc: { stock: -1, taken: 1 } });
      won += modifiedCount;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));

  expect(won).toBe(STOCK);
  expect(await batches.findOne({ _id: 'batch' })).toEqual({ _id: 'batch', stock: 0, taken: STOCK });
});

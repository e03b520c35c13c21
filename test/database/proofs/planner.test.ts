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

test('a number in a path is a place for the index, and for a filter also a field that elements may lack', async () => {
  const lists = database.connection.collection<{ _id: number; c: object[] }>('lists');
  await lists.createIndex({ 'c.0': 1 });
  await lists.insertOne({ _id: 1, c: [{ x: 0 }] });
  expect(await lists.findOne({ 'c.0': null })).toEqual({ _id: 1, c: [{ x: 0 }] });
  expect(await lists.findOne({ 'c.0': { $in: [null, 7] } })).toEqual({ _id: 1, c: [{ x: 0 }] });
  expect(await lists.findOne({ 'c.0': { x: 0 } })).toEqual({ _id: 1, c: [{ x: 0 }] });
});

test('of two indexes that give the order, the one that holds only what is asked for is read', async () => {
  const orders = database.connection.collection<{ _id: number; placedAt: number; isOpen: boolean }>('orders');
  await orders.createIndex({ placedAt: 1 });
  await orders.createIndex({ placedAt: -1 }, { name: 'open', partialFilterExpression: { isOpen: true } });
  const plan = await orders.find({ isOpen: true }).sort({ placedAt: -1 }).limit(20).explain();
  expect(JSON.stringify(plan)).toContain('"indexName":"open"');
});

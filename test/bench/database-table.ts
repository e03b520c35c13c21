import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import mongoose from 'mongoose';
import { type DatabaseProcess, startDatabaseProcess } from '../support/database-process.ts';
import type { Row } from './database.ts';
import { spreadOf } from './statistics.ts';

type Order = { _id: number; customer: number; placedAt: number; amount: number; state: string; open: boolean };
type Orders = mongoose.mongo.Collection<Order>;
type Query = { name: string; index: mongoose.mongo.IndexDescription; run: (orders: Orders) => Promise<unknown> };

const ORDERS = 100_000;
const CHUNK = 1_000;
const CUSTOMERS = 1_000;
const SCANS = 3;
const INDEXED = 15;
const CALLS_WHILE_INDEXED = 2_000;

/** Queries over 100,000 documents with and without their index, whole-table work, and the memory of the database's process. */
export async function benchTable(): Promise<Row[]> {
  const database = await startDatabaseProcess();
  const client = new mongoose.mongo.MongoClient(database.uri);
  try {
    return await measureTable(database, client.db('bench').collection('orders'));
  } finally {
    await client.close();
    await database.remove();
  }
}

async function measureTable(database: DatabaseProcess, orders: Orders): Promise<Row[]> {
  const rows: Row[] = [await memory(database, 'idle')];
  rows.push({ name: 'insertMany of 100,000 documents', value: await timed(() => fill(orders)), unit: 'ms' });
  rows.push(await memory(database, 'after 100,000 inserts'));

  const scans: number[] = [];
  for (const query of queries) scans.push(await medianOf(SCANS, () => query.run(orders)));
  const builds: number[] = [];
  for (const { index } of queries) builds.push(await timed(() => orders.createIndexes([index])));
  rows.push({ name: 'createIndex on 100,000 documents', value: spreadOf(builds).median, unit: 'ms' });
  for (const [position, query] of queries.entries()) {
    const scan = scans[position] ?? Number.NaN;
    const indexed = await medianOf(INDEXED, () => query.run(orders));
    rows.push({ name: `${query.name}, no index`, value: scan, unit: 'ms' });
    rows.push({ name: `${query.name}, with index (÷ no index)`, value: indexed, unit: 'ms', ratio: indexed / scan });
  }
  for (let call = 0; call < CALLS_WHILE_INDEXED; call += 1) await orders.findOne({ customer: call % CUSTOMERS });
  rows.push(await memory(database, 'after 2,000 reads through an index'));

  for (const [name, work] of Object.entries(wholeTable)) {
    rows.push({ name: `${name}, all 100,000 documents`, value: await medianOf(SCANS, () => work(orders)), unit: 'ms' });
  }
  rows.push(await memory(database, 'after sorting and grouping all documents'));
  return rows;
}

const queries: Query[] = [
  {
    name: 'equality, 100 hits',
    index: { key: { customer: 1 } },
    run: (orders) => orders.find({ customer: 77 }).toArray(),
  },
  {
    name: 'range, 0.6 %',
    index: { key: { placedAt: 1 } },
    run: (orders) => orders.find({ placedAt: { $gte: 50_000, $lt: 50_600 } }).toArray(),
  },
  {
    name: 'equality and range, compound prefix',
    index: { key: { state: 1, amount: 1 } },
    run: (orders) => orders.find({ state: 'paid', amount: { $gte: 100, $lt: 103 } }).toArray(),
  },
  {
    name: 'sort and limit 20',
    index: { key: { amount: -1, _id: 1 } },
    run: (orders) => orders.find().sort({ amount: -1, _id: 1 }).limit(20).toArray(),
  },
  {
    name: 'filter, sort and limit 20, partial index',
    index: { key: { placedAt: -1 }, name: 'open', partialFilterExpression: { open: true } },
    run: (orders) => orders.find({ open: true }).sort({ placedAt: -1 }).limit(20).toArray(),
  },
];

const wholeTable: Record<string, (orders: Orders) => Promise<unknown>> = {
  'countDocuments({})': (orders) => orders.countDocuments({}),
  '$match and $group by customer': (orders) =>
    orders
      .aggregate([
        { $match: { amount: { $gte: 0 } } },
        { $group: { _id: '$customer', total: { $sum: '$amount' }, orders: { $sum: 1 } } },
      ])
      .toArray(),
  'sort without index, limit 1,000': (orders) =>
    orders.find().sort({ state: -1, placedAt: 1, customer: 1 }).limit(1_000).toArray(),
  'cursor over': async (orders) => {
    for await (const order of orders.find()) order._id;
  },
};

async function fill(orders: Orders): Promise<void> {
  for (let first = 0; first < ORDERS; first += CHUNK) {
    await orders.insertMany(Array.from({ length: CHUNK }, (_, offset) => order(first + offset)));
  }
}

/** Numbers that are spread over the table, the same in every run. */
function order(_id: number): Order {
  const spread = (_id * 7_919) % ORDERS;
  const state = ['paid', 'open', 'void', 'sent'][_id % 4] ?? 'paid';
  return { _id, customer: _id % CUSTOMERS, placedAt: spread, amount: spread % 5_000, state, open: _id % 50 === 0 };
}

/** Resident memory of the database's process, as `ps` gives it in KiB. */
async function memory({ pid }: DatabaseProcess, when: string): Promise<Row> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return { name: `memory of the database process, ${when}`, value: Number(stdout) / 1024, unit: 'MB' };
}

async function medianOf(times: number, work: () => Promise<unknown>): Promise<number> {
  const durations: number[] = [];
  for (let run = 0; run < times; run += 1) durations.push(await timed(work));
  return spreadOf(durations).median;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type mongoose from 'mongoose';
import { type Database, openDatabase } from '../../server/database/index.ts';
import { type BareSqlite, openBareSqlite } from './bare-sqlite.ts';
import type { Row } from './database.ts';
import { spreadOf } from './statistics.ts';

type Person = { _id: number; email: string; name: string; touched: number; stock: number };
type People = mongoose.mongo.Collection<Person>;
/** One operation of the product and what it comes down to in SQLite; both get a number that grows by one a call. */
type Operation = { name: string; callers: number; product: (call: number) => Promise<unknown>; bare: (call: number) => unknown };

const PEOPLE = 1_000;
const ROUNDS = 5;
/** Each operation runs this long a round, the bare one half as long: it has less noise. */
const SLICE = 500;
const silent = { info() {}, warn: console.warn, error: console.error };

/** Op/s through driver and socket, medians of alternating rounds; the ratio is to the same work in SQLite called directly. */
export async function benchOperations(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'service-window-bench-'));
  const database = await openDatabase({ dataDir: join(folder, 'data'), name: 'bench', log: silent });
  const people = Array.from({ length: PEOPLE }, (_, id) => person(id));
  const bare = openBareSqlite(folder, people);
  try {
    const collection = database.connection.collection<Person>('people');
    await collection.createIndex({ email: 1 }, { unique: true });
    await collection.insertMany(people);
    return await measureAll(operationsOf(database, collection, bare));
  } finally {
    bare.close();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function operationsOf({ connection }: Database, people: People, bare: BareSqlite): Operation[] {
  const insert = {
    product: (call: number) => people.insertOne(person(PEOPLE + call)),
    bare: (call: number) => bare.insert(person(PEOPLE + call)),
  };
  const read = {
    product: (call: number) => people.findOne({ _id: call % PEOPLE }),
    bare: (call: number) => bare.read(call % PEOPLE),
  };
  const readByEmail = { ...read, product: (call: number) => people.findOne({ email: emailOf(call % PEOPLE) }) };
  const update = {
    product: (call: number) => people.updateOne({ _id: call % PEOPLE }, { $set: { touched: call } }),
    bare: (call: number) => bare.update(call % PEOPLE),
  };
  const decrement = {
    product: () => people.updateOne({ _id: 0, stock: { $gt: 0 } }, { $inc: { stock: -1 } }),
    bare: () => bare.update(0),
  };
  return [
    { name: 'insertOne, 1 caller', callers: 1, ...insert },
    { name: 'insertOne, 100 callers', callers: 100, ...insert },
    { name: 'findOne by _id, 1 caller', callers: 1, ...read },
    { name: 'findOne by _id, 100 callers', callers: 100, ...read },
    { name: 'findOne by unique e-mail, 1 caller', callers: 1, ...readByEmail },
    { name: 'updateOne $set, 1 caller', callers: 1, ...update },
    { name: 'updateOne $set, 100 callers', callers: 100, ...update },
    { name: 'guarded decrement of one document, 100 callers', callers: 100, ...decrement },
    { name: 'transaction with 3 writes, 1 caller', callers: 1, ...threeWrites(connection, people, bare) },
  ];
}

function threeWrites(connection: mongoose.Connection, people: People, bare: BareSqlite): Pick<Operation, 'product' | 'bare'> {
  const idsAt = (call: number) => [call, call + 1, call + 2].map((each) => each % PEOPLE);
  return {
    product: (call) =>
      connection.transaction(async (session) => {
        for (const _id of idsAt(call)) await people.updateOne({ _id }, { $inc: { touched: 1 } }, { session });
      }),
    bare: (call) => bare.transaction(() => idsAt(call).forEach(bare.update)),
  };
}

async function measureAll(operations: Operation[]): Promise<Row[]> {
  // One counter for all rounds: no insert may meet the number of another.
  let call = 0;
  const figures = operations.map(() => ({ product: [] as number[], bare: [] as number[] }));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [position, operation] of operations.entries()) {
      const product = await measure(SLICE, operation.callers, () => operation.product(call++));
      const bare = await measure(SLICE / 2, 1, async () => operation.bare(call++));
      // The first round is the warm-up.
      if (round > 0) figures[position]?.product.push(product);
      if (round > 0) figures[position]?.bare.push(bare);
    }
  }
  return operations.map(({ name }, position) => {
    const { product = [], bare = [] } = figures[position] ?? {};
    const value = spreadOf(product).median;
    return { name: `${name} (÷ bare SQLite, a commit each)`, value, unit: 'op/s', ratio: value / spreadOf(bare).median };
  });
}

/** Operations a second of `callers` callers that each begin the next one when the last has answered. */
async function measure(duration: number, callers: number, operation: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  let done = 0;
  const caller = async () => {
    while (performance.now() - started < duration) {
      await operation();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return (done * 1_000) / (performance.now() - started);
}

function person(_id: number): Person {
  return { _id, email: emailOf(_id), name: `Person ${_id}`, touched: 0, stock: 1_000_000_000 };
}

function emailOf(id: number): string {
  return `person-${id}@example.com`;
}

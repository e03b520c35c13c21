import assert from 'node:assert/strict';
import type mongoose from 'mongoose';
import { expectIndexesAgree } from './agreement.ts';

type Client = mongoose.mongo.MongoClient;
type Tally = { attempted: number; acknowledged: number };
/** What was tried and what was acknowledged, over all kills. */
type WriteRecord = { inserts: { attempted: Set<number>; acknowledged: Set<number> }; increments: Tally; transfers: Tally };
type Write = (client: Client, record: WriteRecord) => Promise<void>;

/** Writers that note down what the database acknowledged, over any number of kills, and the check that it still knows all of it. */
export type KillWorkload = {
  prepare(client: Client): Promise<void>;
  /** Writes from all sides; at `enough` more acknowledgements calls `interrupt`, and stops once that and every write are done. */
  run(client: Client, enough: number, interrupt: () => Promise<void>): Promise<void>;
  /** Throws if an acknowledged write is gone, a count is out of bounds, a sum is off, or an index disagrees with its documents. */
  verify(client: Client): Promise<void>;
  readonly acknowledged: number;
};

const DATABASE = 'kill';
const ACCOUNTS = ['a', 'b', 'c', 'd'];
const OPENING_BALANCE = 1_000_000;

/** A workload of `writers` inserters, incrementers and transferrers each. */
export function createKillWorkload(writers: number): KillWorkload {
  const record: WriteRecord = {
    inserts: { attempted: new Set(), acknowledged: new Set() },
    increments: { attempted: 0, acknowledged: 0 },
    transfers: { attempted: 0, acknowledged: 0 },
  };
  const total = () => record.inserts.acknowledged.size + record.increments.acknowledged + record.transfers.acknowledged;
  return {
    get acknowledged() {
      return total();
    },
    prepare,
    async run(client, enough, interrupt) {
      const target = total() + enough;
      const reached = Promise.withResolvers<void>();
      let stopped = false;
      const keep = async (write: Write) => {
        while (!stopped) {
          // What fails, even after the driver's own retry, was not acknowledged: it may or may not be there.
          await write(client, record).catch(() => undefined);
          if (total() >= target) reached.resolve();
        }
      };
      const all = [insert, increment, transfer].flatMap((write) => Array.from({ length: writers }, () => keep(write)));
      try {
        await reached.promise;
        await interrupt();
      } finally {
        stopped = true;
      }
      await Promise.all(all);
    },
    verify: (client) => verify(client, record),
  };
}

async function prepare(client: Client): Promise<void> {
  const { notes, counters, accounts, entries } = collections(client);
  await notes.createIndexes([
    { key: { tag: 1, serial: -1 }, name: 'tag' },
    { key: { serial: 1 }, name: 'serial', unique: true },
  ]);
  await entries.createIndexes([{ key: { to: 1, amount: 1 }, name: 'to' }]);
  await counters.insertOne({ _id: 'counter', value: 0 });
  await accounts.insertMany(ACCOUNTS.map((_id) => ({ _id, balance: OPENING_BALANCE })));
}

async function insert(client: Client, { inserts }: WriteRecord): Promise<void> {
  const id = inserts.attempted.size;
  inserts.attempted.add(id);
  await collections(client).notes.insertOne({ _id: id, tag: `tag-${id % 7}`, serial: `n${id}`, text: 'x'.repeat(id % 500) });
  inserts.acknowledged.add(id);
}

async function increment(client: Client, { increments }: WriteRecord): Promise<void> {
  increments.attempted += 1;
  const guard = { _id: 'counter', value: { $gte: 0 } };
  const { modifiedCount } = await collections(client).counters.updateOne(guard, { $inc: { value: 1 } });
  increments.acknowledged += modifiedCount;
}

async function transfer(client: Client, { transfers }: WriteRecord): Promise<void> {
  const number = transfers.attempted;
  transfers.attempted += 1;
  await client.withSession((session) => session.withTransaction(() => move(client, session, number)));
  transfers.acknowledged += 1;
}

async function verify(client: Client, { inserts, increments, transfers }: WriteRecord): Promise<void> {
  const { notes, counters, accounts, entries } = collections(client);
  const present = new Set((await notes.find().toArray()).map(({ _id }) => _id));
  assert.deepEqual(without(inserts.acknowledged, present), [], 'acknowledged inserts are lost');
  assert.deepEqual(without(present, inserts.attempted), [], 'documents that nobody inserted');
  const counter = await counters.findOne();
  within(Number(counter?.value), increments, 'increments');

  const ledger = await entries.find().toArray();
  within(ledger.length, transfers, 'transfers');
  for (const account of await accounts.find().toArray()) {
    const moved = ledger.reduce((sum, { from, to, amount }) => {
      return sum + (to === account._id ? amount : 0) - (from === account._id ? amount : 0);
    }, OPENING_BALANCE);
    assert.equal(account.balance, moved, `the balance of ${account._id} is not what its entries say`);
  }
  for (const name of ['notes', 'counters', 'accounts', 'entries']) await expectIndexesAgree(client.db(DATABASE).collection(name));
}

type Collections = {
  notes: mongoose.mongo.Collection<{ _id: number; tag: string; serial: string; text: string }>;
  counters: mongoose.mongo.Collection<{ _id: string; value: number }>;
  accounts: mongoose.mongo.Collection<{ _id: string; balance: number }>;
  entries: mongoose.mongo.Collection<{ _id: number; from: string; to: string; amount: number }>;
};

function collections(client: Client): Collections {
  const database = client.db(DATABASE);
  return {
    notes: database.collection('notes'),
    counters: database.collection('counters'),
    accounts: database.collection('accounts'),
    entries: database.collection('entries'),
  };
}

async function move(client: Client, session: mongoose.mongo.ClientSession, number: number): Promise<void> {
  const { accounts, entries } = collections(client);
  const from = accountAt(number);
  const to = accountAt(number + 1 + (number % (ACCOUNTS.length - 1)));
  const amount = (number % 90) + 1;
  await accounts.updateOne({ _id: from, balance: { $gte: amount } }, { $inc: { balance: -amount } }, { session });
  await accounts.updateOne({ _id: to }, { $inc: { balance: amount } }, { session });
  await entries.insertOne({ _id: number, from, to, amount }, { session });
}

function accountAt(number: number): string {
  return ACCOUNTS[number % ACCOUNTS.length] ?? 'a';
}

function without(all: Set<number>, some: Set<number>): number[] {
  return [...all].filter((each) => !some.has(each));
}

/** What was in flight at a kill may or may not have been done. */
function within(actual: number, { acknowledged, attempted }: Tally, what: string): void {
  assert.ok(actual >= acknowledged, `${acknowledged} ${what} were acknowledged, only ${actual} are there`);
  assert.ok(actual <= attempted, `${actual} ${what} are there, only ${attempted} were tried`);
}

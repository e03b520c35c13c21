import assert from 'node:assert/strict';
import mongoose from 'mongoose';

type Client = mongoose.mongo.MongoClient;
type Session = mongoose.mongo.ClientSession;
type Account = { _id: number; balance: number; touched: number };
type Entry = { _id: number; slot: string; from: number; to: number; amount: number };

type Accounts = mongoose.mongo.Collection<Account>;
type Entries = mongoose.mongo.Collection<Entry>;

const ACCOUNTS = 8;
const OPENING_BALANCE = 1_000;
const TRANSACTORS = 6;
const PLAIN_WRITERS = 4;
const READERS = 2;

/** What a run of the stress did. */
export type StressCount = { transactions: number; tries: number; duplicatesRefused: number };

/**
 * Transactions, plain writers and snapshot readers over the same few documents, `rounds` each, with a unique index in between.
 * Throws if a sum is off, a snapshot is torn, an increment is lost, a duplicate got in, or a document is left locked.
 */
export async function stressTransactions(client: Client, databaseName: string, rounds: number): Promise<StressCount> {
  const database = client.db(databaseName);
  const accounts = database.collection<Account>('accounts');
  const entries = database.collection<Entry>('entries');
  await entries.createIndex({ slot: 1 }, { unique: true });
  await accounts.insertMany(Array.from({ length: ACCOUNTS }, (_, _id) => ({ _id, balance: OPENING_BALANCE, touched: 0 })));
  const count: StressCount = { transactions: 0, tries: 0, duplicatesRefused: 0 };

  const { transfer, touch, look } = createActors(client, accounts, entries, count, rounds);
  await Promise.all([
    ...repeat(TRANSACTORS, rounds, transfer),
    ...repeat(PLAIN_WRITERS, rounds, touch),
    ...repeat(READERS, rounds, look),
  ]);

  await expectSound(accounts, entries, count, rounds);
  return count;
}

function createActors(client: Client, accounts: Accounts, entries: Entries, count: StressCount, rounds: number) {
  const transfer = async (who: number, round: number) => {
    const from = (who + round) % ACCOUNTS;
    const to = (from + 1 + (round % (ACCOUNTS - 1))) % ACCOUNTS;
    // Two transactors share each slot: only one of them may get it.
    const entry = { _id: who * rounds + round, slot: `${who % (TRANSACTORS / 2)}-${round}`, from, to, amount: (round % 9) + 1 };
    try {
      await inTransaction(client, async (session) => {
        count.tries += 1;
        await move(accounts, entry, session);
        await entries.insertOne(entry, { session });
      });
      count.transactions += 1;
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      count.duplicatesRefused += 1;
    }
  };
  const touch = async (who: number, round: number) => {
    const { modifiedCount } = await accounts.updateOne({ _id: (who * 3 + round) % ACCOUNTS }, { $inc: { touched: 1 } });
    assert.equal(modifiedCount, 1);
    // A statement that fails is rolled back; what the version counter gave out meanwhile must stay given out.
    await assert.rejects(accounts.insertOne({ _id: round % ACCOUNTS, balance: 0, touched: 0 }), isDuplicate);
  };
  const look = () =>
    inTransaction(client, async (session) => {
      const first = await accounts.find({}, { session }).toArray();
      const second = await accounts.find({}, { session }).toArray();
      assert.deepEqual(second, first, 'a snapshot changed while it was read');
      assert.equal(sumOf(first), ACCOUNTS * OPENING_BALANCE, 'a snapshot is torn');
    });
  return { transfer, touch, look };
}

async function expectSound(accounts: Accounts, entries: Entries, count: StressCount, rounds: number): Promise<void> {
  const ledger = await entries.find().toArray();
  const after = await accounts.find().toArray();
  assert.equal(sumOf(after), ACCOUNTS * OPENING_BALANCE);
  for (const { _id, balance } of after) assert.equal(balance, balanceOf(_id, ledger), `account ${_id}`);
  assert.equal(
    after.reduce((sum, { touched }) => sum + touched, 0),
    PLAIN_WRITERS * rounds,
    'increments are lost',
  );
  assert.equal(new Set(ledger.map(({ slot }) => slot)).size, (TRANSACTORS / 2) * rounds);
  assert.equal(ledger.length, count.transactions);
  // Would wait for ever for a transaction that left its claim behind.
  const { modifiedCount } = await accounts.updateMany({}, { $inc: { touched: 1 } });
  assert.equal(modifiedCount, ACCOUNTS);
}

async function inTransaction(client: Client, work: (session: Session) => Promise<void>): Promise<void> {
  await client.withSession((session) => session.withTransaction(() => work(session)));
}

async function move(accounts: Accounts, { from, to, amount }: Entry, session: Session): Promise<void> {
  const source = await accounts.findOne({ _id: from }, { session });
  const target = await accounts.findOne({ _id: to }, { session });
  assert.ok(source && target);
  // Written from what was read: a lost update would show in the sum.
  await accounts.updateOne({ _id: from }, { $set: { balance: source.balance - amount } }, { session });
  await accounts.updateOne({ _id: to }, { $set: { balance: target.balance + amount } }, { session });
}

function repeat(workers: number, rounds: number, work: (who: number, round: number) => Promise<unknown>): Promise<void>[] {
  return Array.from({ length: workers }, async (_, who) => {
    for (let round = 0; round < rounds; round += 1) await work(who, round);
  });
}

function balanceOf(account: number, ledger: Entry[]): number {
  return ledger.reduce((sum, { from, to, amount }) => {
    return sum + (to === account ? amount : 0) - (from === account ? amount : 0);
  }, OPENING_BALANCE);
}

function sumOf(accounts: Account[]): number {
  return accounts.reduce((sum, { balance }) => sum + balance, 0);
}

function isDuplicate(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoServerError && error.code === 11000;
}

import type { mongo } from 'mongoose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../../server/database/index.ts';
import { openTestDatabase } from '../../support/database.ts';

type Account = { _id: string; n?: number; mail?: string };

let database: Database;
let accounts: mongo.Collection<Account>;
let round = 0;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

beforeEach(async () => {
  accounts = database.connection.collection<Account>(`accounts${++round}`) as unknown as mongo.Collection<Account>;
  await accounts.insertMany([
    { _id: 'ming', n: 100 },
    { _id: 'hong', n: 0 },
  ]);
});

/** Runs work with an open transaction that is aborted afterwards unless the work has ended it. */
async function inTransaction(work: (session: mongo.ClientSession) => Promise<void>): Promise<void> {
  const session = await database.connection.startSession();
  session.startTransaction();
  try {
    await work(session);
  } finally {
    if (session.inTransaction()) await session.abortTransaction();
    await session.endSession();
  }
}

const failure = async (promise: Promise<unknown>): Promise<mongo.MongoServerError> =>
  promise.then(
    () => {
      throw new Error('it should have been refused');
    },
    (error: mongo.MongoServerError) => error,
  );

const balanceOf = async (id: string, session?: mongo.ClientSession) => (await accounts.findOne({ _id: id }, { session }))?.n;

describe('a transaction', () => {
  test('is seen by itself at once, by others when it is committed', async () => {
    await inTransaction(async (session) => {
      await accounts.updateOne({ _id: 'ming' }, { $inc: { n: -10 } }, { session });
      await accounts.insertOne({ _id: 'lan', n: 1 }, { session });
      await accounts.deleteOne({ _id: 'hong' }, { session });
      expect(await accounts.find({}, { session }).sort({ _id: 1 }).toArray()).toEqual([
        { _id: 'lan', n: 1 },
        { _id: 'ming', n: 90 },
      ]);
      expect(await accounts.find().sort({ _id: 1 }).toArray()).toEqual([
        { _id: 'hong', n: 0 },
        { _id: 'ming', n: 100 },
      ]);
      await session.commitTransaction();
    });
    expect(await accounts.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 'lan', n: 1 },
      { _id: 'ming', n: 90 },
    ]);
  });

  test('leaves nothing behind when it is aborted', async () => {
    await inTransaction(async (session) => {
      await accounts.updateMany({}, { $set: { n: 7 } }, { session });
      await accounts.insertOne({ _id: 'lan' }, { session });
      await session.abortTransaction();
    });
    expect(await accounts.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 'hong', n: 0 },
      { _id: 'ming', n: 100 },
    ]);
    await accounts.updateOne({ _id: 'ming' }, { $inc: { n: 1 } });
    expect(await balanceOf('ming')).toBe(101);
  });

  test('reads the state it began with, whatever is written meanwhile', async () => {
    await inTransaction(async (session) => {
      expect(await balanceOf('ming', session)).toBe(100);
      await accounts.updateMany({}, { $inc: { n: 5 } });
      await accounts.insertOne({ _id: 'lan' });
      expect(await accounts.find({}, { session }).sort({ _id: 1 }).toArray()).toEqual([
        { _id: 'hong', n: 0 },
        { _id: 'ming', n: 100 },
      ]);
      expect(await accounts.countDocuments({}, { session })).toBe(2);
    });
  });

  test('meets its own writes through an index, in order, and not what it has moved away', async () => {
    await accounts.createIndex({ n: 1 });
    await inTransaction(async (session) => {
      await accounts.updateOne({ _id: 'ming' }, { $set: { n: 20 } }, { session });
      await accounts.insertMany(
        Array.from({ length: 5 }, (_, index) => ({ _id: `new${index}`, n: 15 + 2 * index })),
        { session },
      );
      await accounts.updateOne({ _id: 'new0' }, { $set: { n: 99 } }, { session });
      const found = await accounts
        .find({ n: { $gte: 15, $lt: 99 } }, { session })
        .sort({ n: -1 })
        .toArray();
      expect(found.map(({ n }) => n)).toEqual([23, 21, 20, 19, 17]);
      expect(await accounts.findOne({ n: 100 }, { session })).toBeNull();
    });
  });
});

describe('two who write the same document', () => {
  test('the second transaction is refused with a label that says: run it again', async () => {
    await inTransaction(async (first) => {
      await accounts.updateOne({ _id: 'ming' }, { $inc: { n: 1 } }, { session: first });
      await inTransaction(async (second) => {
        const error = await failure(accounts.updateOne({ _id: 'ming' }, { $inc: { n: 1 } }, { session: second }));
        expect(error.code).toBe(112);
        expect(error.hasErrorLabel('TransientTransactionError')).toBe(true);
      });
      await first.commitTransaction();
    });
    expect(await balanceOf('ming')).toBe(101);
  });

  test('a transaction that wants to write what has changed since its snapshot is refused', async () => {
    await inTransaction(async (session) => {
      expect(await balanceOf('ming', session)).toBe(100);
      await accounts.updateOne({ _id: 'ming' }, { $inc: { n: 1 } });
      const error = await failure(accounts.updateOne({ _id: 'ming' }, { $inc: { n: 1 } }, { session }));
      expect(error.code).toBe(112);
    });
    expect(await balanceOf('ming')).toBe(101);
  });

  test('an update that changes nothing still counts as a write', async () => {
    await inTransaction(async (first) => {
      await accounts.updateOne({ _id: 'ming' }, { $set: { n: 100 } }, { session: first });
      await inTransaction(async (second) => {
        expect((await failure(accounts.deleteOne({ _id: 'ming' }, { session: second }))).code).toBe(112);
      });
    });
  });

  test('a plain write waits for the transaction, then works on what it left', async () => {
    await inTransaction(async (session) => {
      await accounts.updateOne({ _id: 'ming' }, { $inc: { n: -30 } }, { session });
      const plain = accounts.findOneAndUpdate({ _id: 'ming' }, { $inc: { n: 1 } }, { returnDocument: 'after' });
      // Another write gets through meanwhile: only the document is held.
      await accounts.updateOne({ _id: 'hong' }, { $inc: { n: 1 } });
      await session.commitTransaction();
      expect((await plain)?.n).toBe(71);
    });
  });

  test('a plain write that may wait only so long gives up', async () => {
    await inTransaction(async (session) => {
      await accounts.updateOne({ _id: 'ming' }, { $inc: { n: -30 } }, { session });
      expect((await failure(accounts.updateOne({ _id: 'ming' }, { $inc: { n: 1 } }, { maxTimeMS: 30 }))).code).toBe(50);
    });
    expect(await balanceOf('ming')).toBe(100);
  });

  test('many transfers at once keep the sum', async () => {
    const transfers = Array.from({ length: 40 }, (_, index) =>
      database.connection.transaction(async (session) => {
        const [from, to] = index % 2 ? ['ming', 'hong'] : ['hong', 'ming'];
        await accounts.updateOne({ _id: from }, { $inc: { n: -1 } }, { session });
        await accounts.updateOne({ _id: to }, { $inc: { n: 1 } }, { session });
      }),
    );
    await Promise.all(transfers);
    expect([await balanceOf('ming'), await balanceOf('hong')]).toEqual([100, 0]);
  });
});

describe('unique keys and transactions', () => {
  beforeEach(async () => {
    await accounts.createIndex({ mail: 1 }, { unique: true, partialFilterExpression: { mail: { $exists: true } } });
  });

  test('the same key twice in one transaction is refused', async () => {
    await inTransaction(async (session) => {
      await accounts.insertOne({ _id: 'lan', mail: 'x@y' }, { session });
      const error = await failure(accounts.insertOne({ _id: 'mei', mail: 'x@y' }, { session }));
      expect(error.code).toBe(11000);
      expect(error.keyValue).toEqual({ mail: 'x@y' });
    });
  });

  test('a key that another transaction has taken is a conflict; a plain insert waits and is then a duplicate', async () => {
    await inTransaction(async (first) => {
      await accounts.insertOne({ _id: 'lan', mail: 'x@y' }, { session: first });
      await inTransaction(async (second) => {
        expect((await failure(accounts.insertOne({ _id: 'mei', mail: 'x@y' }, { session: second }))).code).toBe(112);
      });
      const plain = failure(accounts.insertOne({ _id: 'mei', mail: 'x@y' }));
      await first.commitTransaction();
      expect((await plain).code).toBe(11000);
    });
  });

  test('a key committed since the snapshot is a conflict, so that the next try sees the duplicate', async () => {
    await inTransaction(async (session) => {
      await accounts.findOne({}, { session });
      await accounts.insertOne({ _id: 'lan', mail: 'x@y' });
      expect((await failure(accounts.insertOne({ _id: 'mei', mail: 'x@y' }, { session }))).code).toBe(112);
    });
  });

  test('a document that keeps its key is no duplicate of itself', async () => {
    await accounts.updateOne({ _id: 'ming' }, { $set: { mail: 'm@y' } });
    await database.connection.transaction(async (session) => {
      await accounts.updateOne({ mail: 'm@y' }, { $inc: { n: 1 } }, { session });
      await accounts.replaceOne({ _id: 'ming' }, { mail: 'm@y', n: 7 }, { session });
    });
    expect(await accounts.findOne({ mail: 'm@y' })).toEqual({ _id: 'ming', mail: 'm@y', n: 7 });
  });

  test('a key given up in the transaction is free in it; two documents may exchange theirs', async () => {
    await accounts.updateOne({ _id: 'ming' }, { $set: { mail: 'm@y' } });
    await accounts.updateOne({ _id: 'hong' }, { $set: { mail: 'h@y' } });
    await database.connection.transaction(async (session) => {
      await accounts.updateOne({ _id: 'ming' }, { $set: { mail: 'none@y' } }, { session });
      await accounts.updateOne({ _id: 'hong' }, { $set: { mail: 'm@y' } }, { session });
      await accounts.updateOne({ _id: 'ming' }, { $set: { mail: 'h@y' } }, { session });
    });
    expect((await accounts.findOne({ mail: 'm@y' }))?._id).toBe('hong');
    expect((await accounts.findOne({ mail: 'h@y' }))?._id).toBe('ming');
    expect((await failure(accounts.insertOne({ _id: 'x', mail: 'h@y' }))).code).toBe(11000);
    await accounts.insertOne({ _id: 'y', mail: 'none@y' });
  });

  test('a document deleted and put back in one transaction is that document', async () => {
    await database.connection.transaction(async (session) => {
      await accounts.deleteOne({ _id: 'ming' }, { session });
      expect(await accounts.findOne({ _id: 'ming' }, { session })).toBeNull();
      await accounts.insertOne({ _id: 'ming', n: 1 }, { session });
    });
    expect(await balanceOf('ming')).toBe(1);
    expect(await accounts.countDocuments()).toBe(2);
  });
});

describe('collections and indexes made in a transaction', () => {
  test('are hidden until the commit, then there with their documents and their uniqueness', async () => {
    const name = `made${round}`;
    await inTransaction(async (session) => {
      const made = await database.connection.createCollection(name, { session });
      await made.createIndex({ mail: 1 }, { unique: true, session });
      await made.insertOne({ mail: 'x@y' }, { session });
      expect((await database.connection.listCollections()).map((one) => one.name)).not.toContain(name);
      expect(await database.connection.collection(name).findOne({})).toBeNull();
      await session.commitTransaction();
    });
    const made = database.connection.collection(name);
    expect(await made.countDocuments()).toBe(1);
    expect((await failure(made.insertOne({ mail: 'x@y' }))).code).toBe(11000);
  });

  test('are gone after an abort', async () => {
    const name = `unmade${round}`;
    await inTransaction(async (session) => {
      await database.connection.collection(name).insertOne({ a: 1 }, { session });
      await session.abortTransaction();
    });
    expect((await database.connection.listCollections()).map((one) => one.name)).not.toContain(name);
  });

  test('an index on a collection that holds documents is refused', async () => {
    await inTransaction(async (session) => {
      expect((await failure(accounts.createIndex({ n: 1 }, { session }))).code).toBe(263);
    });
  });

  test('dropping what a transaction uses waits for its end', async () => {
    await inTransaction(async (session) => {
      await accounts.updateOne({ _id: 'ming' }, { $inc: { n: 1 } }, { session });
      const dropped = accounts.drop();
      expect(await balanceOf('hong', session)).toBe(0);
      await session.commitTransaction();
      await dropped;
    });
    expect(await accounts.countDocuments()).toBe(0);
  });
});

describe('the rules of a transaction', () => {
  test('an error ends it: what comes after finds it gone', async () => {
    await inTransaction(async (session) => {
      await accounts.updateOne({ _id: 'hong' }, { $inc: { n: 1 } }, { session });
      expect((await failure(accounts.insertOne({ _id: 'ming' }, { session }))).code).toBe(11000);
      const error = await failure(accounts.updateOne({ _id: 'hong' }, { $inc: { n: 1 } }, { session }));
      expect(error.code).toBe(251);
      expect(error.hasErrorLabel('TransientTransactionError')).toBe(true);
    });
    expect(await balanceOf('hong')).toBe(0);
  });

  test('commands that cannot be taken back are refused', async () => {
    await inTransaction(async (session) => {
      expect((await failure(database.connection.collection('x').drop({ session }))).code).toBe(263);
    });
    await inTransaction(async (session) => {
      expect((await failure(accounts.aggregate([{ $out: 'copy' }], { session }).toArray())).code).toBe(263);
    });
  });

  test('a cursor of a transaction ends with it', async () => {
    await inTransaction(async (session) => {
      const cursor = accounts.find({}, { session, batchSize: 1 });
      expect(await cursor.next()).not.toBeNull();
      await session.abortTransaction();
      await expect(cursor.next()).rejects.toThrow();
      await cursor.close();
    });
  });

  test('a commit may be sent again and does nothing more', async () => {
    const session = await database.connection.startSession();
    session.startTransaction();
    await accounts.updateOne({ _id: 'ming' }, { $inc: { n: 1 } }, { session });
    await session.commitTransaction();
    await session.commitTransaction();
    await session.endSession();
    expect(await balanceOf('ming')).toBe(101);
  });
});

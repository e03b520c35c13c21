import mongoose, { type mongo } from 'mongoose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../../server/database/index.ts';
import { openTestDatabase } from '../../support/database.ts';

type Field = 'a' | 'added' | 'at' | 'b' | 'first' | 'hit' | 'key' | 'kind' | 'mail' | 'row' | 'state' | 'text' | 'x' | 'z';
type Row = { _id: string | number; n?: number; count?: number; mod?: number | number[] } & Partial<Record<Field, unknown>>;

let database: Database;
let db: mongo.Db;
let rows: mongo.Collection<Row>;
let round = 0;

beforeAll(async () => {
  database = await openTestDatabase();
  if (!database.connection.db) throw new Error('not connected');
  db = database.connection.db;
});
afterAll(() => database.close());
beforeEach(() => {
  rows = db.collection<Row>(`rows${++round}`);
});

/** The error that a promise is refused with. */
const refusal = async (promise: Promise<unknown>): Promise<mongo.MongoServerError> =>
  promise.then(
    (value) => {
      throw new Error(`not refused: ${JSON.stringify(value)}`);
    },
    (error: mongo.MongoServerError) => error,
  );
const code = async (promise: Promise<unknown>) => (await refusal(promise)).code;
const ids = async (cursor: { toArray(): Promise<Row[]> }) => (await cursor.toArray()).map(({ _id }) => _id);
const fill = (count: number) => rows.insertMany(Array.from({ length: count }, (_, n) => ({ _id: n, n, mod: n % 3 })));

describe('insert', () => {
  test('an ordered batch stops at the first error and keeps what came before', async () => {
    const error = await refusal(rows.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 1 }, { _id: 3 }]));
    expect(error).toMatchObject({ code: 11000, result: { insertedCount: 2 } });
    expect(await ids(rows.find())).toEqual([1, 2]);
  });

  test('an unordered one goes on and tells each error with its place', async () => {
    const error = await refusal(rows.insertMany([{ _id: 1 }, { _id: 1 }, { _id: 2 }, { _id: 2 }], { ordered: false }));
    const { writeErrors } = error as mongo.MongoBulkWriteError;
    expect((writeErrors as mongo.WriteError[]).map((one) => [one.index, one.code])).toEqual([
      [1, 11000],
      [3, 11000],
    ]);
    expect(await ids(rows.find())).toEqual([1, 2]);
  });

  test('a duplicate is told in the words of MongoDB, with the key', async () => {
    await rows.createIndex({ mail: 1 }, { unique: true });
    await rows.insertOne({ _id: 1, mail: 'a@b' });
    const error = await refusal(rows.insertOne({ _id: 2, mail: 'a@b' }));
    expect(error).toMatchObject({ code: 11000, keyPattern: { mail: 1 }, keyValue: { mail: 'a@b' } });
    expect(error.message).toBe(`E11000 duplicate key error collection: ${rows.namespace} index: mail_1 dup key: { mail: "a@b" }`);
    expect(await refusal(rows.insertOne({ _id: 1, mail: 'c@d' }))).toMatchObject({
      keyPattern: { _id: 1 },
      keyValue: { _id: 1 },
    });
  });

  test.each<[string, unknown, number]>([
    ['an array', [1], 53],
    ['a regular expression', /x/, 53],
    ['a document with a $ name', { $set: 1 }, 52],
  ])('an _id that is %s is refused', async (_name, _id, expected) => {
    expect(await code(rows.insertOne({ _id: _id as string }))).toBe(expected);
    expect(await rows.findOne({})).toBeNull();
  });

  test('a refused document of an unordered batch leaves no index entry behind', async () => {
    await rows.createIndex({ a: 1 });
    await rows.createIndex({ b: 1 }, { unique: true });
    await rows.insertOne({ _id: 1, a: 1, b: 1 });
    await refusal(rows.insertMany([{ _id: 2, a: 2, b: 1 }], { ordered: false }));
    await rows.insertOne({ _id: 3, a: 3, b: 3 });
    expect(await ids(rows.find({ a: { $gt: 0 } }).hint({ a: 1 }))).toEqual([1, 3]);
  });

  test('two parallel arrays in one index are refused (171)', async () => {
    await rows.createIndex({ a: 1, b: 1 });
    expect(await code(rows.insertOne({ _id: 1, a: [1], b: [2] }))).toBe(171);
  });

  test('an Int64, a whole double and the order of fields come back as they were sent', async () => {
    const sent = { z: mongoose.mongo.Long.fromString('9007199254740993'), a: new mongoose.mongo.Double(3), 5: 'x', _id: 1 };
    await rows.insertOne(sent);
    const stored = await rows.findOne({ _id: 1 }, { promoteValues: false, promoteLongs: false });
    expect(stored?.z).toEqual(sent.z);
    expect(stored?.a).toEqual(sent.a);
  });

  test('a validator is asked, unless it is bypassed or only warns', async () => {
    await db.createCollection(rows.collectionName, { validator: { n: { $gte: 0 } } });
    expect(await refusal(rows.insertOne({ _id: 1, n: -1 }))).toMatchObject({ code: 121, errInfo: { failingDocumentId: 1 } });
    await rows.insertOne({ _id: 2, n: -1 }, { bypassDocumentValidation: true });
    await rows.insertOne({ _id: 3, n: 1 });
    expect(await code(rows.updateOne({ _id: 3 }, { $set: { n: -5 } }))).toBe(121);
    await db.command({ collMod: rows.collectionName, validator: {}, validationLevel: 'off' });
    await rows.updateOne({ _id: 3 }, { $set: { n: -5 } });
  });

  test('a document of more than 16 MB is refused, also when an update would make it', async () => {
    const half = 'x'.repeat(9_000_000);
    await rows.insertOne({ _id: 1, a: half });
    expect(await code(rows.updateOne({ _id: 1 }, { $set: { b: half } }))).toBe(17419);
    const large = { insert: rows.collectionName, documents: [{ _id: 2, a: half, b: half }] };
    expect(await refusal(db.command(large))).toBeDefined();
    expect(await ids(rows.find({}, { projection: { _id: 1 } }))).toEqual([1]);
  });

  test('a batch without documents is refused', async () => {
    expect(await code(db.command({ insert: rows.collectionName, documents: [] }))).toBe(16);
  });
});

describe('update', () => {
  beforeEach(() => fill(6));

  test('counts what matched and what changed', async () => {
    expect(await rows.updateMany({ mod: 1 }, { $set: { mod: 1 } })).toMatchObject({ matchedCount: 2, modifiedCount: 0 });
    expect(await rows.updateMany({ mod: 1 }, { $max: { n: 3 } })).toMatchObject({ matchedCount: 2, modifiedCount: 1 });
    expect(await rows.updateOne({ mod: 7 }, { $set: { n: 1 } })).toMatchObject({
      matchedCount: 0,
      modifiedCount: 0,
      upsertedCount: 0,
    });
  });

  test('an upsert begins with the equalities of its filter', async () => {
    const made = await rows.updateOne(
      { _id: 'a', kind: 'x', n: { $gt: 5 } },
      { $inc: { count: 1 }, $setOnInsert: { first: true } },
      { upsert: true },
    );
    expect(made).toMatchObject({ upsertedId: 'a', upsertedCount: 1, matchedCount: 0 });
    expect(await rows.findOne({ _id: 'a' })).toEqual({ _id: 'a', kind: 'x', count: 1, first: true });
    await rows.updateOne({ _id: 'a' }, { $inc: { count: 1 }, $setOnInsert: { first: false } }, { upsert: true });
    expect(await rows.findOne({ _id: 'a' })).toEqual({ _id: 'a', kind: 'x', count: 2, first: true });
  });

  test('an upsert by replacement takes the id of the filter, or makes one', async () => {
    expect((await rows.replaceOne({ _id: 'b' }, { n: 1 }, { upsert: true })).upsertedId).toBe('b');
    const { upsertedId } = await rows.replaceOne({ kind: 'none' }, { n: 2 }, { upsert: true });
    expect(await rows.findOne({ n: 2, kind: { $exists: false } }, { sort: { _id: -1 } })).toEqual({ _id: upsertedId, n: 2 });
  });

  test.each<[string, object, number, object?]>([
    ['another _id', { $set: { _id: 9 } }, 66],
    ['an unknown modifier', { $frob: { n: 1 } }, 9],
    ['two modifiers on one path', { $set: { n: 1 }, $inc: { n: 1 } }, 40],
    ['an increment of text', { $inc: { text: 1 } }, 14, { $set: { text: 'x' } }],
    ['a pipeline stage that cannot update', [{ $group: { _id: 1 } }], 72],
  ])('%s is refused', async (_name, update, expected, before) => {
    if (before) await rows.updateOne({ _id: 1 }, before as mongo.UpdateFilter<Row>);
    expect(await code(rows.updateOne({ _id: 1 }, update as mongo.UpdateFilter<Row>))).toBe(expected);
  });

  test('a replacement changes one document, never many', async () => {
    const statement = { q: {}, u: { n: 1 }, multi: true };
    expect(await refusal(db.command({ update: rows.collectionName, updates: [statement] }).then(throwWriteError))).toMatchObject({
      code: 9,
    });
  });

  test('of many moves each document once, though its key moves in the index that is read', async () => {
    await rows.createIndex({ n: 1 });
    await rows.updateMany({ n: { $gte: 0 } }, { $inc: { n: 10 } });
    expect((await rows.find().sort({ n: 1 }).toArray()).map(({ n }) => n)).toEqual([10, 11, 12, 13, 14, 15]);
  });

  test('sort says which of several', async () => {
    await rows.updateOne({ mod: 0 }, { $set: { hit: true } }, { sort: { n: -1 } });
    expect(await ids(rows.find({ hit: true }))).toEqual([3]);
    expect((await rows.findOneAndUpdate({ mod: 0 }, { $set: { hit: 2 } }, { sort: { n: 1 } }))?._id).toBe(0);
  });

  test('findOneAndUpdate gives before or after, null where nothing is', async () => {
    expect(await rows.findOneAndUpdate({ _id: 1 }, { $inc: { n: 5 } })).toMatchObject({ n: 1 });
    expect(await rows.findOneAndUpdate({ _id: 1 }, { $inc: { n: 5 } }, { returnDocument: 'after' })).toMatchObject({ n: 11 });
    expect(await rows.findOneAndUpdate({ _id: 99 }, { $inc: { n: 5 } })).toBeNull();
    expect(await rows.findOneAndReplace({ _id: 1 }, { x: 1 }, { returnDocument: 'after' })).toEqual({ _id: 1, x: 1 });
    expect(await rows.findOneAndDelete({ _id: 1 }, { projection: { x: 1, _id: 0 } })).toEqual({ x: 1 });
    expect(await code(db.command({ findAndModify: rows.collectionName, remove: true, update: { $set: { a: 1 } } }))).toBe(9);
    expect(await code(db.command({ findAndModify: rows.collectionName }))).toBe(9);
  });

  test('an upsert of findOneAndUpdate that meets a unique key is a command error', async () => {
    await rows.createIndex({ key: 1 }, { unique: true, sparse: true });
    await rows.insertOne({ _id: 'x', key: 1 });
    expect(await code(rows.findOneAndUpdate({ _id: 'y' }, { $set: { key: 1 } }, { upsert: true }))).toBe(11000);
  });
});

/** A write error stands beside ok: 1; drivers turn it into an exception. */
function throwWriteError(reply: mongo.Document): mongo.Document {
  const [error] = (reply.writeErrors as mongo.Document[] | undefined) ?? [];
  if (error) throw error;
  return reply;
}

describe('delete', () => {
  test('one or all, and a limit of anything else is refused', async () => {
    await fill(6);
    expect((await rows.deleteOne({ mod: 0 })).deletedCount).toBe(1);
    expect((await rows.deleteMany({ mod: { $gt: 0 } })).deletedCount).toBe(4);
    expect((await rows.deleteMany({ x: 1 })).deletedCount).toBe(0);
    const reply = await db.command({ delete: rows.collectionName, deletes: [{ q: {}, limit: 2 }] });
    expect(reply.writeErrors).toMatchObject([{ code: 9 }]);
  });
});

describe('find', () => {
  beforeEach(() => fill(250));

  test('skip, limit and sort, through an index or not', async () => {
    const page = () => ids(rows.find({ mod: 1 }).sort({ n: -1 }).skip(2).limit(3));
    const expected = await page();
    expect(expected).toEqual([241, 238, 235]);
    await rows.createIndex({ mod: 1, n: 1 });
    expect(await page()).toEqual(expected);
  });

  test('batches come one after the other, the first with 101', async () => {
    const cursor = rows.find();
    await cursor.hasNext();
    expect(cursor.bufferedCount()).toBe(101);
    expect(await cursor.toArray()).toHaveLength(250);
    expect(await rows.find().batchSize(7).toArray()).toHaveLength(250);
    const single = await db.command({ find: rows.collectionName, batchSize: 3, singleBatch: true });
    expect([single.cursor.firstBatch.length, Number(single.cursor.id)]).toEqual([3, 0]);
  });

  test('a cursor is known by its number and its collection until it is killed', async () => {
    const { cursor } = await db.command({ find: rows.collectionName, batchSize: 1 }, { promoteLongs: false });
    expect(await code(db.command({ getMore: cursor.id, collection: 'another' }))).toBe(13);
    const killed = await db.command({ killCursors: rows.collectionName, cursors: [cursor.id] });
    expect(killed.cursorsKilled).toHaveLength(1);
    expect(await code(db.command({ getMore: cursor.id, collection: rows.collectionName }))).toBe(43);
  });

  test('a cursor over a collection that was dropped ends with an error, not with half a result', async () => {
    const cursor = rows.find({}, { batchSize: 2 });
    await cursor.next();
    await rows.drop();
    expect((await refusal(cursor.toArray())).code).toBe(175);
  });

  test.each<[string, object, number]>([
    ['an unknown operator', { filter: { a: { $frob: 1 } } }, 2],
    ['a negative skip', { skip: -1 }, 51024],
    ['a filter that is no document', { filter: 'x' }, 14],
    ['a hint that names no index', { hint: 'none' }, 2],
    ['a sort by nothing known', { sort: { n: 'up' } }, 15974],
    ['$near without a geo index', { filter: { at: { $near: { $geometry: { type: 'Point', coordinates: [1, 2] } } } } }, 291],
  ])('%s is refused', async (_name, options, expected) => {
    expect(await code(db.command({ find: rows.collectionName, ...options }))).toBe(expected);
  });

  test('distinct opens arrays and counts each value once', async () => {
    await rows.insertOne({ _id: 'x', mod: [1, 7] });
    expect((await rows.distinct('mod')).sort()).toEqual([0, 1, 2, 7]);
  });

  test('counting', async () => {
    expect(await rows.estimatedDocumentCount()).toBe(250);
    expect(await rows.countDocuments()).toBe(250);
    expect(await rows.countDocuments({ mod: 1 })).toBe(83);
    expect(await rows.countDocuments({ mod: 1 }, { skip: 80, limit: 2 })).toBe(2);
    expect(await rows.countDocuments({ mod: 9 })).toBe(0);
    expect((await db.command({ count: rows.collectionName, query: { mod: 1 }, limit: 5 })).n).toBe(5);
  });

  test('explain tells which index', async () => {
    const stage = async (filter: object) => (await rows.find(filter).explain('queryPlanner')).queryPlanner.winningPlan;
    expect(await stage({ n: 5 })).toMatchObject({ stage: 'COLLSCAN' });
    await rows.createIndex({ n: 1 });
    expect(await stage({ n: 5 })).toMatchObject({ stage: 'FETCH', inputStage: { stage: 'IXSCAN', indexName: 'n_1' } });
    expect(await stage({ _id: 5 })).toMatchObject({ stage: 'IDHACK' });
  });
});

describe('indexes', () => {
  test('made again they are as they were; in the way of another they are refused', async () => {
    await rows.createIndex({ a: 1 });
    await rows.createIndex({ a: 1 });
    expect(await code(rows.createIndex({ a: 1 }, { unique: true }))).toBe(86);
    expect(await code(rows.createIndex({ a: 1 }, { name: 'other' }))).toBe(85);
    expect(await code(rows.createIndex({ b: 1 }, { name: 'a_1' }))).toBe(86);
    expect(await code(rows.createIndex({ a: 1 }, { expireAfterSeconds: 5 }))).toBe(85);
    expect((await rows.indexes()).map(({ name }) => name)).toEqual(['_id_', 'a_1']);
  });

  test('a unique one over duplicates is refused and leaves nothing', async () => {
    await rows.insertMany([
      { _id: 1, a: 1 },
      { _id: 2, a: 1 },
    ]);
    expect(await code(rows.createIndex({ a: 1 }, { unique: true }))).toBe(11000);
    expect(await rows.indexes()).toHaveLength(1);
    await rows.createIndex({ a: 1 });
  });

  test('partial uniqueness counts only what the filter takes', async () => {
    await rows.createIndex({ key: 1 }, { unique: true, partialFilterExpression: { state: 'open' } });
    await rows.insertMany([
      { _id: 1, key: 1, state: 'done' },
      { _id: 2, key: 1, state: 'open' },
    ]);
    expect(await code(rows.updateOne({ _id: 1 }, { $set: { state: 'open' } }))).toBe(11000);
    await rows.updateOne({ _id: 2 }, { $set: { state: 'done' } });
    await rows.updateOne({ _id: 1 }, { $set: { state: 'open' } });
  });

  test('an index over what is stored finds the same as a scan, arrays and missing fields too', async () => {
    await rows.insertMany([{ _id: 1, a: [1, 2] }, { _id: 2, a: null }, { _id: 3 }, { _id: 4, a: 2 }, { _id: 5, a: [] }]);
    const filters = [{ a: 2 }, { a: null }, { a: { $gt: 0 } }, { a: [] }, { a: { $exists: false } }, { a: { $in: [1, null] } }];
    const scanned = await Promise.all(filters.map((filter) => ids(rows.find(filter).sort({ _id: 1 }))));
    await rows.createIndex({ a: -1 });
    expect(await Promise.all(filters.map((filter) => ids(rows.find(filter).sort({ _id: 1 }))))).toEqual(scanned);
  });

  test.each<[string, mongo.IndexSpecification, mongo.CreateIndexesOptions, number]>([
    ['an unknown direction', { a: 'up' as never }, {}, 67],
    ['a direction of zero', { a: 0 as never }, {}, 67],
    ['an empty key', {}, {}, 67],
    ['an empty path', { 'a.': 1 }, {}, 67],
    ['an expiry over two fields', { a: 1, b: 1 }, { expireAfterSeconds: 1 }, 67],
    ['an expiry in the past', { a: 1 }, { expireAfterSeconds: -1 }, 67],
    ['sparse and partial together', { a: 1 }, { sparse: true, partialFilterExpression: { b: 1 } }, 67],
    ['a text index', { a: 'text' }, {}, 115],
    ['a wildcard index', { '$**': 1 }, {}, 115],
    ['a collation', { a: 1 }, { collation: { locale: 'zh' } }, 115],
  ])('%s is refused', async (_name, key, options, expected) => {
    expect(await code(rows.createIndex(key, options))).toBe(expected);
    expect(await db.listCollections({ name: rows.collectionName }).toArray()).toEqual([]);
  });

  test('what is not there cannot be dropped or listed', async () => {
    expect(await code(rows.dropIndex('x'))).toBe(26);
    expect(await code(rows.indexes())).toBe(26);
    await rows.createIndex({ a: 1 });
    expect(await code(rows.dropIndex('x'))).toBe(27);
    expect(await code(rows.dropIndex('_id_'))).toBe(72);
    await rows.dropIndex('a_1');
    await rows.createIndexes([{ key: { a: 1 } }, { key: { b: 1 } }]);
    await rows.dropIndexes();
    expect(await rows.indexes()).toHaveLength(1);
  });

  test('a 2dsphere index takes points and refuses what is none', async () => {
    await rows.createIndex({ at: '2dsphere' });
    await rows.insertOne({ _id: 1, at: { type: 'Point', coordinates: [121.47, 31.23] } });
    await rows.insertOne({ _id: 2 });
    expect(await code(rows.insertOne({ _id: 3, at: { type: 'Point' } }))).toBe(16755);
    expect(await code(rows.insertOne({ _id: 4, at: { type: 'Point', coordinates: [200, 95] } }))).toBe(16755);
    const near = { $near: { $geometry: { type: 'Point', coordinates: [121.48, 31.23] }, $maxDistance: 2_000 } };
    expect(await ids(rows.find({ at: near }))).toEqual([1]);
  });
});

describe('collections', () => {
  test('are made once, listed, renamed and dropped', async () => {
    await db.createCollection(rows.collectionName);
    expect(await code(db.createCollection(rows.collectionName))).toBe(48);
    await rows.createIndex({ a: 1 }, { unique: true });
    await rows.insertOne({ _id: 1, a: 1 });
    const renamed = `renamed${round}`;
    await rows.rename(renamed);
    expect(await code(db.collection(renamed).insertOne({ a: 1 }))).toBe(11000);
    await rows.insertOne({ _id: 2 });
    expect(await code(rows.rename(renamed))).toBe(48);
    await rows.rename(renamed, { dropTarget: true });
    expect(await ids(db.collection<Row>(renamed).find())).toEqual([2]);
    expect(await code(rows.rename('x'))).toBe(26);
    await db.collection(renamed).drop();
    expect(await db.listCollections({ name: renamed }).toArray()).toEqual([]);
    expect(await db.dropCollection('never')).toBe(true);
  });

  test.each(['$a', 'a$b', '.a', 'a.', 'x'.repeat(300)])('the name %s is refused', async (name) => {
    expect(await code(db.command({ create: name }))).toBe(73);
  });

  test('databases are listed and dropped with all that is in them', async () => {
    const other = database.connection.useDb(`${db.databaseName}-other`);
    await other.collection('a').insertOne({ n: 1 });
    const names = async () => (await db.admin().listDatabases()).databases.map(({ name }) => name);
    expect(await names()).toContain(other.name);
    await other.dropDatabase();
    expect(await names()).not.toContain(other.name);
  });
});

describe('aggregate', () => {
  beforeEach(() => fill(30));

  test('a leading match, sort and limit go through an index', async () => {
    await rows.createIndex({ n: 1 });
    const pipeline = [
      { $match: { n: { $lt: 20 } } },
      { $sort: { n: -1 } },
      { $skip: 1 },
      { $limit: 2 },
      { $project: { n: 1, _id: 0 } },
    ];
    expect(await rows.aggregate(pipeline).toArray()).toEqual([{ n: 18 }, { n: 17 }]);
    const plan = await rows.aggregate([{ $match: { n: 3 } }]).explain('queryPlanner');
    expect(plan.queryPlanner.winningPlan.inputStage.stage).toBe('IXSCAN');
  });

  test('groups, and counts as countDocuments asks', async () => {
    const groups = await rows.aggregate([{ $group: { _id: '$mod', sum: { $sum: '$n' } } }, { $sort: { _id: 1 } }]).toArray();
    expect(groups).toEqual([
      { _id: 0, sum: 135 },
      { _id: 1, sum: 145 },
      { _id: 2, sum: 155 },
    ]);
    expect(await rows.aggregate([{ $match: { mod: 1 } }, { $group: { _id: null, n: { $sum: 1 } } }]).toArray()).toEqual([
      { _id: null, n: 10 },
    ]);
  });

  test('$lookup reads the other collection through its index', async () => {
    const other = db.collection<Row>(`other${round}`);
    await other.insertMany([
      { _id: 'a', row: 3 },
      { _id: 'b', row: 3 },
      { _id: 'c', row: 4 },
    ]);
    await other.createIndex({ row: 1 });
    const joined = await rows
      .aggregate([
        { $match: { _id: { $in: [3, 5] } } },
        { $lookup: { from: other.collectionName, localField: '_id', foreignField: 'row', as: 'found' } },
      ])
      .toArray();
    expect(joined.map(({ found }) => found.map((one: Row) => one._id))).toEqual([['a', 'b'], []]);
  });

  test('$out replaces a collection and keeps its indexes; $merge adds to one', async () => {
    const target = db.collection<Row>(`target${round}`);
    await target.createIndex({ n: 1 });
    await target.insertOne({ _id: 'old' });
    await rows.aggregate([{ $match: { n: { $lt: 2 } } }, { $out: target.collectionName }]).toArray();
    expect(await ids(target.find())).toEqual([0, 1]);
    expect(await target.indexes()).toHaveLength(2);
    await rows
      .aggregate([{ $match: { n: { $in: [1, 2] } } }, { $project: { added: '$n' } }, { $merge: target.collectionName }])
      .toArray();
    expect(await target.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 0, n: 0, mod: 0 },
      { _id: 1, n: 1, mod: 1, added: 1 },
      { _id: 2, added: 2 },
    ]);
    const keep = { into: target.collectionName, whenMatched: 'fail' };
    expect(await code(rows.aggregate([{ $match: { n: 1 } }, { $merge: keep }]).toArray())).toBe(11000);
    const discard = { into: target.collectionName, whenNotMatched: 'fail' };
    expect(await code(rows.aggregate([{ $match: { n: 9 } }, { $merge: discard }]).toArray())).toBe(13113);
  });

  test('$geoNear goes from near to far and wants an index', async () => {
    const point = (lng: number) => ({ type: 'Point', coordinates: [lng, 0] });
    const stage = { $geoNear: { near: point(0), distanceField: 'far.metres', maxDistance: 300_000 } };
    expect(await code(rows.aggregate([stage]).toArray())).toBe(27);
    await rows.createIndex({ at: '2dsphere' });
    await rows.insertMany([
      { _id: 'b', at: point(2) },
      { _id: 'a', at: point(1) },
      { _id: 'c', at: point(9) },
    ]);
    const found = await rows.aggregate([stage]).toArray();
    expect(found.map(({ _id, far }) => [_id, Math.round(far.metres / 1_000)])).toEqual([
      ['a', 111],
      ['b', 223],
    ]);
  });

  test.each<[string, object[], number]>([
    ['an unknown stage', [{ $frob: 1 }], 40324],
    ['two names in one stage', [{ $match: {}, $limit: 1 }], 40323],
    ['$out before the end', [{ $out: 'x' }, { $match: {} }], 40601],
    ['$near in a match', [{ $match: { at: { $near: [0, 0] } } }], 5626500],
    ['a change stream', [{ $changeStream: {} }], 40573],
  ])('%s is refused', async (_name, pipeline, expected) => {
    expect(await code(rows.aggregate(pipeline).toArray())).toBe(expected);
  });
});

describe('the client bulk write of 8.0', () => {
  const bulk = (ops: mongo.Document[], more: mongo.Document = {}) =>
    db
      .admin()
      .command({ bulkWrite: 1, ops, nsInfo: [{ ns: rows.namespace }, { ns: `${db.databaseName}.second${round}` }], ...more });

  test('works on several collections and counts', async () => {
    const reply = await bulk([
      { insert: 0, document: { _id: 1, n: 1 } },
      { insert: 1, document: { _id: 1 } },
      { update: 0, filter: { _id: 1 }, updateMods: { $inc: { n: 1 } } },
      { update: 0, filter: { _id: 2 }, updateMods: { $set: { n: 5 } }, upsert: true },
      { delete: 1, filter: {}, multi: true },
    ]);
    expect(reply).toMatchObject({ nErrors: 0, nInserted: 2, nMatched: 1, nModified: 1, nUpserted: 1, nDeleted: 1 });
    expect(reply.cursor.firstBatch[3]).toMatchObject({ ok: 1, idx: 3, n: 1, upserted: { _id: 2 } });
  });

  test('stops at an error, or goes on', async () => {
    const ops = [1, 1, 2].map((_id) => ({ insert: 0, document: { _id } }));
    const ordered = await bulk(ops, { errorsOnly: true });
    expect(ordered).toMatchObject({ nErrors: 1, nInserted: 1, cursor: { firstBatch: [{ ok: 0, idx: 1, code: 11000 }] } });
    expect(await bulk(ops, { ordered: false })).toMatchObject({ nErrors: 2, nInserted: 1 });
    expect(await ids(rows.find())).toEqual([1, 2]);
  });

  test('is an admin command', async () => {
    expect(await code(db.command({ bulkWrite: 1, ops: [{ insert: 0, document: {} }], nsInfo: [{ ns: rows.namespace }] }))).toBe(
      13,
    );
  });
});

describe('what only a real MongoDB can do', () => {
  const refused: Array<[string, () => Promise<unknown>]> = [
    ['a collation', () => rows.find({}, { collation: { locale: 'zh' } }).toArray()],
    ['a view', () => db.createCollection('v', { viewOn: 'x', pipeline: [] })],
    ['a time series', () => db.createCollection('t', { timeseries: { timeField: 'at' } })],
    ['a capped collection', () => db.createCollection('c', { capped: true, size: 1_000 })],
    ['a tailable cursor', () => rows.find({}, { tailable: true }).toArray()],
    ['$where', () => rows.find({ $where: 'true' }).toArray()],
    ['$text', () => rows.find({ $text: { $search: 'x' } }).toArray()],
    ['$jsonSchema', () => rows.find({ $jsonSchema: {} }).toArray()],
    ['a text index', () => rows.createIndex({ a: 'text' })],
    ['a change stream', () => rows.watch().next()],
    ['a snapshot read', () => db.command({ find: rows.collectionName, readConcern: { level: 'snapshot' } })],
    ['map and reduce', () => db.command({ mapReduce: rows.collectionName, map: 'x', reduce: 'y', out: { inline: 1 } })],
    ['authentication', () => db.admin().command({ saslStart: 1, mechanism: 'PLAIN', payload: '' })],
  ];

  test.each(refused)('%s is refused with a text that says where to get it', async (_name, attempt) => {
    const error = await refusal(attempt());
    expect(error.message).toContain('not supported by the embedded database');
    expect(error.message).toContain('MONGODB_URI');
  });
});

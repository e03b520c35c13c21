import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type mongoose from 'mongoose';
import { oddScalar, oddValue } from './odd-values.ts';

type Document = mongoose.mongo.Document;
type Collection = mongoose.mongo.Collection<{ _id: number; [field: string]: unknown }>;
type Index = { key: Order; sparse?: boolean; partialFilterExpression?: Document };
/** Ends in `_id`, since only an order without ties can be compared. */
type Order = Record<string, 1 | -1>;
type Query = { filter: Document; order?: Order; limit?: number; skip?: number };
type World = { documents: Document[]; indexes: Index[]; queries: Query[] };

/** How many queries were asked, and for how many of them the planner took an index. */
export type FuzzCount = { queries: number; indexed: number };

/**
 * Asks random queries of random documents under random indexes: what an index answers must be what a scan without any answers.
 * Throws with the smallest counterexample; `worlds` is the number of collections tried.
 */
export async function fuzzPlanner(database: mongoose.mongo.Db, worlds: number): Promise<FuzzCount> {
  const count: FuzzCount = { queries: 0, indexed: 0 };
  const property = fc.asyncProperty(world, async ({ documents, indexes, queries }) => {
    const collection = await database.createCollection<{ _id: number }>(`fuzz-${randomUUID()}`);
    try {
      await fill(collection, documents, indexes);
      for (const query of queries) {
        count.queries += 1;
        if (await agrees(collection, query)) count.indexed += 1;
      }
    } finally {
      await collection.drop();
    }
  });
  await fc.assert(property, { numRuns: worlds });
  return count;
}

const path = fc.oneof(
  { weight: 5, arbitrary: fc.constant('a') },
  { weight: 3, arbitrary: fc.constant('b') },
  { weight: 2, arbitrary: fc.constantFrom('c', 'a.x', 'b.x', 'a.y', 'c.0') },
);
const direction = fc.constantFrom<1 | -1>(1, -1);
const scalarType = fc.constantFrom('number', 'string', 'null', 'bool', 'date', 'objectId', 'array', 'object', 'long', 'double');

const condition: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: oddValue },
  { weight: 5, arbitrary: fc.tuple(fc.constantFrom('$eq', '$gt', '$gte', '$lt', '$lte', '$ne'), oddScalar).map(entry) },
  fc.tuple(fc.constantFrom('$eq', '$gt', '$lte', '$ne'), oddValue).map(entry),
  { weight: 2, arbitrary: fc.tuple(oddScalar, oddScalar).map(([low, high]) => ({ $gte: low, $lt: high })) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('$in', '$nin'), fc.array(oddValue, { maxLength: 4 })).map(entry) },
  fc.boolean().map((exists) => ({ $exists: exists })),
  scalarType.map((type) => ({ $type: type })),
  fc.tuple(fc.constantFrom('$gt', '$lt', '$eq'), oddScalar).map((inner) => ({ $not: entry(inner) })),
  fc.tuple(fc.constantFrom('$gt', '$lt', '$eq'), oddScalar).map((inner) => ({ $elemMatch: entry(inner) })),
  oddScalar.map((x) => ({ $elemMatch: { x } })),
  fc.array(oddScalar, { minLength: 1, maxLength: 2 }).map((all) => ({ $all: all })),
  fc.integer({ min: 0, max: 3 }).map((size) => ({ $size: size })),
  fc.constantFrom('^a', 'a', '^$').map((pattern) => ({ $regex: pattern })),
);

const simpleFilter = fc.dictionary(path, condition, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
const filter: fc.Arbitrary<Document> = fc.oneof(
  { weight: 5, arbitrary: simpleFilter },
  fc.tuple(fc.constantFrom('$and', '$or', '$nor'), fc.array(simpleFilter, { minLength: 1, maxLength: 3 })).map(entry),
  fc.tuple(simpleFilter, fc.array(simpleFilter, { minLength: 1, maxLength: 2 })).map(([outer, $or]) => ({ ...outer, $or })),
);

const fields = fc.dictionary(path, direction, { minKeys: 1, maxKeys: 2, noNullPrototype: true });
const order: fc.Arbitrary<Order> = fc.tuple(fields, direction).map(([first, _id]) => ({ ...first, _id }));

const index: fc.Arbitrary<Index> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ key: fc.oneof(fields, order) }) },
  fc.record({ key: fields, sparse: fc.constant(true) }),
  fc.record({
    key: fc.oneof(fields, order),
    partialFilterExpression: fc.oneof(
      fc.tuple(path, fc.constantFrom('$gt', '$lte', '$eq'), oddScalar).map(([field, ...one]) => ({ [field]: entry(one) })),
      path.map((field) => ({ [field]: { $exists: true } })),
    ),
  }),
);

const query: fc.Arbitrary<Query> = fc.oneof(
  fc.record({ filter }),
  fc.record({
    filter: fc.oneof(filter, fc.constant({})),
    order,
    limit: fc.integer({ min: 0, max: 20 }),
    skip: fc.integer({ min: 0, max: 3 }),
  }),
);

const world: fc.Arbitrary<World> = fc.record({
  documents: fc.array(fc.record({ a: oddValue, b: oddValue, c: oddValue }, { requiredKeys: [] }), {
    minLength: 5,
    maxLength: 40,
  }),
  indexes: fc.array(index, { minLength: 1, maxLength: 5 }),
  queries: fc.array(query, { minLength: 20, maxLength: 20 }),
});

/** Half of the indexes are there before the documents, half are built over them. */
async function fill(collection: Collection, documents: Document[], indexes: Index[]): Promise<void> {
  for (const [position, each] of indexes.entries()) if (position % 2 === 0) await createIndex(collection, each);
  await refused([171], () =>
    collection.insertMany(
      documents.map((document, _id) => ({ ...document, _id })),
      { ordered: false },
    ),
  );
  for (const [position, each] of indexes.entries()) if (position % 2 === 1) await createIndex(collection, each);
  // Some index keys must go and come back.
  await collection.deleteMany({ _id: { $mod: [7, 3] } });
  await refused([171], () => collection.updateMany({ _id: { $mod: [5, 2] } }, { $rename: { a: 'b' } }));
}

/** No index holds two arrays side by side, two may not differ in options alone, and a regular expression is no bound (code 2). */
async function createIndex(collection: Collection, { key, ...options }: Index): Promise<void> {
  const name = `${JSON.stringify(key)}${JSON.stringify(options)}`.slice(0, 100);
  await refused([2, 85, 86, 171], () => collection.createIndex(key, { ...options, name }));
}

/** Throws unless the planner's answer equals the scan's; answers whether an index was used. */
async function agrees(collection: Collection, { filter, order, ...window }: Query): Promise<boolean> {
  const options = { ...window, ...(order ? { sort: order } : {}) };
  const planned = await answer(collection, filter, options);
  const scanned = await answer(collection, filter, { ...options, hint: { $natural: 1 } });
  assert.deepEqual(planned, scanned, `${JSON.stringify(filter)} ${JSON.stringify(options)}`);
  if (typeof planned === 'number') return false;
  const plan = await collection.find(filter, options).explain();
  return JSON.stringify(plan).includes('IXSCAN');
}

/** The ids that a query finds, in order where it asks for one, or the code with which it is refused. */
async function answer(collection: Collection, filter: Document, options: mongoose.mongo.FindOptions): Promise<number[] | number> {
  try {
    const ids = (await collection.find(filter, options).toArray()).map(({ _id }) => _id);
    return options.sort ? ids : ids.sort((left, right) => left - right);
  } catch (error) {
    return codeOf(error);
  }
}

async function refused(codes: number[], write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!codes.includes(codeOf(error))) throw error;
  }
}

function codeOf(error: unknown): number {
  if (error instanceof Error && 'code' in error && typeof error.code === 'number') return error.code;
  throw error;
}

function entry([key, value]: readonly [string, unknown]): Document {
  return { [key]: value };
}

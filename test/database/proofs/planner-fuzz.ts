import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type mongoose from 'mongoose';
import { type Index, type Order, type Query, world } from './planner-world.ts';

type Document = mongoose.mongo.Document;
type Collection = mongoose.mongo.Collection<{ _id: number; [field: string]: unknown }>;
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
        if (await agrees(collection, indexes, query)) count.indexed += 1;
      }
    } finally {
      await collection.drop();
    }
  });
  await fc.assert(property, { numRuns: worlds });
  return count;
}

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
async function agrees(collection: Collection, indexes: Index[], { filter, order, ...window }: Query): Promise<boolean> {
  const options = { ...window, ...(order ? { sort: orderIn(indexes, order) } : {}) };
  const planned = await answer(collection, filter, options);
  const scanned = await answer(collection, filter, { ...options, hint: { $natural: 1 } });
  assert.deepEqual(planned, scanned, `${JSON.stringify(filter)} ${JSON.stringify(options)}`);
  if (typeof planned === 'number') return false;
  const plan = await collection.find(filter, options).explain();
  return JSON.stringify(plan).includes('IXSCAN');
}

/** An order of its own, or that of an index forwards or backwards; always with `_id` last, so that there are no ties. */
function orderIn(indexes: Index[], order: NonNullable<Query['order']>): Order {
  const key = 'key' in order ? order.key : (indexes[order.ofIndex % indexes.length]?.key ?? {});
  const from = 'key' in order ? 0 : order.from;
  const turned = Object.entries(key)
    .slice(from)
    .map(([path, direction]) => [path, order.isReversed ? -direction : direction]);
  const sort = Object.fromEntries(turned);
  return '_id' in sort ? sort : { ...sort, _id: 1 };
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

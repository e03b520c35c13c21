import fc from 'fast-check';
import type mongoose from 'mongoose';
import { deepValue, nearInteger, nearScalar, oddScalar, oddValue } from './odd-values.ts';

type Document = mongoose.mongo.Document;

export type Order = Record<string, 1 | -1>;
export type Index = { key: Order; sparse?: boolean; partialFilterExpression?: Document };
/** The order of an index, from its field number `from` on, is named by the index's place: a random order is hardly ever that of an index. */
export type Query = {
  filter: Document;
  order?: ({ key: Order } | { ofIndex: number; from: number }) & { isReversed: boolean };
  limit?: number;
  skip?: number;
};
export type World = { documents: Document[]; indexes: Index[]; queries: Query[] };

const direction = fc.constantFrom<1 | -1>(1, -1);
const scalarType = fc.constantFrom('number', 'string', 'null', 'bool', 'date', 'objectId', 'array', 'object', 'long', 'double');

const condition: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: nearScalar },
  { weight: 3, arbitrary: fc.array(nearScalar, { minLength: 1, maxLength: 3 }).map((values) => ({ $in: values })) },
  { weight: 3, arbitrary: fc.tuple(nearInteger, nearInteger).map(([low, high]) => ({ $gte: low, $lt: high })) },
  { weight: 3, arbitrary: oddValue },
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom('$eq', '$gt', '$gte', '$lt', '$lte', '$ne'), oddScalar).map(entry) },
  fc.tuple(fc.constantFrom('$eq', '$gt', '$lte', '$ne'), oddValue).map(entry),
  fc.tuple(oddScalar, oddScalar).map(([low, high]) => ({ $gt: low, $lte: high })),
  fc.tuple(fc.constantFrom('$in', '$nin'), fc.array(oddValue, { maxLength: 4 })).map(entry),
  fc.boolean().map((exists) => ({ $exists: exists })),
  scalarType.map((type) => ({ $type: type })),
  fc.tuple(fc.constantFrom('$gt', '$lt', '$eq'), oddScalar).map((inner) => ({ $not: entry(inner) })),
  fc.tuple(fc.constantFrom('$gt', '$lt', '$eq'), oddScalar).map((inner) => ({ $elemMatch: entry(inner) })),
  nearScalar.map((x) => ({ $elemMatch: { x } })),
  fc.array(oddScalar, { minLength: 1, maxLength: 2 }).map((all) => ({ $all: all })),
  fc.integer({ min: 0, max: 3 }).map((size) => ({ $size: size })),
  fc.constantFrom('^a', 'a', '^$').map((pattern) => ({ $regex: pattern })),
);

/** Few paths a world, so that documents, indexes and queries meet. */
const flat = worldOf(fc.record({ a: oddValue, b: oddValue, c: oddValue }, { requiredKeys: [] }), [
  'a',
  'a',
  'b',
  'b',
  'c',
  'c.0',
]);
const deep = worldOf(fc.record({ a: deepValue, b: oddValue }, { requiredKeys: [] }), ['a.x', 'a.x', 'a.y', 'a.y', 'b', 'a']);

/** A collection with its indexes, and what is asked of it. */
export const world: fc.Arbitrary<World> = fc.oneof(flat, deep);

function worldOf(document: fc.Arbitrary<Document>, paths: string[]): fc.Arbitrary<World> {
  const path = fc.constantFrom(...paths);
  const fields = fc.uniqueArray(path, { minLength: 1, maxLength: 2, size: 'max' }).chain(directed);
  const key: fc.Arbitrary<Order> = fc.oneof(
    fields,
    fc.tuple(fields, direction).map(([first, _id]) => ({ ...first, _id })),
  );
  return fc.record({
    documents: fc.array(document, { minLength: 5, maxLength: 40, size: 'max' }),
    indexes: fc.array(indexOf(path, fields, key), { minLength: 1, maxLength: 4 }),
    queries: fc.array(queryOf(path, key), { minLength: 20, maxLength: 20 }),
  });
}

function indexOf(path: fc.Arbitrary<string>, fields: fc.Arbitrary<Order>, key: fc.Arbitrary<Order>): fc.Arbitrary<Index> {
  const partialFilterExpression = fc.oneof(
    fc.tuple(path, fc.constantFrom('$gt', '$lte', '$eq'), oddScalar).map(([field, ...one]) => ({ [field]: entry(one) })),
    path.map((field) => ({ [field]: { $exists: true } })),
  );
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ key }) },
    fc.record({ key: fields, sparse: fc.constant(true) }),
    fc.record({ key, partialFilterExpression }),
  );
}

function queryOf(path: fc.Arbitrary<string>, key: fc.Arbitrary<Order>): fc.Arbitrary<Query> {
  const simple = fc.dictionary(path, condition, { minKeys: 1, maxKeys: 3, size: 'max', noNullPrototype: true });
  const several = fc.array(simple, { minLength: 1, maxLength: 3 });
  const filter: fc.Arbitrary<Document> = fc.oneof(
    { weight: 5, arbitrary: simple },
    fc.tuple(fc.constantFrom('$and', '$or', '$nor'), several).map(entry),
    fc.tuple(simple, several).map(([outer, $or]) => ({ ...outer, $or })),
  );
  const isReversed = fc.boolean();
  const order = fc.oneof(fc.record({ key, isReversed }), fc.record({ ofIndex: fc.nat(3), from: fc.nat(1), isReversed }));
  const limit = fc.integer({ min: 0, max: 20 });
  const skip = fc.integer({ min: 0, max: 3 });
  return fc.oneof(fc.record({ filter }), fc.record({ filter: fc.oneof(filter, fc.constant({})), order, limit, skip }));
}

function directed(paths: string[]): fc.Arbitrary<Order> {
  const directions = fc.array(direction, { minLength: paths.length, maxLength: paths.length });
  return directions.map((each) => Object.fromEntries(paths.map((path, position) => [path, each[position] ?? 1])));
}

function entry([key, value]: readonly [string, unknown]): Document {
  return { [key]: value };
}

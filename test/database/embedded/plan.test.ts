import { Decimal128 } from 'bson';
import { describe, expect, test } from 'vitest';
import { type Collection, describeCollection, describeIndex } from '../../../server/database/embedded/catalog.ts';
import type { Document } from '../../../server/database/embedded/document.ts';
import { explainPlan, type Plan, planQuery, type Query } from '../../../server/database/embedded/plan.ts';

type IndexOptions = { key: Document; name?: string; multikey?: boolean } & Document;

/** A collection with these indexes; nothing is stored, plans only look at what is declared. */
function collectionWith(...indexes: IndexOptions[]): Collection {
  const collection = describeCollection(1, 'shop', 'orders', {}, 0);
  for (const [position, { multikey = false, ...spec }] of indexes.entries()) {
    const name = spec.name ?? Object.keys(spec.key).join('_');
    collection.indexes.push(describeIndex(position + 1, 1, { v: 2, ...spec, name }, multikey, 0));
  }
  return collection;
}

const plan = (collection: Collection, filter: Document, options: Omit<Query, 'filter'> = {}): Plan =>
  planQuery(collection, { filter, ...options });

/** The name of the index that is used, or the kind of the plan. */
const used = (...args: Parameters<typeof plan>): string => {
  const chosen = plan(...args);
  return chosen.kind === 'index' ? chosen.index.name : chosen.kind;
};

describe('which index is taken', () => {
  const orders = collectionWith(
    { key: { merchant: 1, state: 1, at: -1 } },
    { key: { number: 1 }, unique: true },
    { key: { at: 1 } },
    { key: { note: 1 }, sparse: true },
  );

  test.each<[string, Document, string]>([
    ['an _id needs no index', { _id: 1, merchant: 'a' }, 'id'],
    ['several _ids neither', { _id: { $in: [1, 2] } }, 'id'],
    ['a range of _id reads the order of _id', { _id: { $gt: 5 } }, '_id_'],
    ['an equal prefix', { merchant: 'a' }, 'merchant_state_at'],
    [
      'a longer equal prefix beats a range elsewhere',
      { merchant: 'a', state: 'open', at: { $gt: new Date(0) } },
      'merchant_state_at',
    ],
    ['a whole unique key beats everything', { merchant: 'a', state: 'open', number: 7 }, 'number'],
    ['a range', { at: { $lt: new Date(0) } }, 'at'],
    ['a field behind an unused one is of no help', { state: 'open' }, 'scan'],
    ['no condition at all', {}, 'scan'],
    ['a condition in $and counts', { $and: [{ number: 7 }, { x: 1 }] }, 'number'],
    ['an $or does not', { $or: [{ number: 7 }, { number: 8 }] }, 'scan'],
    ['a negation does not', { number: { $ne: 7 } }, 'scan'],
    ['a regular expression does not: it may be stored itself', { number: /^7/ }, 'scan'],
    ['a sparse index serves a value', { note: 'x' }, 'note'],
    ['a sparse index cannot find what is missing', { note: null }, 'scan'],
    ['$in with null neither', { note: { $in: ['x', null] } }, 'scan'],
  ])('%s', (_name, filter, expected) => {
    expect(used(orders, filter)).toBe(expected);
  });

  test('a hidden index is not used, nor one that the snapshot does not have', () => {
    expect(used(collectionWith({ key: { a: 1 }, hidden: true }), { a: 1 })).toBe('scan');
    expect(used(collectionWith({ key: { a: 1 } }), { a: 1 }, { canUse: (index) => index.name === '_id_' })).toBe('scan');
  });
});

describe('a partial index', () => {
  const open = collectionWith({
    key: { at: 1 },
    partialFilterExpression: { state: 'open', size: { $gt: 5 }, name: { $exists: true } },
  });

  test.each<[boolean, Document]>([
    [true, { at: 1, state: 'open', size: 9, name: 'x' }],
    [true, { at: 1, state: { $in: ['open'] }, size: { $in: [6, 7] }, name: { $exists: true } }],
    [true, { at: 1, state: 'open', size: { $gt: 5 }, name: { $gt: '' } }],
    [false, { at: 1 }],
    [false, { at: 1, state: 'closed', size: 9, name: 'x' }],
    [false, { at: 1, state: { $in: ['open', 'closed'] }, size: 9, name: 'x' }],
    [false, { at: 1, state: 'open', size: 5, name: 'x' }],
    [false, { at: 1, state: 'open', size: { $gte: 5 }, name: 'x' }],
    [false, { at: 1, state: 'open', size: 9, name: null }],
    [false, { at: 1, state: 'open', size: 9 }],
  ])('is used (%s) for %j', (isUsed, filter) => {
    expect(used(open, filter)).toBe(isUsed ? 'at' : 'scan');
  });
});

describe('order', () => {
  const orders = collectionWith({ key: { merchant: 1, at: -1, n: 1 } });
  const ordered = (filter: Document, sort: Document, collection = orders) => {
    const chosen = plan(collection, filter, { sort });
    if (chosen.kind !== 'index') return chosen.kind;
    return chosen.isOrdered ? (chosen.isDescending ? 'backward' : 'forward') : 'unordered';
  };

  test.each<[string, Document, Document, string]>([
    ['the index itself', {}, { merchant: 1, at: -1, n: 1 }, 'forward'],
    ['turned around', {}, { merchant: -1, at: 1, n: -1 }, 'backward'],
    ['half turned around', {}, { merchant: 1, at: 1 }, 'scan'],
    ['behind an equal field', { merchant: 'a' }, { at: -1 }, 'forward'],
    ['behind an equal field, backwards', { merchant: 'a' }, { at: 1 }, 'backward'],
    ['the equal field named too', { merchant: 'a' }, { merchant: -1, at: -1 }, 'forward'],
    ['a range on the sorted field', { merchant: 'a', at: { $gt: 1 } }, { at: 1 }, 'backward'],
    ['a field left out', { merchant: 'a' }, { n: 1 }, 'unordered'],
    ['several values of the first field', { merchant: { $in: ['a', 'b'] } }, { at: -1 }, 'unordered'],
    ['_id', {}, { _id: -1 }, 'backward'],
  ])('%s', (_name, filter, sort, expected) => {
    expect(ordered(filter, sort)).toBe(expected);
  });

  test('an index over arrays gives no order: a document has several places in it', () => {
    expect(ordered({ merchant: 'a' }, { at: -1 }, collectionWith({ key: { merchant: 1, at: -1 }, multikey: true }))).toBe(
      'unordered',
    );
  });

  test('a field that is equal but not in the index still has to be sorted by', () => {
    expect(ordered({ a: 1, b: 5 }, { b: 1 }, collectionWith({ key: { a: 1 } }))).toBe('unordered');
  });
});

describe('how much of an index is read', () => {
  const ranges = (chosen: Plan) =>
    chosen.kind === 'index' ? chosen.ranges.map(([low, high]) => [low.toString('hex'), high.toString('hex')]) : [];
  const size = (collection: Collection, filter: Document) => ranges(plan(collection, filter)).length;

  test('each of several values is a range of its own, in the order of the index, none twice', () => {
    const chosen = plan(collectionWith({ key: { a: 1, b: 1 } }), { a: { $in: ['z', 'a', 'a'] }, b: { $in: [1, 2] } });
    const lows = ranges(chosen).map(([low]) => low);
    expect(lows).toHaveLength(4);
    expect(lows).toEqual([...lows].sort());
  });

  test('nothing is read for $in of nothing', () => {
    expect(size(collectionWith({ key: { a: 1 } }), { a: { $in: [] } })).toBe(0);
  });

  test('too many combinations use fewer fields instead of too much memory', () => {
    const many = Array.from({ length: 100 }, (_, index) => `v${index}`);
    expect(size(collectionWith({ key: { a: 1, b: 1 } }), { a: { $in: many }, b: { $in: many } })).toBe(100);
  });

  test('over arrays only one end of a range counts: each end may be met by another element', () => {
    const both = { a: { $gt: 1, $lt: 9 } };
    const one = { a: { $gt: 1 } };
    expect(ranges(plan(collectionWith({ key: { a: 1 }, multikey: true }), both))).toEqual(
      ranges(plan(collectionWith({ key: { a: 1 }, multikey: true }), one)),
    );
    expect(ranges(plan(collectionWith({ key: { a: 1 } }), both))).not.toEqual(
      ranges(plan(collectionWith({ key: { a: 1 } }), one)),
    );
  });

  test('two fields of one array are never read together: they may be met by different elements', () => {
    const filter = { 'items.a': 1, 'items.b': 2 };
    const together = plan(collectionWith({ key: { 'items.a': 1, 'items.b': 1 } }), filter);
    const apart = plan(collectionWith({ key: { 'items.a': 1, 'items.b': 1 }, multikey: true }), filter);
    expect(ranges(apart)).toEqual(ranges(plan(collectionWith({ key: { 'items.a': 1 } }), { 'items.a': 1 })));
    expect(ranges(together)).not.toEqual(ranges(apart));
  });
});

describe('when the matcher need not look again', () => {
  const collection = collectionWith({ key: { merchant: 1, key: 1 }, unique: true });
  const exact = (filter: Document, from = collection) => plan(from, filter).isExact;

  test.each<[boolean, Document]>([
    [true, { _id: 'a' }],
    [true, { merchant: 'a', key: 'b' }],
    [true, { merchant: 'a', key: { $in: ['b', 'c'] } }],
    [true, { merchant: { $eq: 'a' } }],
    [false, { merchant: 'a', other: 'b' }],
    [false, { merchant: 'a', key: 5 }],
    [false, { merchant: 'a', key: Decimal128.fromString('5') }],
    [false, { merchant: 'a', key: null }],
    [false, { merchant: 'a', key: { $gt: 'b' } }],
    [false, { merchant: 'a', key: { $eq: 'b', $ne: 'c' } }],
    [false, { $and: [{ merchant: 'a' }, { merchant: 'b' }] }],
    [false, { merchant: 'a', $or: [{ key: 'b' }] }],
    [false, { _id: 'a', merchant: 'b' }],
  ])('%s for %j', (isExact, filter) => {
    expect(exact(filter)).toBe(isExact);
  });

  test('over arrays it always looks', () => {
    expect(exact({ merchant: 'a' }, collectionWith({ key: { merchant: 1 }, multikey: true }))).toBe(false);
  });
});

describe('a hint', () => {
  const collection = collectionWith({ key: { a: 1 } }, { key: { b: 1 }, sparse: true });

  test('names the index or its key; $natural reads everything', () => {
    expect(used(collection, { a: 1, b: 1 }, { hint: 'b' })).toBe('b');
    expect(used(collection, { b: 1 }, { hint: { a: 1 } })).toBe('a');
    expect(used(collection, { a: 1 }, { hint: '_id_' })).toBe('_id_');
    expect(used(collection, { a: 1 }, { hint: { $natural: 1 } })).toBe('scan');
    expect(plan(collection, {}, { hint: { $natural: -1 } })).toMatchObject({ kind: 'scan', isDescending: true });
  });

  test('that names no index is refused', () => {
    for (const hint of ['none', { c: 1 }, { a: -1 }]) {
      expect(() => plan(collection, {}, { hint })).toThrow(expect.objectContaining({ code: 2 }));
    }
  });
});

test('explain says it in the words of MongoDB', () => {
  const collection = collectionWith({ key: { a: 1 }, unique: true });
  expect(explainPlan(plan(collection, { _id: 1 }))).toEqual({ stage: 'IDHACK' });
  expect(explainPlan(plan(collection, { b: 1 }))).toMatchObject({ stage: 'COLLSCAN' });
  expect(explainPlan(plan(collection, { a: 1 }))).toMatchObject({
    stage: 'FETCH',
    inputStage: { stage: 'IXSCAN', indexName: 'a', keyPattern: { a: 1 }, isUnique: true, direction: 'forward' },
  });
  expect(explainPlan(undefined)).toEqual({ stage: 'EOF' });
});

import { BSONRegExp, Long, ObjectId } from 'bson';
import { describe, expect, test } from 'vitest';
import { runPipeline } from '../../../server/database/embedded/aggregate.ts';
import type { Document } from '../../../server/database/embedded/document.ts';
import { piped, refusedWith } from './pipelines.ts';

const stores = [{ _id: 1, city: '杭州', staff: [10, 11] }, { _id: 2, city: '宁波', staff: [] }, { _id: 3 }];
const others = {
  cities: [{ _id: 'h', name: '杭州', size: 12 }, { _id: 'n', name: '宁波', size: 9 }, { _id: '?' }],
  staff: [
    { _id: 10, name: '明', boss: 12 },
    { _id: 11, name: '丽', boss: 10 },
    { _id: 12, name: '王', boss: null },
  ],
};

function joined(lookup: Document, from: Document[] = stores): unknown[] {
  return piped(from, [{ $lookup: { as: 'found', ...lookup } }], others).map(({ found }) =>
    (found as Document[]).map(({ _id }) => _id),
  );
}

describe('$lookup', () => {
  test('finds by equal fields; a missing one is null, which a missing one equals', () => {
    expect(joined({ from: 'cities', localField: 'city', foreignField: 'name' })).toEqual([['h'], ['n'], ['?']]);
  });

  test('takes each element of an array, and finds nothing for an empty one', () => {
    expect(joined({ from: 'staff', localField: 'staff', foreignField: '_id' })).toEqual([[10, 11], [], []]);
  });

  test('finds nothing where there is no such collection', () => {
    expect(joined({ from: 'nowhere', localField: 'city', foreignField: 'name' })).toEqual([[], [], []]);
  });

  test('finds by a pipeline with variables, and by both', () => {
    const pipeline = [{ $match: { $expr: { $and: [{ $eq: ['$name', '$$city'] }, { $gt: ['$size', 10] }] } } }];
    expect(joined({ from: 'cities', let: { city: '$city' }, pipeline })).toEqual([['h'], [], []]);
    const both = { from: 'staff', localField: 'staff', foreignField: '_id', pipeline: [{ $match: { name: '丽' } }] };
    expect(joined(both)).toEqual([[11], [], []]);
  });

  test('computes with variables of every kind, missing ones too', () => {
    const found = (local: Document, expression: Document) =>
      joined({ from: 'cities', let: { n: '$n' }, pipeline: [{ $match: { $expr: expression } }] }, [local])[0];
    const sum = { $eq: ['$size', { $add: ['$$n', 2] }] };
    expect(found({ n: Long.fromNumber(10) }, sum)).toEqual(['h']);
    expect(found({ n: 7 }, sum)).toEqual(['n']);
    expect(found({}, { $eq: ['$size', '$$n'] })).toEqual(['?']);
    expect(found({ n: null }, { $eq: ['$size', '$$n'] })).toEqual([]);
    expect(found({ n: [12] }, { $in: ['$size', '$$n'] })).toEqual(['h']);
  });

  test('an inner pipeline sees the variables of the outer', () => {
    const inner = {
      from: 'staff',
      let: { own: '$_id' },
      pipeline: [{ $match: { $expr: { $eq: ['$name', '$$who'] } } }, { $set: { asked: '$$own' } }],
      as: 'in',
    };
    const stages = [
      { $limit: 1 },
      { $lookup: { from: 'cities', let: { who: '明' }, pipeline: [{ $limit: 1 }, { $lookup: inner }], as: 'out' } },
    ];
    expect(piped(stores, stages, others)[0]?.out).toEqual([{ ...others.cities[0], in: [{ ...others.staff[0], asked: 'h' }] }]);
  });

  test('sets what it finds at a path, in place of what was there', () => {
    const [first] = piped(
      stores,
      [{ $limit: 1 }, { $lookup: { from: 'cities', pipeline: [{ $count: 'n' }], as: 'a.b' } }],
      others,
    );
    expect(first).toEqual({ ...stores[0], a: { b: [{ n: 3 }] } });
  });

  test('takes a regular expression for a value', () => {
    const patterns = {
      patterns: [
        { _id: 1, re: new BSONRegExp('a') },
        { _id: 2, re: 'a' },
      ],
    };
    const stages = [{ $lookup: { from: 'patterns', localField: 're', foreignField: 're', as: 'found' } }];
    expect(piped([{ re: new BSONRegExp('a') }], stages, patterns)[0]?.found).toEqual([patterns.patterns[0]]);
  });

  test('asks the planner for what an index can serve', () => {
    const filters: Document[] = [];
    const lookup = (_: string, filter: Document) => {
      filters.push(filter);
      return [];
    };
    const id = new ObjectId();
    const expression = { $and: [{ $eq: ['$store', '$$id'] }, { $eq: ['$gone', '$$missing'] }, { $gt: ['$n', 1] }] };
    const stage = {
      from: 'sales',
      let: { id: '$_id', missing: '$missing' },
      pipeline: [{ $match: { paid: true, $or: [{ a: 1 }, { b: 1 }], $expr: expression } }],
      as: 'sales',
    };
    expect([...runPipeline([{ _id: id }], [{ $lookup: stage }], { variables: {}, lookup })]).toEqual([{ _id: id, sales: [] }]);
    expect(filters).toEqual([{ $and: [{ paid: true }, { store: { $eq: id } }] }]);
  });

  test.each<[number, Document]>([
    [9, { from: 'a', localField: 'b', foreignField: 'c' }],
    [9, { from: 'a', as: 'd' }],
    [9, { from: 'a', localField: 'b', as: 'd' }],
    [9, { from: 'a', localField: 1, foreignField: 'c', as: 'd' }],
    [9, { localField: 'b', foreignField: 'c', as: 'd' }],
    [9, { from: { db: 'x', coll: 'a' }, localField: 'b', foreignField: 'c', as: 'd' }],
    [14, { from: 'a', pipeline: {}, as: 'd' }],
    [51047, { from: 'a', pipeline: [{ $out: 'b' }], as: 'd' }],
    [40324, { from: 'a', pipeline: [{ $fold: 1 }], as: 'd' }],
    [17276, { from: 'a', pipeline: [{ $set: { x: '$$nobody' } }], as: 'd' }],
    [40415, { from: 'a', localField: 'b', foreignField: 'c', as: 'd', where: {} }],
  ])('refuses with %i: %j', (code, lookup) => {
    expect(() => piped([], [{ $lookup: lookup }])).toThrow(refusedWith(code));
  });
});

describe('$unionWith', () => {
  test('puts the other documents behind', () => {
    const ids = (operand: unknown) => piped([{ _id: 0 }], [{ $unionWith: operand }], others).map(({ _id }) => _id);
    expect(ids('staff')).toEqual([0, 10, 11, 12]);
    expect(ids({ coll: 'staff', pipeline: [{ $match: { boss: 12 } }] })).toEqual([0, 10]);
    expect(ids({ pipeline: [{ $documents: [{ _id: 7 }] }] })).toEqual([0, 7]);
    expect(() => ids({ coll: 1 })).toThrow(refusedWith(9));
  });
});

describe('$graphLookup', () => {
  const chain = { from: 'staff', startWith: '$_id', connectFromField: 'boss', connectToField: '_id', as: 'chain' };
  const found = (more: Document) =>
    piped([{ _id: 11 }], [{ $graphLookup: { ...chain, ...more } }], others)[0]?.chain as Document[];

  test('goes on from what it found, as far as it may', () => {
    expect(found({}).map(({ name }) => name)).toEqual(['丽', '明', '王']);
    expect(found({ maxDepth: 1, depthField: 'step' }).map(({ name, step }) => [name, Number(step)])).toEqual([
      ['丽', 0],
      ['明', 1],
    ]);
    expect(found({ restrictSearchWithMatch: { name: { $ne: '明' } } }).map(({ name }) => name)).toEqual(['丽']);
  });

  test('ends in a circle', () => {
    const circle = {
      staff: [
        { _id: 1, boss: 2 },
        { _id: 2, boss: 1 },
      ],
    };
    expect(piped([{ _id: 1 }], [{ $graphLookup: chain }], circle)[0]?.chain).toEqual(circle.staff);
  });

  test.each<[number, Document]>([
    [40105, { from: 1 }],
    [40100, { maxDepth: -1 }],
    [40103, { depthField: 1 }],
    [40185, { restrictSearchWithMatch: 1 }],
    [40415, { sort: 1 }],
  ])('refuses with %i: %j', (code, more) => expect(() => found(more)).toThrow(refusedWith(code)));
});

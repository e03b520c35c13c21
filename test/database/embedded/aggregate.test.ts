import { Long } from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkPipeline, runPipeline } from '../../../server/database/embedded/aggregate.ts';
import { createSorter } from '../../../server/database/embedded/compare.ts';
import type { Document } from '../../../server/database/embedded/document.ts';
import { piped, refusedWith } from './pipelines.ts';
import { oddValue } from './values.ts';

const sales = [
  {
    _id: 1,
    store: '湖滨',
    fen: 300,
    lines: [
      { sku: 'bread', n: 2 },
      { sku: 'tea', n: 1 },
    ],
  },
  { _id: 2, store: '城西', fen: 1200, lines: [{ sku: 'cake', n: 1 }] },
  { _id: 3, store: '湖滨', fen: 500, lines: [] },
  { _id: 4, store: '滨江', fen: 200 },
];

describe('a pipeline', () => {
  test.each<[string, Document[], Document[]]>([
    ['without stages gives what came', [], sales],
    [
      'matches',
      [{ $match: { fen: { $gte: 500 } } }, { $project: { fen: 1 } }],
      [
        { _id: 2, fen: 1200 },
        { _id: 3, fen: 500 },
      ],
    ],
    [
      'sorts, skips and limits',
      [{ $sort: { fen: -1 } }, { $skip: 1 }, { $limit: 2 }, { $unset: ['lines', 'store'] }],
      [
        { _id: 3, fen: 500 },
        { _id: 1, fen: 300 },
      ],
    ],
    ['computes', [{ $limit: 1 }, { $project: { _id: 0, yuan: { $divide: ['$fen', 100] } } }], [{ yuan: 3 }]],
    ['counts', [{ $match: { store: '湖滨' } }, { $count: 'sales' }], [{ sales: 2 }]],
    ['gives nothing where nothing is counted', [{ $match: { store: '余杭' } }, { $count: 'sales' }], []],
    ['sorts by how often', [{ $sortByCount: '$store' }, { $limit: 1 }], [{ _id: '湖滨', count: 2 }]],
    [
      'goes on with a part',
      [{ $limit: 1 }, { $replaceWith: { first: '$fen' } }, { $replaceRoot: { newRoot: { second: '$first' } } }],
      [{ second: 300 }],
    ],
    ['brings documents of its own', [{ $documents: [{ a: 1 }, { a: 2 }] }, { $match: { a: 2 } }], [{ a: 2 }]],
    ['takes a sample of all where fewer are there', [{ $sample: { size: 9 } }, { $count: 'n' }], [{ n: 4 }]],
    ['takes a sample of the size', [{ $sample: { size: 3 } }, { $count: 'n' }], [{ n: 3 }]],
    [
      'looks at the same documents in several ways',
      [
        {
          $facet: {
            count: [{ $count: 'n' }],
            dear: [{ $match: { fen: { $gt: 1000 } } }, { $project: { store: 1 } }],
            none: [{ $match: { fen: 0 } }],
          },
        },
      ],
      [{ count: [{ n: 4 }], dear: [{ _id: 2, store: '城西' }], none: [] }],
    ],
  ])('%s', (_, stages, expected) => expect(piped(sales, stages)).toEqual(expected));

  test('asks for no more documents than its limit lets through', () => {
    function* source(): Iterable<Document> {
      yield { _id: 1 };
      yield { _id: 2 };
      throw new Error('one too many was read');
    }
    const results = runPipeline(source(), [{ $match: {} }, { $set: { a: 1 } }, { $limit: 2 }], {
      variables: {},
      lookup: () => [],
    });
    expect([...results]).toEqual([
      { _id: 1, a: 1 },
      { _id: 2, a: 1 },
    ]);
  });

  test('has one clock', () => {
    const [first, second] = piped([{ _id: 1 }, { _id: 2 }], [{ $set: { at: '$$NOW' } }, { $set: { later: '$$NOW' } }]);
    expect(first?.at).toBeInstanceOf(Date);
    expect([first?.later, second?.at, second?.later]).toEqual([first?.at, first?.at, first?.at]);
  });

  test('sorts the same with a limit as without', () => {
    fc.assert(
      fc.property(
        fc.array(oddValue, { maxLength: 12 }),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 1, max: 5 }),
        (values, skip, limit) => {
          const documents = values.map((value, _id) => ({ _id, value }));
          const limited = [
            ...runPipeline(documents, [{ $sort: { value: 1 } }, { $skip: skip }, { $limit: limit }], {
              variables: {},
              lookup: () => [],
            }),
          ];
          expect(limited).toEqual([...documents].sort(createSorter({ value: 1 })).slice(skip, skip + limit));
        },
      ),
    );
  });

  test('leaves the documents that came as they were', () => {
    const document = { _id: 1, a: { b: [{ c: 1 }] } };
    const before = structuredClone(document);
    const stages = [{ $set: { 'a.b.c': 2 } }, { $unwind: '$a.b' }, { $unset: 'a.b' }, { $set: { 'a.d': 1 } }];
    expect([...runPipeline([document], stages, { variables: {}, lookup: () => [] })]).toEqual([{ _id: 1, a: { d: 1 } }]);
    expect(document).toEqual(before);
  });
});

describe('$addFields', () => {
  test.each<[string, Document, Document, Document]>([
    ['adds behind the others', { a: 1 }, { b: '$a' }, { a: 1, b: 1 }],
    ['sets below a document', { a: { b: 1 } }, { 'a.c': 2 }, { a: { b: 1, c: 2 } }],
    ['reads a nested document as paths', { a: { b: 1 } }, { a: { c: 2 } }, { a: { b: 1, c: 2 } }],
    ['sets in every element of an array', { a: [{ b: 1 }, 7] }, { 'a.c': 2 }, { a: [{ b: 1, c: 2 }, { c: 2 }] }],
    ['makes a document of a scalar on the way', { a: 1 }, { 'a.b': 2 }, { a: { b: 2 } }],
    ['reads what was before the stage', { a: 1, b: 2 }, { a: '$b', b: '$a' }, { a: 2, b: 1 }],
    ['takes a field away where there is no value', { a: 1, b: 2 }, { a: '$$REMOVE', b: '$missing' }, {}],
    [
      'keeps the type of what it copies',
      { a: Long.fromNumber(1) },
      { b: '$a' },
      { a: Long.fromNumber(1), b: Long.fromNumber(1) },
    ],
    ['sets a field named __proto__ as data', { a: 1 }, JSON.parse('{"__proto__": "$a"}'), JSON.parse('{"a": 1, "__proto__": 1}')],
  ])('%s', (_, document, fields, expected) => {
    expect(piped([document], [{ $addFields: fields }])).toEqual([expected]);
    expect(piped([document], [{ $set: fields }])).toEqual([expected]);
  });
});

describe('$unwind', () => {
  const unwound = (operand: unknown) => piped(sales, [{ $unwind: operand }, { $project: { lines: 1, place: 1 } }]);

  test('gives a document for each element, none for an empty or missing array', () => {
    expect(unwound('$lines')).toEqual([
      { _id: 1, lines: { sku: 'bread', n: 2 } },
      { _id: 1, lines: { sku: 'tea', n: 1 } },
      { _id: 2, lines: { sku: 'cake', n: 1 } },
    ]);
  });

  test('keeps those without elements when told to, and counts', () => {
    expect(unwound({ path: '$lines', preserveNullAndEmptyArrays: true, includeArrayIndex: 'place' })).toEqual([
      { _id: 1, lines: { sku: 'bread', n: 2 }, place: 0 },
      { _id: 1, lines: { sku: 'tea', n: 1 }, place: 1 },
      { _id: 2, lines: { sku: 'cake', n: 1 }, place: 0 },
      { _id: 3, place: null },
      { _id: 4, place: null },
    ]);
  });

  test('takes a value that is no array as one element', () => {
    expect(piped([{ a: 1 }, { a: null }, { b: { c: [1] } }], [{ $unwind: '$a' }])).toEqual([{ a: 1 }]);
    expect(piped([{ a: null }], [{ $unwind: { path: '$a', preserveNullAndEmptyArrays: true } }])).toEqual([{ a: null }]);
    expect(piped([{ b: { c: [1], d: 2 } }], [{ $unwind: '$b.c' }])).toEqual([{ b: { c: 1, d: 2 } }]);
  });
});

describe('what is wrong with a pipeline', () => {
  test.each<[number, unknown[]]>([
    [14, [1]],
    [40323, [{}]],
    [40323, [{ $match: {}, $limit: 1 }]],
    [40324, [{ $fold: {} }]],
    [40324, [{ match: {} }]],
    [40573, [{ $changeStream: {} }]],
    [115, [{ $search: {} }]],
    [40601, [{ $out: 'a' }, { $match: {} }]],
    [40601, [{ $merge: 'a' }, { $match: {} }]],
    [40602, [{ $match: {} }, { $geoNear: {} }]],
  ])('is told before it runs: %i for %j', (code, stages) => {
    expect(() => checkPipeline(stages)).toThrow(refusedWith(code));
  });

  test.each<[number, Document]>([
    [15959, { $match: 1 }],
    [2, { $match: { a: { $fold: 1 } } }],
    [5626500, { $match: { at: { $near: [1, 2] } } }],
    [15973, { $sort: 'a' }],
    [15976, { $sort: {} }],
    [15975, { $sort: { a: 2 } }],
    [15958, { $limit: 0 }],
    [5107201, { $limit: -1 }],
    [5107201, { $limit: 'a' }],
    [5107200, { $skip: 1.5 }],
    [15969, { $project: 1 }],
    [51272, { $project: {} }],
    [31253, { $project: { a: 0, b: 1 } }],
    [31324, { $project: { 'a.$': 1 } }],
    [168, { $project: { a: { $elemMatch: {} } } }],
    [168, { $project: { a: { $fold: 1 } } }],
    [16020, { $project: { a: { $slice: 1 } } }],
    [40272, { $addFields: 1 }],
    [40176, { $set: { a: 1, 'a.b': 1 } }],
    [40176, { $set: { 'a.b': 1, a: 1 } }],
    [40180, { $set: { a: {} } }],
    [40183, { $set: { a: { 'b.c': 1 } } }],
    [16410, { $set: { $a: 1 } }],
    [17276, { $set: { a: '$$nobody' } }],
    [31002, { $unset: 1 }],
    [31119, { $unset: [] }],
    [31120, { $unset: [1] }],
    [40231, { $replaceRoot: {} }],
    [40415, { $replaceRoot: { newRoot: '$a', old: 1 } }],
    [15981, { $unwind: 1 }],
    [28818, { $unwind: 'a' }],
    [28812, { $unwind: {} }],
    [28811, { $unwind: { path: '$a', as: 'b' } }],
    [28809, { $unwind: { path: '$a', preserveNullAndEmptyArrays: 1 } }],
    [28822, { $unwind: { path: '$a', includeArrayIndex: '$b' } }],
    [40169, { $facet: {} }],
    [40170, { $facet: { a: {} } }],
    [40600, { $facet: { a: [{ $out: 'b' }] } }],
    [40600, { $facet: { a: [{ $facet: { b: [] } }] } }],
    [40324, { $facet: { a: [{ $fold: 1 }] } }],
    [28745, { $sample: 1 }],
    [28747, { $sample: { size: -1 } }],
    [40156, { $count: 1 }],
    [40157, { $count: '' }],
    [40158, { $count: '$a' }],
    [40160, { $count: 'a.b' }],
    [40148, { $sortByCount: 'a' }],
    [40147, { $sortByCount: { a: 1 } }],
    [115, { $match: { $where: 'true' } }],
    [115, { $set: { a: { $function: { body: 'x', args: [], lang: 'js' } } } }],
    [40600, { $geoNear: {} }],
  ])('is told before a document is read: %i for %j', (code, stage) => {
    const source: Iterable<Document> = {
      [Symbol.iterator]: () => {
        throw new Error('a document was read');
      },
    };
    expect(() => runPipeline(source, [stage], { variables: {}, lookup: () => [] })).toThrow(refusedWith(code));
  });

  test('is told when a document has no root to go on with', () => {
    expect(() => piped([{ a: 1 }], [{ $replaceWith: '$a' }])).toThrow(refusedWith(40228));
    expect(() => piped([{ a: 1 }], [{ $replaceWith: '$b' }])).toThrow(refusedWith(40228));
  });
});

describe('the rarer stages', () => {
  test('cut the documents into buckets of like size', () => {
    const buckets = piped(sales, [{ $bucketAuto: { groupBy: '$fen', buckets: 2 } }]);
    expect(buckets.map(({ count }) => count).reduce((sum: number, count) => sum + Number(count), 0)).toBe(sales.length);
  });

  test('close the gaps in a series', () => {
    const stage = { $densify: { field: 'n', range: { step: 1, bounds: 'full' } } };
    expect(piped([{ n: 1 }, { n: 3 }], [stage]).map(({ n }) => n)).toEqual([1, 2, 3]);
  });

  test('run no code from a query', () => {
    const code = { $function: { body: 'return 1', args: [], lang: 'js' } };
    expect(() => piped(sales, [{ $bucketAuto: { groupBy: code, buckets: 2 } }])).toThrow();
  });
});

describe('$redact', () => {
  const secret = { _id: 1, level: 1, parts: [{ level: 1, text: 'a' }, { level: 5, text: 'b' }, 'c'], inner: { level: 9 } };

  test('descends into what it may show and prunes the rest', () => {
    const stage = { $redact: { $cond: [{ $lte: ['$level', 3] }, '$$DESCEND', '$$PRUNE'] } };
    expect(piped([secret, { _id: 2, level: 4 }], [stage])).toEqual([{ _id: 1, level: 1, parts: [{ level: 1, text: 'a' }, 'c'] }]);
  });

  test('keeps a document as a whole', () => expect(piped([secret], [{ $redact: '$$KEEP' }])).toEqual([secret]));

  test('refuses another verdict, and code', () => {
    expect(() => piped([secret], [{ $redact: '$level' }])).toThrow(refusedWith(17053));
    expect(() => piped([], [{ $redact: { $function: { body: '', args: [], lang: 'js' } } }])).toThrow(refusedWith(115));
  });
});

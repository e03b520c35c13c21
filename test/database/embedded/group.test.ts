import { Decimal128, Double, Long } from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runPipeline } from '../../../server/database/embedded/aggregate.ts';
import { equals } from '../../../server/database/embedded/compare.ts';
import type { Document } from '../../../server/database/embedded/document.ts';
import { piped, refusedWith } from './pipelines.ts';
import { oddValue } from './values.ts';

const context = { variables: {}, lookup: () => [] };

describe('$group', () => {
  const sales = [
    { _id: 1, store: 'a', fen: 300, tags: ['new'] },
    { _id: 2, store: 'b', fen: 1200 },
    { _id: 3, store: 'a', fen: 500, tags: null },
  ];

  test.each<[string, unknown, unknown[]]>([
    ['by a field', '$store', ['a', 'b']],
    ['by nothing', null, [null]],
    [
      'by several',
      { store: '$store', dear: { $gt: ['$fen', 400] } },
      [
        { store: 'a', dear: false },
        { store: 'b', dear: true },
        { store: 'a', dear: true },
      ],
    ],
    ['by a missing field, which is null', '$tags', [['new'], null]],
  ])('puts documents together %s', (_, id, expected) => {
    expect(piped(sales, [{ $group: { _id: id } }]).map((group) => group._id)).toEqual(expected);
  });

  test('takes equal numbers of different types for one, and the first met for its name', () => {
    const ids = [
      Long.fromNumber(1),
      1,
      new Double(1),
      Decimal128.fromString('1.0'),
      '1',
      1.5,
      Long.fromString('9007199254740993'),
      2 ** 53,
    ];
    const groups = piped(
      ids.map((value) => ({ value })),
      [{ $group: { _id: '$value', n: { $sum: 1 } } }],
    );
    expect(groups.map(({ n }) => n)).toEqual([4, 1, 1, 1, 1]);
    expect(groups[0]?._id).toEqual(Long.fromNumber(1));
  });

  test('makes as many groups as there are different values', () => {
    fc.assert(
      fc.property(fc.array(oddValue, { maxLength: 15 }), (values) => {
        const groups = [
          ...runPipeline(
            values.map((value) => ({ value })),
            [{ $group: { _id: '$value', n: { $sum: 1 } } }],
            context,
          ),
        ];
        const different = values.filter((value, place) => values.findIndex((other) => equals(other, value)) === place);
        expect(groups.map(({ _id }) => _id)).toEqual(different);
        expect(groups.map(({ _id }) => values.filter((value) => equals(value, _id)).length)).toEqual(groups.map(({ n }) => n));
      }),
    );
  });

  test('has a group of nothing for no document', () => {
    expect(piped([], [{ $group: { _id: null, n: { $sum: 1 } } }])).toEqual([]);
  });

  test.each<[number, unknown]>([
    [15947, 1],
    [15955, { n: { $sum: 1 } }],
    [40234, { _id: 1, n: 1 }],
    [40238, { _id: 1, n: {} }],
    [40238, { _id: 1, n: { $sum: 1, $avg: 1 } }],
    [15952, { _id: 1, n: { $total: 1 } }],
    [40235, { _id: 1, 'n.m': { $sum: 1 } }],
    [40236, { _id: 1, $n: { $sum: 1 } }],
    [40237, { _id: 1, n: { $avg: ['$a', '$b'] } }],
    [9, { _id: 1, n: { $count: 1 } }],
    [115, { _id: 1, n: { $accumulator: {} } }],
    [5787902, { _id: 1, n: { $firstN: { input: '$a', n: 'b' } } }],
    [5787908, { _id: 1, n: { $firstN: { input: '$a', n: 0 } } }],
    [5788005, { _id: 1, n: { $topN: { n: 1, output: '$a' } } }],
    [168, { _id: { $fold: 1 } }],
  ])('refuses with %i: %j', (code, operand) => {
    expect(() => piped([], [{ $group: operand }])).toThrow(refusedWith(code));
  });
});

describe('an accumulator', () => {
  const values = [3, null, 1, 'x', undefined, 2.5];
  const longest = Long.fromString('9223372036854775807');

  test.each<[string, Document, unknown[], unknown]>([
    ['adds numbers alone', { $sum: '$v' }, values, 6.5],
    ['adds nothing to zero', { $sum: '$v' }, ['x'], 0],
    ['keeps whole sums whole', { $sum: '$v' }, [1, 2], 3],
    ['keeps a sum with a Long a Long', { $sum: '$v' }, [1, Long.fromNumber(2)], Long.fromNumber(3)],
    ['keeps a sum with a Double a Double', { $sum: '$v' }, [1, new Double(2)], new Double(3)],
    ['grows to a Long beyond 32 bits', { $sum: '$v' }, [2147483647, 1], Long.fromNumber(2147483648)],
    ['loses nothing of Longs', { $sum: '$v' }, [Long.fromString('9007199254740993'), 2], Long.fromString('9007199254740995')],
    ['goes on as a Double beyond 64 bits', { $sum: '$v' }, [longest, 1], 2 ** 63],
    ['carries what a double loses', { $sum: '$v' }, Array.from({ length: 10 }, () => 0.1), new Double(1)],
    ['carries small terms beside large ones', { $sum: '$v' }, [1e100, 1.5, -1e100], 1.5],
    ['adds infinities', { $sum: '$v' }, [Infinity, 1], Infinity],
    ['adds opposite infinities to NaN', { $sum: '$v' }, [Infinity, -Infinity], Number.NaN],
    ['averages numbers alone', { $avg: '$v' }, values, 6.5 / 3],
    ['averages to a Double', { $avg: '$v' }, [1, 3], new Double(2)],
    ['averages nothing to null', { $avg: '$v' }, ['x'], null],
    ['finds the least, without null', { $min: '$v' }, values, 1],
    ['finds the greatest over types', { $max: '$v' }, values, 'x'],
    ['finds none to null', { $max: '$v' }, [null, undefined], null],
    [
      'compares Longs exactly',
      { $max: '$v' },
      [2 ** 53, Long.fromString('9007199254740993')],
      Long.fromString('9007199254740993'),
    ],
    ['takes the first, missing as null', { $first: '$v' }, [undefined, 2], null],
    ['takes the last', { $last: '$v' }, [1, 2], 2],
    ['pushes all but the missing', { $push: '$v' }, values, [3, null, 1, 'x', 2.5]],
    [
      'collects the different',
      { $addToSet: '$v' },
      [1, 'a', Long.fromNumber(1), undefined, { b: 1 }, { b: 1 }],
      [1, 'a', { b: 1 }],
    ],
    ['counts', { $count: {} }, values, 6],
    ['merges documents', { $mergeObjects: '$v' }, [{ a: 1, b: 1 }, null, { b: 2 }], { a: 1, b: 2 }],
    ['spreads over all', { $stdDevPop: '$v' }, [2, 4, 4, 4, 5, 5, 7, 9, 'x'], 2],
    ['spreads over a sample', { $stdDevSamp: '$v' }, [1, 2, 3], 1],
    ['has no spread of one', { $stdDevSamp: '$v' }, [1], null],
    ['takes the first few', { $firstN: { input: '$v', n: 2 } }, [3, 1, 2], [3, 1]],
    ['takes the last few', { $lastN: { input: '$v', n: 2 } }, [3, 1, 2, 5, 4], [5, 4]],
    ['takes the least few, without null', { $minN: { input: '$v', n: 2 } }, [3, null, 1, 2], [1, 2]],
    ['takes the greatest few', { $maxN: { input: '$v', n: 2 } }, [3, 1, 2], [3, 2]],
    ['takes what is first in an order', { $top: { sortBy: { v: -1 }, output: '$v' } }, [1, 3, 2], 3],
    ['takes what is last in an order', { $bottom: { sortBy: { v: -1 }, output: '$v' } }, [1, 3, 2], 1],
    ['takes the top few', { $topN: { n: 2, sortBy: { v: 1 }, output: '$v' } }, [4, 1, 3, 2], [1, 2]],
    ['takes the bottom few, in order', { $bottomN: { n: 2, sortBy: { v: 1 }, output: '$v' } }, [4, 1, 3, 2], [3, 4]],
    [
      'finds the middle of Longs',
      { $median: { input: '$v', method: 'approximate' } },
      [5, 1, 3].map((v) => Long.fromNumber(v)),
      3,
    ],
    ['finds the middle', { $median: { input: '$v', method: 'approximate' } }, [5, 1, 3], 3],
  ])('%s', (_, accumulator, inputs, expected) => {
    const documents = inputs.map((v) => (v === undefined ? {} : { v }));
    expect(piped(documents, [{ $group: { _id: null, result: accumulator } }])[0]?.result).toEqual(expected);
  });

  test('refuses to compute with decimals rather than be wrong', () => {
    const decimals = [{ v: Decimal128.fromString('0.1') }];
    for (const operator of ['$sum', '$avg', '$stdDevPop'])
      expect(() => piped(decimals, [{ $group: { _id: null, x: { [operator]: '$v' } } }])).toThrow(refusedWith(115));
    expect(() => piped([{ v: 1 }], [{ $group: { _id: null, x: { $mergeObjects: '$v' } } }])).toThrow(refusedWith(40400));
  });

  test('keeps the same few as a sort would', () => {
    fc.assert(
      fc.property(fc.array(oddValue, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 6 }), (inputs, n) => {
        const documents = inputs.map((v) => ({ v }));
        const output = { $topN: { n, sortBy: { v: 1 }, output: '$v' } };
        const order = { $push: '$v' };
        const [top] = runPipeline(documents, [{ $group: { _id: null, few: output } }], context);
        const [all] = runPipeline(documents, [{ $sort: { v: 1 } }, { $group: { _id: null, few: order } }], context);
        expect(top?.few).toEqual((all as { few: unknown[] }).few.slice(0, n));
      }),
    );
  });

  test('adds whole numbers as bigints would', () => {
    const whole = fc.oneof(
      fc.integer(),
      fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }).map((value) => Long.fromBigInt(value)),
    );
    fc.assert(
      fc.property(fc.array(whole, { minLength: 1, maxLength: 6 }), (numbers) => {
        const [group] = runPipeline(
          numbers.map((v) => ({ v })),
          [{ $group: { _id: null, sum: { $sum: '$v' } } }],
          context,
        );
        const sum = numbers.reduce((total: bigint, number) => total + BigInt(number.toString()), 0n);
        expect(BigInt(String(group?.sum))).toBe(sum);
      }),
    );
  });
});

describe('$bucket', () => {
  const prices = [{ fen: 5 }, { fen: 50 }, { fen: 99 }, { fen: 100 }, { fen: 1000 }, { fen: 'free' }];

  test('groups by boundaries, in their order, what lies beyond under the default', () => {
    const options = { groupBy: '$fen', boundaries: [0, 10, 100, 500], default: 'other', output: { n: { $sum: 1 } } };
    expect(piped(prices, [{ $bucket: options }])).toEqual([
      { _id: 0, n: 1 },
      { _id: 10, n: 2 },
      { _id: 100, n: 1 },
      { _id: 'other', n: 2 },
    ]);
  });

  test.each<[number, Document]>([
    [7158300, { groupBy: '$fen', boundaries: [0, 10] }],
    [40198, { groupBy: '$fen' }],
    [40192, { groupBy: '$fen', boundaries: [0] }],
    [40193, { groupBy: '$fen', boundaries: [0, 'a'] }],
    [40194, { groupBy: '$fen', boundaries: [10, 0] }],
    [40199, { groupBy: '$fen', boundaries: [0, 10], default: 5 }],
    [40200, { groupBy: '$fen', boundaries: 1 }],
    [40202, { groupBy: 'fen', boundaries: [0, 1] }],
  ])('refuses with %i: %j', (code, options) => {
    expect(() => piped(prices, [{ $bucket: options }])).toThrow(refusedWith(code));
  });
});

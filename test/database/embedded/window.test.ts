import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Document } from '../../../server/database/embedded/document.ts';
import { piped, refusedWith } from './pipelines.ts';

const days = [
  { _id: 1, store: 'a', day: 3, fen: 30 },
  { _id: 2, store: 'b', day: 1, fen: 5 },
  { _id: 3, store: 'a', day: 1, fen: 10 },
  { _id: 4, store: 'a', day: 3, fen: 40 },
  { _id: 5, store: 'a', day: 4, fen: 50 },
];

/** What one output is for each id. */
function computed(output: unknown, options: Document = { partitionBy: '$store', sortBy: { day: 1, _id: 1 } }): Document {
  const results = piped(days, [{ $setWindowFields: { ...options, output: { 'x.y': output } } }]);
  return Object.fromEntries(results.map(({ _id, x }) => [_id, (x as Document).y]));
}

const byDay = { partitionBy: '$store', sortBy: { day: 1 } };

describe('$setWindowFields', () => {
  test.each<[string, unknown, Document, Document?]>([
    ['adds up a whole partition', { $sum: '$fen' }, { 1: 130, 2: 5, 3: 130, 4: 130, 5: 130 }],
    ['adds up all where nothing parts them', { $sum: '$fen' }, { 1: 135, 2: 135, 3: 135, 4: 135, 5: 135 }, {}],
    ['runs a total', { $sum: '$fen', window: { documents: ['unbounded', 'current'] } }, { 3: 10, 1: 40, 4: 80, 5: 130, 2: 5 }],
    ['looks at its neighbours', { $max: '$fen', window: { documents: [-1, 1] } }, { 3: 30, 1: 40, 4: 50, 5: 50, 2: 5 }],
    ['finds none behind the end', { $max: '$fen', window: { documents: [2, 3] } }, { 3: 50, 1: 50, 4: null, 5: null, 2: null }],
    [
      'collects as it goes',
      { $push: '$_id', window: { documents: ['unbounded', 'current'] } },
      { 3: [3], 1: [3, 1], 4: [3, 1, 4], 5: [3, 1, 4, 5], 2: [2] },
    ],
    ['looks at values near its own', { $sum: '$fen', window: { range: [-1, 0] } }, { 3: 10, 1: 70, 4: 70, 5: 120, 2: 5 }, byDay],
    [
      'takes equal values for current',
      { $sum: '$fen', window: { range: ['unbounded', 'current'] } },
      { 3: 10, 1: 80, 4: 80, 5: 130, 2: 5 },
      byDay,
    ],
    ['numbers', { $documentNumber: {} }, { 3: 1, 1: 2, 4: 3, 5: 4, 2: 1 }, byDay],
    ['ranks with gaps', { $rank: {} }, { 3: 1, 1: 2, 4: 2, 5: 4, 2: 1 }, byDay],
    ['ranks without gaps', { $denseRank: {} }, { 3: 1, 1: 2, 4: 2, 5: 3, 2: 1 }, byDay],
    ['takes from the one before', { $shift: { output: '$fen', by: -1, default: 0 } }, { 3: 0, 1: 10, 4: 30, 5: 40, 2: 0 }],
    [
      'has null where there is none to take from',
      { $shift: { output: '$fen', by: 1 } },
      { 3: 30, 1: 40, 4: 50, 5: null, 2: null },
    ],
  ])('%s', (_, output, expected, options) => expect(computed(output, options)).toEqual(expected));

  test('looks at dates near its own', () => {
    const at = (hour: number) => new Date(Date.UTC(2026, 10, 25, hour));
    const documents = [
      { _id: 1, at: at(1) },
      { _id: 2, at: at(2) },
      { _id: 3, at: at(9) },
    ];
    const output = { n: { $sum: 1, window: { range: [-1, 0], unit: 'hour' } } };
    expect(piped(documents, [{ $setWindowFields: { sortBy: { at: 1 }, output } }]).map(({ n }) => n)).toEqual([1, 2, 1]);
  });

  test('computes in every window what a group of its documents would', () => {
    const bound = fc.integer({ min: -3, max: 3 });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 }), bound, bound, (values, one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const documents = values.map((v, _id) => ({ _id, v }));
        const output = { seen: { $push: '$v', window: { documents: [from, to] } } };
        const seen = piped(documents, [{ $setWindowFields: { sortBy: { _id: 1 }, output } }]).map((document) => document.seen);
        expect(seen).toEqual(values.map((_, place) => values.slice(Math.max(place + from, 0), Math.max(place + to + 1, 0))));
      }),
    );
  });

  test.each<[number, Document]>([
    [9, { output: 1 }],
    [9, { output: { x: { $sum: 1, $avg: 1 } } }],
    [9, { output: { x: { $sum: 1, window: { documents: [0, 1], range: [0, 1] } } } }],
    [9, { sortBy: { a: 1 }, output: { x: { $sum: 1, window: { documents: [0.5, 1] } } } }],
    [9, { sortBy: { a: 1 }, output: { x: { $sum: 1, window: { documents: ['all', 1] } } } }],
    [5339900, { sortBy: { a: 1 }, output: { x: { $sum: 1, window: { documents: [1, 0] } } } }],
    [5339901, { output: { x: { $sum: 1, window: { documents: [0, 1] } } } }],
    [5339902, { sortBy: { a: 1, b: 1 }, output: { x: { $sum: 1, window: { range: [0, 1] } } } }],
    [5371601, { sortBy: { a: 1 }, output: { x: { $rank: {}, window: { documents: [0, 1] } } } }],
    [5371602, { output: { x: { $rank: {} } } }],
    [15952, { output: { x: { $total: 1 } } }],
    [115, { output: { x: { $derivative: { input: '$a' } } } }],
    [115, { sortBy: { a: 1 }, output: { x: { $sum: 1, window: { range: [0, 1], unit: 'month' } } } }],
    [5429414, { sortBy: { store: 1 }, output: { x: { $sum: 1, window: { range: [0, 1] } } } }],
  ])('refuses with %i: %j', (code, operand) => {
    expect(() => piped(days, [{ $setWindowFields: operand }])).toThrow(refusedWith(code));
  });
});

describe('$fill', () => {
  const gaps = [{ _id: 1, fen: 5 }, { _id: 2 }, { _id: 3, fen: null }, { _id: 4, fen: 7 }];
  const filled = (operand: unknown) => piped(gaps, [{ $fill: operand }]).map(({ fen }) => fen);

  test('puts a value, or the last that was there, where there is none', () => {
    expect(filled({ output: { fen: { value: 0 } } })).toEqual([5, 0, 0, 7]);
    expect(filled({ sortBy: { _id: 1 }, output: { fen: { method: 'locf' } } })).toEqual([5, 5, 5, 7]);
    expect(filled({ sortBy: { _id: -1 }, partitionByFields: ['gone'], output: { fen: { method: 'locf' } } })).toEqual([
      7, 7, 7, 5,
    ]);
  });

  test('refuses what it cannot do', () => {
    expect(() => filled({ sortBy: { _id: 1 }, output: { fen: { method: 'linear' } } })).toThrow(refusedWith(115));
    expect(() => filled({ output: { fen: { method: 'locf' } } })).toThrow(refusedWith(9));
    expect(() => filled({ output: { fen: { method: 'best' } } })).toThrow(refusedWith(6050202));
    expect(() => filled({ output: 1 })).toThrow(refusedWith(9));
  });
});

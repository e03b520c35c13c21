import { Binary, Decimal128, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareValues, createSorter, equals } from '../../../server/database/embedded/compare.ts';
import type { Document } from '../../../server/database/embedded/document.ts';
import { encodeKey } from '../../../server/database/embedded/key.ts';
import { oddNumber, oddValue } from './values.ts';

describe('the order of values', () => {
  test('agrees with the bytes of their keys', () => {
    fc.assert(
      fc.property(oddValue, oddValue, (a, b) => {
        expect(Math.sign(compareValues(a, b))).toBe(Buffer.compare(encodeKey(a), encodeKey(b)));
      }),
      { numRuns: 500 },
    );
  });

  test('is total: what is equal compares as zero, and the reverse turns the sign', () => {
    fc.assert(
      fc.property(oddValue, oddValue, (a, b) => {
        expect(compareValues(a, b) === 0).toBe(equals(a, b));
        expect(Math.sign(compareValues(a, b)) + Math.sign(compareValues(b, a))).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  test('holds over three numbers of any kind', () => {
    fc.assert(
      fc.property(oddNumber, oddNumber, oddNumber, (a, b, c) => {
        fc.pre(compareValues(a, b) <= 0 && compareValues(b, c) <= 0);
        expect(compareValues(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  test('goes by type first', () => {
    const ascending = [
      new MinKey(),
      null,
      Number.NaN,
      -1,
      Decimal128.fromString('0.5'),
      Long.fromNumber(1),
      2.5,
      'a',
      { a: 1 },
      [1],
      new Binary(Buffer.from([1])),
      new ObjectId(),
      false,
      true,
      new Date(0),
      new Timestamp({ t: 1, i: 1 }),
      new MaxKey(),
    ];
    expect([...ascending].reverse().sort(compareValues)).toEqual(ascending);
  });

  test('goes by code point for text', () => {
    expect(['🎉', '\uffff', 'b', 'a', ''].sort(compareValues)).toEqual(['', 'a', 'b', '\uffff', '🎉']);
  });
});

describe('a sort', () => {
  const sorted = (documents: Document[], spec: Document): unknown[] =>
    [...documents].sort(createSorter(spec)).map(({ _id }) => _id);

  test.each<[string, Document[], Document, number[]]>([
    ['puts missing beside null and keeps their order', [{ _id: 1, a: 1 }, { _id: 2 }, { _id: 3, a: null }], { a: 1 }, [2, 3, 1]],
    [
      'takes the lowest element upwards',
      [
        { _id: 1, a: [5, 2] },
        { _id: 2, a: 3 },
      ],
      { a: 1 },
      [1, 2],
    ],
    [
      'takes the highest element downwards',
      [
        { _id: 1, a: [5, 2] },
        { _id: 2, a: 3 },
      ],
      { a: -1 },
      [1, 2],
    ],
    [
      'puts an empty array first',
      [
        { _id: 1, a: null },
        { _id: 2, a: [] },
      ],
      { a: 1 },
      [2, 1],
    ],
    [
      'goes on with the second field',
      [
        { _id: 1, a: 1, b: 1 },
        { _id: 2, a: 1, b: 2 },
      ],
      { a: 1, b: -1 },
      [2, 1],
    ],
    [
      'reaches into arrays',
      [
        { _id: 1, a: [{ b: 3 }, { b: 9 }] },
        { _id: 2, a: { b: 4 } },
      ],
      { 'a.b': 1 },
      [1, 2],
    ],
  ])('%s', (_, documents, spec, expected) => {
    expect(sorted(documents, spec)).toEqual(expected);
  });

  test.each<[Document, number]>([
    [{ a: 2 }, 15975],
    [{ a: 'asc' }, 15974],
    [{ a: { $meta: 'textScore' } }, 115],
  ])('%j is refused', (spec, code) => {
    expect(() => createSorter(spec)).toThrow(expect.objectContaining({ code }));
  });
});

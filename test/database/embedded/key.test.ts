import { Decimal128, Long } from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Document } from '../../../server/database/embedded/document.ts';
import { encodeKey, hasPath, type IndexField, indexKeys, invertKey, pathValues } from '../../../server/database/embedded/key.ts';
import { oddValue, stored } from './values.ts';

const ascending = (...paths: string[]): IndexField[] => paths.map((path) => ({ path, direction: 1 }));
const hex = (keys: Buffer[]): string[] => keys.map((key) => key.toString('hex')).sort();
const keyOf = (...values: unknown[]): string => Buffer.concat(values.map(encodeKey)).toString('hex');

describe('the key of a value', () => {
  test('is the beginning of no other key, so that compound keys keep their order', () => {
    fc.assert(
      fc.property(oddValue, oddValue, (a, b) => {
        const one = encodeKey(a);
        const other = encodeKey(b);
        const isPrefix = one.length < other.length && other.subarray(0, one.length).equals(one);
        expect(isPrefix).toBe(false);
      }),
    );
  });

  test('sorts the other way round when it is inverted', () => {
    fc.assert(
      fc.property(oddValue, oddValue, (a, b) => {
        const one = encodeKey(a);
        const other = encodeKey(b);
        expect(Math.sign(Buffer.compare(invertKey(one), invertKey(other)))).toBe(Math.sign(Buffer.compare(other, one)));
      }),
    );
  });

  test.each<[string, unknown, unknown]>([
    ['two Int64 beyond 2^53 that share a double', Long.fromString('9007199254740993'), Long.fromString('9007199254740992')],
    ['a decimal tenth and a double tenth', Decimal128.fromString('0.1'), 0.1],
    ['an empty array and null', [], null],
    ['documents whose fields are in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['text and text with a zero byte behind it', 'a', 'a\0'],
  ])('tells apart %s', (_, a, b) => {
    expect(encodeKey(a).equals(encodeKey(b))).toBe(false);
  });

  test.each<[string, unknown, unknown]>([
    ['an Int64 and a double', Long.fromNumber(7), 7],
    ['a decimal with other zeros', Decimal128.fromString('1.10'), Decimal128.fromString('1.1')],
    ['a decimal that a double holds', Decimal128.fromString('2.5'), 2.5],
    ['minus zero and zero', -0, 0],
    ['null and missing', null, undefined],
  ])('is the same for %s', (_, a, b) => {
    expect(encodeKey(a).equals(encodeKey(b))).toBe(true);
  });
});

describe('the entries of a document in an index', () => {
  test.each<[string, Document, string[], unknown[][], boolean]>([
    ['one value', { a: 1 }, ['a'], [[1]], false],
    ['a missing path as null', {}, ['a.b'], [[null]], false],
    ['each element of an array once', { a: [1, 2, 1] }, ['a'], [[1], [2]], true],
    ['an array in an array as it is', { a: [[1, 2]] }, ['a'], [[[1, 2]]], true],
    ['an empty array in front of its other field', { a: [], b: 3 }, ['b'], [[3]], false],
    ['documents in an array', { a: [{ b: 1 }, { b: [2, 3] }, 4] }, ['a.b'], [[1], [2], [3], [null]], true],
    [
      'two fields of one array, element by element',
      {
        a: [
          { b: 1, c: 2 },
          { b: 3, c: 4 },
        ],
      },
      ['a.b', 'a.c'],
      [
        [1, 2],
        [3, 4],
      ],
      true,
    ],
    [
      'an array beside a scalar',
      { a: [1, 2], b: 'x' },
      ['b', 'a'],
      [
        ['x', 1],
        ['x', 2],
      ],
      true,
    ],
    ['one index of an array', { a: [{ b: 1 }, { b: 2 }] }, ['a.1.b'], [[2]], true],
    ['nothing behind an array in an array', { a: [[{ b: 1 }]] }, ['a.b'], [[null]], true],
  ])('%s', (_, document, paths, expected, isMultikey) => {
    const { keys, multikey } = indexKeys(document, ascending(...paths));
    expect(hex(keys)).toEqual(expected.map((values) => keyOf(...values)).sort());
    expect(multikey).toBe(isMultikey);
  });

  test('an empty array has an entry of its own, below null', () => {
    const [empty] = indexKeys({ a: [] }, ascending('a')).keys;
    expect(empty && Buffer.compare(empty, encodeKey(null))).toBeLessThan(0);
  });

  test('a descending field is inverted, its neighbour is not', () => {
    const { keys } = indexKeys({ a: 1, b: 2 }, [{ path: 'a', direction: -1 }, ...ascending('b')]);
    expect(hex(keys)).toEqual([Buffer.concat([invertKey(encodeKey(1)), encodeKey(2)]).toString('hex')]);
  });

  test('two parallel arrays are refused', () => {
    expect(() => indexKeys({ a: [1], b: [2] }, ascending('a', 'b'))).toThrow(expect.objectContaining({ code: 171 }));
  });

  test('a number that may be an index or a field is refused', () => {
    expect(() => indexKeys({ a: [{ 0: 'x' }] }, ascending('a.0'))).toThrow(expect.objectContaining({ code: 16746 }));
  });

  test('a field named __proto__ is a field', () => {
    const document = stored(JSON.parse('{"__proto__": {"a": 1}}'));
    expect(pathValues(document, '__proto__.a')).toEqual([1]);
    expect(hasPath({}, '__proto__')).toBe(false);
    expect(hasPath({}, 'constructor')).toBe(false);
  });
});

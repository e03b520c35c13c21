import { Binary, BSONRegExp, Decimal128, Long, MaxKey, MinKey, ObjectId } from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Document } from '../../../server/database/embedded/document.ts';
import { compileFilter } from '../../../server/database/embedded/match.ts';
import { oddValue, stored } from './values.ts';

const matches = (document: Document, filter: Document): boolean => compileFilter(stored(filter))(stored(document));
const id = new ObjectId();
const date = new Date('2026-11-25T00:00:00Z');
const regex = (pattern: string, options = ''): BSONRegExp => new BSONRegExp(pattern, options);

type Case = [document: Document, filter: Document, isMatch: boolean];

describe('equality', () => {
  test.each<Case>([
    [{ a: 1 }, { a: 1 }, true],
    [{ a: 1 }, { a: '1' }, false],
    [{ a: 1 }, { a: Long.fromNumber(1) }, true],
    [{ a: 1 }, { a: Decimal128.fromString('1.0') }, true],
    [{ a: Long.fromString('9007199254740993') }, { a: Long.fromString('9007199254740992') }, false],
    [{ a: Number.NaN }, { a: Number.NaN }, true],
    [{ a: id }, { a: new ObjectId(id.toHexString()) }, true],
    [{ a: id }, { a: id.toHexString() }, false],
    [{ a: date }, { a: new Date(date) }, true],
    [{ a: null }, { a: null }, true],
    [{}, { a: null }, true],
    [{ a: 0 }, { a: null }, false],
    [{ a: { b: 1, c: 2 } }, { a: { b: 1, c: 2 } }, true],
    [{ a: { b: 1, c: 2 } }, { a: { c: 2, b: 1 } }, false],
    [{ a: { b: 1 } }, { 'a.b': 1 }, true],
    [{ a: [1, 2] }, { a: 2 }, true],
    [{ a: [1, 2] }, { a: [1, 2] }, true],
    [{ a: [1, 2] }, { a: [2, 1] }, false],
    [{ a: [[1, 2], 3] }, { a: [1, 2] }, true],
    [{ a: [] }, { a: null }, false],
    [{ a: [null] }, { a: null }, true],
    [{ a: [{ b: 1 }, { b: 2 }] }, { 'a.b': 2 }, true],
    [{ a: [{ b: 1 }, { b: 2 }] }, { 'a.1.b': 1 }, false],
    [{ a: [{ b: 1 }, { b: 2 }] }, { 'a.1.b': 2 }, true],
    [{ a: [[5, 6]] }, { 'a.0': 6 }, true],
    [{ a: [[{ b: 1 }]] }, { 'a.b': 1 }, false],
    [{ a: { 0: 'x' } }, { 'a.0': 'x' }, true],
    [{ a: { $ref: 'c', $id: 1 } }, { a: { $ref: 'c', $id: 1 } }, true],
    [{ a: { $ref: 'c', $id: 1 } }, { 'a.$id': 1 }, true],
    [{}, {}, true],
    [{ a: {} }, { a: {} }, true],
    [{}, { a: {} }, false],
  ])('%j by %j: %s', (document, filter, isMatch) => {
    expect(matches(document, filter)).toBe(isMatch);
    expect(matches(document, { $nor: [filter] })).toBe(!isMatch);
  });

  test('finds every value by itself', () => {
    fc.assert(
      fc.property(oddValue, (value) => {
        fc.pre(!(value instanceof BSONRegExp));
        expect(compileFilter({ a: { $eq: value } })({ a: value })).toBe(true);
        expect(compileFilter({ a: { $in: [value] } })({ a: [value] })).toBe(true);
        expect(compileFilter({ a: { $in: [value, 1, 2, 3, 4, 5] } })({ a: value })).toBe(true);
        expect(compileFilter({ a: { $ne: value } })({ a: value })).toBe(false);
      }),
    );
  });

  test('does not see what every object inherits', () => {
    expect(matches({}, { constructor: { $exists: true } })).toBe(false);
    expect(matches({}, { '__proto__.toString': { $exists: true } })).toBe(false);
  });
});

/** The cases of MongoDB's documentation on null: https://www.mongodb.com/docs/v8.0/tutorial/query-for-null-fields/ */
describe('null and missing', () => {
  test.each<Case>([
    [{ a: 4 }, { 'a.b': null }, true],
    [{ a: [1, 'x'] }, { 'a.b': null }, false],
    [{ a: [] }, { 'a.b': null }, false],
    [{ a: [{ b: 1 }, {}] }, { 'a.b': null }, true],
    [{ a: [{ b: 1 }, {}] }, { 'a.b': { $ne: null } }, false],
    [{ a: [{ b: 1 }, { b: 2 }] }, { 'a.b': { $ne: null } }, true],
    [{ a: [1] }, { 'a.b': { $exists: false } }, true],
    [{ a: null }, { a: { $exists: true } }, true],
    [{ a: null }, { a: { $exists: 0 } }, false],
    [{}, { a: { $gte: null } }, true],
    [{ a: null }, { a: { $gt: null } }, false],
    [{}, { a: { $in: [null, 1] } }, true],
    [{}, { a: { $nin: [null] } }, false],
    [{}, { a: { $type: 'null' } }, false],
    [{}, { a: { $not: { $gt: 1 } } }, true],
  ])('%j by %j: %s', (document, filter, isMatch) => expect(matches(document, filter)).toBe(isMatch));
});

describe('ranges', () => {
  test.each<Case>([
    [{ a: 5 }, { a: { $gt: 4, $lt: 6 } }, true],
    [{ a: 5 }, { a: { $gt: 5 } }, false],
    [{ a: 5 }, { a: { $gte: 5 } }, true],
    [{ a: '5' }, { a: { $gt: 4 } }, false],
    [{ a: [1, 9] }, { a: { $gt: 4, $lt: 6 } }, true],
    [{ a: [1, 9] }, { a: { $elemMatch: { $gt: 4, $lt: 6 } } }, false],
    [{ a: Number.NaN }, { a: { $lt: 5 } }, false],
    [{ a: Number.NaN }, { a: { $gte: Number.NaN } }, true],
    [{ a: Number.NaN }, { a: { $gt: Number.NaN } }, false],
    [{ a: Decimal128.fromString('9') }, { a: { $lt: 10 } }, true],
    [{ a: [3, 1] }, { a: { $gt: [2, 9] } }, true],
    [{ a: { b: 2 } }, { a: { $gt: { b: 1 } } }, true],
    [{ a: 'x' }, { a: { $gt: new MinKey() } }, true],
    [{}, { a: { $gte: new MinKey() } }, true],
    [{ a: 'x' }, { a: { $lt: new MaxKey() } }, true],
    [{ a: 'x' }, { a: { $gt: new MaxKey() } }, false],
    [{ a: false }, { a: { $lt: true } }, true],
    [{ a: date }, { a: { $lte: date } }, true],
  ])('%j by %j: %s', (document, filter, isMatch) => expect(matches(document, filter)).toBe(isMatch));
});

describe('operators', () => {
  test.each<Case>([
    [{ a: 'Hello' }, { a: regex('^hel', 'i') }, true],
    [{ a: ['x', 'Hello'] }, { a: regex('^Hel') }, true],
    [{ a: regex('^x') }, { a: regex('^x') }, true],
    [{ a: 'Hello' }, { a: { $regex: '^HEL', $options: 'i' } }, true],
    [{ a: 'Hello' }, { a: { $regex: '(?i)^HEL' } }, true],
    [{ a: 'a\nb' }, { a: { $regex: '^b', $options: 'm' } }, true],
    [{ a: 'a\nb' }, { a: { $regex: 'a.b', $options: 's' } }, true],
    [{ a: 'ab' }, { a: { $regex: ' a b # both', $options: 'x' } }, true],
    [{ a: '🎉' }, { a: regex('^.$') }, true],
    [{ a: 5 }, { a: regex('5') }, false],
    [{ a: 'x' }, { a: { $in: [regex('^x'), 3] } }, true],
    [{ a: 'x' }, { a: { $not: regex('^x') } }, false],
    [{}, { a: { $not: regex('^x') } }, true],
    [{ a: [1, 2] }, { a: { $size: 2 } }, true],
    [{ a: [[1], [2]] }, { a: { $size: 1 } }, false],
    [{ a: [1, 2, 3] }, { a: { $all: [3, 1] } }, true],
    [{ a: 1 }, { a: { $all: [1] } }, true],
    [{ a: [1] }, { a: { $all: [] } }, false],
    [{ a: [{ b: 1 }, { b: 2 }] }, { a: { $all: [{ $elemMatch: { b: 1 } }, { $elemMatch: { b: 2 } }] } }, true],
    [{ a: [{ b: 1, c: 2 }] }, { a: { $elemMatch: { b: 1, c: 3 } } }, false],
    [{ a: [{ b: 1, c: 2 }] }, { a: { $elemMatch: { $or: [{ b: 9 }, { c: 2 }] } } }, true],
    [{ a: { b: 1 } }, { a: { $elemMatch: { b: 1 } } }, false],
    [{ a: [[1, 5]] }, { a: { $elemMatch: { $elemMatch: { $gt: 4 } } } }, true],
    [{ a: [{ r: { $ref: 'c', $id: 1 } }] }, { a: { $elemMatch: { 'r.$id': 1 } } }, true],
    [{ a: 10 }, { a: { $mod: [4, 2] } }, true],
    [{ a: -7.9 }, { a: { $mod: [4, -3] } }, true],
    [{ a: Long.fromString('9223372036854775807') }, { a: { $mod: [10, 7] } }, true],
    [{ a: 'x' }, { a: { $mod: [4, 0] } }, false],
    [{ a: 1.5 }, { a: { $type: 'double' } }, true],
    [{ a: 1 }, { a: { $type: ['int', 'string'] } }, true],
    [{ a: Long.fromNumber(1) }, { a: { $type: 18 } }, true],
    [{ a: Decimal128.fromString('1') }, { a: { $type: 'number' } }, true],
    [{ a: [1, 'x'] }, { a: { $type: 'string' } }, true],
    [{ a: [1] }, { a: { $type: 'array' } }, true],
    [{ a: id }, { a: { $type: 'objectId' } }, true],
    [{ a: 0b101 }, { a: { $bitsAllSet: [0, 2] } }, true],
    [{ a: 0b101 }, { a: { $bitsAnyClear: 0b111 } }, true],
    [{ a: -1 }, { a: { $bitsAllSet: [70] } }, true],
    [{ a: 1.5 }, { a: { $bitsAnySet: 1 } }, false],
    [{ a: new Binary(Buffer.from([0, 1])) }, { a: { $bitsAllSet: [8] } }, true],
    [{ a: new Binary(Buffer.from([0, 1])) }, { a: { $bitsAllClear: new Binary(Buffer.from([255])) } }, true],
    [{ a: 1, b: 1 }, { $expr: { $eq: ['$a', '$b'] } }, true],
    [{ a: 1, b: 2 }, { $expr: { $gt: ['$a', '$b'] } }, false],
    [{ a: 1 }, { $expr: '$missing' }, false],
    [{ a: 1 }, { $comment: 'why', a: { $comment: 'so', $eq: 1 } }, true],
    [{ a: 1, b: 2 }, { $or: [{ a: 2 }, { b: 2 }] }, true],
    [{ a: 1, b: 2 }, { $and: [{ a: 1 }, { b: 1 }] }, false],
    [{ a: 1, b: 2 }, { $nor: [{ a: 2 }, { b: 1 }] }, true],
  ])('%j by %j: %s', (document, filter, isMatch) => expect(matches(document, filter)).toBe(isMatch));

  test('variables reach $expr', () => {
    expect(compileFilter({ $expr: { $eq: ['$a', '$$wanted'] } }, { wanted: 5 })({ a: 5 })).toBe(true);
  });
});

describe('a malformed filter', () => {
  test.each<[Document, number]>([
    [{ a: { $foo: 1 } }, 2],
    [{ $foo: 1 }, 2],
    [{ a: { $gt: 1, b: 2 } }, 2],
    [{ $and: [] }, 2],
    [{ $or: { a: 1 } }, 2],
    [{ $or: [1] }, 2],
    [{ a: { $in: 1 } }, 2],
    [{ a: { $in: [{ $gt: 1 }] } }, 2],
    [{ a: { $nin: 'x' } }, 2],
    [{ a: { $ne: regex('x') } }, 2],
    [{ a: { $gt: regex('x') } }, 2],
    [{ a: { $not: 1 } }, 2],
    [{ a: { $not: {} } }, 2],
    [{ a: { $all: 1 } }, 2],
    [{ a: { $all: [{ $gt: 1 }] } }, 2],
    [{ a: { $elemMatch: 1 } }, 2],
    [{ a: { $size: -1 } }, 2],
    [{ a: { $size: 'x' } }, 2],
    [{ a: { $mod: [0, 1] } }, 2],
    [{ a: { $mod: [1] } }, 2],
    [{ a: { $type: 'foo' } }, 2],
    [{ a: { $type: [] } }, 9],
    [{ a: { $options: 'i' } }, 2],
    [{ a: { $regex: 5 } }, 2],
    [{ a: { $regex: '(' } }, 51091],
    [{ a: { $regex: 'a', $options: 'q' } }, 51108],
    [{ a: { $regex: '[[:alpha:]]' } }, 115],
    [{ a: { $bitsAllSet: 'x' } }, 2],
    [{ a: { $bitsAllSet: [-1] } }, 2],
    [{ $where: 'true' }, 115],
    [{ $text: { $search: 'x' } }, 115],
    [{ $jsonSchema: {} }, 115],
    [{ $expr: { $foo: 1 } }, 168],
    [{ $expr: { $function: { body: 'x', args: [], lang: 'js' } } }, 115],
    [{ $expr: '$$nobody' }, 17276],
    [{ a: { $elemMatch: { $expr: true } } }, 2],
  ])('%j is refused with %i', (filter, code) => {
    expect(() => compileFilter(filter)).toThrow(expect.objectContaining({ code }));
  });
});

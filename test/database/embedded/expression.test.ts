import { Decimal128, Double, Long, ObjectId } from 'bson';
import { describe, expect, test } from 'vitest';
import type { Document } from '../../../server/database/embedded/document.ts';
import { compileExpression, isTruthy } from '../../../server/database/embedded/expression.ts';

const id = new ObjectId('0123456789abcdef01234567');
const now = new Date('2026-11-25T08:00:00Z');
const computed = (expression: unknown, document: Document = {}): unknown =>
  compileExpression(expression, { NOW: now, wanted: 7 })(document);
const refusedWith = (code: number) => expect.objectContaining({ code });

describe('an expression', () => {
  const document = {
    _id: id,
    n: 3,
    big: Long.fromString('9007199254740993'),
    long: Long.fromNumber(4),
    double: new Double(2),
    price: Decimal128.fromString('9.5'),
    list: [1, 2],
    items: [{ sku: 'a', n: 1 }, { sku: 'b' }, 5, { sku: 'c', n: [2, 3] }],
    deep: { a: { b: 'x' } },
    at: new Date('2026-11-24T17:30:00Z'),
  };

  test.each<[string, unknown, unknown]>([
    ['a path', '$deep.a.b', 'x'],
    ['a missing path', '$deep.x.y', undefined],
    ['a path through an array', '$items.sku', ['a', 'b', 'c']],
    ['a path that some elements have', '$items.n', [1, [2, 3]]],
    ['a number in a path is a name', '$list.0', []],
    ['text', 'text', 'text'],
    ['a literal', { $literal: '$n' }, '$n'],
    ['a document', { a: '$n', b: '$none', c: { d: 1 } }, { a: 3, c: { d: 1 } }],
    ['a list', ['$n', '$none'], [3, null]],
    ['the whole document', '$$ROOT.deep.a', { b: 'x' }],
    ['a variable', '$$wanted', 7],
    ['the time of the command', '$$NOW', now],
    ['what is taken away', '$$REMOVE', undefined],
    ['an Int64 as it is', '$big', Long.fromString('9007199254740993')],
    ['a sum over every kind of whole number', { $add: ['$n', '$long', '$double', '$$wanted'] }, 16],
    ['a comparison of what doubles cannot tell apart', { $gt: ['$big', Long.fromString('9007199254740992')] }, true],
    ['a comparison of decimals', { $lt: ['$price', 10] }, true],
    [
      'a comparison of documents by the order of their fields',
      {
        $eq: [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
      },
      false,
    ],
    ['missing sorts below null', { $lt: ['$none', null] }, true],
    ['a choice', { $cond: [{ $eq: ['$_id', id] }, 'same', 'other'] }, 'same'],
    ['membership', { $in: [id, ['$_id']] }, true],
    ['a type', { $type: '$price' }, 'decimal'],
    ['the type of what is missing', { $type: '$none' }, 'missing'],
    ['an id from text', { $toObjectId: '0123456789abcdef01234567' }, id],
    ['a date in a time zone', { $dateToString: { date: '$at', format: '%Y-%m-%d', timezone: 'Asia/Shanghai' } }, '2026-11-25'],
    ['a list made from a list', { $map: { input: '$list', as: 'x', in: { $multiply: ['$$x', '$n'] } } }, [3, 6]],
    ['a bound variable', { $let: { vars: { total: { $sum: '$list' } }, in: { $add: ['$$total', 1] } } }, 4],
    ['a regular expression', { $regexMatch: { input: '$deep.a.b', regex: '^x$' } }, true],
    ['a default', { $ifNull: ['$none', 'nothing'] }, 'nothing'],
  ])('%s', (_, expression, expected) => {
    expect(computed(expression, document)).toEqual(expected);
  });

  test.each<[unknown, number]>([
    [{ $foo: 1 }, 168],
    [{ $add: [1, { $bar: 2 }] }, 168],
    [{ $function: { body: 'f', args: [], lang: 'js' } }, 115],
    [{ $cond: [true, { $accumulator: {} }, 1] }, 115],
    [{ $add: [1], $subtract: [1, 2] }, 15983],
    ['$$nobody', 17276],
    [{ 'a.b': 1 }, 16405],
    ['$a..b', 40353],
  ])('%j is refused with %i before a document is read', (expression, code) => {
    expect(() => compileExpression(expression, {})).toThrow(refusedWith(code));
  });

  test.each<[unknown, number]>([
    [{ $add: ['$deep', 1] }, 2],
    [{ $multiply: ['$price', 2] }, 2],
    [{ $add: ['$big', 1] }, 2],
    [{ $in: [1, '$n'] }, 40081],
    [{ $toObjectId: 'x' }, 241],
    [{ $let: { vars: {}, in: '$$nobody' } }, 17276],
  ])('%j fails with %i on a document that it does not fit', (expression, code) => {
    expect(() => computed(expression, document)).toThrow(refusedWith(code));
  });

  test('leaves the document as it is', () => {
    const before = structuredClone({ list: document.list, deep: document.deep });
    computed({ $reverseArray: '$list' }, document);
    computed({ $mergeObjects: ['$deep', { a: 1 }] }, document);
    expect({ list: document.list, deep: document.deep }).toEqual(before);
    expect(document.long).toBeInstanceOf(Long);
  });

  test('runs no code from a query, however it is wrapped', () => {
    expect(() => computed({ $map: { input: [1], in: { $function: { body: 'f', args: [], lang: 'js' } } } })).toThrow(
      refusedWith(115),
    );
  });
});

test.each<[unknown, boolean]>([
  [true, true],
  [1, true],
  ['', true],
  [[], true],
  [{}, true],
  [false, false],
  [0, false],
  [null, false],
  [undefined, false],
  [Long.ZERO, false],
  [new Double(0), false],
])('%s counts as %s', (value, expected) => expect(isTruthy(value)).toBe(expected));

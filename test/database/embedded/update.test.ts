import { Decimal128, Double, Long, Timestamp } from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encode } from '../../../server/database/embedded/bson.ts';
import type { Document } from '../../../server/database/embedded/document.ts';
import {
  applyReplacement,
  applyUpdate,
  checkUpdate,
  compileUpdate,
  type Update,
  upsertBase,
} from '../../../server/database/embedded/update.ts';
import { now, refusedWith, updated } from './updating.ts';
import { oddValue, stored } from './values.ts';

describe('fields', () => {
  test.each<[Document, Update, Document]>([
    [{ a: 1 }, { $set: { b: 2 } }, { a: 1, b: 2 }],
    [{ a: 1 }, { $set: { 'b.c.d': 2 } }, { a: 1, b: { c: { d: 2 } } }],
    [{ a: { b: 1, c: 2 } }, { $set: { 'a.b': 9 } }, { a: { b: 9, c: 2 } }],
    [{ a: [1, 2] }, { $set: { 'a.1': 9 } }, { a: [1, 9] }],
    [{ a: [1] }, { $set: { 'a.3': 4 } }, { a: [1, null, null, 4] }],
    [{ a: [{ b: 1 }] }, { $set: { 'a.0.c': 2 } }, { a: [{ b: 1, c: 2 }] }],
    [{}, { $set: { z: 1, a: 2, 'm.y': 3, 'm.b': 4 } }, { a: 2, m: { b: 4, y: 3 }, z: 1 }],
    [{ a: 1 }, { $set: {} }, { a: 1 }],
    [{ a: 1 }, { $setOnInsert: { b: 1 }, $set: { c: 1 } }, { a: 1, c: 1 }],
    [{ a: 1, b: 2 }, { $unset: { a: '' } }, { b: 2 }],
    [{ a: { b: 1 } }, { $unset: { 'a.b': 1 } }, { a: {} }],
    [{ a: [1, 2] }, { $unset: { 'a.0': 1 } }, { a: [null, 2] }],
    [{ a: 1 }, { $unset: { 'a.b': 1, 'x.y': 1 } }, { a: 1 }],
    [{ a: 1, b: 2 }, { $rename: { a: 'c' } }, { b: 2, c: 1 }],
    [{ a: 1, b: 2 }, { $rename: { a: 'b' } }, { b: 1 }],
    [{ a: { b: 1 } }, { $rename: { 'a.b': 'c.d' } }, { a: {}, c: { d: 1 } }],
    [{ a: 1 }, { $rename: { x: 'y' } }, { a: 1 }],
    [{ a: 5 }, { $min: { a: 3 }, $max: { b: 1 } }, { a: 3, b: 1 }],
    [{ a: 5 }, { $max: { a: 3 } }, { a: 5 }],
    [{ a: 5 }, { $max: { a: 'text sorts above numbers' } }, { a: 'text sorts above numbers' }],
    [{ a: null }, { $min: { a: 0 } }, { a: null }],
    [{}, { $currentDate: { a: true, b: { $type: 'date' } } }, { a: now, b: now }],
    [{}, { $currentDate: { a: { $type: 'timestamp' } } }, { a: new Timestamp({ t: 1795593600, i: 1 }) }],
    [{ a: 13 }, { $bit: { a: { and: 10 } } }, { a: 8 }],
    [{ a: 3 }, { $bit: { a: { or: 5, xor: 1 } } }, { a: 6 }],
    [{}, { $bit: { a: { or: 5 } } }, { a: 5 }],
    [{ a: Long.fromString('1099511627776') }, { $bit: { a: { or: 1 } } }, { a: Long.fromString('1099511627777') }],
    [{ a: { $ref: 'c', $id: 1 } }, { $set: { 'a.$id': 2 } }, { a: { $ref: 'c', $id: 2 } }],
  ])('%j by %j gives %j', (before, update, after) => {
    expect(updated(before, update)).toEqual(stored(after));
    expect(Object.keys(updated(before, update))).toEqual(Object.keys(after));
  });

  test.each<[Document, Update, number]>([
    [{ a: 5 }, { $set: { 'a.b': 1 } }, 28],
    [{ a: null }, { $set: { 'a.b': 1 } }, 28],
    [{ a: [1] }, { $set: { 'a.b': 1 } }, 28],
    [{ a: 'x' }, { $inc: { 'a.b': 1 } }, 28],
    [{ a: [1] }, { $set: { 'a.2000000': 1 } }, 2],
    [{ a: [{ b: 1 }] }, { $rename: { 'a.0.b': 'c' } }, 0],
    [{ a: [1] }, { $rename: { 'a.0': 'c' } }, 2],
    [{ a: 1, b: [1] }, { $rename: { a: 'b.0' } }, 2],
    [{ a: 'x' }, { $bit: { a: { or: 1 } } }, 2],
    [{ a: 1.5 }, { $bit: { a: { or: 1 } } }, 2],
  ])('%j by %j is refused with %i', (before, update, code) => {
    if (code === 0) expect(updated(before, update)).toEqual(stored({ a: [{}], c: 1 }));
    else expect(() => updated(before, update)).toThrow(refusedWith(code));
  });
});

describe('numbers', () => {
  test.each<[unknown, Document, unknown]>([
    [1, { $inc: { a: 2 } }, 3],
    [1, { $inc: { a: -2.5 } }, -1.5],
    [2147483647, { $inc: { a: 1 } }, Long.fromNumber(2147483648)],
    [Long.fromString('9007199254740993'), { $inc: { a: 1 } }, Long.fromString('9007199254740994')],
    [Long.fromNumber(1), { $inc: { a: 1 } }, Long.fromNumber(2)],
    [1, { $inc: { a: Long.fromNumber(1) } }, Long.fromNumber(2)],
    [2.5, { $inc: { a: 2.5 } }, new Double(5)],
    [new Double(2), { $inc: { a: 1 } }, new Double(3)],
    [3, { $mul: { a: 4 } }, 12],
    [65536, { $mul: { a: 65536 } }, Long.fromNumber(4294967296)],
    [undefined, { $inc: { a: 5 } }, 5],
    [undefined, { $mul: { a: 5 } }, 0],
    [undefined, { $mul: { a: Long.fromNumber(5) } }, Long.ZERO],
    [undefined, { $mul: { a: 1.5 } }, new Double(0)],
  ])('%s by %j is %s', (before, update, after) => {
    expect(updated(before === undefined ? {} : { a: before }, update)).toEqual({ a: after });
  });

  test.each<[Document, Document, number]>([
    [{ a: 'x' }, { $inc: { a: 1 } }, 14],
    [{ a: null }, { $inc: { a: 1 } }, 14],
    [{ a: [1] }, { $mul: { a: 2 } }, 14],
    [{ a: 1 }, { $inc: { a: 'x' } }, 14],
    [{ a: 1 }, { $mul: { a: null } }, 14],
    [{ a: Long.MAX_VALUE }, { $inc: { a: 1 } }, 2],
    [{ a: Decimal128.fromString('1') }, { $inc: { a: 1 } }, 115],
  ])('%j by %j is refused with %i', (before, update, code) => {
    expect(() => updated(before, update)).toThrow(refusedWith(code));
  });
});

describe('an update as a whole', () => {
  test.each<[Update, number]>([
    [{ $foo: { a: 1 } }, 9],
    [{ $set: { a: 1 }, b: 2 }, 9],
    [{ $set: 5 }, 9],
    [{ $set: { '': 1 } }, 56],
    [{ $set: { 'a..b': 1 } }, 56],
    [{ $set: { 'a.': 1 } }, 56],
    [{ $set: { 'a.$x': 1 } }, 52],
    [{ $set: { a: 1 }, $inc: { a: 1 } }, 40],
    [{ $set: { a: 1, 'a.b': 1 } }, 40],
    [{ $set: { 'a.b': 1, 'a-b': 1, a: 1 } }, 40],
    [{ $rename: { a: 'b' }, $set: { 'b.c': 1 } }, 40],
    [{ $rename: { a: 5 } }, 2],
    [{ $rename: { a: 'a' } }, 2],
    [{ $rename: { 'a.$[]': 'b' } }, 2],
    [{ $rename: { a: 'b.$' } }, 2],
    [{ $currentDate: { a: 5 } }, 2],
    [{ $currentDate: { a: { $type: 'foo' } } }, 2],
    [{ $bit: { a: 5 } }, 2],
    [{ $bit: { a: {} } }, 2],
    [{ $bit: { a: { nand: 5 } } }, 2],
    [{ $bit: { a: { or: 1.5 } } }, 2],
  ])('%j is refused with %i before a document is read', (update, code) => {
    expect(() => checkUpdate(update)).toThrow(refusedWith(code));
  });

  test('the id cannot change, but may be set to what it is', () => {
    expect(() => updated({ _id: 1 }, { $set: { _id: 2 } })).toThrow(refusedWith(66));
    expect(() => updated({ _id: 1 }, { $unset: { _id: 1 } })).toThrow(refusedWith(66));
    expect(() => updated({ _id: { a: 1 } }, { $set: { '_id.a': 2 } })).toThrow(refusedWith(66));
    expect(updated({ _id: 1, a: 1 }, { $set: { _id: 1, a: 2 } })).toEqual({ _id: 1, a: 2 });
  });

  test('one that changes nothing leaves the same bytes', () => {
    fc.assert(
      fc.property(oddValue, oddValue, (a, b) => {
        const document = { _id: 1, a, deep: { b: [b] } };
        const update = { $set: { a, 'deep.b.0': b }, $unset: { c: 1 }, $max: { 'deep.x': 5 }, $min: { 'deep.x': 5 } };
        const { $max, $min, ...quiet } = update;
        expect(encode(applyUpdate(document, quiet, { isInsert: false, now })).equals(encode(document))).toBe(true);
        expect(() => checkUpdate({ $max, $min })).toThrow(refusedWith(40));
      }),
    );
  });

  test('one compiled update serves many documents', () => {
    const update = compileUpdate({ $inc: { 'a.$[x]': 1 }, $setOnInsert: { b: 1 } }, { arrayFilters: [{ x: { $gt: 1 } }] });
    expect(update({ a: [1, 2] }, { isInsert: false, now })).toEqual({ a: [1, 3] });
    expect(update({ a: [5] }, { isInsert: true, now })).toEqual({ a: [6], b: 1 });
  });

  test('a field named __proto__ is a field', () => {
    const update = JSON.parse('{"$set": {"__proto__.a": 1, "x": 2}}');
    const after = updated({}, update);
    expect(Object.getPrototypeOf(after)).toBe(Object.prototype);
    expect(JSON.stringify(after)).toBe('{"__proto__":{"a":1},"x":2}');
    expect(({} as Document).a).toBeUndefined();
  });
});

describe('a replacement', () => {
  test('keeps the id and takes the fields as they come', () => {
    expect(applyReplacement({ _id: 1, a: 1 }, { b: 2 })).toEqual({ _id: 1, b: 2 });
    expect(Object.keys(applyReplacement({ _id: 1 }, { b: 2, _id: 1 }))).toEqual(['_id', 'b']);
    expect(applyReplacement({}, { b: 2 })).toEqual({ b: 2 });
  });

  test('is refused with another id or a name that begins with $', () => {
    expect(() => applyReplacement({ _id: 1 }, { _id: 2 })).toThrow(refusedWith(66));
    expect(() => applyReplacement({ _id: 1 }, { a: 1, $set: {} })).toThrow(refusedWith(52));
  });
});

describe('an upsert', () => {
  test.each<[Document, Document]>([
    [{ a: 1, b: { $gt: 5 } }, { a: 1 }],
    [
      { a: { $eq: 1 }, 'b.c': 'x' },
      { a: 1, b: { c: 'x' } },
    ],
    [{ $and: [{ a: 1 }, { b: { $in: [2] } }] }, { a: 1, b: 2 }],
    [{ $or: [{ a: 1 }] }, { a: 1 }],
    [{ $or: [{ a: 1 }, { a: 2 }] }, {}],
    [{ a: { $all: [1] }, b: { $all: [1, 2] }, c: { $in: [1, 2] } }, { a: 1 }],
    [{ a: { b: 1 } }, { a: { b: 1 } }],
    [
      { _id: 7, $expr: true, a: null },
      { _id: 7, a: null },
    ],
    [{ a: { $ne: 1 }, b: { $exists: true }, c: { $not: { $eq: 1 } } }, {}],
  ])('by %j starts from %j', (filter, base) => expect(upsertBase(stored(filter))).toEqual(base));

  test('is refused where the filter names a path twice', () => {
    expect(() => upsertBase({ a: 1, $and: [{ a: 2 }] })).toThrow(refusedWith(54));
    expect(() => upsertBase({ a: { b: 1 }, 'a.b': 1 })).toThrow(refusedWith(54));
  });

  test('applies $setOnInsert, and an id that it sets stands first', () => {
    const after = updated(upsertBase({ a: 1 }), { $setOnInsert: { b: 2, _id: 'x' }, $inc: { n: 1 } }, { isInsert: true });
    expect(Object.entries(after)).toEqual([
      ['_id', 'x'],
      ['a', 1],
      ['b', 2],
      ['n', 1],
    ]);
  });
});

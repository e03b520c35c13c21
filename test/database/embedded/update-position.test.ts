import { describe, expect, test } from 'vitest';
import type { Document } from '../../../server/database/embedded/document.ts';
import { type Given, refusedWith, updated } from './updating.ts';

describe('positions', () => {
  const order = {
    _id: 1,
    items: [
      { sku: 'a', n: 1, done: false },
      { sku: 'b', n: 2, done: false },
      { sku: 'b', n: 3, done: false },
    ],
  };
  const counts = (document: Document): unknown[] => (document.items as Document[]).map(({ n }) => n);

  test.each<[string, Document, Given, unknown[]]>([
    ['$ stands for the element that a condition met', { $set: { 'items.$.n': 9 } }, { filter: { 'items.sku': 'b' } }, [1, 9, 3]],
    [
      '$ by $elemMatch',
      { $inc: { 'items.$.n': 5 } },
      { filter: { items: { $elemMatch: { sku: 'b', n: { $gt: 2 } } } } },
      [1, 2, 8],
    ],
    ['$ inside $and', { $inc: { 'items.$.n': 5 } }, { filter: { $and: [{ _id: 1 }, { 'items.n': 2 }] } }, [1, 7, 3]],
    ['$ by two conditions on the array', { $inc: { 'items.$.n': 5 } }, { filter: { 'items.sku': 'b', 'items.n': 3 } }, [1, 2, 8]],
    ['$ by a whole element', { $inc: { 'items.$.n': 5 } }, { filter: { items: { sku: 'a', n: 1, done: false } } }, [6, 2, 3]],
    ['$[] stands for all', { $mul: { 'items.$[].n': 2 } }, {}, [2, 4, 6]],
    ['$[x] for those of a filter', { $set: { 'items.$[x].n': 0 } }, { arrayFilters: [{ 'x.n': { $gte: 2 } }] }, [1, 0, 0]],
    ['$[x] with $or', { $set: { 'items.$[x].n': 0 } }, { arrayFilters: [{ $or: [{ 'x.n': 1 }, { 'x.n': 3 }] }] }, [0, 2, 0]],
  ])('%s', (_, update, given, expected) => {
    expect(counts(updated(order, update, given))).toEqual(expected);
  });

  test('two changes of one element go together', () => {
    const after = updated(order, { $set: { 'items.$.n': 9, 'items.$.done': true } }, { filter: { 'items.sku': 'b' } });
    expect((after.items as Document[])[1]).toEqual({ sku: 'b', n: 9, done: true });
  });

  test('positions are those of the document as it was matched', () => {
    const update = { $set: { 'items.$[x].sku': 'c', 'items.$[x].n': 0 } };
    const after = updated(order, update, { arrayFilters: [{ 'x.sku': 'b' }] });
    expect(counts(after)).toEqual([1, 0, 0]);
  });

  test('identifiers may be nested, and stand for scalars', () => {
    const given = { arrayFilters: [{ 'row.k': 1 }, { cell: { $gt: 1 } }] };
    const after = updated(
      {
        rows: [
          { k: 1, v: [1, 2, 3] },
          { k: 2, v: [9] },
        ],
      },
      { $inc: { 'rows.$[row].v.$[cell]': 10 } },
      given,
    );
    expect(after).toEqual({
      rows: [
        { k: 1, v: [1, 12, 13] },
        { k: 2, v: [9] },
      ],
    });
  });

  test.each<[Document, Given, number]>([
    [{ $set: { 'items.$.n': 1 } }, { filter: { _id: 1 } }, 2],
    [{ $set: { 'items.$.n': 1 } }, { filter: { 'items.n': { $ne: 1 }, 'items.sku': 'zzz' } }, 2],
    [{ $set: { '$.n': 1 } }, {}, 2],
    [{ $set: { '$[].n': 1 } }, {}, 2],
    [{ $set: { 'items.$.x.$': 1 } }, { filter: { 'items.n': 1 } }, 2],
    [{ $set: { 'items.$[x].n': 1 } }, {}, 2],
    [{ $set: { 'none.$[].n': 1 } }, {}, 2],
    [{ $set: { '_id.$[]': 1 } }, {}, 2],
    [{ $set: { 'items.$[x].n': 1 } }, { arrayFilters: [{ 'x.n': 1 }, { 'y.n': 1 }] }, 9],
    [{ $set: { 'items.$[x].n': 1 } }, { arrayFilters: [{ 'x.n': 1, 'y.n': 1 }] }, 9],
    [{ $set: { 'items.$[x].n': 1 } }, { arrayFilters: [{ 'x.n': 1 }, { 'x.sku': 1 }] }, 9],
    [{ $set: { 'items.$[X].n': 1 } }, { arrayFilters: [{ 'X.n': 1 }] }, 2],
    [{ $set: { 'items.$[].n': 1, 'items.$[x].n': 2 } }, { arrayFilters: [{ 'x.n': 1 }] }, 40],
  ])('%j is refused', (update, given, code) => {
    expect(() => updated(order, update, given)).toThrow(refusedWith(code));
  });
});

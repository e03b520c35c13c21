import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encode } from '../../../server/database/embedded/bson.ts';
import type { Collection } from '../../../server/database/embedded/catalog.ts';
import type { Document } from '../../../server/database/embedded/document.ts';
import { liveView } from '../../../server/database/embedded/execute.ts';
import { countAll, findRows, NO_DEADLINE, type Search } from '../../../server/database/embedded/read.ts';
import { documentOf, type Row } from '../../../server/database/embedded/row.ts';
import { openStore, type Store } from '../../../server/database/embedded/store.ts';
import { collectTop } from '../../../server/database/embedded/top.ts';

const COUNT = 3_000;
let folder: string;
let store: Store;
let orders: Collection;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'read-'));
  store = openStore(join(folder, 'database.sqlite'));
  store.begin();
  orders = store.catalog.createCollection('shop', 'orders', {}, store.nextVersion());
  store.buildIndex(orders, { v: 2, key: { n: 1 }, name: 'n' });
  for (let n = 0; n < COUNT; n++)
    store.insert(orders, encode({ _id: n, n: (n * 7) % COUNT, mod: n % 10, even: n % 2 ? [1, 3] : [2] }));
  store.commit();
});
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const rows = (search: Partial<Search>): Iterable<Row> =>
  findRows(liveView(store), orders, { filter: {}, deadline: NO_DEADLINE, ...search }).rows;
const found = (search: Partial<Search>): Document[] => Array.from(rows(search), documentOf);
const numbers = (search: Partial<Search>) => found(search).map(({ n }) => n);

describe('reading in chunks', () => {
  test('goes through a whole collection, forwards, backwards, by _id and through an index', () => {
    const all = Array.from({ length: COUNT }, (_, index) => index);
    expect(found({}).map(({ _id }) => _id)).toEqual(all);
    expect(found({ sort: { $natural: -1 } }).map(({ _id }) => _id)).toEqual([...all].reverse());
    expect(found({ sort: { _id: -1 } }).map(({ _id }) => _id)).toEqual([...all].reverse());
    expect(numbers({ sort: { n: 1 } })).toEqual(all);
    expect(numbers({ sort: { n: -1 } })).toEqual([...all].reverse());
    expect(numbers({ filter: { n: { $gte: 1_000, $lt: 2_500 } }, sort: { n: -1 } })).toEqual(all.slice(1_000, 2_500).reverse());
  });

  test('skip and limit cut, whatever the order comes from', () => {
    for (const hint of [{ n: 1 }, { $natural: 1 }]) {
      expect(numbers({ sort: { n: 1 }, skip: 1_500, limit: 3, hint })).toEqual([1_500, 1_501, 1_502]);
      expect(numbers({ sort: { n: -1 }, skip: COUNT - 1, limit: 9, hint })).toEqual([0]);
      expect(numbers({ sort: { n: 1 }, skip: COUNT, hint })).toEqual([]);
    }
  });

  test('lets writes go on between two rows, and ends when the collection is dropped', () => {
    store.begin();
    const other = store.catalog.createCollection('shop', 'other', {}, store.nextVersion());
    for (let n = 0; n < 100; n++) store.insert(other, encode({ _id: n }));
    const reading = findRows(liveView(store), other, { filter: {}, deadline: NO_DEADLINE }).rows[Symbol.iterator]();
    reading.next();
    for (let n = 100; n < 110; n++) store.insert(other, encode({ _id: n }));
    let last: unknown;
    for (let count = 1; count < 110; count++) last = reading.next().value?.rid;
    expect(last).toBe(110);
    expect(reading.next().done).toBe(true);
    const again = findRows(liveView(store), other, { filter: {}, deadline: NO_DEADLINE }).rows[Symbol.iterator]();
    again.next();
    store.catalog.dropCollection(other);
    expect(() => Array.from({ length: 110 }, () => again.next())).toThrow(expect.objectContaining({ code: 175 }));
    store.commit();
  });

  test('a document of an index over arrays comes once', () => {
    store.begin();
    store.buildIndex(orders, { v: 2, key: { even: 1 }, name: 'even' });
    store.commit();
    const through = found({ filter: { even: { $gt: 0 } }, hint: 'even' });
    expect(through).toHaveLength(COUNT);
    expect(new Set(through.map(({ _id }) => _id)).size).toBe(COUNT);
  });
});

describe('a deadline', () => {
  test.each<[string, Partial<Search>]>([
    ['a scan', {}],
    ['an index', { filter: { n: { $gt: 5 } } }],
    ['an _id', { filter: { _id: 5 } }],
  ])('that has passed stops %s (50)', (_name, search) => {
    expect(() => found({ ...search, deadline: { at: Date.now() - 1 } })).toThrow(expect.objectContaining({ code: 50 }));
  });

  test('that passes on the way stops before the next chunk', () => {
    const deadline = { at: Date.now() + 60_000 };
    const reading = rows({ deadline })[Symbol.iterator]();
    reading.next();
    deadline.at = Date.now() - 1;
    expect(() => Array.from({ length: COUNT }, () => reading.next())).toThrow(expect.objectContaining({ code: 50 }));
  });
});

test('counting everything decodes nothing and agrees with reading', () => {
  expect(countAll(liveView(store), orders)).toBe(COUNT);
});

describe('the first few in order', () => {
  test('are those of a whole sort, equal ones in the order they came', () => {
    const item = fc.record({ key: fc.integer({ min: 0, max: 5 }), tag: fc.nat() });
    const compare = (left: { key: number }, right: { key: number }) => left.key - right.key;
    fc.assert(
      fc.property(fc.array(item), fc.integer({ min: 1, max: 20 }), (items, count) => {
        expect(collectTop(items, count, compare)).toEqual([...items].sort(compare).slice(0, count));
      }),
    );
  });
});

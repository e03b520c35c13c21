import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decode, encode } from '../../../server/database/embedded/bson.ts';
import type { Collection, Index } from '../../../server/database/embedded/catalog.ts';
import type { Document } from '../../../server/database/embedded/document.ts';
import { encodeKey, indexKeys } from '../../../server/database/embedded/key.ts';
import { bytesOf } from '../../../server/database/embedded/sql.ts';
import { openStore, type Store } from '../../../server/database/embedded/store.ts';

let folder: string;
let store: Store;

const open = (): Store => openStore(join(folder, 'database.sqlite'));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  store = open();
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs work in a batch of its own. */
const batch = <Result>(work: () => Result): Result => {
  store.begin();
  const result = work();
  store.commit();
  return result;
};
const create = (name = 'orders', ...specs: Document[]): Collection =>
  batch(() => {
    const collection = store.catalog.createCollection('shop', name, {}, store.nextVersion());
    for (const spec of specs) store.buildIndex(collection, { v: 2, name: Object.keys(spec.key as Document).join('_'), ...spec });
    return collection;
  });
const find = (name = 'orders'): Collection => {
  const collection = store.catalog.find(`shop.${name}`);
  if (!collection) throw new Error(`${name} is not there`);
  return collection;
};
const rowOf = (collection: Collection, id: unknown) => {
  const [rid, version, doc] = store.sql.prepare(collection.texts.byId).get(encodeKey(id)) ?? [];
  return { rid: Number(rid), version: Number(version), raw: bytesOf(doc), decoded: undefined };
};
const insert = (collection: Collection, document: Document) => store.insert(collection, encode(document));
const update = (collection: Collection, next: Document) =>
  store.update(collection, rowOf(collection, next._id), next, encode(next));
const documents = (collection: Collection): Document[] =>
  store.sql
    .prepare(`SELECT doc FROM d${collection.id} ORDER BY id`)
    .all()
    .map(([doc]) => decode(bytesOf(doc)));
const entries = (index: Index): string[] =>
  store.sql
    .prepare(`SELECT k, rid FROM x${index.id} ORDER BY k, rid`)
    .all()
    .map(([key, rid]) => `${bytesOf(key).toString('hex')}:${rid}`);
/** What the index should hold, computed from the documents. */
const expected = (collection: Collection, index: Index): string[] =>
  documents(collection)
    .flatMap((document) => {
      const keys = index.covers(document) ? indexKeys(document, index.fields).keys : [];
      return keys.map((key) => `${key.toString('hex')}:${rowOf(collection, document._id).rid}`);
    })
    .sort();

describe('a batch', () => {
  test('is there after closing and opening, indexes and options too', () => {
    const collection = create('orders', { key: { n: 1 }, unique: true });
    batch(() => {
      store.catalog.setOptions(collection, { validator: { n: { $gte: 0 } } });
      insert(collection, { _id: 1, n: 5 });
    });
    store.close();
    store = open();
    expect(documents(find())).toEqual([{ _id: 1, n: 5 }]);
    expect(find().options).toEqual({ validator: { n: { $gte: 0 } } });
    expect(() => batch(() => insert(find(), { _id: 2, n: 5 }))).toThrow(expect.objectContaining({ code: 11000 }));
  });

  test('says whether it wrote', () => {
    create();
    store.begin();
    expect(store.commit()).toBe(false);
    store.begin();
    insert(find(), { _id: 1 });
    expect(store.commit()).toBe(true);
  });

  test('that SQLite took back by itself leaves nothing in memory either', () => {
    store.begin();
    store.catalog.createCollection('shop', 'orders', {}, store.nextVersion());
    store.sql.run('ROLLBACK');
    expect(() => store.commit()).toThrow(/taken back/);
    expect(store.catalog.find('shop.orders')).toBeUndefined();
    expect(create().name).toBe('orders');
  });
});

describe('a savepoint that is rolled back', () => {
  const attempt = (work: () => void) => {
    store.begin();
    const savepoint = store.savepoint();
    work();
    savepoint.rollback();
    store.commit();
  };

  test('takes back documents and index entries', () => {
    const collection = create('orders', { key: { tags: 1 } });
    batch(() => insert(collection, { _id: 1, tags: 'a' }));
    attempt(() => {
      insert(collection, { _id: 2, tags: ['b', 'c'] });
      update(collection, { _id: 1, tags: ['x', 'y'] });
      store.remove(collection, rowOf(collection, 1));
    });
    const [index] = collection.indexes;
    expect(documents(collection)).toEqual([{ _id: 1, tags: 'a' }]);
    expect(index && entries(index)).toEqual(index && expected(collection, index));
    expect(index?.multikey).toBe(false);
  });

  test('takes back what was made, dropped, renamed and changed', () => {
    const collection = create('orders', { key: { n: 1 } });
    attempt(() => {
      const [index] = collection.indexes;
      if (index) store.catalog.dropIndex(collection, index);
      store.buildIndex(collection, { v: 2, key: { other: 1 }, name: 'other' });
      store.catalog.setOptions(collection, { validator: {} });
      store.catalog.renameCollection(collection, 'shop', 'renamed');
      store.catalog.dropCollection(collection);
      store.catalog.createCollection('shop', 'new', {}, store.nextVersion());
    });
    expect([...store.catalog.all()].map(({ namespace }) => namespace)).toEqual(['shop.orders']);
    expect(find()).toBe(collection);
    expect(collection).toMatchObject({ name: 'orders', dropped: false, options: {} });
    expect(collection.indexes.map(({ name, dropped }) => [name, dropped])).toEqual([['n', false]]);
    batch(() => insert(collection, { _id: 1, n: 1 }));
    store.close();
    store = open();
    expect(find().indexes.map(({ name }) => name)).toEqual(['n']);
  });

  test('does not take back the version counter: a version never stands for two states', () => {
    const collection = create();
    let seen = 0;
    attempt(() => {
      insert(collection, { _id: 1 });
      seen = rowOf(collection, 1).version;
    });
    batch(() => insert(collection, { _id: 1 }));
    expect(rowOf(collection, 1).version).toBeGreaterThan(seen);
    const last = rowOf(collection, 1).version;
    store.close();
    store = open();
    batch(() => insert(find(), { _id: 2 }));
    expect(rowOf(find(), 2).version).toBeGreaterThan(last);
  });
});

test('whatever is written, refused or taken back, every index holds what its documents say', () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom(null, 'a', [1, 2], [], { b: 1 }));
  const write = fc.record({
    kind: fc.constantFrom('insert', 'update', 'remove'),
    id: fc.integer({ min: 0, max: 5 }),
    fields: fc.record({ a: value, b: value, u: fc.integer({ min: 0, max: 6 }) }, { requiredKeys: [] }),
  });
  const command = fc.record({ writes: fc.array(write, { maxLength: 4 }), isKept: fc.boolean() });
  let round = 0;
  fc.assert(
    fc.property(fc.array(command, { maxLength: 12 }), (commands) => {
      const collection = create(
        `c${round++}`,
        { key: { a: 1 } },
        { key: { b: -1, u: 1 } },
        { key: { u: 1 }, unique: true, sparse: true },
        { key: { b: 1 }, partialFilterExpression: { a: { $gt: 1 } } },
      );
      for (const { writes, isKept } of commands) {
        store.begin();
        const savepoint = store.savepoint();
        for (const { kind, id, fields } of writes) {
          const document: Document = { _id: id, ...fields };
          const isThere = store.sql.prepare(collection.texts.byId).get(encodeKey(id)) !== undefined;
          try {
            if (kind === 'insert') insert(collection, document);
            else if (isThere && kind === 'update') update(collection, document);
            else if (isThere) store.remove(collection, rowOf(collection, id));
          } catch (error) {
            expect(error).toMatchObject({ code: expect.toBeOneOf([11000, 171]) });
          }
        }
        if (isKept) savepoint.release();
        else savepoint.rollback();
        store.commit();
      }
      for (const index of collection.indexes) expect(entries(index)).toEqual(expected(collection, index));
    }),
    { numRuns: 60 },
  );
});

test('a file of another format is refused, saying which', () => {
  batch(() => store.sql.script("UPDATE meta SET value=99 WHERE key='format'"));
  store.close();
  expect(open).toThrow(/format 99.*reads format 1/);
  rmSync(folder, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  store = open();
});

test('a full disk takes back the whole batch, which says so; the next one works', () => {
  const collection = create();
  batch(() => insert(collection, { _id: 0 }));
  const pages = Number(store.sql.prepare('PRAGMA page_count').get()?.[0]);
  store.sql.script(`PRAGMA max_page_count=${pages + 2}`);
  store.begin();
  insert(collection, { _id: 1 });
  const savepoint = store.savepoint();
  const fill = () => {
    for (let id = 2; id < 100; id++) insert(collection, { _id: id, text: 'x'.repeat(3_000) });
  };
  expect(fill).toThrow(/full/);
  savepoint.rollback();
  expect(store.isBatchOpen()).toBe(false);
  expect(() => store.commit()).toThrow(/taken back/);
  batch(() => insert(collection, { _id: 2 }));
  expect(documents(collection).map(({ _id }) => _id)).toEqual([0, 2]);
});

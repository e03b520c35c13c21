import { decode, encode, isNumeric, toNumber } from './bson.ts';
import type { Document } from './document.ts';
import type { Journal } from './journal.ts';
import { hasPath, type IndexField } from './key.ts';
import { compileFilter } from './match.ts';
import { bytesOf, type Sql } from './sql.ts';

/** SQL texts of one table, built once, so that the statement cache is asked with strings whose hash is known. */
type RangeTexts = { first: string; next: string; firstDescending: string; nextDescending: string };

export type Index = {
  id: number;
  name: string;
  /** The specification as createIndexes stored it and listIndexes shows it. */
  spec: Document;
  /** Fields kept as sortable keys. A 2dsphere field is not among them: it is listed in `geoPaths`. */
  fields: IndexField[];
  geoPaths: string[];
  unique: boolean;
  sparse: boolean;
  hidden: boolean;
  partialFilter: Document | undefined;
  /** False for documents that a sparse or partial index leaves out. */
  covers(document: Document): boolean;
  /** First segments of the paths that decide about the keys; undefined when that cannot be told. */
  roots: ReadonlySet<string> | undefined;
  /** Some document has more than one key here, so both ends of a range may be met by different elements. */
  multikey: boolean;
  /** Version counter when it was made: a snapshot older than this does not have it. */
  since: number;
  dropped: boolean;
  texts: { owner: string; add: string; remove: string; range: RangeTexts };
};

export type Collection = {
  id: number;
  database: string;
  name: string;
  namespace: string;
  options: Document;
  validator: ((document: Document) => boolean) | undefined;
  indexes: Index[];
  idIndex: Index;
  since: number;
  dropped: boolean;
  texts: { byId: string; version: string; insert: string; update: string; remove: string; scan: string; scanDescending: string };
};

export type Catalog = {
  find(namespace: string): Collection | undefined;
  all(): Iterable<Collection>;
  createCollection(database: string, name: string, options: Document, since: number): Collection;
  /** Gives a collection that existed in a transaction only its tables. */
  adopt(collection: Collection, since: number): void;
  dropCollection(collection: Collection): void;
  renameCollection(collection: Collection, database: string, name: string): void;
  setOptions(collection: Collection, options: Document): void;
  /** Makes the index's table; its keys are the store's work. */
  addIndex(collection: Collection, spec: Document, since: number): Index;
  dropIndex(collection: Collection, index: Index): void;
  setSpec(index: Index, spec: Document): void;
  markMultikey(index: Index): void;
};

/** A collection object that has no tables yet. */
export function describeCollection(id: number, database: string, name: string, options: Document, since: number): Collection {
  const table = `d${id}`;
  return {
    id,
    database,
    name,
    namespace: `${database}.${name}`,
    options,
    validator: validatorOf(options),
    indexes: [],
    idIndex: describeIdIndex(table),
    since,
    dropped: false,
    texts: {
      byId: `SELECT rid, ver, doc FROM ${table} WHERE id=?`,
      version: `SELECT ver FROM ${table} WHERE rid=?`,
      insert: `INSERT INTO ${table}(id, ver, doc) VALUES(?,?,?) ON CONFLICT(id) DO NOTHING`,
      update: `UPDATE ${table} SET ver=?, doc=? WHERE rid=?`,
      remove: `DELETE FROM ${table} WHERE rid=?`,
      scan: `SELECT rid, ver, doc FROM ${table} WHERE rid>? ORDER BY rid LIMIT ?`,
      scanDescending: `SELECT rid, ver, doc FROM ${table} WHERE rid<? ORDER BY rid DESC LIMIT ?`,
    },
  };
}

/** An index object that has no table yet. */
export function describeIndex(id: number, collectionId: number, spec: Document, multikey: boolean, since: number): Index {
  const table = `x${id}`;
  const entries = Object.entries(spec.key as Document);
  const fields = entries
    .filter(([, kind]) => kind !== '2dsphere')
    .map(([path, direction]): IndexField => ({ path, direction: isNumeric(direction) && toNumber(direction) < 0 ? -1 : 1 }));
  const geoPaths = entries.filter(([, kind]) => kind === '2dsphere').map(([path]) => path);
  const partialFilter = spec.partialFilterExpression as Document | undefined;
  const sparse = spec.sparse === true;
  const paths = entries.map(([path]) => path);
  return {
    id,
    name: String(spec.name),
    spec,
    fields,
    geoPaths,
    unique: spec.unique === true,
    sparse,
    hidden: spec.hidden === true,
    partialFilter,
    covers: coverage(paths, sparse, partialFilter),
    roots: rootsOf(paths, partialFilter),
    multikey,
    since,
    dropped: false,
    texts: {
      owner: `SELECT rid FROM ${table} WHERE k=? LIMIT 2`,
      add: `INSERT OR IGNORE INTO ${table}(k, rid) VALUES(?,?)`,
      remove: `DELETE FROM ${table} WHERE k=? AND rid=?`,
      range: rangeTexts(`${table} x JOIN d${collectionId} d ON d.rid=x.rid`, 'x.k', 'x.rid'),
    },
  };
}

/** Loads the catalog of a database file, making its tables in an empty one. Changes are taken back through the journal. */
export function loadCatalog(sql: Sql, journal: Journal): Catalog {
  sql.script(
    'CREATE TABLE IF NOT EXISTS collections(cid INTEGER PRIMARY KEY AUTOINCREMENT, database TEXT NOT NULL, name TEXT NOT NULL, ' +
      'options BLOB NOT NULL, UNIQUE(database, name));' +
      'CREATE TABLE IF NOT EXISTS indexes(iid INTEGER PRIMARY KEY AUTOINCREMENT, cid INTEGER NOT NULL, spec BLOB NOT NULL, ' +
      'multikey INTEGER NOT NULL DEFAULT 0)',
  );
  const collections = readCollections(sql);
  const put = (collection: Collection) => {
    collections.set(collection.namespace, collection);
    journal.record(() => collections.delete(collection.namespace));
  };
  const take = (collection: Collection) => {
    collections.delete(collection.namespace);
    const { namespace } = collection;
    journal.record(() => collections.set(namespace, collection));
  };
  const store = (database: string, name: string, options: Document): number => {
    const row = sql
      .prepare('INSERT INTO collections(database, name, options) VALUES(?,?,?)')
      .run(database, name, encode(options));
    const id = Number(row.lastInsertRowid);
    sql.script(`CREATE TABLE d${id}(rid INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, ver INTEGER NOT NULL, doc BLOB NOT NULL)`);
    return id;
  };
  const markDropped = (thing: Collection | Index) => {
    thing.dropped = true;
    journal.record(() => {
      thing.dropped = false;
    });
  };
  const catalog: Catalog = {
    find: (namespace) => collections.get(namespace),
    all: () => collections.values(),
    createCollection(database, name, options, since) {
      const collection = describeCollection(store(database, name, options), database, name, options, since);
      put(collection);
      return collection;
    },
    adopt(collection, since) {
      const { indexes, database, name, options } = collection;
      Object.assign(collection, describeCollection(store(database, name, options), database, name, options, since));
      put(collection);
      for (const index of indexes) catalog.addIndex(collection, index.spec, since);
    },
    dropCollection(collection) {
      for (const index of collection.indexes) if (index.fields.length) sql.script(`DROP TABLE x${index.id}`);
      sql.script(`DROP TABLE d${collection.id}`);
      sql.prepare('DELETE FROM indexes WHERE cid=?').run(collection.id);
      sql.prepare('DELETE FROM collections WHERE cid=?').run(collection.id);
      sql.forget();
      take(collection);
      markDropped(collection);
    },
    renameCollection(collection, database, name) {
      sql.prepare('UPDATE collections SET database=?, name=? WHERE cid=?').run(database, name, collection.id);
      take(collection);
      const before = { database: collection.database, name: collection.name, namespace: collection.namespace };
      Object.assign(collection, { database, name, namespace: `${database}.${name}` });
      journal.record(() => Object.assign(collection, before));
      put(collection);
    },
    setOptions(collection, options) {
      sql.prepare('UPDATE collections SET options=? WHERE cid=?').run(encode(options), collection.id);
      const before = { options: collection.options, validator: collection.validator };
      Object.assign(collection, { options, validator: validatorOf(options) });
      journal.record(() => Object.assign(collection, before));
    },
    addIndex(collection, spec, since) {
      const row = sql.prepare('INSERT INTO indexes(cid, spec) VALUES(?,?)').run(collection.id, encode(spec));
      const index = describeIndex(Number(row.lastInsertRowid), collection.id, spec, false, since);
      if (index.fields.length) {
        sql.script(`CREATE TABLE x${index.id}(k BLOB NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY(k, rid)) WITHOUT ROWID`);
      }
      setIndexes(journal, collection, [...collection.indexes, index]);
      return index;
    },
    dropIndex(collection, index) {
      if (index.fields.length) sql.script(`DROP TABLE x${index.id}`);
      sql.prepare('DELETE FROM indexes WHERE iid=?').run(index.id);
      sql.forget();
      setIndexes(
        journal,
        collection,
        collection.indexes.filter((other) => other !== index),
      );
      markDropped(index);
    },
    setSpec(index, spec) {
      sql.prepare('UPDATE indexes SET spec=? WHERE iid=?').run(encode(spec), index.id);
      const before = { spec: index.spec, hidden: index.hidden };
      Object.assign(index, { spec, hidden: spec.hidden === true });
      journal.record(() => Object.assign(index, before));
    },
    markMultikey(index) {
      sql.prepare('UPDATE indexes SET multikey=1 WHERE iid=?').run(index.id);
      index.multikey = true;
      journal.record(() => {
        index.multikey = false;
      });
    },
  };
  return catalog;
}

function setIndexes(journal: Journal, collection: Collection, indexes: Index[]): void {
  const before = collection.indexes;
  collection.indexes = indexes;
  journal.record(() => {
    collection.indexes = before;
  });
}

function readCollections(sql: Sql): Map<string, Collection> {
  const collections = new Map<string, Collection>();
  for (const [cid, database, name, options] of sql
    .prepare('SELECT cid, database, name, options FROM collections ORDER BY cid')
    .all()) {
    const collection = describeCollection(Number(cid), String(database), String(name), decode(bytesOf(options)), 0);
    for (const [iid, spec, multikey] of sql
      .prepare('SELECT iid, spec, multikey FROM indexes WHERE cid=? ORDER BY iid')
      .all(cid ?? 0)) {
      collection.indexes.push(describeIndex(Number(iid), collection.id, decode(bytesOf(spec)), multikey === 1, 0));
    }
    collections.set(collection.namespace, collection);
  }
  return collections;
}

function describeIdIndex(table: string): Index {
  return {
    ...describeIndex(0, 0, { v: 2, key: { _id: 1 }, name: '_id_', unique: true }, false, 0),
    spec: { v: 2, key: { _id: 1 }, name: '_id_' },
    texts: {
      owner: `SELECT rid FROM ${table} WHERE id=? LIMIT 2`,
      add: '',
      remove: '',
      range: rangeTexts(`${table} d`, 'd.id', 'd.rid'),
    },
  };
}

function rangeTexts(source: string, key: string, rid: string): RangeTexts {
  const select = `SELECT d.rid, d.ver, d.doc, ${key} FROM ${source} WHERE`;
  const upward = `ORDER BY ${key}, ${rid} LIMIT ?`;
  const downward = `ORDER BY ${key} DESC, ${rid} DESC LIMIT ?`;
  return {
    first: `${select} ${key}>=? AND ${key}<? ${upward}`,
    next: `${select} (${key}, ${rid})>(?,?) AND ${key}<? ${upward}`,
    firstDescending: `${select} ${key}<? AND ${key}>=? ${downward}`,
    nextDescending: `${select} (${key}, ${rid})<(?,?) AND ${key}>=? ${downward}`,
  };
}

function validatorOf(options: Document): ((document: Document) => boolean) | undefined {
  const validator = options.validator as Document | undefined;
  if (!validator || options.validationAction === 'warn' || options.validationLevel === 'off') return undefined;
  return compileFilter(validator);
}

function coverage(paths: string[], sparse: boolean, partialFilter: Document | undefined): (document: Document) => boolean {
  if (partialFilter) return compileFilter(partialFilter);
  if (sparse) return (document) => paths.some((path) => hasPath(document, path));
  return () => true;
}

function rootsOf(paths: string[], partialFilter: Document | undefined): ReadonlySet<string> | undefined {
  const names = [...paths, ...Object.keys(partialFilter ?? {})];
  if (names.some((name) => name.startsWith('$'))) return undefined;
  return new Set(names.map((name) => name.split('.', 1)[0] ?? name));
}

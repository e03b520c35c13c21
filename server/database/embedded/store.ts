import { type Document, decode } from './bson.ts';
import { type Catalog, type Collection, type Index, loadCatalog } from './catalog.ts';
import { commandError, duplicateKey } from './errors.ts';
import { checkGeoIndexed } from './geo.ts';
import { createJournal, type Journal } from './journal.ts';
import { encodeKey, indexKeys, pathValues } from './key.ts';
import { idOf, MAX_DOCUMENT_BYTES, withIdFirst } from './raw.ts';
import { type Change, documentOf, type IndexEntry, type Row } from './row.ts';
import { openSql, type Sql } from './sql.ts';

/** Whoever holds documents or unique keys until its end: a transaction. */
export type Claimant = { onEnd(callback: () => void): void };

/** Thrown by a plain write that meets something a transaction holds: the command is taken back and run again when that ends. */
export class Blocked extends Error {
  by: Claimant;

  constructor(by: Claimant) {
    super('waiting for a transaction');
    this.by = by;
  }
}

/** What writes documents: the store itself, or a transaction. */
export type Writer = {
  /** `raw` has `_id` first. 11000 when the id or a unique key is taken. */
  insert(collection: Collection, raw: Buffer, decoded?: Document): void;
  /** `touched` names the first segments of changed paths, undefined when any may have changed. */
  update(collection: Collection, row: Row, next: Document, raw: Buffer, touched?: ReadonlySet<string>): void;
  remove(collection: Collection, row: Row): void;
};

export type Store = Writer & {
  /** Writes the changes of a transaction, whose unique values may have been exchanged: all old keys go before any new one comes. */
  apply(collection: Collection, changes: Change[]): void;
  file: string;
  sql: Sql;
  catalog: Catalog;
  journal: Journal;
  /** Documents and unique keys held by open transactions, see claimOfDocument and claimOfKey. */
  claims: Map<string, Claimant>;
  /** Counts every write and never goes back, so that a version seen once never stands for two states. */
  nextVersion(): number;
  /** Builds the index over what is stored; 11000 if a unique one meets duplicates. */
  buildIndex(collection: Collection, spec: Document): Index;
  begin(): void;
  /** Makes the batch durable; answers true if anything had been written. Throws after having taken everything back. */
  commit(): boolean;
  savepoint(): Savepoint;
  close(): void;
};

/** Taken before a command that writes: `release` keeps its writes in the batch, `rollback` takes them and their traces in memory back. */
export type Savepoint = { release(): void; rollback(): void };

const FILE_FORMAT = 1;

/** Opens the documents of one database file, making it where it is not there. */
export function openStore(file: string): Store {
  const sql = openSql(file);
  checkFormat(sql, file);
  const journal = createJournal();
  const catalog = loadCatalog(sql, journal);
  journal.clear();
  const claims = new Map<string, Claimant>();
  let version = savedVersion(sql);
  let savedAt = version;
  const nextVersion = () => ++version;
  const writer = createWriter(sql, catalog, claims, nextVersion);
  const rollbackBatch = () => {
    if (sql.inTransaction()) sql.run('ROLLBACK');
    journal.rollbackTo(0);
  };
  return {
    ...writer,
    file,
    sql,
    catalog,
    journal,
    claims,
    nextVersion,
    buildIndex(collection, spec) {
      const index = catalog.addIndex(collection, spec, nextVersion());
      fillIndex(sql, catalog, collection, index);
      return index;
    },
    begin: () => sql.run('BEGIN'),
    commit() {
      const wrote = version !== savedAt;
      try {
        if (!sql.inTransaction()) throw commandError(8, 'The batch was taken back by SQLite (disk full or input/output error).');
        if (wrote)
          sql.prepare("INSERT INTO meta VALUES('version', ?) ON CONFLICT(key) DO UPDATE SET value=excluded.value").run(version);
        sql.run('COMMIT');
      } catch (error) {
        rollbackBatch();
        throw error;
      }
      savedAt = version;
      journal.clear();
      return wrote;
    },
    savepoint() {
      const mark = journal.mark();
      sql.run('SAVEPOINT command');
      return {
        release: () => sql.run('RELEASE command'),
        rollback() {
          // After a full disk SQLite may have ended the whole batch by itself; commit() then says so to everyone in it.
          if (!sql.inTransaction()) return;
          sql.run('ROLLBACK TO command');
          sql.run('RELEASE command');
          journal.rollbackTo(mark);
        },
      };
    },
    close: () => sql.close(),
  };
}

/** The document's entries in every index that could have changed; without `touched`, in all. */
export function indexEntries(collection: Collection, document: Document, touched?: ReadonlySet<string>): IndexEntry[] {
  const entries: IndexEntry[] = [];
  for (const index of collection.indexes) {
    if (touched && index.roots && isDisjoint(touched, index.roots)) continue;
    entries.push(entryOf(index, document));
  }
  return entries;
}

export function claimOfDocument(collection: Collection, idKey: Buffer): string {
  return `d${collection.id}:${idKey.toString('latin1')}`;
}

export function claimOfKey(index: Index, key: Buffer): string {
  return `x${index.id}:${key.toString('latin1')}`;
}

/** 11000 for this index, with the values that clash. */
export function duplicateOf(collection: Collection, index: Index, document: Document): Error {
  const key = index.spec.key as Document;
  const values: Document = {};
  for (const path of Object.keys(key)) values[path] = pathValues(document, path)[0] ?? null;
  return duplicateKey(collection.namespace, index.name, key, values);
}

/** The document as it will be stored: `_id` first and of a kind that can be one, not over 16 MB, and passing the validator. */
export function prepareDocument(
  collection: Collection,
  sent: Uint8Array,
  bypassValidation: boolean,
): { raw: Buffer; decoded: Document | undefined } {
  const raw = withIdFirst(sent);
  if (raw.length > MAX_DOCUMENT_BYTES) {
    throw commandError(10334, `object to insert too large. size in bytes: ${raw.length}, max size: ${MAX_DOCUMENT_BYTES}`);
  }
  return { raw, decoded: checkDocument(collection, raw, bypassValidation) };
}

function checkDocument(collection: Collection, raw: Buffer, bypassValidation: boolean): Document | undefined {
  const type = raw[4];
  if (type === 4 || type === 11 || type === 6) {
    throw commandError(53, `The '_id' value cannot be of type ${type === 4 ? 'array' : type === 11 ? 'regex' : 'undefined'}`);
  }
  if (type === 3) checkIdFields(idOf(raw) as Document);
  if (!collection.validator || bypassValidation) return undefined;
  const decoded = decode(raw);
  checkValid(collection, decoded);
  return decoded;
}

/** 121 for a document that the collection's validator refuses. */
export function checkValid(collection: Collection, document: Document): void {
  if (!collection.validator || collection.validator(document)) return;
  const details = { operatorName: 'validator', specifiedAs: collection.options.validator };
  throw commandError(121, 'Document failed validation', { errInfo: { failingDocumentId: document._id, details } });
}

function checkIdFields(id: Document): void {
  for (const name of Object.keys(id)) {
    if (name.startsWith('$'))
      throw commandError(52, `_id fields may not contain '$'-prefixed fields: ${name} is not valid for storage.`);
  }
}

function createWriter(
  sql: Sql,
  catalog: Catalog,
  claims: Store['claims'],
  nextVersion: () => number,
): Writer & Pick<Store, 'apply'> {
  const checkClaim = (claim: string) => {
    const holder = claims.get(claim);
    if (holder) throw new Blocked(holder);
  };
  const checkUnique = (collection: Collection, entry: IndexEntry, rid: number, document: Document) => {
    if (!entry.index.unique) return;
    for (const key of entry.keys) {
      if (claims.size) checkClaim(claimOfKey(entry.index, key));
      const owner = sql.prepare(entry.index.texts.owner).get(key);
      if (owner && owner[0] !== rid) throw duplicateOf(collection, entry.index, document);
    }
  };
  const add = (entry: IndexEntry, rid: number) => {
    if (entry.multikey && !entry.index.multikey) catalog.markMultikey(entry.index);
    const statement = sql.prepare(entry.index.texts.add);
    for (const key of entry.keys) statement.run(key, rid);
  };
  const drop = (entry: IndexEntry, rid: number) => {
    const statement = sql.prepare(entry.index.texts.remove);
    for (const key of entry.keys) statement.run(key, rid);
  };
  const insertRow = (collection: Collection, idKey: Buffer, raw: Buffer): number => {
    const { changes, lastInsertRowid } = sql.prepare(collection.texts.insert).run(idKey, nextVersion(), raw);
    if (!changes) throw duplicateOf(collection, collection.idIndex, decode(raw));
    return Number(lastInsertRowid);
  };
  // Every check comes before the first change, so that a refused document of an unordered batch leaves nothing behind.
  return {
    insert(collection, raw, decoded) {
      const idKey = encodeKey(idOf(raw));
      if (claims.size) checkClaim(claimOfDocument(collection, idKey));
      const document = collection.indexes.length ? (decoded ?? decode(raw)) : undefined;
      const entries = document ? indexEntries(collection, document) : [];
      if (document && entries.some((entry) => entry.index.unique)) {
        if (sql.prepare(collection.texts.byId).get(idKey)) throw duplicateOf(collection, collection.idIndex, document);
        for (const entry of entries) checkUnique(collection, entry, -1, document);
      }
      const rid = insertRow(collection, idKey, raw);
      for (const entry of entries) add(entry, rid);
    },
    update(collection, row, next, raw, touched) {
      const before = indexEntries(collection, documentOf(row), touched);
      const after = indexEntries(collection, next, touched);
      if (claims.size) checkClaim(claimOfDocument(collection, encodeKey(next._id)));
      const changed = after.flatMap((entry, position) => {
        const old = before[position];
        return old && !sameKeys(old.keys, entry.keys) ? [{ old, entry }] : [];
      });
      for (const { entry } of changed) checkUnique(collection, entry, row.rid, next);
      sql.prepare(collection.texts.update).run(nextVersion(), raw, row.rid);
      for (const { old, entry } of changed) {
        drop(old, row.rid);
        add(entry, row.rid);
      }
    },
    remove(collection, row) {
      if (claims.size) checkClaim(claimOfDocument(collection, encodeKey(idOf(row.raw))));
      nextVersion();
      sql.prepare(collection.texts.remove).run(row.rid);
      if (collection.indexes.length) for (const entry of indexEntries(collection, documentOf(row))) drop(entry, row.rid);
    },
    apply(collection, changes) {
      for (const { stored, row } of changes) {
        if (!stored) continue;
        for (const entry of indexEntries(collection, documentOf(stored))) drop(entry, stored.rid);
        if (!row) sql.prepare(collection.texts.remove).run(stored.rid);
      }
      for (const { stored, row } of changes) {
        if (!row) continue;
        if (stored) sql.prepare(collection.texts.update).run(nextVersion(), row.raw, stored.rid);
        const rid = stored?.rid ?? insertRow(collection, encodeKey(idOf(row.raw)), row.raw);
        for (const entry of indexEntries(collection, documentOf(row))) {
          checkUnique(collection, entry, rid, documentOf(row));
          add(entry, rid);
        }
      }
      nextVersion();
    },
  };
}

function entryOf(index: Index, document: Document): IndexEntry {
  if (!index.covers(document)) return { index, keys: [], multikey: false };
  for (const path of index.geoPaths) checkGeoIndexed(document, path);
  return index.fields.length ? { index, ...indexKeys(document, index.fields) } : { index, keys: [], multikey: false };
}

function fillIndex(sql: Sql, catalog: Catalog, collection: Collection, index: Index): void {
  let last = -1;
  for (;;) {
    const rows = sql.prepare(collection.texts.scan).all(last, 1_000);
    for (const [rid, , blob] of rows) {
      last = Number(rid);
      const document = decode(blob as Uint8Array);
      const entry = entryOf(index, document);
      if (entry.multikey && !index.multikey) catalog.markMultikey(index);
      for (const key of entry.keys) {
        if (
          index.unique &&
          sql
            .prepare(index.texts.owner)
            .all(key)
            .some(([owner]) => owner !== last)
        ) {
          throw duplicateOf(collection, index, document);
        }
        sql.prepare(index.texts.add).run(key, last);
      }
    }
    if (rows.length < 1_000) return;
  }
}

function isDisjoint(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  for (const name of left) if (right.has(name)) return false;
  return true;
}

function sameKeys(left: Buffer[], right: Buffer[]): boolean {
  return left.length === right.length && left.every((key, position) => right[position]?.equals(key) === true);
}

function checkFormat(sql: Sql, file: string): void {
  sql.script('CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID');
  const format = sql.prepare("SELECT value FROM meta WHERE key='format'").get()?.[0];
  if (format === undefined) sql.prepare("INSERT INTO meta VALUES('format', ?)").run(FILE_FORMAT);
  else if (Number(format) !== FILE_FORMAT) {
    throw new Error(
      `${file} was written in format ${format} of the embedded database; this version reads format ${FILE_FORMAT}.`,
    );
  }
}

function savedVersion(sql: Sql): number {
  return Number(sql.prepare("SELECT value FROM meta WHERE key='version'").get()?.[0] ?? 0);
}

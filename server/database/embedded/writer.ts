import { decode } from './bson.ts';
import type { Catalog, Collection, Index } from './catalog.ts';
import { Blocked, type Claimant, claimOfDocument, claimOfKey } from './claims.ts';
import type { Document } from './document.ts';
import { duplicateOf, entryOf, indexEntries } from './entries.ts';
import { encodeKey } from './key.ts';
import { idOf } from './raw.ts';
import { type Change, documentOf, type IndexEntry, type Row } from './row.ts';
import type { Sql } from './sql.ts';

/** What writes documents: the store itself, or a transaction. */
export type Writer = {
  /** `raw` has `_id` first. 11000 when the id or a unique key is taken. */
  insert(collection: Collection, raw: Buffer, decoded?: Document): void;
  /** `touched` names the first segments of changed paths, undefined when any may have changed. */
  update(collection: Collection, row: Row, next: Document, raw: Buffer, touched?: ReadonlySet<string>): void;
  remove(collection: Collection, row: Row): void;
};

/** The store's own writer, which writes at once. */
export type StoreWriter = Writer & {
  /** Writes the changes of a transaction, whose unique values may have been exchanged: all old keys go before any new one comes. */
  apply(collection: Collection, changes: Change[]): void;
};

/** `claims` are what open transactions hold: a write that meets one throws Blocked. */
export function createWriter(
  sql: Sql,
  catalog: Catalog,
  claims: ReadonlyMap<string, Claimant>,
  nextVersion: () => number,
): StoreWriter {
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
    if (!entry.keys.length) return;
    if (entry.multikey && !entry.index.multikey) catalog.markMultikey(entry.index);
    const statement = sql.prepare(entry.index.texts.add);
    for (const key of entry.keys) statement.run(key, rid);
  };
  const drop = (entry: IndexEntry, rid: number) => {
    if (!entry.keys.length) return;
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

/** Puts every stored document into a new index; 11000 if a unique one meets duplicates. */
export function fillIndex(sql: Sql, catalog: Catalog, collection: Collection, index: Index): void {
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

function sameKeys(left: Buffer[], right: Buffer[]): boolean {
  return left.length === right.length && left.every((key, position) => right[position]?.equals(key) === true);
}

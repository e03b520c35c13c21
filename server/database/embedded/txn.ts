import { type Collection, describeCollection, describeIndex, type Index } from './catalog.ts';
import { Blocked, type Claimant, claimOfDocument, claimOfKey } from './claims.ts';
import type { Document } from './document.ts';
import { duplicateOf, indexEntries } from './entries.ts';
import { type CommandError, commandError } from './errors.ts';
import { encodeKey } from './key.ts';
import { createOverlay, type OverlayWrites } from './overlay.ts';
import { idOf } from './raw.ts';
import type { View } from './read.ts';
import { documentOf, type Row } from './row.ts';
import type { Sql } from './sql.ts';
import type { Store } from './store.ts';
import type { Writer } from './writer.ts';

/**
 * A transaction: a snapshot of the file on a connection of its own, and its writes in memory. Documents and unique keys that it
 * writes are claimed at once: another transaction that meets them is refused (first writer wins), a plain write waits.
 */
export type Transaction = Claimant &
  Writer & {
    number: bigint;
    state: 'open' | 'committed' | 'aborted';
    /** Epoch milliseconds, for the lifetime limit. */
    startedAt: number;
    view: View;
    find(namespace: string): Collection | undefined;
    createCollection(database: string, name: string, options: Document): Collection;
    createIndex(collection: Collection, spec: Document): void;
    /** Applies the writes inside the open batch. Whoever waits is woken by end(), once the batch is on disk or has failed. */
    commit(): void;
    abort(): void;
    /** True while it has read or written the collection: nobody else may drop or alter it. */
    uses(collection: Collection): boolean;
  };

/** Begins a transaction; its snapshot is taken now. */
export function beginTransaction(store: Store, snapshots: Snapshots, number: bigint, now: number): Transaction {
  const snapshot = snapshots.take();
  const snapshotVersion = Number(snapshot.prepare("SELECT value FROM meta WHERE key='version'").get()?.[0] ?? 0);
  const overlays = new Map<Collection, OverlayWrites>();
  const used = new Set<Collection>();
  const created = new Map<string, Collection>();
  const newIndexes: Array<{ collection: Collection; spec: Document }> = [];
  const claims = new Set<string>();
  let waiters: Array<() => void> = [];
  const overlayOf = (collection: Collection): OverlayWrites => {
    let overlay = overlays.get(collection);
    if (!overlay) {
      overlay = createOverlay();
      overlays.set(collection, overlay);
    }
    return overlay;
  };
  const claim = (name: string) => {
    const holder = store.claims.get(name);
    if (holder === transaction) return;
    if (holder) throw writeConflict();
    store.claims.set(name, transaction);
    claims.add(name);
  };
  const end = (state: 'committed' | 'aborted') => {
    transaction.state = state;
    for (const name of claims) store.claims.delete(name);
    claims.clear();
    overlays.clear();
    snapshots.giveBack(snapshot);
    const woken = waiters;
    waiters = [];
    for (const wake of woken) wake();
  };
  const put = (collection: Collection, idKey: Buffer, row: Row | null, before: Row | undefined) => {
    claim(claimOfDocument(collection, idKey));
    const entries = row ? indexEntries(collection, documentOf(row)) : [];
    const overlay = overlayOf(collection);
    for (const { index, keys } of entries) {
      if (!index.unique) continue;
      for (const key of keys) {
        checkOwner(collection, index, key, idKey, row);
        claim(claimOfKey(index, key));
      }
    }
    const idEntry = { index: collection.idIndex, keys: [idKey], multikey: false };
    overlay.put(idKey, row, before, row ? [idEntry, ...entries] : []);
  };
  /** The unique key must be free here, in the snapshot and in what has been committed since. */
  const checkOwner = (collection: Collection, index: Index, key: Buffer, idKey: Buffer, row: Row | null) => {
    const overlay = overlayOf(collection);
    const own = overlay.ownerOf(index, key);
    if (own !== undefined && own !== idKey.toString('latin1') && row) throw duplicateOf(collection, index, documentOf(row));
    if (collection.since > snapshotVersion || created.get(collection.namespace) === collection) return;
    const isFree = (sql: Sql) => {
      const rid = sql.prepare(index.texts.owner).get(key)?.[0];
      return rid === undefined || Number(rid) === row?.rid || overlay.hides(Number(rid));
    };
    const isFreeNow = isFree(store.sql);
    const wasFree = index.since > snapshotVersion ? isFreeNow : isFree(snapshot);
    if (isFreeNow !== wasFree) throw writeConflict();
    if (!isFreeNow && row) throw duplicateOf(collection, index, documentOf(row));
  };
  /** First writer wins: a row that has changed since the snapshot must not be written. */
  const checkUnchanged = (collection: Collection, row: Row, idKey: Buffer) => {
    if (overlayOf(collection).byId(idKey) !== undefined) return;
    const current = store.sql.prepare(collection.texts.version).get(row.rid)?.[0];
    if (current === undefined || Number(current) !== row.version) throw writeConflict();
  };
  const transaction: Transaction = {
    number,
    state: 'open',
    startedAt: now,
    onEnd: (callback) => void waiters.push(callback),
    uses: (collection) => used.has(collection),
    view: { sql: snapshot, version: snapshotVersion, overlay: (collection) => overlays.get(collection) },
    find(namespace) {
      const collection = created.get(namespace) ?? store.catalog.find(namespace);
      if (collection) used.add(collection);
      return collection;
    },
    createCollection(database, name, options) {
      const collection = describeCollection(provisionalId(), database, name, options, Infinity);
      claim(claimOfNamespace(collection.namespace));
      created.set(collection.namespace, collection);
      return collection;
    },
    createIndex(collection, spec) {
      if (created.get(collection.namespace) === collection) {
        collection.indexes.push(describeIndex(provisionalId(), collection.id, spec, false, Infinity));
      } else newIndexes.push({ collection, spec });
    },
    insert(collection, raw, decoded) {
      const isNew = created.get(collection.namespace) === collection;
      if (!isNew && (collection.dropped || collection.since > snapshotVersion)) throw writeConflict();
      const idKey = encodeKey(idOf(raw));
      const row: Row = { rid: -1, version: 0, raw, decoded };
      const own = overlayOf(collection).byId(idKey);
      if (own) throw duplicateOf(collection, collection.idIndex, documentOf(row));
      if (own === undefined && !isNew) {
        const isStored = store.sql.prepare(collection.texts.byId).get(idKey) !== undefined;
        const wasStored = snapshot.prepare(collection.texts.byId).get(idKey) !== undefined;
        if (isStored !== wasStored) throw writeConflict();
        if (isStored) throw duplicateOf(collection, collection.idIndex, documentOf(row));
      }
      put(collection, idKey, row, undefined);
    },
    update(collection, row, next, raw) {
      const idKey = encodeKey(next._id);
      checkUnchanged(collection, row, idKey);
      put(collection, idKey, { rid: row.rid, version: row.version, raw, decoded: next }, row);
    },
    remove(collection, row) {
      const idKey = encodeKey(idOf(row.raw));
      checkUnchanged(collection, row, idKey);
      put(collection, idKey, null, row);
    },
    commit() {
      for (const name of claims) store.claims.delete(name);
      for (const collection of created.values()) store.catalog.adopt(collection, store.nextVersion());
      for (const [collection, overlay] of overlays) store.apply(collection, [...overlay.changes()]);
      for (const { collection, spec } of newIndexes) store.buildIndex(collection, spec);
      end('committed');
      store.journal.record(() => {
        transaction.state = 'aborted';
      });
    },
    abort: () => {
      if (transaction.state === 'open') end('aborted');
    },
  };
  return transaction;
}

/** Read connections for snapshots, kept for the next transaction. */
export type Snapshots = { take(): Sql; giveBack(sql: Sql): void; close(): void };

export function createSnapshots(open: () => Sql): Snapshots {
  const idle: Sql[] = [];
  const all: Sql[] = [];
  return {
    take() {
      let sql = idle.pop();
      if (!sql) {
        sql = open();
        all.push(sql);
      }
      // BEGIN alone pins nothing: the first read does.
      sql.run('BEGIN');
      sql.prepare('SELECT value FROM meta LIMIT 1').get();
      return sql;
    },
    giveBack(sql) {
      sql.run('ROLLBACK');
      idle.push(sql);
    },
    close() {
      for (const sql of all) sql.close();
    },
  };
}

export function claimOfNamespace(namespace: string): string {
  return `n${namespace}`;
}

/** 112, which tells the driver to run the whole transaction again. */
export function writeConflict(): CommandError {
  const error = commandError(
    112,
    'Caused by :: Write conflict during plan execution and yielding is disabled. :: Please retry your operation or multi-document transaction.',
  );
  error.labels.push('TransientTransactionError');
  return error;
}

/** A plain write waits for whoever holds the name. */
export function checkNamespaceClaim(store: Store, namespace: string): void {
  const holder = store.claims.get(claimOfNamespace(namespace));
  if (holder) throw new Blocked(holder);
}

// What exists in a transaction only has no number of the file yet; claims tell things apart by number, so these are negative.
let lastProvisionalId = 0;
function provisionalId(): number {
  return --lastProvisionalId;
}

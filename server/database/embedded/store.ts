import { type Catalog, type Collection, type Index, loadCatalog } from './catalog.ts';
import type { Claimant } from './claims.ts';
import type { Document } from './document.ts';
import { commandError } from './errors.ts';
import { createJournal, type Journal } from './journal.ts';
import { openSql, type Sql } from './sql.ts';
import { createWriter, fillIndex, type StoreWriter } from './writer.ts';

export type Store = StoreWriter & {
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
  /** False once SQLite has taken the batch back by itself, as it does when the disk is full: nothing more may run in it. */
  isBatchOpen(): boolean;
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
    isBatchOpen: () => sql.inTransaction(),
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

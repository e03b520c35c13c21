import { DatabaseSync } from 'node:sqlite';

export type SqlValue = null | number | bigint | string | Uint8Array;

/** A prepared statement whose rows are arrays, which is what makes `node:sqlite` fast enough to read thousands of rows at once. */
export type Statement = {
  get(...parameters: SqlValue[]): SqlValue[] | undefined;
  all(...parameters: SqlValue[]): SqlValue[][];
  run(...parameters: SqlValue[]): { changes: number | bigint; lastInsertRowid: number | bigint };
};

/** One SQLite connection with its cache of prepared statements. */
export type Sql = {
  prepare(text: string): Statement;
  /** Runs a statement without parameters through the cache (BEGIN, COMMIT, SAVEPOINT …). */
  run(text: string): void;
  /** Runs one or several statements that will not come again (DDL, PRAGMA). */
  script(text: string): void;
  inTransaction(): boolean;
  /** Forgets prepared statements; called after DDL, so that statements of dropped tables do not pile up. */
  forget(): void;
  close(): void;
};

/**
 * Opens a database file in WAL mode with `synchronous=FULL`: a commit returns after its fsync. On macOS fsync alone does not reach
 * the disk, so `fullfsync` is asked for (https://sqlite.org/pragma.html#pragma_fullfsync; elsewhere it changes nothing).
 */
export function openSql(file: string): Sql {
  const database = new DatabaseSync(file, { timeout: 5_000 });
  database.exec(
    'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA fullfsync=1; PRAGMA cache_size=-65536; ' +
      // What is deleted is overwritten, so that who is erased is not left in free pages of the file.
      'PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY; PRAGMA secure_delete=ON',
  );
  const statements = new Map<string, Statement>();
  const prepare = (text: string): Statement => {
    let statement = statements.get(text);
    if (!statement) {
      const prepared = database.prepare(text);
      prepared.setReturnArrays(true);
      // The typings describe rows as objects; setReturnArrays has made them arrays.
      statement = prepared as unknown as Statement;
      statements.set(text, statement);
    }
    return statement;
  };
  return {
    prepare,
    run: (text) => void prepare(text).run(),
    script: (text) => database.exec(text),
    inTransaction: () => database.isTransaction,
    forget: () => statements.clear(),
    close: () => database.close(),
  };
}

/** SQLite hands blobs out as Uint8Array; this is the same memory as a Buffer. */
export function bytesOf(value: SqlValue | undefined): Buffer {
  if (!(value instanceof Uint8Array)) throw new TypeError('Expected a blob from SQLite.');
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

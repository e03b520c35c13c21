import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { inject } from 'vitest';
import { type Database, openDatabase } from '../../server/database/index.ts';

const silent = { info() {}, warn() {}, error() {} };

/** A database of the caller's own on the run's server. Closing it drops it. */
export async function openTestDatabase(): Promise<Database> {
  const name = `test-${randomUUID()}`;
  const database = await openDatabase({ uri: inject('databaseUri'), dataDir: tmpdir(), name, log: silent });
  return {
    ...database,
    async close() {
      await database.connection.dropDatabase();
      await database.close();
    },
  };
}

/** The same database opened once more, as another process has it. Closing it leaves the database. */
export function reopenTestDatabase({ connection }: Database): Promise<Database> {
  return openDatabase({ uri: inject('databaseUri'), dataDir: tmpdir(), name: connection.name, log: silent });
}

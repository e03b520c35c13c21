import mongoose from 'mongoose';
import { fault } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { startEmbedded } from './embedded/index.ts';

/** One open database. Which engine stands behind it shows in `engine` only. */
export type Database = {
  connection: mongoose.Connection;
  engine: 'embedded' | 'mongodb';
  /** Runs work in one transaction: all of its writes or none. It may run several times, on conflict with another's. */
  transact<Result>(work: (session: Session) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
};

/** A transaction under way; handed to every read and write that belongs to it. */
export type Session = mongoose.mongo.ClientSession;

export type DatabaseOptions = {
  /** A MongoDB replica set; without it the embedded engine serves `dataDir`. */
  uri?: string | undefined;
  dataDir: string;
  /** The database's name; several may be opened on one folder. */
  name: string;
  log: Pick<Log, 'info' | 'warn' | 'error'>;
};

// The embedded engine works through one command after the other: more connections than this only wait. For a MongoDB, its URI says.
// It ends with this process, so that there is nobody to try a write again, and no reply to be kept for a second try.
const EMBEDDED_OPTIONS = { maxPoolSize: 20, serverSelectionTimeoutMS: 10_000, retryWrites: false };

/** Opens a database and builds the indexes of its models. Throws when it cannot be reached, or when another process holds the folder. */
export async function openDatabase({ uri, dataDir, name, log }: DatabaseOptions): Promise<Database> {
  const embedded = uri ? undefined : await startEmbedded({ folder: dataDir, log });
  const connection = mongoose.createConnection(embedded?.uri ?? uri ?? '', {
    dbName: name,
    autoIndex: true,
    ...(embedded && EMBEDDED_OPTIONS),
  });
  try {
    await connection.asPromise();
  } catch (error) {
    await connection.close();
    await embedded?.close();
    const why = error instanceof Error ? error.message : String(error);
    throw fault('server.cannot-start', `The database cannot be reached (${embedded ? dataDir : 'MONGODB_URI'}): ${why}`, error);
  }
  return {
    connection,
    engine: embedded ? 'embedded' : 'mongodb',
    transact: (work) => connection.withSession((session) => session.withTransaction(() => work(session))),
    async close() {
      await connection.close();
      await embedded?.close();
    },
  };
}

/** Was a write refused by a unique index. https://www.mongodb.com/docs/manual/reference/error-codes/ 11000 DuplicateKey */
export function isDuplicate(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 11000;
}

import type { Log } from '../../../kernel/log.ts';
import { bsonScalar, isNumeric, toNumber } from '../bson.ts';
import type { Collection } from '../catalog.ts';
import type { Cursors } from '../cursors.ts';
import { type Document, isDocument } from '../document.ts';
import { commandError, unsupported } from '../errors.ts';
import type { Failpoint } from '../failpoint.ts';
import type { Deadline, View } from '../read.ts';
import type { Session, Sessions } from '../session.ts';
import type { Store } from '../store.ts';
import { checkNamespaceClaim, type Snapshots, type Transaction } from '../txn.ts';
import type { Reply } from '../wire.ts';
import type { Writer } from '../writer.ts';

/** As much of the kernel's log as the engine uses. */
export type Logger = Pick<Log, 'info' | 'warn' | 'error'>;

/** What the commands work on; one for each database file. */
export type Engine = {
  store: Store;
  sessions: Sessions;
  snapshots: Snapshots;
  cursors: Cursors;
  failpoint: Failpoint;
  log: Logger;
  /** Host and port, or the socket's path, as hello tells it. */
  address: string;
  startedAt: number;
  /** Commits that wrote something: with group commit far fewer than commands. */
  commits: number;
};

/** One command as it runs: where it reads, where it writes, and until when it may take. */
export type CommandContext = {
  engine: Engine;
  database: string;
  view: View;
  writer: Writer;
  session: Session | undefined;
  transaction: Transaction | undefined;
  deadline: Deadline;
  connectionId: number;
};

export type Command = {
  run(context: CommandContext, body: Document): Reply;
  /** It may change the file, so it gets a savepoint to be taken back to. */
  writes?: boolean | ((body: Document) => boolean);
  /** It may be part of a transaction. */
  inTransaction?: boolean;
};

export type CommandTable = Record<string, Command>;

/** The collection by its name, as the transaction sees it; undefined where there is none. */
export function findCollection({ engine, database, transaction }: CommandContext, name: string): Collection | undefined {
  const namespace = `${database}.${name}`;
  return transaction ? transaction.find(namespace) : engine.store.catalog.find(namespace);
}

/** The collection by its name, made where it is not there. */
export function ensureCollection(context: CommandContext, name: string): Collection {
  return findCollection(context, name) ?? createCollection(context, name, {});
}

export function createCollection({ engine, database, transaction }: CommandContext, name: string, options: Document): Collection {
  checkNewName(database, name);
  if (transaction) return transaction.createCollection(database, name, options);
  checkNamespaceClaim(engine.store, `${database}.${name}`);
  return engine.store.catalog.createCollection(database, name, options, engine.store.nextVersion());
}

/** The collection name in the command's own field, such as `find: 'orders'`. */
export function collectionName(context: CommandContext, body: Document, command: string): string {
  const name = body[command];
  if (typeof name === 'string' && name !== '' && !name.includes('\0')) return name;
  if (typeof name === 'string') throw commandError(73, `Invalid namespace specified '${context.database}.${name}'`);
  throw commandError(73, `collection name has invalid type ${typeof name}`);
}

export function numberField(body: Document, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!isNumeric(value)) throw mismatch(name, 'number', value);
  return toNumber(value);
}

/** A number that may not be negative, such as skip: 51024 as MongoDB says it. */
export function countField(body: Document, name: string): number | undefined {
  const value = numberField(body, name);
  if (value !== undefined && value < 0) {
    throw commandError(51024, `BSON field '${name}' value must be >= 0, actual value '${value}'`);
  }
  return value === undefined ? undefined : Math.trunc(value);
}

export function documentField(body: Document, name: string): Document | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!isDocument(value)) throw mismatch(name, 'object', value);
  return value;
}

export function arrayField(body: Document, name: string): unknown[] | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw mismatch(name, 'array', value);
  return value;
}

export function documentsField(body: Document, name: string): Document[] | undefined {
  return arrayField(body, name)?.map((value, position) => {
    if (!isDocument(value)) throw mismatch(`${name}.${position}`, 'object', value);
    return value;
  });
}

/** True as MongoDB takes truth in options: booleans and numbers other than zero. */
export function flag(body: Document, name: string): boolean {
  const value = body[name];
  return value === true || (isNumeric(value) && toNumber(value) !== 0);
}

/** Strings are compared as bytes here: only the simple collation, which is none, is taken. */
export function refuseCollation(options: Document): void {
  const collation = options.collation;
  if (!isDocument(collation) || collation.locale === 'simple' || !Object.keys(collation).length) return;
  throw unsupported('A collation other than "simple"');
}

/** DDL waits for open transactions that have touched the collection. */
export function mismatch(name: string, wanted: string, value: unknown): Error {
  const type = bsonScalar(value)?._bsontype ?? (Array.isArray(value) ? 'array' : typeof value);
  return commandError(14, `BSON field '${name}' is the wrong type '${type}', expected type '${wanted}'`);
}

function checkNewName(database: string, name: string): void {
  const isBad = !name || name.includes('\0') || name.includes('$') || name.startsWith('.') || name.endsWith('.');
  if (isBad || !database || /[\s/\\."$\0]/.test(database)) {
    throw commandError(73, `Invalid namespace specified '${database}.${name}'`);
  }
  if (Buffer.byteLength(`${database}.${name}`) > 255)
    throw commandError(73, 'Fully qualified namespace is too long (at most 255 bytes)');
}

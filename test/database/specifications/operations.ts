import { once } from 'node:events';
import mongoose from 'mongoose';
import type { Document } from './format.ts';

type Client = mongoose.mongo.MongoClient;
type Database = mongoose.mongo.Db;
type Collection = mongoose.mongo.Collection;
type Bucket = mongoose.mongo.GridFSBucket;
type Session = mongoose.mongo.ClientSession;
type Cursor = mongoose.mongo.RunCommandCursor;
type Table<Target> = Record<string, (target: Target, input: Document) => unknown>;

/** The driver has no such operation: the test says nothing about the server. */
export class NotInDriver extends Error {}

/** Runs one operation of the unified test format on the driver's object; `input` has real sessions in place of their names. */
export async function operate(target: unknown, name: string, input: Document): Promise<unknown> {
  const table = tableFor(target);
  const operation = Object.hasOwn(table, name) ? table[name] : undefined;
  if (!operation) throw new NotInDriver(`the Node driver has no ${name}`);
  return operation(target, input);
}

function tableFor(target: unknown): Table<unknown> {
  const { MongoClient, Db, Collection, GridFSBucket, ClientSession } = mongoose.mongo;
  if (target instanceof MongoClient) return clientOperations as Table<unknown>;
  if (target instanceof Db) return databaseOperations as Table<unknown>;
  if (target instanceof Collection) return collectionOperations as Table<unknown>;
  if (target instanceof GridFSBucket) return bucketOperations as Table<unknown>;
  if (target instanceof ClientSession) return sessionOperations as Table<unknown>;
  return cursorOperations as Table<unknown>;
}

const collectionOperations: Table<Collection> = {
  aggregate: (collection, { pipeline, ...options }) => collection.aggregate(pipeline, options).toArray(),
  bulkWrite: (collection, { requests, ...options }) => collection.bulkWrite(requests, options),
  count: (collection, { filter, ...options }) => collection.count(filter, options),
  countDocuments: (collection, { filter, ...options }) => collection.countDocuments(filter, options),
  createChangeStream: (collection, input) => firstChange(collection, input),
  createIndex: (collection, { keys, ...options }) => collection.createIndex(keys, options),
  deleteMany: (collection, { filter, ...options }) => collection.deleteMany(filter, options),
  deleteOne: (collection, { filter, ...options }) => collection.deleteOne(filter, options),
  distinct: (collection, { fieldName, filter, ...options }) => collection.distinct(fieldName, filter, options),
  dropIndex: (collection, { name, ...options }) => collection.dropIndex(name, options),
  dropIndexes: (collection, options) => collection.dropIndexes(options),
  estimatedDocumentCount: (collection, options) => collection.estimatedDocumentCount(options),
  find: (collection, { filter, ...options }) => collection.find(filter, options).toArray(),
  findOne: (collection, { filter, ...options }) => collection.findOne(filter, options),
  findOneAndDelete: (collection, { filter, ...options }) => collection.findOneAndDelete(filter, options),
  findOneAndReplace: (collection, { filter, replacement, ...options }) =>
    collection.findOneAndReplace(filter, replacement, withReturnDocument(options)),
  findOneAndUpdate: (collection, { filter, update, ...options }) =>
    collection.findOneAndUpdate(filter, update, withReturnDocument(options)),
  insertMany: (collection, { documents, ...options }) => collection.insertMany(documents, options),
  insertOne: (collection, { document, ...options }) => collection.insertOne(document, options),
  listIndexes: (collection, options) => collection.listIndexes(options).toArray(),
  replaceOne: (collection, { filter, replacement, ...options }) => collection.replaceOne(filter, replacement, options),
  updateMany: (collection, { filter, update, ...options }) => collection.updateMany(filter, update, options),
  updateOne: (collection, { filter, update, ...options }) => collection.updateOne(filter, update, options),
};

const databaseOperations: Table<Database> = {
  aggregate: (database, { pipeline, ...options }) => database.aggregate(pipeline, options).toArray(),
  createChangeStream: (database, input) => firstChange(database, input),
  createCollection: (database, { collection, ...options }) => database.createCollection(collection, options),
  createCommandCursor: (database, input) => commandCursor(database, input),
  dropCollection: (database, { collection, ...options }) => database.dropCollection(collection, options),
  listCollectionNames: async (database, { filter, ...options }) => {
    const collections = await database.listCollections(filter, { ...options, nameOnly: true }).toArray();
    return collections.map(({ name }) => name);
  },
  listCollections: (database, { filter, ...options }) => database.listCollections(filter, options).toArray(),
  modifyCollection: (database, { collection, ...options }) => database.command({ collMod: collection, ...options }),
  runCommand: (database, { command, ...options }) =>
    database.command(command, { ...options, readPreference: readPreferenceOf(options) }),
  runCursorCommand: (database, input) => commandCursor(database, input).toArray(),
};

const clientOperations: Table<Client> = {
  clientBulkWrite: (client, { models, ...options }) => {
    const flat = models.map((model: Document) => {
      const [name, fields] = Object.entries(model)[0] ?? [];
      return { name, ...fields };
    });
    return client.bulkWrite(flat, options);
  },
  close: (client) => client.close(),
  createChangeStream: (client, input) => firstChange(client, input),
  dropDatabase: (client, { database, ...options }) => client.db(database).dropDatabase(options),
  listDatabaseNames: async (client, options) => {
    const { databases } = await client
      .db()
      .admin()
      .listDatabases({ ...options, nameOnly: true });
    return databases.map(({ name }) => name);
  },
  listDatabases: async (client, options) => (await client.db().admin().listDatabases(options)).databases,
};

const sessionOperations: Table<Session> = {
  abortTransaction: (session) => session.abortTransaction(),
  commitTransaction: (session) => session.commitTransaction(),
  endSession: (session) => session.endSession(),
  startTransaction: (session, options) => session.startTransaction(transactionOptions(options)),
  withTransaction: (session, { callback, ...options }) => session.withTransaction(callback, transactionOptions(options)),
};

const bucketOperations: Table<Bucket> = {
  download: (bucket, { id }) => bytesOf(bucket.openDownloadStream(id)),
  downloadByName: (bucket, { filename }) => bytesOf(bucket.openDownloadStreamByName(filename)),
};

const cursorOperations: Table<Cursor> = {
  close: (cursor) => cursor.close(),
  iterateOnce: (cursor) => cursor.tryNext(),
  iterateUntilDocumentOrError: (cursor) => cursor.next(),
};

/** The driver takes 'before' and 'after', the specifications write them with a capital. */
function withReturnDocument({ returnDocument, ...options }: Document): Document {
  return returnDocument ? { ...options, returnDocument: returnDocument.toLowerCase() } : options;
}

function transactionOptions({ readPreference, ...options }: Document): Document {
  return readPreference ? { ...options, readPreference: readPreferenceOf({ readPreference }) } : options;
}

function readPreferenceOf({ readPreference }: Document): mongoose.mongo.ReadPreference | undefined {
  return readPreference && mongoose.mongo.ReadPreference.fromOptions({ readPreference });
}

function commandCursor(database: Database, { command, batchSize, maxTimeMS, comment, ...options }: Document): Cursor {
  const cursor = database.runCursorCommand(command, { ...options, readPreference: readPreferenceOf(options) });
  if (batchSize !== undefined) cursor.setBatchSize(batchSize);
  if (maxTimeMS !== undefined) cursor.setMaxTimeMS(maxTimeMS);
  if (comment !== undefined) cursor.setComment(comment);
  return cursor;
}

/** A change stream speaks to the server when it is first read, so reading it is what may be refused. */
async function firstChange(target: Client | Database | Collection, { pipeline, ...options }: Document): Promise<unknown> {
  const stream = target.watch(pipeline, options);
  try {
    return await stream.tryNext();
  } finally {
    await stream.close();
  }
}

async function bytesOf(stream: mongoose.mongo.GridFSBucketReadStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'end');
  return Buffer.concat(chunks);
}

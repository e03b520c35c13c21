import assert from 'node:assert/strict';
import type mongoose from 'mongoose';
import type { Entities } from './entities.ts';
import type { Document } from './format.ts';

type Client = mongoose.mongo.MongoClient;
type RunnerOperation = (entities: Entities, client: Client, input: Document) => Promise<void> | void;

/** The special operations that the format asks of the test runner itself. */
export function runnerOperations(name: string): RunnerOperation {
  const operation = table[name];
  if (!operation) throw new Error(`no operation ${name} of the test runner`);
  return operation;
}

const table: Record<string, RunnerOperation> = {
  failPoint: async (_, client, { failPoint }) => {
    await client.db('admin').command(failPoint);
  },
  createEntities: (entities, _, input) => entities.create(input.entities),
  assertCollectionExists: async (_, client, { databaseName, collectionName }) =>
    assert.ok(await hasCollection(client, databaseName, collectionName)),
  assertCollectionNotExists: async (_, client, { databaseName, collectionName }) =>
    assert.ok(!(await hasCollection(client, databaseName, collectionName))),
  assertIndexExists: async (_, client, input) => assert.ok(await hasIndex(client, input)),
  assertIndexNotExists: async (_, client, input) => assert.ok(!(await hasIndex(client, input))),
  assertSessionDirty: (entities, _, { session }) => assert.equal(isDirty(entities, session), true),
  assertSessionNotDirty: (entities, _, { session }) => assert.equal(isDirty(entities, session), false),
  assertSessionTransactionState: (entities, _, { session, state }) =>
    assert.match(stateOf(entities, session), states[state] ?? assert.fail(`no state ${state}`)),
  assertSessionUnpinned: (entities, _, { session }) => assert.equal(entities.session(session).isPinned, false),
  assertSameLsidOnLastTwoCommands: (entities, _, { client }) => {
    const [before, last] = lastTwoSessions(entities, client);
    assert.equal(before, last);
  },
  assertDifferentLsidOnLastTwoCommands: (entities, _, { client }) => {
    const [before, last] = lastTwoSessions(entities, client);
    assert.notEqual(before, last);
  },
  assertNumberConnectionsCheckedOut: (entities, _, { client, connections }) =>
    assert.equal(entities.checkedOutConnectionsOf(client), connections),
};

/** The driver's own names of a transaction's states, TRANSACTION_COMMITTED_EMPTY among them. */
const states: Record<string, RegExp> = {
  none: /^NO_TRANSACTION$/,
  starting: /^STARTING_TRANSACTION$/,
  in_progress: /^TRANSACTION_IN_PROGRESS$/,
  committed: /^TRANSACTION_COMMITTED/,
  aborted: /^TRANSACTION_ABORTED$/,
};

async function hasCollection(client: Client, databaseName: string, name: string): Promise<boolean> {
  return client.db(databaseName).listCollections({ name }).hasNext();
}

async function hasIndex(client: Client, { databaseName, collectionName, indexName }: Document): Promise<boolean> {
  if (!(await hasCollection(client, databaseName, collectionName))) return false;
  return client.db(databaseName).collection(collectionName).indexExists(indexName);
}

function isDirty(entities: Entities, session: string): boolean | undefined {
  return entities.session(session).serverSession.isDirty;
}

function stateOf(entities: Entities, session: string): string {
  const inside: Document = entities.session(session);
  return inside.transaction.state;
}

function lastTwoSessions(entities: Entities, client: string): (string | undefined)[] {
  return entities
    .commandsOf(client)
    .slice(-2)
    .map(({ lsid }) => lsid?.id.toString('hex'));
}

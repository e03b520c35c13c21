import assert from 'node:assert/strict';
import mongoose from 'mongoose';
import { createEntities, type Entities } from './entities.ts';
import { expectError } from './error.ts';
import type { Document, Operation, Specification, SpecificationTest } from './format.ts';
import { expectMatch } from './match.ts';
import { NotInDriver, operate } from './operations.ts';
import { meets, type Server } from './requirements.ts';
import { runnerOperations } from './runner-operations.ts';

/** The server under test, and a client of our own that prepares and inspects it. */
export type World = { uri: string; server: Server; client: mongoose.mongo.MongoClient };
export type Verdict = { result: 'passed' } | { result: 'failed'; why: string } | { result: 'not applicable'; why: string };

/** Runs one test of a specification file from initial data to outcome. Tests share a server, so they run one after another. */
export async function runTest(world: World, specification: Specification, test: SpecificationTest): Promise<Verdict> {
  if (test.skipReason) return { result: 'not applicable', why: test.skipReason };
  if (!meets(world.server, specification.runOnRequirements) || !meets(world.server, test.runOnRequirements)) {
    return { result: 'not applicable', why: 'is for another kind of server' };
  }
  const entities = createEntities(world.uri);
  try {
    await world.client.db('admin').command({ killAllSessions: [] });
    for (const data of specification.initialData ?? []) await load(world.client, data);
    await entities.create(specification.createEntities ?? []);
    for (const operation of test.operations) await perform(entities, world, operation);
    await disarm(world);
    for (const expected of test.expectEvents ?? []) expectEvents(entities, expected);
    for (const data of test.outcome ?? []) await expectStored(world.client, data);
    return { result: 'passed' };
  } catch (error) {
    if (error instanceof NotInDriver) return { result: 'not applicable', why: error.message };
    return { result: 'failed', why: error instanceof Error ? error.message : String(error) };
  } finally {
    await disarm(world);
    await entities.close();
  }
}

async function load(client: mongoose.mongo.MongoClient, data: Document): Promise<void> {
  const database = client.db(data.databaseName);
  await database.dropCollection(data.collectionName);
  const collection = await database.createCollection(data.collectionName, data.createOptions);
  if (data.documents.length > 0) await collection.insertMany(data.documents);
}

async function disarm({ client }: World): Promise<void> {
  for (const name of ['failCommand', 'onPrimaryTransactionalWrite']) {
    await client.db('admin').command({ configureFailPoint: name, mode: 'off' });
  }
}

/** Answers the error that was expected, or to be ignored, and came: within a transaction's callback it must go on to the driver. */
async function perform(entities: Entities, world: World, operation: Operation): Promise<unknown> {
  if (operation.object === 'testRunner')
    return runnerOperations(operation.name)(entities, world.client, operation.arguments ?? {});
  let outcome: { value: unknown } | { error: unknown };
  try {
    outcome = { value: await attempt(entities, world, operation) };
  } catch (error) {
    if (error instanceof NotInDriver || error instanceof assert.AssertionError) throw error;
    outcome = { error };
  }
  if (operation.ignoreResultAndError) return 'error' in outcome ? outcome.error : undefined;
  if (operation.expectError) {
    assert.ok('error' in outcome && outcome.error instanceof Error, `${operation.name} was expected to fail`);
    expectError(operation.expectError, outcome.error, entities);
    return outcome.error;
  }
  if ('error' in outcome) throw outcome.error;
  if (operation.saveResultAsEntity) entities.save(operation.saveResultAsEntity, outcome.value);
  if ('expectResult' in operation) expectMatch(operation.expectResult, outcome.value, entities, operation.name);
  return undefined;
}

function attempt(entities: Entities, world: World, operation: Operation): Promise<unknown> {
  const { session, callback, ...rest } = operation.arguments ?? {};
  const input: Document = { ...rest };
  if (session) input.session = entities.session(session);
  if (callback) {
    input.callback = async () => {
      for (const step of callback) {
        const error = await perform(entities, world, step);
        if (error) throw error;
      }
    };
  }
  return operate(entities.entity(operation.object), operation.name, input);
}

function expectEvents(entities: Entities, expected: Document): void {
  const isConnection = expected.eventType === 'cmap';
  const actual = entities.eventsOf(expected.client).filter(({ name }) => name.startsWith('command') !== isConnection);
  const names = actual.map(({ name, fields }) => `${name}(${fields.commandName ?? ''})`).join(', ');
  if (expected.ignoreExtraEvents) assert.ok(actual.length >= expected.events.length, `only ${names}`);
  else assert.equal(actual.length, expected.events.length, `${expected.client} reported ${names}`);
  for (const [index, event] of expected.events.entries()) {
    const [name, fields] = Object.entries<Document>(event)[0] ?? ['', {}];
    const found = actual[index];
    assert.equal(found?.name, name, `event ${index} of ${names}`);
    for (const [field, value] of Object.entries(fields)) {
      expectMatch(value, found?.fields[field], entities, `event ${index} ${name}.${field}`);
    }
  }
}

async function expectStored(client: mongoose.mongo.MongoClient, data: Document): Promise<void> {
  const collection = client.db(data.databaseName).collection(data.collectionName);
  const documents = await collection.find({}, { sort: { _id: 1 } }).toArray();
  const { EJSON } = mongoose.mongo.BSON;
  assert.equal(EJSON.stringify(documents), EJSON.stringify(data.documents), 'outcome');
}

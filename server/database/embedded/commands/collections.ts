import type { Collection } from '../catalog.ts';
import { Blocked } from '../claims.ts';
import { type Document, isDocument } from '../document.ts';
import { commandError, unsupported } from '../errors.ts';
import { compileFilter } from '../match.ts';
import { checkNamespaceClaim } from '../txn.ts';
import type { Reply } from '../wire.ts';
import {
  type CommandContext,
  type CommandTable,
  collectionName,
  createCollection,
  documentField,
  findCollection,
  flag,
  numberField,
  refuseCollation,
} from './context.ts';

export const collectionCommands = {
  create: { run: create, writes: true, inTransaction: true },
  drop: { run: drop, writes: true },
  dropDatabase: { run: dropDatabase, writes: true },
  renameCollection: { run: renameCollection, writes: true },
  collMod: { run: modify, writes: true },
  listCollections: { run: listCollections },
  listDatabases: { run: listDatabases },
} satisfies CommandTable;

/** Waits for transactions that have touched the collection: it must not change under them. */
export function checkUnused({ engine }: CommandContext, collection: Collection): void {
  for (const { transaction } of engine.sessions.all()) {
    if (transaction?.state === 'open' && transaction.uses(collection)) throw new Blocked(transaction);
  }
}

const REFUSED_OPTIONS = {
  viewOn: 'A view',
  timeseries: 'A time series collection',
  capped: 'A capped collection',
  clusteredIndex: 'A clustered collection',
  encryptedFields: 'An encrypted collection',
} as const;

function create(context: CommandContext, body: Document): Reply {
  const name = collectionName(context, body, 'create');
  for (const [option, feature] of Object.entries(REFUSED_OPTIONS)) {
    if (body[option] !== undefined && body[option] !== false) throw unsupported(feature);
  }
  refuseCollation(body);
  const options = { ...checkedValidator(body) };
  if (findCollection(context, name)) {
    throw commandError(48, `Collection ${context.database}.${name} already exists.`);
  }
  createCollection(context, name, options);
  return { ok: 1 };
}

function checkedValidator(body: Document): Document {
  const options: Document = {};
  const validator = documentField(body, 'validator');
  if (validator) compileFilter(validator);
  for (const name of ['validator', 'validationLevel', 'validationAction'])
    if (body[name] !== undefined) options[name] = body[name];
  return options;
}

function drop(context: CommandContext, body: Document): Reply {
  const name = collectionName(context, body, 'drop');
  checkNamespaceClaim(context.engine.store, `${context.database}.${name}`);
  const collection = findCollection(context, name);
  if (!collection) return { ok: 1 };
  const { namespace, indexes } = collection;
  dropOne(context, collection);
  return { ns: namespace, nIndexesWas: indexes.length + 1, ok: 1 };
}

function dropOne(context: CommandContext, collection: Collection): void {
  checkUnused(context, collection);
  context.engine.store.nextVersion();
  context.engine.store.catalog.dropCollection(collection);
}

function dropDatabase(context: CommandContext): Reply {
  for (const collection of [...context.engine.store.catalog.all()]) {
    if (collection.database === context.database) dropOne(context, collection);
  }
  return { dropped: context.database, ok: 1 };
}

function renameCollection(context: CommandContext, body: Document): Reply {
  const { catalog } = context.engine.store;
  const source = String(body.renameCollection);
  const target = String(body.to);
  const collection = catalog.find(source);
  if (!collection) throw commandError(26, `Source collection ${source} does not exist`);
  if (source === target) throw commandError(20, "Can't rename a collection to itself");
  const split = target.indexOf('.');
  if (split < 1 || split === target.length - 1 || target.includes('$'))
    throw commandError(73, `Invalid target namespace: ${target}`);
  checkUnused(context, collection);
  checkNamespaceClaim(context.engine.store, target);
  const existing = catalog.find(target);
  if (existing && !flag(body, 'dropTarget')) throw commandError(48, 'target namespace exists');
  if (existing) dropOne(context, existing);
  context.engine.store.nextVersion();
  catalog.renameCollection(collection, target.slice(0, split), target.slice(split + 1));
  return { ok: 1 };
}

function modify(context: CommandContext, body: Document): Reply {
  const name = collectionName(context, body, 'collMod');
  const collection = findCollection(context, name);
  if (!collection) throw commandError(26, `ns does not exist: ${context.database}.${name}`);
  checkUnused(context, collection);
  context.engine.store.catalog.setOptions(collection, { ...collection.options, ...checkedValidator(body) });
  const change = documentField(body, 'index');
  if (change) modifyIndex(context, collection, change);
  return { ok: 1 };
}

function modifyIndex({ engine }: CommandContext, collection: Collection, change: Document): void {
  const pattern = JSON.stringify(change.keyPattern);
  const index = collection.indexes.find((one) => one.name === change.name || JSON.stringify(one.spec.key) === pattern);
  if (!index) throw commandError(27, `cannot find index ${change.name ?? pattern} for ns ${collection.namespace}`);
  const seconds = numberField(change, 'expireAfterSeconds');
  const spec = { ...index.spec };
  if (seconds !== undefined) spec.expireAfterSeconds = seconds;
  if (change.hidden !== undefined) spec.hidden = flag(change, 'hidden');
  if (spec.hidden === false) delete spec.hidden;
  engine.store.catalog.setSpec(index, spec);
}

function listCollections(context: CommandContext, body: Document): Reply {
  const { database } = context;
  const matches = compileFilter(documentField(body, 'filter') ?? {});
  const found = [...context.engine.store.catalog.all()]
    .filter((collection) => collection.database === database)
    .map(
      ({ name, options }): Document => ({
        name,
        type: 'collection',
        options,
        info: { readOnly: false },
        idIndex: { v: 2, key: { _id: 1 }, name: '_id_' },
      }),
    )
    .filter(matches)
    .map((entry) => (flag(body, 'nameOnly') ? { name: entry.name, type: entry.type } : entry));
  const batchSize = numberField(documentField(body, 'cursor') ?? {}, 'batchSize');
  const { deadline } = context;
  return context.engine.cursors.open(
    { namespace: `${database}.$cmd.listCollections`, items: found, batchSize, transaction: undefined, deadline },
    Date.now(),
  );
}

function listDatabases(context: CommandContext, body: Document): Reply {
  const names = new Set([...context.engine.store.catalog.all()].map(({ database }) => database));
  const filter = body.filter;
  const matches = compileFilter(isDocument(filter) ? filter : {});
  const databases = [...names]
    .sort()
    .map((name): Document => ({ name, sizeOnDisk: 1, empty: false }))
    .filter(matches)
    .map((entry) => (flag(body, 'nameOnly') ? { name: entry.name } : entry));
  return { databases, totalSize: databases.length, ok: 1 };
}

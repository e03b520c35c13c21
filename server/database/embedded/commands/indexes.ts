import { encode, isNumeric, toNumber } from '../bson.ts';
import type { Collection, Index } from '../catalog.ts';
import { type Document, isDocument } from '../document.ts';
import { commandError, shown, unsupported } from '../errors.ts';
import { compileFilter } from '../match.ts';
import { countAll } from '../read.ts';
import { checkNamespaceClaim } from '../txn.ts';
import type { Reply } from '../wire.ts';
import { checkUnused } from './collections.ts';
import {
  type CommandContext,
  type CommandTable,
  collectionName,
  createCollection,
  documentField,
  documentsField,
  findCollection,
  numberField,
  refuseCollation,
} from './context.ts';

export const indexCommands = {
  createIndexes: { run: createIndexes, writes: true, inTransaction: true },
  dropIndexes: { run: dropIndexes, writes: true },
  deleteIndexes: { run: (context, body) => dropIndexes(context, { ...body, dropIndexes: body.deleteIndexes }), writes: true },
  listIndexes: { run: listIndexes },
} satisfies CommandTable;

function createIndexes(context: CommandContext, body: Document): Reply {
  const name = collectionName(context, body, 'createIndexes');
  const wanted = (documentsField(body, 'indexes') ?? []).map(checkedSpec);
  if (!wanted.length) throw commandError(2, 'Must specify at least one index to create');
  const existing = findCollection(context, name);
  if (!existing) checkNamespaceClaim(context.engine.store, `${context.database}.${name}`);
  const collection = existing ?? createCollection(context, name, {});
  const before = collection.indexes.length + 1;
  const missing = wanted.filter((spec) => spec !== undefined).filter((spec) => !isThere(collection, spec));
  if (missing.length && context.transaction && existing && countAll(context.view, collection)) {
    throw commandError(263, 'Cannot create new indexes on existing collection in a multi-document transaction.');
  }
  if (missing.length && !context.transaction) checkUnused(context, collection);
  for (const spec of missing) {
    if (isThere(collection, spec)) continue;
    if (context.transaction) context.transaction.createIndex(collection, spec);
    else context.engine.store.buildIndex(collection, spec);
  }
  return {
    numIndexesBefore: before,
    numIndexesAfter: before + missing.length,
    createdCollectionAutomatically: existing === undefined,
    ...(!missing.length && { note: 'all indexes already exist' }),
    ok: 1,
  };
}

const KEPT_OPTIONS = ['unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds', 'hidden', 'background'] as const;
const REFUSED_OPTIONS = [
  'wildcardProjection',
  'weights',
  'default_language',
  'textIndexVersion',
  'prepareUnique',
  'clustered',
  'columnstoreProjection',
];

/** The specification as it is stored; undefined for the index on `_id`, which is always there. */
function checkedSpec(sent: Document): Document | undefined {
  const key = sent.key;
  if (!isDocument(key) || !Object.keys(key).length) throw commandError(67, 'Index keys cannot be an empty object');
  for (const [path, kind] of Object.entries(key)) checkKeyField(path, kind);
  refuseCollation(sent);
  for (const option of REFUSED_OPTIONS) if (sent[option] !== undefined) throw unsupported(`The index option ${option}`);
  const entries = Object.entries(key);
  if (sent.sparse && sent.partialFilterExpression)
    throw commandError(67, 'cannot mix "partialFilterExpression" and "sparse" options');
  const partialFilter = documentField(sent, 'partialFilterExpression');
  if (partialFilter) compileFilter(partialFilter);
  checkExpiry(sent, entries.length);
  if (entries.length === 1 && entries[0]?.[0] === '_id' && isNumeric(entries[0][1])) return undefined;
  const spec: Document = {
    v: 2,
    key,
    name: String(sent.name ?? entries.map(([path, kind]) => `${path}_${String(kind)}`).join('_')),
  };
  for (const option of KEPT_OPTIONS) if (sent[option] !== undefined && sent[option] !== false) spec[option] = sent[option];
  if (entries.some(([, kind]) => kind === '2dsphere')) spec['2dsphereIndexVersion'] = 3;
  return spec;
}

function checkKeyField(path: string, kind: unknown): void {
  if (path.includes('$**')) throw unsupported('A wildcard index');
  if (path === '' || path.startsWith('.') || path.endsWith('.') || path.includes('..')) {
    throw commandError(67, 'Index keys cannot contain an empty field.');
  }
  if (path.split('.').some((name) => name.startsWith('$') && !['$id', '$ref', '$db'].includes(name))) {
    throw commandError(67, `Index key contains an illegal field name: ${path}`);
  }
  if (kind === '2dsphere' || kind === 'hashed') return;
  if (kind === 'text') throw unsupported('A text index');
  if (kind === '2d') throw unsupported('A 2d index');
  if (isNumeric(kind) && toNumber(kind) !== 0) return;
  throw commandError(
    67,
    `Values in v:2 index key pattern cannot be of type ${typeof kind} or 0. Only numbers > 0, numbers < 0, and strings are allowed.`,
  );
}

function checkExpiry(spec: Document, fields: number): void {
  const seconds = numberField(spec, 'expireAfterSeconds');
  if (seconds === undefined) return;
  if (fields > 1) throw commandError(67, 'TTL indexes are single-field indexes, compound indexes do not support TTL.');
  if (!(seconds >= 0 && seconds <= 0x7fffffff)) {
    throw commandError(67, `TTL index 'expireAfterSeconds' option must be within an acceptable range, not ${seconds}`);
  }
}

/** True if just this index is there; 85 or 86 if one is in its way. */
function isThere(collection: Collection, spec: Document): boolean {
  const sameName = collection.indexes.find((index) => index.name === spec.name);
  const sameKey = collection.indexes.find((index) => identityOf(index.spec).equals(identityOf(spec)));
  if (sameName && sameName === sameKey && optionsOf(sameName.spec).equals(optionsOf(spec))) return true;
  if (sameName && sameName !== sameKey) {
    throw commandError(86, `An existing index has the same name as the requested index. ${versus(spec, sameName)}`);
  }
  if (sameKey && sameKey === sameName) {
    const code = sameKey.spec.expireAfterSeconds !== spec.expireAfterSeconds ? 85 : 86;
    throw commandError(
      code,
      `An equivalent index already exists with the same name but different options. ${versus(spec, sameKey)}`,
    );
  }
  if (sameKey) throw commandError(85, `Index already exists with a different name: ${sameKey.name}`);
  return false;
}

function identityOf(spec: Document): Buffer {
  return encode({ key: spec.key, partial: spec.partialFilterExpression ?? null });
}

function optionsOf(spec: Document): Buffer {
  const seconds = spec.expireAfterSeconds;
  return encode({
    unique: spec.unique === true,
    sparse: spec.sparse === true,
    seconds: isNumeric(seconds) ? toNumber(seconds) : null,
  });
}

function versus(spec: Document, index: Index): string {
  return `Requested index: ${shown(spec)}, existing index: ${shown(index.spec)}`;
}

function dropIndexes(context: CommandContext, body: Document): Reply {
  const name = collectionName(context, body, 'dropIndexes');
  const collection = findCollection(context, name);
  if (!collection) throw commandError(26, `ns not found ${context.database}.${name}`);
  checkUnused(context, collection);
  const before = collection.indexes.length + 1;
  const wanted: unknown[] = Array.isArray(body.index) ? body.index : [body.index];
  const chosen: Index[] = wanted.flatMap((one) => (one === '*' ? collection.indexes : [namedIndex(collection, one)]));
  for (const index of chosen) context.engine.store.catalog.dropIndex(collection, index);
  return { nIndexesWas: before, ok: 1 };
}

function namedIndex(collection: Collection, wanted: unknown): Index {
  if (wanted === '_id_' || (isDocument(wanted) && encode(wanted).equals(encode({ _id: 1 })))) {
    throw commandError(72, 'cannot drop _id index');
  }
  const found = collection.indexes.find((index) =>
    typeof wanted === 'string'
      ? index.name === wanted
      : isDocument(wanted) && encode(wanted).equals(encode(index.spec.key as Document)),
  );
  if (!found) throw commandError(27, `index not found with name [${typeof wanted === 'string' ? wanted : shown(wanted)}]`);
  return found;
}

function listIndexes(context: CommandContext, body: Document): Reply {
  const name = collectionName(context, body, 'listIndexes');
  const collection = findCollection(context, name);
  if (!collection) throw commandError(26, `ns does not exist: ${context.database}.${name}`);
  const items = [collection.idIndex, ...collection.indexes].map(({ spec }) => spec);
  const batchSize = numberField(documentField(body, 'cursor') ?? {}, 'batchSize');
  const { deadline } = context;
  return context.engine.cursors.open(
    { namespace: collection.namespace, items, batchSize, transaction: undefined, deadline },
    Date.now(),
  );
}

import { ObjectId } from 'bson';
import { runPipeline } from '../aggregate.ts';
import { encode } from '../bson.ts';
import type { Collection } from '../catalog.ts';
import { type Document, isDocument } from '../document.ts';
import { duplicateOf } from '../entries.ts';
import { commandError } from '../errors.ts';
import { compileExpression } from '../expression.ts';
import { pathValues } from '../key.ts';
import { withIdFirst } from '../raw.ts';
import { findRows } from '../read.ts';
import { documentOf, type Row } from '../row.ts';
import { checkValid, prepareDocument } from '../stored-document.ts';
import { applyReplacement } from '../update.ts';
import { checkUnused } from './collections.ts';
import { type CommandContext, createCollection, ensureCollection, findCollection } from './context.ts';

/** The `$out` or `$merge` at the end of a pipeline. */
export function outStageOf(stages: unknown): Document | undefined {
  const last: unknown = Array.isArray(stages) ? stages.at(-1) : undefined;
  return isDocument(last) && ('$out' in last || '$merge' in last) ? last : undefined;
}

/** Writes the result of a pipeline to where its last stage says. */
export function writeOut(context: CommandContext, stage: Document, results: Iterable<Document>): void {
  if ('$out' in stage) replaceAll(context, stage.$out, results);
  else mergeAll(context, stage.$merge, results);
}

function replaceAll(context: CommandContext, target: unknown, results: Iterable<Document>): void {
  const { database, name } = placeOf(context, target, '$out');
  const place = { ...context, database };
  const documents = [...results];
  const old = findCollection(place, name);
  const specs = old?.indexes.map(({ spec }) => spec) ?? [];
  if (old) {
    checkUnused(context, old);
    context.engine.store.catalog.dropCollection(old);
  }
  const collection = createCollection(place, name, old?.options ?? {});
  for (const spec of specs) context.engine.store.buildIndex(collection, spec);
  for (const document of documents) insertOne(context, collection, document);
}

type Merge = { on: string[]; whenMatched: unknown; whenNotMatched: unknown; variables: Document };

function mergeAll(context: CommandContext, target: unknown, results: Iterable<Document>): void {
  const options = isDocument(target) ? target : {};
  const { database, name } = placeOf(context, isDocument(target) ? target.into : target, '$merge');
  const documents = [...results];
  const collection = ensureCollection({ ...context, database }, name);
  const on = options.on ?? '_id';
  const merge = {
    on: (Array.isArray(on) ? on : [on]).map(String),
    whenMatched: options.whenMatched ?? 'merge',
    whenNotMatched: options.whenNotMatched ?? 'insert',
    variables: isDocument(options.let) ? options.let : { new: '$$ROOT' },
  };
  for (const document of documents) mergeOne(context, collection, document, merge);
}

function mergeOne(context: CommandContext, collection: Collection, document: Document, merge: Merge): void {
  const withId = document._id === undefined && merge.on.includes('_id') ? { _id: new ObjectId(), ...document } : document;
  const filter = Object.fromEntries(merge.on.map((path) => [path, { $eq: pathValues(withId, path)[0] ?? null }]));
  const [found] = findRows(context.view, collection, { filter, limit: 1, deadline: context.deadline }).rows;
  if (!found) {
    if (merge.whenNotMatched === 'insert') insertOne(context, collection, withId);
    else if (merge.whenNotMatched === 'fail')
      throw commandError(13113, '$merge could not find a matching document in the target collection');
    return;
  }
  if (merge.whenMatched === 'keepExisting') return;
  if (merge.whenMatched === 'fail') throw duplicateOf(collection, collection.idIndex, withId);
  replaceOne(context, collection, found, merged(found, withId, merge));
}

function merged(found: Row, document: Document, { whenMatched, variables }: Merge): Document {
  const stored = documentOf(found);
  if (Array.isArray(whenMatched)) {
    const values = Object.entries(variables).map(([name, expression]) => [name, compileExpression(expression, {})(document)]);
    const context = { variables: Object.fromEntries(values), lookup: () => [] };
    const [result] = runPipeline([stored], whenMatched.filter(isDocument), context);
    return { _id: stored._id, ...result };
  }
  if (whenMatched === 'replace') return applyReplacement(stored, { ...document, _id: stored._id });
  if (whenMatched === 'merge') return { ...stored, ...document, _id: stored._id };
  throw commandError(2, `$merge: enumeration value '${String(whenMatched)}' for field 'whenMatched' is not a valid value`);
}

function insertOne(context: CommandContext, collection: Collection, document: Document): void {
  const { raw, decoded } = prepareDocument(collection, encode(document), false);
  context.writer.insert(collection, raw, decoded);
}

function replaceOne(context: CommandContext, collection: Collection, row: Row, next: Document): void {
  const raw = withIdFirst(encode(next));
  if (raw.equals(row.raw)) return;
  checkValid(collection, next);
  context.writer.update(collection, row, next, raw);
}

function placeOf(context: CommandContext, target: unknown, stage: string): { database: string; name: string } {
  if (typeof target === 'string') return { database: context.database, name: target };
  if (isDocument(target) && target.timeseries === undefined && typeof target.coll === 'string') {
    return { database: String(target.db ?? context.database), name: target.coll };
  }
  throw commandError(16990, `${stage} needs the name of a collection, or { db, coll }`);
}

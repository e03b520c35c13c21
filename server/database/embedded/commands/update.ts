import { ObjectId } from 'bson';
import { encode } from '../bson.ts';
import type { Collection } from '../catalog.ts';
import { equals } from '../compare.ts';
import { type Document, isDocument } from '../document.ts';
import { commandError, shown } from '../errors.ts';
import { compileFilter } from '../match.ts';
import { MAX_DOCUMENT_BYTES, withIdFirst } from '../raw.ts';
import { findRows } from '../read.ts';
import { documentOf, type Row } from '../row.ts';
import { checkValid, prepareDocument } from '../stored-document.ts';
import { applyReplacement, compileUpdate, type Updater, upsertBase } from '../update.ts';
import { type CommandContext, ensureCollection, findCollection, mismatch } from './context.ts';

export type UpdateStatement = {
  filter: Document;
  /** Modifiers, a replacement or a pipeline. */
  update: unknown;
  multi: boolean;
  upsert: boolean;
  arrayFilters: Document[] | undefined;
  sort?: Document | undefined;
  hint?: unknown;
  variables: Document | undefined;
  bypassValidation: boolean;
};

/** `before` and `after` are of the last document touched; `upsertedId` is there only after an upsert. */
export type UpdateOutcome = {
  matched: number;
  modified: number;
  before?: Row | undefined;
  after?: Row | undefined;
  upsertedId?: unknown;
};

/** Runs one update statement, of update, findAndModify or bulkWrite. */
export function runUpdate(context: CommandContext, name: string, statement: UpdateStatement): UpdateOutcome {
  const change = compile(statement);
  const collection = findCollection(context, name);
  const rows = collection ? matchedRows(context, collection, statement) : [];
  if (!collection) compileFilter(statement.filter, statement.variables);
  const outcome: UpdateOutcome = { matched: 0, modified: 0 };
  const now = new Date();
  for (const row of rows) {
    outcome.matched++;
    outcome.before = row;
    outcome.after = collection && updateRow(context, collection, row, change, statement, now);
    if (outcome.after !== row) outcome.modified++;
  }
  return outcome.matched || !statement.upsert ? outcome : upsert(context, name, statement, change, now);
}

type Change = { apply: Updater; isReplacement: boolean; touched: ReadonlySet<string> | undefined };

function compile({ update, multi, filter, arrayFilters, variables }: UpdateStatement): Change {
  if (Array.isArray(update)) {
    if (arrayFilters) throw commandError(9, 'arrayFilters may not be specified for pipeline-style updates');
    const stages = update.map((stage, position) =>
      isDocument(stage) ? stage : fail(mismatch(`u.${position}`, 'object', stage)),
    );
    return {
      apply: compileUpdate(stages, updateOptions(filter, undefined, variables)),
      isReplacement: false,
      touched: undefined,
    };
  }
  if (!isDocument(update)) throw commandError(9, 'Update argument must be either an object or an array');
  if (Object.keys(update)[0]?.startsWith('$')) {
    return {
      apply: compileUpdate(update, updateOptions(filter, arrayFilters, variables)),
      isReplacement: false,
      touched: rootsOf(update),
    };
  }
  if (multi) throw commandError(9, 'multi update is not supported for replacement-style update');
  if (arrayFilters) throw commandError(9, 'Cannot specify arrayFilters and a replacement-style update');
  return { apply: (document) => applyReplacement(document, update), isReplacement: true, touched: undefined };
}

function updateOptions(filter: Document, arrayFilters: Document[] | undefined, variables: Document | undefined) {
  return { filter, arrayFilters, ...(variables && { variables }) };
}

/** First segments of the paths that modifiers change: indexes on other fields need no look. */
function rootsOf(update: Document): ReadonlySet<string> | undefined {
  const roots = new Set<string>();
  for (const [modifier, fields] of Object.entries(update)) {
    if (!isDocument(fields)) return undefined;
    for (const [path, value] of Object.entries(fields)) {
      roots.add(path.split('.', 1)[0] ?? path);
      if (modifier === '$rename') roots.add(String(value).split('.', 1)[0] ?? '');
    }
  }
  return roots;
}

function matchedRows(context: CommandContext, collection: Collection, statement: UpdateStatement): Row[] {
  const { filter, sort, hint, variables, multi } = statement;
  const search = { filter, sort, hint, variables, limit: multi ? 0 : 1, deadline: context.deadline };
  // All of them are found before the first is changed, so that none is met again at a new place of the index.
  return [...findRows(context.view, collection, search).rows];
}

function updateRow(
  context: CommandContext,
  collection: Collection,
  row: Row,
  change: Change,
  statement: UpdateStatement,
  now: Date,
): Row {
  const document = documentOf(row);
  const next = change.apply(document, { isInsert: false, now });
  if (!equals(next._id, document._id)) {
    throw commandError(66, "Performing an update on the path '_id' would modify the immutable field '_id'");
  }
  const raw = withIdFirst(encode(next));
  // In a transaction an update that changes nothing still claims its document, as in MongoDB.
  if (raw.equals(row.raw)) {
    if (context.transaction) context.writer.update(collection, row, document, row.raw, change.touched);
    return row;
  }
  if (raw.length > MAX_DOCUMENT_BYTES)
    throw commandError(17419, `Resulting document after update is larger than ${MAX_DOCUMENT_BYTES}`);
  if (!statement.bypassValidation) checkValid(collection, next);
  context.writer.update(collection, row, next, raw, change.touched);
  return { rid: row.rid, version: row.version, raw, decoded: next };
}

function upsert(context: CommandContext, name: string, statement: UpdateStatement, change: Change, now: Date): UpdateOutcome {
  const collection = ensureCollection(context, name);
  const base = upsertBase(statement.filter);
  const made = change.apply(change.isReplacement ? idOnly(base) : base, { isInsert: true, now });
  if (base._id !== undefined && made._id !== undefined && !equals(made._id, base._id)) {
    throw commandError(
      66,
      `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${shown(made._id)}`,
    );
  }
  const withId = made._id === undefined ? { ...made, _id: new ObjectId() } : made;
  const { raw, decoded } = prepareDocument(collection, encode(withId), statement.bypassValidation);
  context.writer.insert(collection, raw, decoded ?? withId);
  return { matched: 0, modified: 0, after: { rid: -1, version: 0, raw, decoded: undefined }, upsertedId: withId._id };
}

function idOnly(base: Document): Document {
  return base._id === undefined ? {} : { _id: base._id };
}

function fail(error: Error): never {
  throw error;
}

import { encode, isNumeric, toNumber } from '../bson.ts';
import type { Collection } from '../catalog.ts';
import type { Document } from '../document.ts';
import { CommandError, commandError } from '../errors.ts';
import { compileFilter } from '../match.ts';
import { findRows } from '../read.ts';
import type { Row } from '../row.ts';
import { prepareDocument } from '../stored-document.ts';
import type { Reply } from '../wire.ts';
import {
  type CommandContext,
  type CommandTable,
  collectionName,
  documentField,
  documentsField,
  ensureCollection,
  findCollection,
  flag,
  mismatch,
  refuseCollation,
} from './context.ts';
import { presenter } from './read.ts';
import { runUpdate, type UpdateStatement } from './update.ts';
import { variablesOf } from './variables.ts';

export const writeCommands = {
  insert: { run: insert, writes: true, inTransaction: true },
  update: { run: update, writes: true, inTransaction: true },
  delete: { run: remove, writes: true, inTransaction: true },
  findAndModify: { run: findAndModify, writes: true, inTransaction: true },
  findandmodify: {
    run: (context, body) => findAndModify(context, { ...body, findAndModify: body.findandmodify }),
    writes: true,
    inTransaction: true,
  },
} satisfies CommandTable;

export const MAX_WRITES = 100_000;

/** Deletes what a filter finds, the first only if `limit` is 1; answers what was there. */
export function removeRows(
  context: CommandContext,
  collection: Collection | undefined,
  statement: { filter: Document; limit: number; sort?: Document | undefined; hint?: unknown; variables?: Document | undefined },
): Row[] {
  if (!collection) {
    compileFilter(statement.filter, statement.variables);
    return [];
  }
  const rows = [...findRows(context.view, collection, { ...statement, deadline: context.deadline }).rows];
  for (const row of rows) context.writer.remove(collection, row);
  return rows;
}

/** Runs the statements of a write command; one that fails becomes a write error and, if `ordered`, ends the command. */
export function runStatements(
  context: CommandContext,
  count: number,
  ordered: boolean,
  run: (position: number) => void,
): Document[] {
  const errors: Document[] = [];
  for (let position = 0; position < count; position++) {
    try {
      run(position);
    } catch (error) {
      if (context.transaction || !isWriteError(error)) throw error;
      errors.push({ index: position, code: error.code, errmsg: error.message, ...error.details });
      if (ordered) break;
    }
  }
  return errors;
}

function isWriteError(error: unknown): error is CommandError {
  return error instanceof CommandError && error.code !== 112 && error.code !== 50;
}

function insert(context: CommandContext, body: Document): Reply {
  const name = collectionName(context, body, 'insert');
  const documents = body.documents;
  if (!Array.isArray(documents)) throw mismatch('documents', 'array', documents);
  checkBatch(documents.length);
  const collection = ensureCollection(context, name);
  const bypass = flag(body, 'bypassDocumentValidation');
  let n = 0;
  const writeErrors = runStatements(context, documents.length, body.ordered !== false, (position) => {
    const sent: unknown = documents[position];
    if (!(sent instanceof Uint8Array)) throw mismatch(`documents.${position}`, 'object', sent);
    const { raw, decoded } = prepareDocument(collection, sent, bypass);
    context.writer.insert(collection, raw, decoded);
    n++;
  });
  return { n, ...(writeErrors.length && { writeErrors }), ok: 1 };
}

function update(context: CommandContext, body: Document): Reply {
  const name = collectionName(context, body, 'update');
  const statements = documentsField(body, 'updates') ?? [];
  checkBatch(statements.length);
  const variables = variablesOf(body);
  const upserted: Document[] = [];
  let n = 0;
  let nModified = 0;
  const writeErrors = runStatements(context, statements.length, body.ordered !== false, (position) => {
    const statement = statements[position] ?? {};
    refuseCollation(statement);
    const outcome = runUpdate(context, name, updateStatement(statement, variables, flag(body, 'bypassDocumentValidation')));
    n += outcome.matched;
    nModified += outcome.modified;
    if ('upsertedId' in outcome) {
      n++;
      upserted.push({ index: position, _id: outcome.upsertedId });
    }
  });
  return { n, nModified, ...(upserted.length && { upserted }), ...(writeErrors.length && { writeErrors }), ok: 1 };
}

function updateStatement(statement: Document, letVariables: Document | undefined, bypass: boolean): UpdateStatement {
  const multi = flag(statement, 'multi');
  const sort = documentField(statement, 'sort');
  if (multi && sort) throw commandError(9, 'Cannot specify sort with multi=true');
  const constants = variablesOf(statement, 'c');
  return {
    filter: documentField(statement, 'q') ?? {},
    update: statement.u,
    multi,
    upsert: flag(statement, 'upsert'),
    arrayFilters: documentsField(statement, 'arrayFilters'),
    sort,
    hint: statement.hint,
    variables: letVariables || constants ? { ...letVariables, ...constants } : undefined,
    bypassValidation: bypass,
  };
}

function remove(context: CommandContext, body: Document): Reply {
  const collection = findCollection(context, collectionName(context, body, 'delete'));
  const statements = documentsField(body, 'deletes') ?? [];
  checkBatch(statements.length);
  const variables = variablesOf(body);
  let n = 0;
  const writeErrors = runStatements(context, statements.length, body.ordered !== false, (position) => {
    const statement = statements[position] ?? {};
    refuseCollation(statement);
    const limit = isNumeric(statement.limit) ? toNumber(statement.limit) : Number.NaN;
    if (limit !== 0 && limit !== 1)
      throw commandError(9, `The limit field in delete objects must be 0 or 1. Got ${String(statement.limit)}`);
    const filter = documentField(statement, 'q') ?? {};
    n += removeRows(context, collection, { filter, limit, hint: statement.hint, variables }).length;
  });
  return { n, ...(writeErrors.length && { writeErrors }), ok: 1 };
}

function findAndModify(context: CommandContext, body: Document): Reply {
  const name = collectionName(context, body, 'findAndModify');
  const filter = documentField(body, 'query') ?? {};
  const variables = variablesOf(body);
  const present = presenter(documentField(body, 'fields'), filter, variables);
  const shown = (row: Row | undefined) => (row ? toBytes(present(row)) : null);
  const search = { filter, sort: documentField(body, 'sort'), hint: body.hint, variables };
  if (flag(body, 'remove')) {
    if (body.update !== undefined) throw commandError(9, "Cannot specify both an 'update' and 'remove'=true");
    if (flag(body, 'new'))
      throw commandError(9, "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document");
    const [removed] = removeRows(context, findCollection(context, name), { ...search, limit: 1 });
    return { lastErrorObject: { n: removed ? 1 : 0 }, value: shown(removed), ok: 1 };
  }
  if (body.update === undefined) throw commandError(9, "Either an update or 'remove'=true must be specified");
  const outcome = runUpdate(context, name, {
    ...search,
    update: body.update,
    multi: false,
    upsert: flag(body, 'upsert'),
    arrayFilters: documentsField(body, 'arrayFilters'),
    bypassValidation: flag(body, 'bypassDocumentValidation'),
  });
  const isUpsert = 'upsertedId' in outcome;
  const lastErrorObject = {
    n: isUpsert ? 1 : outcome.matched,
    updatedExisting: outcome.matched > 0,
    ...(isUpsert && { upserted: outcome.upsertedId }),
  };
  return { lastErrorObject, value: shown(flag(body, 'new') ? outcome.after : outcome.before), ok: 1 };
}

function checkBatch(size: number): void {
  if (size < 1 || size > MAX_WRITES)
    throw commandError(16, `Write batch sizes must be between 1 and ${MAX_WRITES}. Got ${size} operations.`);
}

function toBytes(item: Buffer | Document): Buffer {
  return item instanceof Uint8Array ? item : encode(item);
}

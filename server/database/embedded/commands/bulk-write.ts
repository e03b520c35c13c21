import { encode, isNumeric, toNumber } from '../bson.ts';
import { type Document, isDocument } from '../document.ts';
import { commandError } from '../errors.ts';
import { prepareDocument } from '../stored-document.ts';
import type { Reply } from '../wire.ts';
import {
  type CommandContext,
  type CommandTable,
  documentField,
  documentsField,
  ensureCollection,
  findCollection,
  flag,
  mismatch,
  numberField,
  refuseCollation,
} from './context.ts';
import { runUpdate } from './update.ts';
import { variablesOf } from './variables.ts';
import { removeRows, runStatements } from './write.ts';

export const bulkWriteCommands = {
  bulkWrite: { run: bulkWrite, writes: true, inTransaction: true },
} satisfies CommandTable;

type Totals = { nErrors: number; nInserted: number; nUpserted: number; nMatched: number; nModified: number; nDeleted: number };

/** The client's bulk write of MongoDB 8.0: operations on several collections in one command. */
function bulkWrite(context: CommandContext, body: Document): Reply {
  if (context.database !== 'admin') throw commandError(13, 'bulkWrite may only be run against the admin database.');
  const operations = documentsField(body, 'ops') ?? [];
  const namespaces = (documentsField(body, 'nsInfo') ?? []).map((info) => String(info.ns));
  if (!operations.length) throw commandError(16, 'Write batch sizes must be between 1 and 100000. Got 0 operations.');
  const totals: Totals = { nErrors: 0, nInserted: 0, nUpserted: 0, nMatched: 0, nModified: 0, nDeleted: 0 };
  const results: Document[] = [];
  const variables = variablesOf(body);
  const errors = runStatements(context, operations.length, body.ordered !== false, (position) => {
    const operation = operations[position] ?? {};
    const result = runOperation(context, operation, namespaces, variables, flag(body, 'bypassDocumentValidation'), totals);
    if (!flag(body, 'errorsOnly')) results.push({ ok: 1, idx: position, ...result });
  });
  for (const { index, ...error } of errors) results.push({ ok: 0, idx: index, n: 0, ...error });
  results.sort((left, right) => Number(left.idx) - Number(right.idx));
  const reply = context.engine.cursors.open(
    {
      namespace: 'admin.$cmd.bulkWrite',
      items: results,
      batchSize: numberField(documentField(body, 'cursor') ?? {}, 'batchSize'),
      transaction: context.transaction,
      deadline: context.deadline,
    },
    Date.now(),
  );
  return { ...reply, ...totals, nErrors: errors.length };
}

function runOperation(
  context: CommandContext,
  operation: Document,
  namespaces: string[],
  variables: Document | undefined,
  bypassValidation: boolean,
  totals: Totals,
): Document {
  const [kind] = Object.keys(operation);
  const place = kind === undefined ? undefined : operation[kind];
  const namespace = isNumeric(place) ? namespaces[toNumber(place)] : undefined;
  if (!namespace) throw commandError(2, `BulkWrite ops entry refers to a namespace that nsInfo does not hold: ${String(place)}`);
  const split = namespace.indexOf('.');
  const target = { ...context, database: namespace.slice(0, split) };
  const name = namespace.slice(split + 1);
  refuseCollation(operation);
  switch (kind) {
    case 'insert':
      return insertOne(target, name, operation, bypassValidation, totals);
    case 'update':
      return updateSome(target, name, operation, variables, bypassValidation, totals);
    case 'delete':
      return deleteSome(target, name, operation, variables, totals);
    default:
      throw commandError(9, `Unrecognized bulkWrite operation: ${kind}`);
  }
}

function insertOne(
  context: CommandContext,
  name: string,
  operation: Document,
  bypassValidation: boolean,
  totals: Totals,
): Document {
  const { document } = operation;
  if (!isDocument(document)) throw mismatch('document', 'object', document);
  const collection = ensureCollection(context, name);
  const { raw, decoded } = prepareDocument(collection, encode(document), bypassValidation);
  context.writer.insert(collection, raw, decoded);
  totals.nInserted++;
  return { n: 1 };
}

function updateSome(
  context: CommandContext,
  name: string,
  operation: Document,
  variables: Document | undefined,
  bypassValidation: boolean,
  totals: Totals,
): Document {
  const outcome = runUpdate(context, name, {
    filter: documentField(operation, 'filter') ?? {},
    update: operation.updateMods,
    multi: flag(operation, 'multi'),
    upsert: flag(operation, 'upsert'),
    arrayFilters: documentsField(operation, 'arrayFilters'),
    sort: documentField(operation, 'sort'),
    hint: operation.hint,
    variables,
    bypassValidation,
  });
  totals.nMatched += outcome.matched;
  totals.nModified += outcome.modified;
  if (!('upsertedId' in outcome)) return { n: outcome.matched, nModified: outcome.modified };
  totals.nUpserted++;
  return { n: 1, nModified: 0, upserted: { _id: outcome.upsertedId } };
}

function deleteSome(
  context: CommandContext,
  name: string,
  operation: Document,
  variables: Document | undefined,
  totals: Totals,
): Document {
  const filter = documentField(operation, 'filter') ?? {};
  const limit = flag(operation, 'multi') ? 0 : 1;
  const n = removeRows(context, findCollection(context, name), { filter, limit, hint: operation.hint, variables }).length;
  totals.nDeleted += n;
  return { n };
}

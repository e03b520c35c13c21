import { Long } from 'bson';
import { isNumeric, toNumber } from '../bson.ts';
import { type Document, isDocument } from '../document.ts';
import { commandError, unsupported } from '../errors.ts';
import { encodeKey, pathValues } from '../key.ts';
import { compileFilter } from '../match.ts';
import { explainPlan } from '../plan.ts';
import { compileProjection } from '../project.ts';
import { MAX_DOCUMENT_BYTES } from '../raw.ts';
import { countAll, findRows, planFor, type Search } from '../read.ts';
import { documentOf, type Row } from '../row.ts';
import type { Reply } from '../wire.ts';
import {
  type CommandContext,
  type CommandTable,
  collectionName,
  countField,
  documentField,
  documentsField,
  findCollection,
  flag,
  mismatch,
  numberField,
} from './context.ts';
import { variablesOf } from './variables.ts';

export const readCommands = {
  find: { run: find, inTransaction: true },
  getMore: { run: getMore, inTransaction: true },
  killCursors: { run: killCursors, inTransaction: true },
  count: { run: count },
  distinct: { run: distinct, inTransaction: true },
  explain: { run: explain },
} satisfies CommandTable;

/** A function that gives what a reply shows of a row: its stored bytes, unless a projection is asked for. */
export function presenter(
  projection: Document | undefined,
  filter: Document,
  variables: Document | undefined,
): (row: Row) => Buffer | Document {
  if (!projection || !Object.keys(projection).length) return (row) => row.raw;
  const project = compileProjection(projection, { filter, ...(variables && { variables }) });
  return (row) => project(documentOf(row));
}

function find(context: CommandContext, body: Document): Reply {
  const name = collectionName(context, body, 'find');
  if (flag(body, 'tailable')) throw unsupported('A tailable cursor');
  const filter = documentField(body, 'filter') ?? {};
  const variables = variablesOf(body);
  const present = presenter(documentField(body, 'projection'), filter, variables);
  const limit = numberField(body, 'limit') ?? 0;
  const collection = findCollection(context, name);
  const options = { namespace: `${context.database}.${name}`, transaction: context.transaction, deadline: context.deadline };
  const batchSize = countField(body, 'batchSize');
  if (!collection) {
    compileFilter(filter, variables);
    return context.engine.cursors.open({ ...options, items: [], batchSize }, Date.now());
  }
  const { rows } = findRows(context.view, collection, {
    filter,
    sort: documentField(body, 'sort'),
    skip: countField(body, 'skip') ?? 0,
    limit: Math.abs(limit),
    hint: body.hint,
    variables,
    deadline: context.deadline,
  });
  return context.engine.cursors.open(
    { ...options, items: mapped(rows, present), batchSize, singleBatch: flag(body, 'singleBatch') || limit < 0 },
    Date.now(),
  );
}

function getMore(context: CommandContext, body: Document): Reply {
  const id = idOfCursor(body.getMore);
  const namespace = `${context.database}.${String(body.collection)}`;
  return context.engine.cursors.next(id, namespace, countField(body, 'batchSize'), context.transaction, Date.now());
}

function killCursors({ engine }: CommandContext, body: Document): Reply {
  const killed: unknown[] = [];
  const missing: unknown[] = [];
  for (const id of Array.isArray(body.cursors) ? body.cursors : [])
    (engine.cursors.kill(idOfCursor(id)) ? killed : missing).push(id);
  return { cursorsKilled: killed, cursorsNotFound: missing, cursorsAlive: [], cursorsUnknown: [], ok: 1 };
}

function count(context: CommandContext, body: Document): Reply {
  const collection = findCollection(context, collectionName(context, body, 'count'));
  const filter = documentField(body, 'query') ?? {};
  const skip = countField(body, 'skip') ?? 0;
  const limit = Math.abs(numberField(body, 'limit') ?? 0);
  if (!collection) return { n: 0, ok: 1 };
  if (!Object.keys(filter).length && !skip && !limit) return { n: countAll(context.view, collection), ok: 1 };
  let n = 0;
  for (const _row of findRows(context.view, collection, { filter, skip, limit, hint: body.hint, deadline: context.deadline })
    .rows)
    n++;
  return { n, ok: 1 };
}

function distinct(context: CommandContext, body: Document): Reply {
  const collection = findCollection(context, collectionName(context, body, 'distinct'));
  const path = body.key;
  if (typeof path !== 'string') throw mismatch('key', 'string', path);
  const filter = documentField(body, 'query') ?? {};
  if (!collection) return { values: [], ok: 1 };
  const values = new Map<string, unknown>();
  let bytes = 0;
  for (const row of findRows(context.view, collection, { filter, hint: body.hint, deadline: context.deadline }).rows) {
    for (const value of pathValues(documentOf(row), path)) {
      if (value === undefined) continue;
      const key = encodeKey(value).toString('latin1');
      if (values.has(key)) continue;
      values.set(key, value);
      bytes += key.length;
      if (bytes > MAX_DOCUMENT_BYTES) throw commandError(17217, 'distinct too big, 16mb cap');
    }
  }
  return { values: [...values.values()], ok: 1 };
}

function explain(context: CommandContext, body: Document): Reply {
  const command = body.explain;
  if (!isDocument(command)) throw mismatch('explain', 'object', command);
  const name = Object.keys(command)[0] ?? '';
  if (!EXPLAINABLE.has(name)) throw commandError(59, `Explain failed due to unknown command: ${name}`);
  const collection = findCollection(context, collectionName(context, command, name));
  const search = searchOf(command);
  const plan = collection && planFor(context.view, collection, search);
  const winningPlan = explainPlan(plan);
  const started = Date.now();
  let returned = 0;
  const verbosity = body.verbosity ?? 'allPlansExecution';
  if (collection && verbosity !== 'queryPlanner') {
    for (const _row of findRows(context.view, collection, { ...search, deadline: context.deadline }).rows) returned++;
  }
  return {
    explainVersion: '1',
    queryPlanner: {
      namespace: `${context.database}.${String(command[name])}`,
      parsedQuery: search.filter,
      winningPlan,
      rejectedPlans: [],
    },
    ...(verbosity !== 'queryPlanner' && {
      executionStats: { executionSuccess: true, nReturned: returned, executionTimeMillis: Date.now() - started },
    }),
    command,
    ok: 1,
  };
}

const EXPLAINABLE = new Set(['find', 'aggregate', 'count', 'distinct', 'update', 'delete', 'findAndModify']);

function searchOf(command: Document): Omit<Search, 'deadline'> {
  const statement = documentsField(command, 'updates')?.[0] ?? documentsField(command, 'deletes')?.[0];
  const stages = documentsField(command, 'pipeline');
  const match = stages?.[0]?.$match;
  const sort = stages?.[match ? 1 : 0]?.$sort ?? command.sort ?? statement?.sort;
  const filter = command.filter ?? command.query ?? match ?? statement?.q ?? {};
  if (!isDocument(filter)) throw mismatch('filter', 'object', filter);
  return { filter, sort: isDocument(sort) ? sort : undefined, hint: command.hint ?? statement?.hint };
}

function idOfCursor(value: unknown): bigint {
  if (Long.isLong(value)) return value.toBigInt();
  if (isNumeric(value)) return BigInt(toNumber(value));
  throw mismatch('cursor', 'long', value);
}

function* mapped<From, To>(items: Iterable<From>, change: (item: From) => To): Iterable<To> {
  for (const item of items) yield change(item);
}

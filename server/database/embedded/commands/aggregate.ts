import { checkPipeline, runPipeline } from '../aggregate.ts';
import { isNumeric, toNumber } from '../bson.ts';
import type { Collection } from '../catalog.ts';
import { type Document, isDocument } from '../document.ts';
import { commandError } from '../errors.ts';
import { findNear } from '../geo.ts';
import { compileFilter } from '../match.ts';
import { countAll, findRows } from '../read.ts';
import { documentOf } from '../row.ts';
import type { Reply } from '../wire.ts';
import {
  arrayField,
  type CommandContext,
  type CommandTable,
  collectionName,
  documentField,
  findCollection,
  flag,
  mismatch,
  numberField,
} from './context.ts';
import { geoNear } from './geo-near.ts';
import { outStageOf, writeOut } from './out.ts';
import { variablesOf } from './variables.ts';

export const aggregateCommands = {
  aggregate: { run: aggregate, writes: (body) => outStageOf(body.pipeline) !== undefined, inTransaction: true },
} satisfies CommandTable;

/** A pipeline cut up: where its documents come from, the stages that remain, and where the result goes. */
type Source = { documents: Iterable<Document>; rest: Document[] };

function aggregate(context: CommandContext, body: Document): Reply {
  const stages = stagesOf(body);
  const hasCollection = typeof body.aggregate === 'string';
  const name = hasCollection ? collectionName(context, body, 'aggregate') : '$cmd.aggregate';
  if (!documentField(body, 'cursor') && !flag(body, 'explain')) {
    throw commandError(9, "The 'cursor' option is required, except for aggregate with the explain argument");
  }
  if (!hasCollection) checkCollectionless(stages);
  const variables = variablesOf(body);
  const out = outStageOf(stages);
  if (out && context.transaction) throw commandError(263, `${Object.keys(out)[0]} cannot be used in a transaction`);
  if (out && documentField(body, 'readConcern')?.level === 'linearizable') {
    throw commandError(72, `${Object.keys(out)[0]} cannot be used with a 'linearizable' read concern level`);
  }
  const collection = hasCollection ? findCollection(context, name) : undefined;
  const { documents, rest } = sourceOf(context, collection, out ? stages.slice(0, -1) : stages, body.hint, variables);
  const lookup = (foreign: string, filter: Document) => lookUp(context, foreign, filter, variables);
  const results = rest.length ? runPipeline(documents, rest, { variables: variables ?? {}, lookup }) : documents;
  if (out) writeOut(context, out, results);
  return context.engine.cursors.open(
    {
      namespace: `${context.database}.${name}`,
      items: out ? [] : results,
      batchSize: numberField(documentField(body, 'cursor') ?? {}, 'batchSize'),
      transaction: context.transaction,
      deadline: context.deadline,
    },
    Date.now(),
  );
}

function stagesOf(body: Document): Document[] {
  const stages = arrayField(body, 'pipeline');
  if (!stages) throw mismatch('pipeline', 'array', body.pipeline);
  checkPipeline(stages);
  return stages.filter(isDocument);
}

function checkCollectionless(stages: Document[]): void {
  const [first] = Object.keys(stages[0] ?? {});
  if (first && ['$documents', '$currentOp', '$listLocalSessions'].includes(first)) return;
  throw commandError(73, `{aggregate: 1} is not valid for '${first ?? 'an empty pipeline'}'; a collection is required.`);
}

/** Takes from the front of a pipeline what the engine does better than a stage: find, sort, limit and count through an index. */
function sourceOf(
  context: CommandContext,
  collection: Collection | undefined,
  stages: Document[],
  hint: unknown,
  variables: Document | undefined,
): Source {
  const own = ownSource(context, collection, stages, variables);
  if (own) return own;
  const { filter, sort, skip, limit, rest } = leadingQuery(stages);
  if (findNear(filter)) {
    throw commandError(
      5626500,
      '$geoNear, $near, and $nearSphere are not allowed in this context, as these operators require sorting geospatial data.',
    );
  }
  if (!collection) {
    compileFilter(filter, variables);
    return { documents: [], rest };
  }
  const search = { filter, sort, skip, limit, hint, variables, deadline: context.deadline };
  const counted = countStage(rest[0]);
  if (!counted) return { documents: documentsOf(context, collection, search), rest };
  const isWhole = !Object.keys(filter).length && !skip && !limit;
  const n = isWhole ? countAll(context.view, collection) : countRows(context, collection, search);
  return { documents: n ? [{ _id: counted.id, [counted.field]: n }] : [], rest: rest.slice(1) };
}

function ownSource(
  context: CommandContext,
  collection: Collection | undefined,
  stages: Document[],
  variables: Document | undefined,
): Source | undefined {
  const [first] = stages;
  const rest = stages.slice(1);
  const [name] = Object.keys(first ?? {});
  switch (name) {
    case '$geoNear':
      return { documents: geoNear(context, collection, first?.$geoNear, variables), rest };
    case '$collStats': {
      if (!collection) throw commandError(26, '$collStats needs a collection that exists');
      const count = countAll(context.view, collection);
      return { documents: [{ ns: collection.namespace, localTime: new Date(), count, storageStats: { count } }], rest };
    }
    case '$indexStats': {
      const indexes = collection ? [collection.idIndex, ...collection.indexes] : [];
      return { documents: indexes.map((index) => ({ name: index.name, key: index.spec.key, spec: index.spec })), rest };
    }
    case '$listLocalSessions':
    case '$currentOp':
      return { documents: [{ _id: 1, host: context.engine.address }], rest };
    default:
      return undefined;
  }
}

type LeadingQuery = { filter: Document; sort: Document | undefined; skip: number; limit: number; rest: Document[] };

function leadingQuery(stages: Document[]): LeadingQuery {
  let at = 0;
  const take = (name: string): unknown => {
    const value = stages[at]?.[name];
    if (value !== undefined) at++;
    return value;
  };
  const filters: Document[] = [];
  for (let match = take('$match'); match !== undefined; match = take('$match')) {
    if (!isDocument(match)) throw commandError(15959, 'the match filter must be an expression in an object');
    filters.push(match);
  }
  const filter = filters.length > 1 ? { $and: filters } : (filters[0] ?? {});
  // A sort by anything but plain directions ($meta) is the pipeline's to refuse.
  const wanted = stages[at]?.$sort;
  const isPlain = isDocument(wanted) && Object.values(wanted).every(isNumeric);
  const sort = isPlain ? (take('$sort') as Document) : undefined;
  const skip = isNumeric(stages[at]?.$skip) ? toNumber(take('$skip') as number) : 0;
  const wantedLimit = stages[at]?.$limit;
  const limit = isNumeric(wantedLimit) && toNumber(wantedLimit) > 0 ? toNumber(take('$limit') as number) : 0;
  return { filter, sort, skip, limit, rest: stages.slice(at) };
}

/** The stage that countDocuments sends: `{ $group: { _id: 1, n: { $sum: 1 } } }`. */
function countStage(stage: Document | undefined): { id: unknown; field: string } | undefined {
  const group = stage?.$group;
  if (!isDocument(group) || Object.keys(group).length !== 2) return undefined;
  const { _id: id, ...rest } = group;
  const [[field, sum] = []] = Object.entries(rest);
  if (field === undefined || (id !== null && !isNumeric(id)) || !isDocument(sum) || Object.keys(sum).length !== 1)
    return undefined;
  return isNumeric(sum.$sum) && toNumber(sum.$sum) === 1 ? { id, field } : undefined;
}

type Search = Parameters<typeof findRows>[2];

function* documentsOf(context: CommandContext, collection: Collection, search: Search): Iterable<Document> {
  for (const row of findRows(context.view, collection, search).rows) yield documentOf(row);
}

function countRows(context: CommandContext, collection: Collection, search: Search): number {
  let n = 0;
  for (const _row of findRows(context.view, collection, search).rows) n++;
  return n;
}

function lookUp(context: CommandContext, name: string, filter: Document, variables: Document | undefined): Iterable<Document> {
  const collection = findCollection(context, name);
  return collection ? documentsOf(context, collection, { filter, variables, deadline: context.deadline }) : [];
}

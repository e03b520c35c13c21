import { isNumeric, isRegExp, toNumber } from './bson.ts';
import { type Document, isDocument } from './document.ts';
import { withPath } from './document-path.ts';
import { commandError, shown } from './errors.ts';
import { compileExpression } from './expression.ts';
import { indexFilter } from './index-filter.ts';
import { splitPath } from './key.ts';
import { valuesAt } from './match-path.ts';
import { documentOperand, mapped, type PipelineContext, type Stage, type StageContext } from './stage.ts';
import { valueKey } from './value-key.ts';

/** `$lookup`, by equal fields, by a pipeline with variables, or by both. The foreign documents come through the planner. */
export function lookupStage(operand: unknown, context: StageContext): Stage {
  const join = readJoin(documentOperand('$lookup', operand, 9, LOOKUP_NAMES));
  const foreign = foreignOf(join, context);
  const names = splitPath(join.as);
  return (source) => {
    // What asks nothing of the document is asked once.
    const shared = join.local === undefined && join.variables.length === 0 ? once(() => [...foreign({})]) : undefined;
    return mapped((document) => withPath(document, names, shared?.() ?? [...foreign(document)]))(source);
  };
}

/** `$unionWith`: the documents of another collection, through a pipeline of their own, behind those that come in. */
export function unionStage(operand: unknown, context: StageContext): Stage {
  const options = typeof operand === 'string' ? { coll: operand } : documentOperand('$unionWith', operand, 9, UNION_NAMES);
  const stages = stagesOf('$unionWith', options.pipeline);
  const from = sourceName('$unionWith', options.coll, stages);
  const run = context.compile(stages, context);
  return function* (source) {
    yield* source;
    yield* run(read(context, from, {}, stages, context.variables));
  };
}

/** `$graphLookup`: goes on from what was found, one step at a time, and never to the same document twice. */
export function graphLookupStage(operand: unknown, context: StageContext): Stage {
  const graph = readGraph(documentOperand('$graphLookup', operand, 40327, GRAPH_NAMES), context.variables);
  const names = splitPath(graph.as);
  return mapped((document) => withPath(document, names, reachable(document, graph, context)));
}

const LOOKUP_NAMES = ['from', 'localField', 'foreignField', 'let', 'pipeline', 'as'];
const UNION_NAMES = ['coll', 'pipeline'];
const GRAPH_NAMES = [
  'from',
  'startWith',
  'connectFromField',
  'connectToField',
  'as',
  'maxDepth',
  'depthField',
  'restrictSearchWithMatch',
];

type Join = {
  from: string | undefined;
  local: readonly string[] | undefined;
  foreignField: string;
  variables: [name: string, expression: unknown][];
  stages: readonly Document[];
  as: string;
};

function readJoin(options: Document): Join {
  const { localField, foreignField, as, pipeline } = options;
  if (typeof as !== 'string') throw commandError(9, "must specify 'as' field for a $lookup");
  for (const [name, value] of Object.entries({ localField, foreignField }))
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      throw commandError(9, `$lookup argument '${name}: ${shown(value)}' must be a string`);
  if ((localField === undefined) !== (foreignField === undefined))
    throw commandError(9, "$lookup requires both or neither of 'localField' and 'foreignField' to be specified");
  if (localField === undefined && pipeline === undefined)
    throw commandError(9, "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified");
  if (options.let !== undefined && (!isDocument(options.let) || pipeline === undefined))
    throw commandError(9, "$lookup argument 'let' must be an object, and stands beside a 'pipeline'");
  const stages = stagesOf('$lookup', pipeline);
  return {
    from: sourceName('$lookup', options.from, stages),
    local: typeof localField === 'string' ? splitPath(localField) : undefined,
    foreignField: String(foreignField),
    variables: Object.entries(options.let ?? {}),
    stages,
    as,
  };
}

/** What there is for one document. The pipeline is compiled once, unless it has variables of the document. */
function foreignOf(join: Join, context: StageContext): (document: Document) => Iterable<Document> {
  const { from, local, stages } = join;
  const placeholders = Object.fromEntries(join.variables.map(([name]) => [name, null]));
  const run = context.compile(stages, withVariables(context, placeholders));
  const variables = join.variables.map(([name, expression]): [string, (document: Document) => unknown] => [
    name,
    compileExpression(expression, context.variables),
  ]);
  return (document) => {
    const filter = local === undefined ? {} : equalTo(join.foreignField, localValues(document, local));
    if (variables.length === 0) return run(read(context, from, filter, stages, context.variables));
    const bound = withVariables(context, Object.fromEntries(variables.map(([name, evaluate]) => [name, evaluate(document)])));
    return context.compile(stages, bound)(read(context, from, filter, stages, bound.variables));
  };
}

function withVariables(context: StageContext, variables: Document): PipelineContext {
  return { lookup: context.lookup, variables: { ...context.variables, ...variables } };
}

/** The elements of an array stand for themselves; a missing value is null. */
function localValues(document: Document, names: readonly string[]): unknown[] {
  return valuesAt(document, names).flatMap((value) => (Array.isArray(value) ? value : [value ?? null]));
}

/** A regular expression is a value here, not a pattern. */
function equalTo(path: string, values: readonly unknown[]): Document {
  if (values.length !== 1 && !values.some(isRegExp)) return { [path]: { $in: values } };
  const clauses = values.map((value) => ({ [path]: { $eq: value } }));
  return clauses.length === 1 && clauses[0] !== undefined ? clauses[0] : { $or: clauses };
}

function read(
  context: PipelineContext,
  from: string | undefined,
  filter: Document,
  stages: readonly Document[],
  variables: Document,
): Iterable<Document> {
  if (from === undefined) return [];
  const match = stages[0]?.$match;
  const clauses = isDocument(match) ? indexFilter(match, variables) : [];
  if (Object.keys(filter).length > 0) clauses.unshift(filter);
  return context.lookup(from, clauses.length > 1 ? { $and: clauses } : (clauses[0] ?? {}));
}

function stagesOf(stage: string, pipeline: unknown): readonly Document[] {
  if (pipeline === undefined) return [];
  if (!Array.isArray(pipeline))
    throw commandError(14, `${stage} argument 'pipeline' must be an array, found: ${shown(pipeline)}`);
  for (const inner of pipeline) {
    const [name] = isDocument(inner) ? Object.keys(inner) : [];
    if (name === '$out' || name === '$merge') throw commandError(51047, `${name} is not allowed within a ${stage} pipeline`);
  }
  return pipeline;
}

/** Undefined where the pipeline brings its own documents. */
function sourceName(stage: string, name: unknown, stages: readonly Document[]): string | undefined {
  if (typeof name === 'string' && name !== '') return name;
  if (name === undefined && stages[0] !== undefined && '$documents' in stages[0]) return undefined;
  throw commandError(9, `${stage} needs the name of a collection, found: ${shown(name)}`);
}

type Graph = {
  from: string;
  start: (document: Document) => unknown;
  fromNames: readonly string[];
  toField: string;
  as: string;
  maxDepth: number;
  depthField: string | undefined;
  filter: Document | undefined;
};

function readGraph(options: Document, variables: Document): Graph {
  const {
    from,
    startWith,
    connectFromField,
    connectToField,
    as,
    maxDepth,
    depthField,
    restrictSearchWithMatch: filter,
  } = options;
  if (startWith === undefined || ![from, connectFromField, connectToField, as].every((name) => typeof name === 'string'))
    throw commandError(40105, '$graphLookup requires from, startWith, connectFromField, connectToField and as');
  if (maxDepth !== undefined && !(isNumeric(maxDepth) && Number.isInteger(toNumber(maxDepth)) && toNumber(maxDepth) >= 0))
    throw commandError(40100, `maxDepth must be a non-negative whole number, found: ${shown(maxDepth)}`);
  if (depthField !== undefined && typeof depthField !== 'string')
    throw commandError(40103, `depthField must be a string, found: ${shown(depthField)}`);
  if (filter !== undefined && !isDocument(filter))
    throw commandError(40185, `restrictSearchWithMatch must be an object, found: ${shown(filter)}`);
  return {
    from: String(from),
    start: compileExpression(startWith, variables),
    fromNames: splitPath(String(connectFromField)),
    toField: String(connectToField),
    as: String(as),
    maxDepth: isNumeric(maxDepth) ? toNumber(maxDepth) : Number.POSITIVE_INFINITY,
    depthField,
    filter,
  };
}

function reachable(document: Document, graph: Graph, { lookup }: PipelineContext): Document[] {
  const found = new Map<unknown, Document>();
  const asked = new Set<unknown>();
  const start = graph.start(document);
  let values: unknown[] = Array.isArray(start) ? start : [start ?? null];
  for (let depth = 0; depth <= graph.maxDepth; depth++) {
    values = values.filter((value) => {
      const key = valueKey(value);
      return asked.has(key) ? false : asked.add(key);
    });
    if (values.length === 0) break;
    const reached = equalTo(graph.toField, values);
    const next: unknown[] = [];
    for (const other of lookup(graph.from, graph.filter === undefined ? reached : { $and: [reached, graph.filter] })) {
      const key = valueKey(other._id);
      if (found.has(key)) continue;
      found.set(key, graph.depthField === undefined ? other : withPath(other, splitPath(graph.depthField), depth));
      next.push(...localValues(other, graph.fromNames));
    }
    values = next;
  }
  return [...found.values()];
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

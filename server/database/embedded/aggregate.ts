import { createSorter } from './compare.ts';
import { type Document, isDocument } from './document.ts';
import { commandError, unsupported } from './errors.ts';
import { compileExpression, simplified, simplifiedDocument } from './expression.ts';
import { findNear } from './geo.ts';
import { bucketStage, countStage, groupStage, sortByCountStages } from './group.ts';
import { compileFilter } from './match.ts';
import { mingoStage } from './mingo.ts';
import {
  collected,
  documentOperand,
  type PipelineContext,
  type Stage,
  type StageCompiler,
  type StageContext,
  wholeOperand,
} from './stage.ts';
import { addFieldsStage, projectStage, replaceRootStage, replaceWithStage, unsetStage } from './stage-fields.ts';
import { graphLookupStage, lookupStage, unionStage } from './stage-join.ts';
import { redactStage } from './stage-redact.ts';
import { unwindStage } from './stage-unwind.ts';
import { fillStages, windowStage } from './stage-window.ts';
import { collectTop } from './top.ts';

export type { PipelineContext } from './stage.ts';

/**
 * Runs a pipeline over documents, lazily where the stages allow it. Stages that write or read the engine itself
 * ($out, $merge, $geoNear, $collStats, $indexStats …) are the caller's. 40324 for unknown stages, 40573 for $changeStream.
 */
export function runPipeline(
  source: Iterable<Document>,
  stages: readonly Document[],
  context: PipelineContext,
): Iterable<Document> {
  // One `$$NOW` for all stages.
  const variables = { NOW: new Date(), ...context.variables };
  return compileStages(stages, { ...context, variables })(source);
}

/** Throws what is wrong with a pipeline before it runs: 14, 40323, 40324, 40573, 40601, 40602. */
export function checkPipeline(stages: readonly unknown[]): void {
  for (const [place, stage] of stages.entries()) {
    const name = stageName(stage);
    if (name === '$changeStream' || name === '$changeStreamSplitLargeEvent') throw unsupported('$changeStream', 40573);
    if (REFUSED.has(name)) throw unsupported(name);
    if (!STAGES.has(name) && !FIRST_STAGES.has(name) && !LAST_STAGES.has(name))
      throw commandError(40324, `Unrecognized pipeline stage name: '${name}'`);
    if (LAST_STAGES.has(name) && place < stages.length - 1)
      throw commandError(40601, `${name} can only be the final stage in the pipeline`);
    if (FIRST_STAGES.has(name) && place > 0) throw commandError(40602, `${name} is only valid as the first stage in a pipeline`);
  }
}

/** Every stage is prepared, and its faults told, before the first document is read. */
function compileStages(stages: readonly unknown[], context: PipelineContext): Stage {
  checkPipeline(stages);
  const documents = stages.filter(isDocument);
  const compiled = documents.map((stage, place) => {
    const [[name, operand] = ['', undefined]] = Object.entries(stage);
    const compile = STAGES.get(name);
    if (compile === undefined) throw commandError(40600, `${name} is not allowed here`);
    return compile(operand, { ...context, compile: compileStages, following: documents.slice(place + 1) });
  });
  return (source) => compiled.reduce((documents, stage) => stage(documents), source);
}

function stageName(stage: unknown): string {
  if (!isDocument(stage)) throw commandError(14, "Each element of the 'pipeline' array must be an object");
  const [name, another] = Object.keys(stage);
  if (name === undefined || another !== undefined)
    throw commandError(40323, 'A pipeline stage specification object must contain exactly one field.');
  return name;
}

/** Stages that are sources of their own, and those that write; the aggregate command knows them. */
const FIRST_STAGES = new Set(['$geoNear', '$collStats', '$indexStats', '$currentOp', '$listLocalSessions', '$documents']);
const LAST_STAGES = new Set(['$out', '$merge']);

const REFUSED = new Set([
  '$search',
  '$searchMeta',
  '$vectorSearch',
  '$rankFusion',
  '$listSearchIndexes',
  '$listSessions',
  '$listSampledQueries',
  '$planCacheStats',
  '$querySettings',
  '$shardedDataDistribution',
]);

const STAGES = new Map<string, StageCompiler>([
  ['$match', matchStage],
  ['$sort', sortStage],
  ['$limit', limitStage],
  ['$skip', skipStage],
  ['$project', projectStage],
  ['$addFields', addFieldsStage('$addFields')],
  ['$set', addFieldsStage('$set')],
  ['$unset', unsetStage],
  ['$replaceRoot', replaceRootStage],
  ['$replaceWith', replaceWithStage],
  ['$redact', redactStage],
  ['$unwind', unwindStage],
  ['$group', groupStage],
  ['$bucket', bucketStage],
  ['$count', countStage],
  ['$sortByCount', (operand, context) => context.compile(sortByCountStages(operand), context)],
  ['$setWindowFields', windowStage],
  ['$fill', (operand, context) => context.compile(fillStages(operand), context)],
  ['$facet', facetStage],
  ['$lookup', lookupStage],
  ['$graphLookup', graphLookupStage],
  ['$unionWith', unionStage],
  ['$sample', sampleStage],
  ['$documents', documentsStage],
  ...['$bucketAuto', '$densify'].map((name): [string, StageCompiler] => [
    name,
    (operand, context) => rareStage(name, operand, context),
  ]),
]);

function matchStage(operand: unknown, { variables }: StageContext): Stage {
  if (!isDocument(operand)) throw commandError(15959, 'the match filter must be an expression in an object');
  if (findNear(operand) !== undefined)
    throw commandError(
      5626500,
      '$geoNear, $near, and $nearSphere are not allowed in this context, as these operators require sorting geospatial data.',
    );
  const matches = compileFilter(operand, variables);
  return function* (source) {
    for (const document of source) if (matches(document)) yield document;
  };
}

/** With a limit behind it, a sort holds no more than what comes through. */
function sortStage(operand: unknown, { following }: StageContext): Stage {
  const spec = documentOperand('$sort', operand, 15973);
  if (Object.keys(spec).length === 0) throw commandError(15976, '$sort stage must have at least one sort key');
  const compare = createSorter(spec);
  const top = topOf(following);
  return collected((source) => (top === undefined ? [...source].sort(compare) : collectTop(source, top, compare)));
}

function topOf(following: readonly Document[]): number | undefined {
  let skipped = 0;
  for (const stage of following) {
    if ('$limit' in stage) return skipped + limitOf(stage.$limit);
    if (!('$skip' in stage)) return undefined;
    skipped += wholeOperand('$skip', stage.$skip, 5107200);
  }
  return undefined;
}

function limitStage(operand: unknown): Stage {
  const limit = limitOf(operand);
  return function* (source) {
    let count = 0;
    for (const document of source) {
      yield document;
      // The next one is not asked for: finding it may take long.
      if (++count >= limit) return;
    }
  };
}

function limitOf(operand: unknown): number {
  const limit = wholeOperand('$limit', operand, 5107201);
  if (limit === 0) throw commandError(15958, 'the limit must be positive');
  return limit;
}

function skipStage(operand: unknown): Stage {
  const skip = wholeOperand('$skip', operand, 5107200);
  return function* (source) {
    let count = 0;
    for (const document of source) if (count++ >= skip) yield document;
  };
}

/** All facets read the same documents, which are held for them. */
function facetStage(operand: unknown, context: StageContext): Stage {
  if (!isDocument(operand) || Object.keys(operand).length === 0)
    throw commandError(40169, 'the $facet specification must be a non-empty object');
  const facets = Object.entries(operand).map(([name, stages]): [string, Stage] => {
    if (!Array.isArray(stages)) throw commandError(40170, `arguments to $facet must be arrays, ${name} is none`);
    if (name.startsWith('$') || name.includes('.')) throw commandError(16410, `the name of a facet cannot be '${name}'`);
    for (const stage of stages) {
      const inner = stageName(stage);
      if (inner === '$facet' || FIRST_STAGES.has(inner) || LAST_STAGES.has(inner))
        throw commandError(40600, `${inner} is not allowed to be used within a $facet stage`);
    }
    return [name, context.compile(stages, context)];
  });
  return collected((source) => {
    const documents = [...source];
    return [Object.fromEntries(facets.map(([name, stage]) => [name, [...stage(documents)]]))];
  });
}

/** Every document is as likely to be among those that are kept: https://doi.org/10.1145/3147.3165. */
function sampleStage(operand: unknown): Stage {
  const { size } = documentOperand('$sample', operand, 28745, ['size']);
  const wanted = wholeOperand('$sample', size, 28747);
  return collected((source) => {
    const kept: Document[] = [];
    let seen = 0;
    for (const document of source) {
      const place = seen < wanted ? seen : Math.floor(Math.random() * (seen + 1));
      if (place < wanted) kept[place] = document;
      seen++;
    }
    return kept;
  });
}

function documentsStage(operand: unknown, { variables }: StageContext): Stage {
  const documents = compileExpression(operand, variables)({});
  if (!Array.isArray(documents) || !documents.every(isDocument))
    throw commandError(5858203, 'the $documents stage needs an array of objects');
  return () => documents;
}

/** What is used so seldom that mingo's way suffices. It holds all documents, and their numbers in JavaScript's types. */
function rareStage(name: string, operand: unknown, { variables }: StageContext): Stage {
  const stage = { [name]: simplified(operand) };
  const simpleVariables = simplifiedDocument(variables);
  return collected((source) => mingoStage(simple(source), stage, simpleVariables));
}

function* simple(source: Iterable<Document>): Iterable<Document> {
  for (const document of source) yield simplifiedDocument(document);
}

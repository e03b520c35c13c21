import type { AccumulatorMaker } from './accumulator.ts';
import { compileAccumulator } from './accumulators.ts';
import { isNumeric, toNumber } from './bson.ts';
import { createSorter } from './compare.ts';
import { type Document, isDocument } from './document.ts';
import { withPath } from './document-path.ts';
import { commandError, shown, unsupported } from './errors.ts';
import { compileExpression, type Expression } from './expression.ts';
import { splitPath } from './key.ts';
import { collected, documentOperand, type Stage, type StageContext } from './stage.ts';
import { valueKey } from './value-key.ts';
import { compileWindow, type Window } from './window.ts';

/** `$setWindowFields`: within each partition, in order, fields computed from the documents around each. Holds all documents. */
export function windowStage(operand: unknown, { variables }: StageContext): Stage {
  const options = documentOperand('$setWindowFields', operand, 9, ['partitionBy', 'sortBy', 'output']);
  const { partitionBy, sortBy, output } = options;
  if (!isDocument(output)) throw commandError(9, `$setWindowFields needs an output document, found: ${shown(output)}`);
  if (sortBy !== undefined && !isDocument(sortBy)) throw commandError(9, `sortBy must be a document, found: ${shown(sortBy)}`);
  const partition = compileExpression(partitionBy ?? null, variables);
  const compare = sortBy && createSorter(sortBy);
  const fields = Object.entries(output).map(([path, spec]): [readonly string[], Series] => [
    splitPath(path),
    compileSeries(path, spec, sortBy, variables),
  ]);
  return collected(function* (source) {
    for (const documents of partitioned(source, partition)) {
      if (compare) documents.sort(compare);
      const columns = fields.map(([names, series]) => ({ names, values: series(documents) }));
      for (const [place, document] of documents.entries())
        yield columns.reduce((changed, { names, values }) => withPath(changed, names, values[place]), document);
    }
  });
}

/** `$fill`: a value, or the last one that was there, where there is none. */
export function fillStages(operand: unknown): Document[] {
  const options = documentOperand('$fill', operand, 9, ['partitionBy', 'partitionByFields', 'sortBy', 'output']);
  const { partitionByFields: names, sortBy, output } = options;
  if (!isDocument(output)) throw commandError(9, `$fill needs an output document, found: ${shown(output)}`);
  if (names !== undefined && (options.partitionBy !== undefined || !Array.isArray(names)))
    throw commandError(9, "$fill takes either 'partitionBy' or an array of 'partitionByFields'");
  const partitionBy = Array.isArray(names) ? names.map((name) => `$${name}`) : options.partitionBy;
  const carried: Document = {};
  const set: Document = {};
  for (const [path, spec] of Object.entries(output)) {
    if (isDocument(spec) && 'value' in spec) set[path] = { $ifNull: [`$${path}`, spec.value] };
    else if (isDocument(spec) && spec.method === 'locf') carried[path] = { $locf: `$${path}` };
    else if (isDocument(spec) && spec.method === 'linear') throw unsupported("$fill by the method 'linear'");
    else throw commandError(6050202, `Method must be either locf or linear: ${path}: ${shown(spec)}`);
  }
  const isCarried = Object.keys(carried).length > 0;
  if (isCarried && sortBy === undefined) throw commandError(9, "$fill needs a sortBy where an output has a 'method'");
  return [
    ...(isCarried ? [{ $setWindowFields: { ...(partitionBy !== undefined && { partitionBy }), sortBy, output: carried } }] : []),
    ...(Object.keys(set).length > 0 ? [{ $addFields: set }] : []),
  ];
}

/** The values of one output field for a whole partition in its order. */
type Series = (documents: readonly Document[]) => unknown[];

function compileSeries(path: string, spec: unknown, sortBy: Document | undefined, variables: Document): Series {
  if (!isDocument(spec)) throw commandError(9, `The field '${path}' must be a window function object`);
  const { window, ...rest } = spec;
  const [[operator, operand] = [], another] = Object.entries(rest);
  if (operator === undefined || another !== undefined)
    throw commandError(9, `The field '${path}' must specify exactly one window function`);
  if (UNKNOWN_HERE.has(operator)) throw unsupported(operator);
  const own = OWN.get(operator);
  if (own === undefined) return windowed(compileAccumulator(path, rest, variables), compileWindow(window, sortBy));
  if (window !== undefined) throw commandError(5371601, `'${operator}' does not accept a 'window' field`);
  if (sortBy === undefined) throw commandError(5371602, `'${operator}' must be specified with a sortBy`);
  return own(operand, sortBy, variables);
}

/** Running totals and the like, that only ever grow, are not begun anew for each document. */
function windowed(make: AccumulatorMaker, window: Window): Series {
  return (documents) => {
    let accumulator = make();
    let begin = 0;
    let end = 0;
    return documents.map((_, place) => {
      const [from, to] = window(documents, place);
      if (from !== begin || to < end) {
        accumulator = make();
        begin = from;
        end = from;
      }
      for (; end < to; end++) {
        const document = documents[end];
        if (document !== undefined) accumulator.add(document);
      }
      return accumulator.result();
    });
  };
}

type OwnSeries = (operand: unknown, sortBy: Document, variables: Document) => Series;

const OWN = new Map<string, OwnSeries>([
  ['$documentNumber', () => (documents) => documents.map((_, place) => place + 1)],
  ['$rank', ranked((rank, place, isPeer) => (isPeer ? rank : place + 1))],
  ['$denseRank', ranked((rank, _, isPeer) => (isPeer ? rank : rank + 1))],
  ['$shift', shifted],
  ['$locf', carriedForward],
]);

const UNKNOWN_HERE = new Set(['$derivative', '$integral', '$expMovingAvg', '$linearFill', '$covariancePop', '$covarianceSamp']);

function ranked(next: (rank: number, place: number, isPeer: boolean) => number): OwnSeries {
  return (_, sortBy) => {
    const compare = createSorter(sortBy);
    return (documents) => {
      let rank = 0;
      let before: Document | undefined;
      return documents.map((document, place) => {
        rank = next(rank, place, before !== undefined && compare(before, document) === 0);
        before = document;
        return rank;
      });
    };
  };
}

function shifted(operand: unknown, _: Document, variables: Document): Series {
  const options = documentOperand('$shift', operand, 9, ['output', 'by', 'default']);
  const by = isNumeric(options.by) ? toNumber(options.by) : Number.NaN;
  if (!Number.isInteger(by)) throw commandError(9, `'$shift:by' field must be an integer, found: ${shown(options.by)}`);
  const evaluate = compileExpression(options.output, variables);
  const fallback = compileExpression(options.default ?? null, variables)({});
  return (documents) =>
    documents.map((_document, place) => {
      const other = documents[place + by];
      return other === undefined ? fallback : (evaluate(other) ?? null);
    });
}

function carriedForward(operand: unknown, _: Document, variables: Document): Series {
  const evaluate = compileExpression(operand, variables);
  return (documents) => {
    let last: unknown = null;
    return documents.map((document) => {
      last = evaluate(document) ?? last;
      return last;
    });
  };
}

function partitioned(source: Iterable<Document>, partition: Expression): Iterable<Document[]> {
  const partitions = new Map<unknown, Document[]>();
  for (const document of source) {
    const key = valueKey(partition(document));
    const documents = partitions.get(key);
    if (documents === undefined) partitions.set(key, [document]);
    else documents.push(document);
  }
  return partitions.values();
}

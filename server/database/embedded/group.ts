import type { Accumulator, AccumulatorMaker } from './accumulator.ts';
import { compileAccumulator } from './accumulators.ts';
import { typeNumber } from './bson.ts';
import { compareValues } from './compare.ts';
import { type Document, isDocument, setField } from './document.ts';
import { commandError, shown } from './errors.ts';
import { compileExpression, type Expression } from './expression.ts';
import { collected, documentOperand, type Stage, type StageContext } from './stage.ts';
import { valueKey } from './value-key.ts';

/** `$group`: holds one state a group, never the documents that came in. */
export function groupStage(operand: unknown, { variables }: StageContext): Stage {
  if (!isDocument(operand)) throw commandError(15947, "a group's fields must be specified in an object");
  if (!Object.hasOwn(operand, '_id')) throw commandError(15955, 'a group specification must include an _id');
  const { _id: id, ...fields } = operand;
  const evaluateId = compileExpression(id, variables);
  const makers = compileFields(fields, variables);
  return collected((source) => grouped(source, evaluateId, makers));
}

/** `$sortByCount` is a group and a sort: see MongoDB's own description. */
export function sortByCountStages(operand: unknown): Document[] {
  const isPath = typeof operand === 'string' && operand.startsWith('$');
  const isExpression = isDocument(operand) && Object.keys(operand)[0]?.startsWith('$');
  if (!isPath && !isExpression)
    throw commandError(
      typeof operand === 'string' ? 40148 : isDocument(operand) ? 40147 : 40149,
      'the sortByCount field must be defined as a $-prefixed path or an expression inside an object',
    );
  return [{ $group: { _id: operand, count: { $sum: 1 } } }, { $sort: { count: -1 } }];
}

/** `$count`: no document at all where nothing is counted. */
export function countStage(operand: unknown): Stage {
  if (typeof operand !== 'string' || operand === '')
    throw commandError(typeof operand === 'string' ? 40157 : 40156, 'the count field must be a non-empty string');
  if (operand.startsWith('$')) throw commandError(40158, 'the count field cannot be a $-prefixed path');
  if (operand.includes('\0')) throw commandError(40159, 'the count field cannot contain a null byte');
  if (operand.includes('.')) throw commandError(40160, "the count field cannot contain '.'");
  return function* (source) {
    let count = 0;
    for (const _document of source) count++;
    const result: Document = {};
    setField(result, operand, count);
    if (count > 0) yield result;
  };
}

/** `$bucket`: a group whose id is the lower boundary of what the expression falls between; groups come in order. */
export function bucketStage(operand: unknown, { variables }: StageContext): Stage {
  const options = documentOperand('$bucket', operand, 40201, ['groupBy', 'boundaries', 'default', 'output']);
  const { groupBy, output } = options;
  if (groupBy === undefined || options.boundaries === undefined)
    throw commandError(40198, "$bucket requires 'groupBy' and 'boundaries' to be specified.");
  const isComputed = isDocument(groupBy) || (typeof groupBy === 'string' && groupBy.startsWith('$'));
  if (!isComputed) throw commandError(40202, `The $bucket 'groupBy' field must be defined as a $-prefixed path or an expression`);
  if (output !== undefined && !isDocument(output)) throw commandError(40196, "The $bucket 'output' field must be an object");
  const boundaries = boundariesOf(options.boundaries, variables);
  const hasDefault = Object.hasOwn(options, 'default');
  const fallback = compileExpression(options.default, variables)({});
  checkDefault(hasDefault, fallback, boundaries);
  const evaluate = compileExpression(groupBy, variables);
  const makers = compileFields(output ?? { count: { $sum: 1 } }, variables);
  return collected((source) => {
    const groups = grouped(source, (document) => bucketOf(evaluate(document), boundaries, hasDefault, fallback), makers);
    return [...groups].sort((a, b) => compareValues(a._id, b._id));
  });
}

function boundariesOf(value: unknown, variables: Document): unknown[] {
  if (!Array.isArray(value)) throw commandError(40200, `The $bucket 'boundaries' field must be an array, found: ${shown(value)}`);
  if (value.length < 2) throw commandError(40192, "The $bucket 'boundaries' field must have at least 2 values");
  const boundaries = value.map((boundary) => compileExpression(boundary, variables)({}));
  for (const [place, boundary] of boundaries.slice(1).entries()) {
    const before = boundaries[place];
    if (orderClass(before) !== orderClass(boundary))
      throw commandError(40193, "All values in the 'boundaries' option to $bucket must have the same type.");
    if (compareValues(before, boundary) >= 0)
      throw commandError(40194, "The 'boundaries' option to $bucket must be sorted, in ascending order.");
  }
  return boundaries;
}

/** The type of a value, all numbers being of one. */
function orderClass(value: unknown): number {
  const type = typeNumber(value);
  return type === 16 || type === 18 || type === 19 ? 1 : type;
}

function checkDefault(hasDefault: boolean, fallback: unknown, boundaries: readonly unknown[]): void {
  const isInside = hasDefault && compareValues(fallback, boundaries[0]) >= 0 && compareValues(fallback, boundaries.at(-1)) < 0;
  if (isInside)
    throw commandError(
      40199,
      "The $bucket 'default' field must be less than the lowest boundary or greater than or equal to the highest boundary.",
    );
}

function bucketOf(value: unknown, boundaries: readonly unknown[], hasDefault: boolean, fallback: unknown): unknown {
  const above = boundaries.findIndex((boundary) => compareValues(value, boundary) < 0);
  if (above > 0) return boundaries[above - 1];
  if (hasDefault) return fallback;
  throw commandError(7158300, '$bucket could not find a matching branch for an input, and no default was specified.');
}

type Field = { name: string; make: AccumulatorMaker };

function compileFields(fields: Document, variables: Document): Field[] {
  return Object.entries(fields).map(([name, spec]) => {
    if (name.includes('.')) throw commandError(40235, `The field name '${name}' cannot contain '.'`);
    if (name.startsWith('$')) throw commandError(40236, `The field name '${name}' cannot be an operator name`);
    return { name, make: compileAccumulator(name, spec, variables) };
  });
}

type Group = { id: unknown; accumulators: Accumulator[] };

function* grouped(source: Iterable<Document>, evaluateId: Expression, fields: readonly Field[]): Iterable<Document> {
  const groups = new Map<unknown, Group>();
  for (const document of source) {
    const id = evaluateId(document);
    const key = valueKey(id);
    let group = groups.get(key);
    if (group === undefined) {
      group = { id: id ?? null, accumulators: fields.map(({ make }) => make()) };
      groups.set(key, group);
    }
    for (const accumulator of group.accumulators) accumulator.add(document);
  }
  for (const { id, accumulators } of groups.values()) {
    const result: Document = { _id: id };
    for (const [place, { name }] of fields.entries()) setField(result, name, accumulators[place]?.result());
    yield result;
  }
}

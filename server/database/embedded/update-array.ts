import { isNumeric, toNumber, typeName } from './bson.ts';
import { compareValues, createSorter, equals } from './compare.ts';
import { type Document, isDocument } from './document.ts';
import { commandError, shown } from './errors.ts';
import { compileElementFilter } from './match.ts';
import { implied } from './match-operators.ts';
import type { Change, Modifier, ModifierContext } from './update-operators.ts';
import { readSlot, type Slot, writeSlot } from './update-path.ts';

/** The modifiers of arrays: https://www.mongodb.com/docs/v8.0/reference/operator/update-array/ */
export const ARRAY_MODIFIERS: readonly [string, Modifier][] = [
  ['$push', { creates: true, prepare: push }],
  ['$addToSet', { creates: true, prepare: addToSet }],
  ['$pop', { creates: false, prepare: pop }],
  ['$pull', { creates: false, prepare: pull }],
  ['$pullAll', { creates: false, prepare: pullAll }],
];

const PUSH_CLAUSES = new Set(['$each', '$slice', '$sort', '$position']);

function push(operand: unknown): Change {
  if (!isDocument(operand) || !('$each' in operand)) {
    return (slot, context) => writeSlot(slot, [...arrayToPushOn(slot, context), operand]);
  }
  for (const name of Object.keys(operand))
    if (!PUSH_CLAUSES.has(name)) throw commandError(2, `Unrecognized clause in $push: ${name}`);
  const each = eachOf(operand.$each, '$push');
  const position = wholeClause(operand, '$position');
  const slice = wholeClause(operand, '$slice');
  const order = operand.$sort === undefined ? undefined : orderOf(operand.$sort);
  return (slot, context) => {
    const current = arrayToPushOn(slot, context);
    const at = position ?? current.length;
    const items = current.toSpliced(at, 0, ...each);
    if (order !== undefined) items.sort(order);
    writeSlot(slot, slice === undefined ? items : slice < 0 ? items.slice(slice) : items.slice(0, slice));
  };
}

function arrayToPushOn(slot: Slot, { path, id }: ModifierContext): unknown[] {
  const current = readSlot(slot);
  if (current === undefined) return [];
  if (Array.isArray(current)) return current;
  throw commandError(
    2,
    `The field '${path}' must be an array but is of type ${typeName(current)} in document {_id: ${shown(id)}}`,
  );
}

function eachOf(each: unknown, operator: string): unknown[] {
  if (Array.isArray(each)) return each;
  throw commandError(
    operator === '$push' ? 2 : 14,
    `The argument to $each in ${operator} must be an array but it was of type: ${typeName(each)}`,
  );
}

function wholeClause(operand: Document, name: '$position' | '$slice'): number | undefined {
  const value = operand[name];
  if (value === undefined) return undefined;
  const number = isNumeric(value) ? toNumber(value) : Number.NaN;
  if (!Number.isInteger(number))
    throw commandError(2, `The value for ${name} must be an integer value, not of type: ${typeName(value)}`);
  return number;
}

function orderOf(sort: unknown): (a: unknown, b: unknown) => number {
  if (isNumeric(sort)) {
    const direction = toNumber(sort);
    if (direction !== 1 && direction !== -1) throw commandError(2, 'The $sort element value must be either 1 or -1');
    return (a, b) => direction * compareValues(a, b);
  }
  if (!isDocument(sort))
    throw commandError(2, 'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields');
  if (Object.keys(sort).length === 0) throw commandError(2, 'The $sort pattern is empty when it should be a set of fields.');
  for (const [path, direction] of Object.entries(sort)) {
    if (path.split('.').includes('')) throw commandError(2, `The $sort field is a dotted field but has an empty part: ${path}`);
    const number = isNumeric(direction) ? toNumber(direction) : 0;
    if (number !== 1 && number !== -1) throw commandError(2, 'The $sort element value must be either 1 or -1');
  }
  const compare = createSorter(sort);
  return (a, b) => compare(isDocument(a) ? a : {}, isDocument(b) ? b : {});
}

function addToSet(operand: unknown): Change {
  const isEach = isDocument(operand) && '$each' in operand;
  const extra = isEach ? Object.keys(operand).find((name) => name !== '$each') : undefined;
  if (extra !== undefined) throw commandError(2, `Found unexpected fields after $each in $addToSet: ${extra}`);
  const added = isEach ? eachOf(operand.$each, '$addToSet') : [operand];
  return (slot, { path }) => {
    const current = readSlot(slot);
    if (current !== undefined && !Array.isArray(current)) {
      const name = path.split('.').at(-1);
      throw commandError(
        2,
        `Cannot apply $addToSet to non-array field. Field named '${name}' has non-array type ${typeName(current)}`,
      );
    }
    const items = [...(current ?? [])];
    for (const item of added) if (!items.some((other) => equals(item, other))) items.push(item);
    if (current === undefined || items.length > current.length) writeSlot(slot, items);
  };
}

function pop(operand: unknown, path: string): Change {
  const end = isNumeric(operand) ? toNumber(operand) : Number.NaN;
  if (end !== 1 && end !== -1) throw commandError(9, `$pop expects 1 or -1, found: ${shown(operand)}`);
  return (slot) => {
    const current = readSlot(slot);
    if (current === undefined) return;
    if (!Array.isArray(current))
      throw commandError(14, `Path '${path}' contains an element of non-array type '${typeName(current)}'`);
    writeSlot(slot, end === 1 ? current.slice(0, -1) : current.slice(1));
  };
}

function pull(operand: unknown, _path: string, variables: Document): Change {
  const isPulled = isDocument(operand) ? compileElementFilter(operand, variables) : implied(operand);
  return (slot) => removeFrom(slot, '$pull', isPulled);
}

function pullAll(operand: unknown): Change {
  if (!Array.isArray(operand)) throw commandError(2, `$pullAll requires an array argument but was given a ${typeName(operand)}`);
  return (slot) => removeFrom(slot, '$pullAll', (item) => operand.some((pulled) => equals(pulled, item)));
}

function removeFrom(slot: Slot, operator: string, isRemoved: (item: unknown) => boolean): void {
  const current = readSlot(slot);
  if (current === undefined) return;
  if (!Array.isArray(current)) throw commandError(2, `Cannot apply ${operator} to a non-array value`);
  const kept = current.filter((item) => !isRemoved(item));
  if (kept.length < current.length) writeSlot(slot, kept);
}

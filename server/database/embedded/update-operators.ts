import { Long, Timestamp } from 'bson';
import { add, isLong, multiply, wholeNumber } from './arithmetic.ts';
import { isNumeric, type Numeric, typeName } from './bson.ts';
import { compareValues } from './compare.ts';
import { type Document, isDocument } from './document.ts';
import { commandError, shown } from './errors.ts';
import { ARRAY_MODIFIERS } from './update-array.ts';
import { clearSlot, readSlot, type Slot, writeSlot } from './update-path.ts';

/** What a modifier may know beside its slot; `id` is the document's, for error texts. */
export type ModifierContext = { path: string; id: unknown; now: Date };

/** Changes one place of the draft. */
export type Change = (slot: Slot, context: ModifierContext) => void;

/** A modifier checks its operand once and gives the change; one that `creates` makes missing places on the way. */
export type Modifier = { creates: boolean; prepare: (operand: unknown, path: string, variables: Document) => Change };

/** https://www.mongodb.com/docs/v8.0/reference/operator/update/ but for $rename, which has two places. */
export const MODIFIERS: ReadonlyMap<string, Modifier> = new Map<string, Modifier>([
  ['$set', { creates: true, prepare: (operand) => (slot) => writeSlot(slot, operand) }],
  ['$setOnInsert', { creates: true, prepare: (operand) => (slot) => writeSlot(slot, operand) }],
  ['$unset', { creates: false, prepare: () => clearSlot }],
  ['$inc', { creates: true, prepare: increment }],
  ['$mul', { creates: true, prepare: multiplication }],
  ['$min', { creates: true, prepare: (operand) => bound(operand, -1) }],
  ['$max', { creates: true, prepare: (operand) => bound(operand, 1) }],
  ['$currentDate', { creates: true, prepare: currentDate }],
  ['$bit', { creates: true, prepare: bit }],
  ...ARRAY_MODIFIERS,
]);

function increment(operand: unknown, path: string): Change {
  if (!isNumeric(operand)) throw commandError(14, `Cannot increment with non-numeric argument: {${path}: ${shown(operand)}}`);
  return (slot, context) => {
    const current = numberIn(slot, '$inc', context);
    writeSlot(slot, current === undefined ? operand : add(current, operand));
  };
}

function multiplication(operand: unknown, path: string): Change {
  if (!isNumeric(operand)) throw commandError(14, `Cannot multiply with non-numeric argument: {${path}: ${shown(operand)}}`);
  return (slot, context) => writeSlot(slot, multiply(numberIn(slot, '$mul', context) ?? 0, operand));
}

function numberIn(slot: Slot, operator: string, { path, id }: ModifierContext): Numeric | undefined {
  const current = readSlot(slot);
  if (current === undefined || isNumeric(current)) return current;
  const name = path.split('.').at(-1);
  throw commandError(
    14,
    `Cannot apply ${operator} to a value of non-numeric type. {_id: ${shown(id)}} has the field '${name}' of non-numeric type ${typeName(current)}`,
  );
}

function bound(operand: unknown, sign: 1 | -1): Change {
  return (slot) => {
    const current = readSlot(slot);
    if (current === undefined || compareValues(operand, current) * sign > 0) writeSlot(slot, operand);
  };
}

function currentDate(operand: unknown): Change {
  const type = typeof operand === 'boolean' ? 'date' : isDocument(operand) ? operand.$type : undefined;
  if (isDocument(operand) && Object.keys(operand).some((name) => name !== '$type')) {
    throw commandError(2, `Unrecognized $currentDate option: ${Object.keys(operand).find((name) => name !== '$type')}`);
  }
  if (type === 'date') return (slot, { now }) => writeSlot(slot, new Date(now));
  if (type === 'timestamp') {
    return (slot, { now }) => writeSlot(slot, new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 }));
  }
  throw commandError(
    2,
    `${typeName(operand)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
  );
}

const BIT_OPERATIONS = new Map<string, (a: bigint, b: bigint) => bigint>([
  ['and', (a, b) => a & b],
  ['or', (a, b) => a | b],
  ['xor', (a, b) => a ^ b],
]);

function bit(operand: unknown, path: string): Change {
  if (!isDocument(operand)) {
    throw commandError(
      2,
      `The $bit modifier is not compatible with a ${typeName(operand)}. You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}`,
    );
  }
  const steps = Object.entries(operand).map(([name, value]) => {
    const operation = BIT_OPERATIONS.get(name);
    const number = wholeNumber(value);
    if (operation === undefined)
      throw commandError(
        2,
        `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}' which is an unknown operator: {${path}: ${shown(operand)}}`,
      );
    if (number === undefined)
      throw commandError(
        2,
        `The $bit modifier field must be an Integer(32/64 bit); a '${typeName(value)}' is not supported here: {${name}: ${shown(value)}}`,
      );
    return { operation, number, isWide: isLong(value) };
  });
  if (steps.length === 0)
    throw commandError(2, `You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}`);
  return (slot, { id }) => {
    const current = readSlot(slot);
    const start = current === undefined ? 0n : wholeNumber(current);
    if (start === undefined) {
      throw commandError(
        2,
        `Cannot apply $bit to a value of non-integral type.{_id: ${shown(id)}} has the field ${path} of non-integer type ${typeName(current)}`,
      );
    }
    const result = steps.reduce((bits, { operation, number }) => operation(bits, number), start);
    writeSlot(slot, isLong(current) || steps.some(({ isWide }) => isWide) ? Long.fromBigInt(result) : Number(result));
  };
}

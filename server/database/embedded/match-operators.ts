import { isNumeric, isRegExp, toNumber, typeNumber, typeNumberOf } from './bson.ts';
import { compareValues, equals } from './compare.ts';
import { isDocument } from './document.ts';
import { commandError } from './errors.ts';
import { encodeKey } from './key.ts';
import { TAG, typeTag } from './key-tag.ts';
import { bitsTest } from './match-bits.ts';
import { anyValue, anyWhole, type Test, type ValueTest } from './match-path.ts';
import { toRegExp } from './regexp.ts';

type Operator = (names: readonly string[], operand: unknown) => Test;

/** The operators on one field that need no other filter: https://www.mongodb.com/docs/v8.0/reference/operator/query/ */
export const OPERATORS = new Map<string, Operator>([
  ['$eq', (names, operand) => anyValue(names, equalTo(operand))],
  ['$ne', (names, operand) => not(anyValue(names, equalTo(noRegExp(operand, '$ne'))))],
  ['$gt', (names, operand) => anyValue(names, inRange(operand, 'above'))],
  ['$gte', (names, operand) => anyValue(names, inRange(operand, 'above', true))],
  ['$lt', (names, operand) => anyValue(names, inRange(operand, 'below'))],
  ['$lte', (names, operand) => anyValue(names, inRange(operand, 'below', true))],
  ['$in', (names, operand) => anyValue(names, oneOf(arrayFor('$in', operand)))],
  ['$nin', (names, operand) => not(anyValue(names, oneOf(arrayFor('$nin', operand))))],
  ['$exists', exists],
  ['$type', (names, operand) => anyValue(names, ofType(operand))],
  ['$size', size],
  ['$mod', (names, operand) => anyValue(names, modulo(operand))],
  ['$bitsAllSet', (names, operand) => anyValue(names, bitsTest('$bitsAllSet', operand))],
  ['$bitsAllClear', (names, operand) => anyValue(names, bitsTest('$bitsAllClear', operand))],
  ['$bitsAnySet', (names, operand) => anyValue(names, bitsTest('$bitsAnySet', operand))],
  ['$bitsAnyClear', (names, operand) => anyValue(names, bitsTest('$bitsAnyClear', operand))],
  ['$comment', () => () => true],
]);

/** Passes what fails the other test. */
export function not(test: Test): Test {
  return (root) => !test(root);
}

/** What `{ field: value }` means: equality, or a match where the value is a regular expression. */
export function implied(operand: unknown): ValueTest {
  if (!isRegExp(operand)) return equalTo(operand);
  const expression = toRegExp(operand.pattern, operand.options);
  return (value) => (typeof value === 'string' ? expression.test(value) : isRegExp(value) && equals(value, operand));
}

/** The operand as an array, else error 2. */
export function arrayFor(operator: string, operand: unknown): unknown[] {
  if (!Array.isArray(operand)) throw commandError(2, `${operator} needs an array`);
  return operand;
}

/** True for a document of operators, false for one that is meant as a value; `$ref`, `$id` and `$db` are fields of a DBRef. */
export function isOperators(value: unknown): value is Record<string, unknown> {
  if (!isDocument(value)) return false;
  for (const name in value) return name.startsWith('$') && name !== '$ref' && name !== '$id' && name !== '$db';
  return false;
}

function equalTo(operand: unknown): ValueTest {
  return (value) => value === operand || equals(value, operand);
}

function noRegExp(operand: unknown, operator: string): unknown {
  if (isRegExp(operand)) throw commandError(2, `Can't have regex as arg to ${operator}.`);
  return operand;
}

/** A range holds values of the operand's type alone, but for MinKey and MaxKey, which bound all types. */
function inRange(operand: unknown, side: 'above' | 'below', orEqual = false): ValueTest {
  if (isRegExp(operand)) throw commandError(2, "Can't have RegEx as arg to predicate over field.");
  const tag = typeTag(operand);
  if (tag === TAG.null) return (value) => orEqual && (value === null || value === undefined);
  const everyOther = tag === (side === 'above' ? TAG.minKey : TAG.maxKey);
  const sign = side === 'above' ? 1 : -1;
  const isOperandNaN = isNaNumber(operand);
  return (value) => {
    if (typeTag(value) !== tag) return everyOther;
    if (isOperandNaN || isNaNumber(value)) return orEqual && isOperandNaN && isNaNumber(value);
    const order = compareValues(value, operand) * sign;
    return order > 0 || (orEqual && order === 0);
  };
}

function isNaNumber(value: unknown): boolean {
  return typeof value === 'number' ? Number.isNaN(value) : isNumeric(value) && Number.isNaN(toNumber(value));
}

/** Beyond a handful of values they are looked up in a set: text as it is, everything else by its key. */
function oneOf(operands: readonly unknown[]): ValueTest {
  for (const operand of operands) if (isOperators(operand)) throw commandError(2, 'cannot nest $ under $in');
  if (operands.length <= 4 || operands.some(isRegExp)) {
    const tests = operands.map(implied);
    return (value) => tests.some((test) => test(value));
  }
  const texts = new Set(operands.filter((operand) => typeof operand === 'string'));
  const keys = new Set(operands.filter((operand) => typeof operand !== 'string').map(keyText));
  return (value) => (typeof value === 'string' ? texts.has(value) : keys.size > 0 && keys.has(keyText(value)));
}

function keyText(value: unknown): string {
  return encodeKey(value).toString('latin1');
}

function exists(names: readonly string[], operand: unknown): Test {
  const isWanted = isNumeric(operand) ? toNumber(operand) !== 0 : operand !== false && operand !== null && operand !== undefined;
  const test = anyWhole(names, (value) => value !== undefined);
  return isWanted ? test : not(test);
}

function size(names: readonly string[], operand: unknown): Test {
  const wanted = isNumeric(operand) ? toNumber(operand) : Number.NaN;
  if (!Number.isInteger(wanted)) throw commandError(2, '$size must be a whole number');
  if (wanted < 0) throw commandError(2, '$size may not be negative');
  return anyWhole(names, (value) => Array.isArray(value) && value.length === wanted);
}

function ofType(operand: unknown): ValueTest {
  const wanted = new Set((Array.isArray(operand) ? operand : [operand]).flatMap(typesNamed));
  if (wanted.size === 0) throw commandError(9, '$type must match at least one type');
  return (value) => value !== undefined && wanted.has(typeNumber(value));
}

function typesNamed(type: unknown): number[] {
  if (type === 'number') return [1, 16, 18, 19];
  if (typeof type === 'string') {
    const number = typeNumberOf(type);
    if (number === undefined) throw commandError(2, `Unknown type name alias: ${type}`);
    return [number];
  }
  const number = isNumeric(type) ? toNumber(type) : Number.NaN;
  const isKnown = Number.isInteger(number) && ((number >= 1 && number <= 19) || number === -1 || number === 127);
  if (!isKnown) throw commandError(2, `Invalid numerical type code: ${String(type)}`);
  return [number];
}

function modulo(operand: unknown): ValueTest {
  if (!Array.isArray(operand)) throw commandError(2, 'malformed mod, needs to be an array');
  if (operand.length < 2) throw commandError(2, 'malformed mod, not enough elements');
  if (operand.length > 2) throw commandError(2, 'malformed mod, too many elements');
  const [divisor, remainder] = operand.map(wholePart);
  if (divisor === undefined) throw commandError(2, 'malformed mod, divisor not a number');
  if (remainder === undefined) throw commandError(2, 'malformed mod, remainder not a number');
  if (divisor === 0n) throw commandError(2, 'divisor cannot be 0');
  return (value) => {
    const whole = wholePart(value);
    return whole !== undefined && whole % divisor === remainder;
  };
}

/** The number without its fraction; undefined for what is no finite number. */
function wholePart(value: unknown): bigint | undefined {
  if (!isNumeric(value)) return undefined;
  if (typeof value === 'object' && value._bsontype === 'Long') return value.toBigInt();
  const number = toNumber(value);
  return Number.isFinite(number) ? BigInt(Math.trunc(number)) : undefined;
}

import { bsonScalar, encode } from './bson.ts';
import { type Document, isDocument } from './document.ts';
import { encodeKey } from './key.ts';
import { compileFilter } from './match.ts';

export type Bound = { value: unknown; inclusive: boolean };

/** What a filter demands of one path, as far as an index can help; the matcher tests the rest. */
export type Predicate = {
  /** The value must be one of these. */
  equals: unknown[] | undefined;
  low: Bound | undefined;
  high: Bound | undefined;
  exists: boolean;
  /** The equality says all that the filter says about the path, and key equality is value equality for it. */
  isWhole: boolean;
  conditions: unknown[];
};

export type Predicates = {
  paths: Map<string, Predicate>;
  /** The filter consists of these paths alone: no $or, no $expr. */
  isComplete: boolean;
};

/** Gathers what the top level and `$and` of a filter demand of each path. What is not understood is left to the matcher. */
export function predicatesOf(filter: Document): Predicates {
  const predicates: Predicates = { paths: new Map(), isComplete: true };
  gather(filter, predicates);
  return predicates;
}

/** True when every document that meets the query also meets the partial index's filter, as far as can be told. */
export function impliesFilter(predicates: Predicates, partialFilter: Document): boolean {
  return Object.entries(partialFilter).every(([path, condition]) => {
    if (path === '$and' && Array.isArray(condition)) return condition.every((part: Document) => impliesFilter(predicates, part));
    const asked = predicates.paths.get(path);
    return asked !== undefined && impliesCondition(asked, condition);
  });
}

function gather(filter: Document, predicates: Predicates): void {
  for (const [path, condition] of Object.entries(filter)) {
    if (path === '$and' && Array.isArray(condition)) {
      for (const part of condition) if (isDocument(part)) gather(part, predicates);
      predicates.isComplete = false;
    } else if (path.startsWith('$')) {
      if (path !== '$comment') predicates.isComplete = false;
    } else addCondition(predicates, path, condition);
  }
}

function addCondition(predicates: Predicates, path: string, condition: unknown): void {
  let predicate = predicates.paths.get(path);
  if (predicate) predicate.isWhole = false;
  else {
    predicate = { equals: undefined, low: undefined, high: undefined, exists: false, isWhole: true, conditions: [] };
    predicates.paths.set(path, predicate);
  }
  predicate.conditions.push(condition);
  if (isDocument(condition) && Object.keys(condition)[0]?.startsWith('$')) addOperators(predicate, condition);
  else if (canBeKey(condition)) addEquals(predicate, [condition]);
  else predicate.isWhole = false;
}

function addOperators(predicate: Predicate, operators: Document): void {
  if (Object.keys(operators).length > 1) predicate.isWhole = false;
  for (const [operator, operand] of Object.entries(operators)) {
    if (operator === '$eq' && canBeKey(operand)) addEquals(predicate, [operand]);
    else if (operator === '$in' && Array.isArray(operand) && operand.every(canBeKey)) addEquals(predicate, operand);
    else {
      predicate.isWhole = false;
      if (operator === '$exists' && operand) predicate.exists = operand === true || operand === 1;
      if (!isScalarKey(operand) || operand === null) continue;
      if (operator === '$gt' || operator === '$gte') predicate.low ??= { value: operand, inclusive: operator === '$gte' };
      if (operator === '$lt' || operator === '$lte') predicate.high ??= { value: operand, inclusive: operator === '$lte' };
    }
  }
}

function addEquals(predicate: Predicate, values: unknown[]): void {
  if (predicate.equals) return;
  predicate.equals = values;
  if (!values.every(keyIsExact)) predicate.isWhole = false;
}

function canBeKey(value: unknown): boolean {
  return isScalarKey(value) || (isDocument(value) && !Object.keys(value)[0]?.startsWith('$'));
}

function isScalarKey(value: unknown): boolean {
  if (value === null || value instanceof Date) return true;
  if (typeof value !== 'object') return value !== undefined;
  switch (bsonScalar(value)?._bsontype) {
    case 'ObjectId':
    case 'Long':
    case 'Int32':
    case 'Double':
    case 'Timestamp':
    case 'Binary':
      return true;
    default:
      return false;
  }
}

/** Types whose key is equal only if the values are: not numbers (a Decimal128 shares the key of a double) and not null (missing). */
function keyIsExact(value: unknown): boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    value instanceof Date ||
    bsonScalar(value)?._bsontype === 'ObjectId'
  );
}

function impliesCondition(asked: Predicate, condition: unknown): boolean {
  if (!isDocument(condition) || !Object.keys(condition)[0]?.startsWith('$')) {
    const key = encodeKey(condition);
    return asked.equals?.every((value) => encodeKey(value).equals(key)) === true;
  }
  if (condition.$exists === true && Object.keys(condition).length === 1) {
    const hasValue = asked.equals?.every((value) => value !== null) === true;
    return hasValue || asked.low !== undefined || asked.high !== undefined || asked.exists;
  }
  const test = compileFilter({ value: condition });
  if (asked.equals?.every((value) => test({ value })) === true) return true;
  return asked.conditions.some((other) => isDocument(other) && encode(other).equals(encode(condition)));
}

import type { AccumulatorMaker } from './accumulator.ts';
import { FEW } from './accumulators-few.ts';
import { bsonScalar, isNumeric, toNumber } from './bson.ts';
import { compareValues } from './compare.ts';
import { type Document, isDocument } from './document.ts';
import { commandError, shown, unsupported } from './errors.ts';
import { compileExpression, type Expression, simplified, simplifiedDocument } from './expression.ts';
import { accumulate, isAccumulator } from './mingo.ts';
import { createSum } from './sum.ts';
import { valueKey } from './value-key.ts';

/** Prepares `{ $sum: '$price' }` and its like. 40234, 40238 for what is no accumulator, 15952 for an unknown one. */
export function compileAccumulator(field: string, spec: unknown, variables: Document): AccumulatorMaker {
  if (!isDocument(spec)) throw commandError(40234, `The field '${field}' must be an accumulator object`);
  const [[operator, operand] = [], another] = Object.entries(spec);
  if (operator === undefined || another !== undefined)
    throw commandError(40238, `The field '${field}' must specify one accumulator`);
  if (operator === '$accumulator' || operator === '$function') throw unsupported(operator);
  const unary = UNARY.get(operator);
  if (unary !== undefined) {
    if (Array.isArray(operand) && operand.length !== 1)
      throw commandError(40237, `The ${operator} accumulator is a unary operator`);
    return unary(compileExpression(Array.isArray(operand) ? operand[0] : operand, variables));
  }
  const few = FEW.get(operator);
  if (few !== undefined) return few(operator, operand, variables);
  if (operator === '$count') return counter(operand);
  if (!isAccumulator(operator)) throw commandError(15952, `unknown group operator '${operator}'`);
  return held(operator, operand, variables);
}

type Unary = (evaluate: Expression) => AccumulatorMaker;

const UNARY = new Map<string, Unary>([
  ['$sum', summed((sum) => sum.total())],
  ['$avg', summed((sum) => sum.mean())],
  ['$min', extreme(-1)],
  ['$max', extreme(1)],
  ['$first', first],
  ['$last', last],
  ['$push', pushed],
  ['$addToSet', distinct],
  ['$mergeObjects', merged],
  ['$stdDevPop', deviation(0)],
  ['$stdDevSamp', deviation(1)],
]);

function summed(result: (sum: ReturnType<typeof createSum>) => unknown): Unary {
  return (evaluate) => () => {
    const sum = createSum();
    return { add: (document) => sum.add(evaluate(document)), result: () => result(sum) };
  };
}

/** Null and missing values count as none. */
function extreme(direction: 1 | -1): Unary {
  return (evaluate) => () => {
    let best: unknown = null;
    return {
      add(document) {
        const value = evaluate(document) ?? null;
        if (value !== null && (best === null || compareValues(value, best) * direction > 0)) best = value;
      },
      result: () => best,
    };
  };
}

function first(evaluate: Expression): AccumulatorMaker {
  return () => {
    let value: unknown;
    let isSet = false;
    return {
      add(document) {
        if (!isSet) value = evaluate(document);
        isSet = true;
      },
      result: () => value ?? null,
    };
  };
}

function last(evaluate: Expression): AccumulatorMaker {
  return () => {
    let latest: Document | undefined;
    return {
      add(document) {
        latest = document;
      },
      result: () => (latest === undefined ? null : (evaluate(latest) ?? null)),
    };
  };
}

function pushed(evaluate: Expression): AccumulatorMaker {
  return () => {
    const values: unknown[] = [];
    return {
      add(document) {
        const value = evaluate(document);
        if (value !== undefined) values.push(value);
      },
      // A window asks again and again, with more in between.
      result: () => [...values],
    };
  };
}

function distinct(evaluate: Expression): AccumulatorMaker {
  return () => {
    const values = new Map<unknown, unknown>();
    return {
      add(document) {
        const value = evaluate(document);
        if (value === undefined) return;
        const key = valueKey(value);
        if (!values.has(key)) values.set(key, value);
      },
      result: () => [...values.values()],
    };
  };
}

function merged(evaluate: Expression): AccumulatorMaker {
  return () => {
    let all: Document = {};
    return {
      add(document) {
        const value = evaluate(document) ?? null;
        if (value === null) return;
        if (!isDocument(value))
          throw commandError(40400, `$mergeObjects requires object inputs, but input ${shown(value)} is of another type`);
        all = { ...all, ...value };
      },
      result: () => all,
    };
  };
}

/** Welford's method: https://doi.org/10.1080/00401706.1962.10490022. */
function deviation(lostDegrees: 0 | 1): Unary {
  return (evaluate) => () => {
    let count = 0;
    let mean = 0;
    let squares = 0;
    return {
      add(document) {
        const value = evaluate(document);
        if (!isNumeric(value)) return;
        if (bsonScalar(value)?._bsontype === 'Decimal128') throw unsupported('Arithmetic with Decimal128');
        count++;
        const distance = toNumber(value) - mean;
        mean += distance / count;
        squares += distance * (toNumber(value) - mean);
      },
      result: () => (count > lostDegrees ? Math.sqrt(squares / (count - lostDegrees)) : null),
    };
  };
}

function counter(operand: unknown): AccumulatorMaker {
  if (!isDocument(operand) || Object.keys(operand).length > 0)
    throw commandError(9, `$count takes no arguments, i.e. $count: {}, found: ${shown(operand)}`);
  return () => {
    let count = 0;
    return {
      add() {
        count++;
      },
      result: () => count,
    };
  };
}

/** Rarer ones ($median, $percentile) are computed at the end, over all documents of the group. */
function held(operator: string, operand: unknown, variables: Document): AccumulatorMaker {
  const simpleOperand = simplified(operand);
  const simpleVariables = simplifiedDocument(variables);
  return () => {
    const documents: Document[] = [];
    return {
      add(document) {
        documents.push(simplifiedDocument(document));
      },
      result: () => accumulate(operator, simpleOperand, documents, simpleVariables),
    };
  };
}

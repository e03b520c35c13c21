import { ObjectId } from 'bson';
import { Aggregator } from 'mingo/aggregator';
import { Context, evalExpr } from 'mingo/core';
import * as accumulators from 'mingo/operators/accumulator';
import * as expressions from 'mingo/operators/expression';
import * as stages from 'mingo/operators/pipeline';
import * as projections from 'mingo/operators/projection';
import * as queries from 'mingo/operators/query';
import * as windows from 'mingo/operators/window';
import type { Options } from 'mingo/types';
import { bsonScalar, isNumeric, typeName } from './bson.ts';
import { compareValues, equals } from './compare.ts';
import type { Document } from './document.ts';
import { CommandError, commandError, unsupported } from './errors.ts';

/**
 * All use of mingo 7.2.7 is in this file. It computes expressions and the rarer stages; its own matching, sorting, comparing and
 * grouping differ from MongoDB's and are not used. Values are handed to it in JavaScript's types: see `simplified`.
 */
export type Evaluation = { evaluate(document: unknown, expression: unknown): unknown };

/** Prepares the evaluation of expressions for one command, whose `$$NOW` stands still. */
export function createEvaluation(variables: Document): Evaluation {
  const options = prepared(variables);
  return { evaluate: (document, expression) => translated(() => evalExpr(document, expression, options)) };
}

/** Runs one stage that mingo has and we have not. */
export function mingoStage(source: Iterable<Document>, stage: Document, variables: Document): Iterable<Document> {
  return translated(() => new Aggregator([stage], optionsFor(variables)).run<Document>(source));
}

/** Computes an accumulator over all documents of a group. */
export function accumulate(operator: string, operand: unknown, documents: readonly Document[], variables: Document): unknown {
  return translated(() => evalExpr(documents, { [operator]: operand }, optionsFor(variables)));
}

function isExpressionOperator(name: string): boolean {
  return name in EXPRESSIONS || name in accumulators;
}

export function isAccumulator(name: string): boolean {
  return name in accumulators;
}

type Operator = (root: unknown, operands: unknown, options: Options) => unknown;

function comparison(isMet: (order: number) => unknown): Operator {
  return (root, operands, options) => {
    const values = evalExpr(root, operands, options);
    if (!Array.isArray(values) || values.length !== 2) throw commandError(16020, 'A comparison takes exactly 2 arguments.');
    return isMet(compareForExpression(values[0], values[1]));
  };
}

/** In expressions a missing value sorts below null, other than in filters. */
function compareForExpression(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return Number(b === undefined) - Number(a === undefined);
  return compareValues(a, b);
}

type ExpressionOperators = NonNullable<NonNullable<Parameters<typeof Context.init>[0]>['expression']>;

const OWN_EXPRESSIONS: Record<string, Operator> = {
  $eq: comparison((order) => order === 0),
  $ne: comparison((order) => order !== 0),
  $gt: comparison((order) => order > 0),
  $gte: comparison((order) => order >= 0),
  $lt: comparison((order) => order < 0),
  $lte: comparison((order) => order <= 0),
  $cmp: comparison(Math.sign),
  $in: (root, operands, options) => {
    const [value, list] = evalExpr(root, operands, options) as unknown[];
    if (!Array.isArray(list)) throw commandError(40081, `$in requires an array as a second argument, found: ${typeName(list)}`);
    return list.some((item) => equals(item, value));
  },
  $type: (root, operand, options) => {
    const value = evalExpr(root, operand, options);
    return typeName(Array.isArray(operand) && operand.length === 1 && Array.isArray(value) ? value[0] : value);
  },
  $isNumber: (root, operand, options) => isNumeric(evalExpr(root, operand, options)),
  $toObjectId: (root, operand, options) => toObjectId(evalExpr(root, operand, options)),
};

function toObjectId(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (bsonScalar(value)?._bsontype === 'ObjectId') return value;
  if (typeof value === 'string' && /^[0-9a-f]{24}$/i.test(value)) return new ObjectId(value);
  throw commandError(241, `Failed to parse objectId '${String(value)}' in $convert with no onError value`);
}

const EXPRESSIONS = { ...expressions, ...OWN_EXPRESSIONS };

const REFUSED = new Set(['$function', '$accumulator', '$where', '$toHashedIndexKey']);

/** Throws for an operator that runs code from the query, and for one that nobody knows (168). */
export function checkOperator(name: string): void {
  if (REFUSED.has(name)) throw unsupported(name);
  if (!isExpressionOperator(name)) throw commandError(168, `Unrecognized expression '${name}'`);
}

const CONTEXT = Context.init({
  expression: EXPRESSIONS as ExpressionOperators,
  accumulator: accumulators,
  projection: projections,
  window: windows,
  query: queries,
  pipeline: stages,
});

function optionsFor(variables: Document): Partial<Options> & Options {
  // processingMode 0 is CLONE_OFF: documents are never changed in place here.
  return {
    idKey: '_id',
    processingMode: 0,
    useStrictMode: true,
    failOnError: true,
    scriptEnabled: false,
    context: CONTEXT,
    variables,
  };
}

/**
 * mingo copies all its operators whenever it is handed plain options; an operator is handed the copy, which can be used again.
 * It has no root document, so that each evaluation begins with its own, and its clock is read here once.
 */
function prepared(variables: Document): Options {
  let kept: Options | undefined;
  const keeper: Record<string, Operator> = {
    $keep: (_root, _operands, options) => {
      kept = options;
      return (options as Options & { readonly now: Date }).now;
    },
  };
  const plain = optionsFor(variables);
  const context = Context.from(Context.init({ expression: keeper as ExpressionOperators }), CONTEXT);
  evalExpr(null, { $keep: 1 }, { ...plain, context });
  return kept ?? plain;
}

/** mingo tells its errors by their text alone. */
function translated<T>(compute: () => T): T {
  try {
    return compute();
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    const text = cause instanceof Error ? cause.message : String(cause);
    throw commandError(/undefined variable/.test(text) ? 17276 : 2, text);
  }
}

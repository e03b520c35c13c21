import { bsonScalar, isRegExp, toNumber } from './bson.ts';
import { type Document, getField, isDocument, setField } from './document.ts';
import { commandError } from './errors.ts';
import { splitPath } from './key.ts';
import { checkOperator, createEvaluation } from './mingo.ts';
import { toRegExp } from './regexp.ts';

/** Computes a value from a document; undefined is a missing one. `$$NOW` is the variable NOW if the caller sets it. */
export type Expression = (document: Document) => unknown;

/** Prepares an aggregation expression. 168 for an unknown operator, 17276 for an unknown variable, 115 for code from a query. */
export function compileExpression(expression: unknown, variables: Document): Expression {
  if (typeof expression === 'string') return compileText(expression, variables);
  if (Array.isArray(expression)) return compileArray(expression, variables);
  if (!isDocument(expression)) return () => expression;
  const [first] = Object.keys(expression);
  if (!first?.startsWith('$')) return compileDocument(expression, variables);
  if (Object.keys(expression).length !== 1)
    throw commandError(15983, 'An object representing an expression must have exactly one field');
  if (first === '$literal') return () => expression.$literal;
  checkOperators(expression);
  const operands = simplified(expression);
  const evaluation = createEvaluation(simplifiedDocument(variables));
  return (document) => evaluation.evaluate(simplified(document), operands);
}

/** What counts as true in an expression: all but false, null, missing and zero. */
export function isTruthy(value: unknown): boolean {
  if (value === false || value === null || value === undefined || value === 0) return false;
  const scalar = bsonScalar(value);
  const isNumber = scalar?._bsontype === 'Long' || scalar?._bsontype === 'Double' || scalar?._bsontype === 'Decimal128';
  return !isNumber || toNumber(scalar) !== 0;
}

/**
 * The value in types that mingo can compute with: doubles and Int64 (up to 2^53) as numbers, regular expressions as JavaScript's.
 * The value itself where nothing in it changes. Beyond that and for Decimal128 arithmetic fails (2), comparing works.
 */
export function simplified(value: unknown): unknown {
  if (Array.isArray(value)) return simplifiedArray(value);
  if (isDocument(value)) return simplifiedDocument(value);
  const scalar = bsonScalar(value);
  if (scalar === undefined) return value;
  if (scalar._bsontype === 'Double' || scalar._bsontype === 'Int32') return scalar.value;
  if (scalar._bsontype === 'Long') return Number.isSafeInteger(scalar.toNumber()) ? scalar.toNumber() : scalar;
  return isRegExp(scalar) ? toRegExp(scalar.pattern, scalar.options) : scalar;
}

function simplifiedArray(items: unknown[]): unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    if (typeof item !== 'object' || item === null) continue;
    const simple = simplified(item);
    if (simple === item) continue;
    copy ??= [...items];
    copy[index] = simple;
  }
  return copy ?? items;
}

/** As simplified, for a document. */
export function simplifiedDocument(document: Document): Document {
  let copy: Document | undefined;
  for (const name in document) {
    const field = document[name];
    if (typeof field !== 'object' || field === null) continue;
    const simple = simplified(field);
    if (simple === field) continue;
    copy ??= { ...document };
    setField(copy, name, simple);
  }
  return copy ?? document;
}

/** Text is itself, a path from the document (`$a.b`) or a variable (`$$name`). */
function compileText(text: string, variables: Document): Expression {
  if (!text.startsWith('$') || text === '$') return () => text;
  if (!text.startsWith('$$')) {
    const names = splitPath(text.slice(1));
    if (names.includes('')) throw commandError(40353, `FieldPath must not end with a '.' or have an empty field name: ${text}`);
    const [only] = names;
    if (names.length === 1 && only !== undefined) return (document) => getField(document, only);
    return (document) => valueAtPath(document, names, 0);
  }
  const [name = '', ...names] = text.slice(2).split('.');
  if (name === 'ROOT' || name === 'CURRENT') return (document) => valueAtPath(document, names, 0);
  if (name === 'REMOVE') return () => undefined;
  if (name === 'NOW' && variables.NOW === undefined) {
    const now = new Date();
    return () => now;
  }
  if (!Object.hasOwn(variables, name)) throw commandError(17276, `Use of undefined variable: ${name}`);
  const value = valueAtPath(variables[name], names, 0);
  return () => value;
}

/** A path of an expression: an array on the way gives the array of what its documents have; names are never indexes here. */
function valueAtPath(root: unknown, names: readonly string[], from: number): unknown {
  let value = root;
  for (let depth = from; depth < names.length; depth++) {
    if (Array.isArray(value)) {
      const start = depth;
      return value
        .map((item) => (isDocument(item) || Array.isArray(item) ? valueAtPath(item, names, start) : undefined))
        .filter(isPresent);
    }
    if (!isDocument(value)) return undefined;
    value = getField(value, names[depth] ?? '');
  }
  return value;
}

function isPresent(value: unknown): boolean {
  return value !== undefined;
}

function compileArray(items: readonly unknown[], variables: Document): Expression {
  const expressions = items.map((item) => compileExpression(item, variables));
  return (document) => expressions.map((evaluate) => evaluate(document) ?? null);
}

function compileDocument(fields: Document, variables: Document): Expression {
  const expressions = Object.entries(fields).map(([name, field]): [string, Expression] => {
    if (name.includes('.')) throw commandError(16405, `FieldPath field names may not contain '.'. Found: ${name}`);
    return [name, compileExpression(field, variables)];
  });
  return (document) => {
    const result: Document = {};
    for (const [name, evaluate] of expressions) {
      const value = evaluate(document);
      if (value !== undefined) setField(result, name, value);
    }
    return result;
  };
}

/** Every operator in the expression, wherever it stands, is checked before any document is read. */
function checkOperators(expression: unknown): void {
  if (Array.isArray(expression)) for (const item of expression) checkOperators(item);
  if (!isDocument(expression)) return;
  for (const [name, operand] of Object.entries(expression)) {
    if (name === '$literal') continue;
    if (name.startsWith('$')) checkOperator(name);
    checkOperators(operand);
  }
}

import { isRegExp, typeName } from './bson.ts';
import { type Document, isDocument } from './document.ts';
import { commandError, shown, unsupported } from './errors.ts';
import { compileExpression, isTruthy } from './expression.ts';
import { geoTest } from './geo.ts';
import { splitPath } from './key.ts';
import { arrayFor, implied, isOperators, not, OPERATORS } from './match-operators.ts';
import { anyValue, anyWhole, type Test, type ValueTest } from './match-path.ts';
import { toRegExp } from './regexp.ts';

/** Tells whether a document meets a filter. Unknown operators and malformed operands throw when the filter is compiled (2, 9). */
export function compileFilter(filter: Document, variables: Document = {}): (document: Document) => boolean {
  return compileTest(filter, variables);
}

/** A condition on the elements of an array, as `$elemMatch` and `$pull` take it: operators, or a filter for documents. */
export function compileElementFilter(condition: Document, variables: Document = {}): ValueTest {
  const [first] = Object.keys(condition);
  if (isOperators(condition) && first !== undefined && !LOGICAL.has(first)) return fieldTest(NO_NAMES, condition, variables);
  if ('$expr' in condition) throw commandError(2, '$expr can only be applied to the top-level document');
  const test = compileTest(condition, variables);
  return (value) => (isDocument(value) || Array.isArray(value)) && test(value);
}

const NO_NAMES: readonly string[] = [];

const LOGICAL = new Set(['$and', '$or', '$nor', '$expr', '$where']);

function compileTest(filter: unknown, variables: Document): Test {
  if (!isDocument(filter)) throw commandError(14, `Expected a filter to be an object, but found: ${typeName(filter)}`);
  const tests = Object.entries(filter).map(([name, condition]) =>
    isTopLevelOperator(name) ? topLevelTest(name, condition, variables) : pathTest(splitPath(name), condition, variables),
  );
  return all(tests);
}

function all(tests: readonly Test[]): Test {
  const [first, second] = tests;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  return (root) => {
    for (const test of tests) if (!test(root)) return false;
    return true;
  };
}

function isTopLevelOperator(name: string): boolean {
  return name.startsWith('$') && name !== '$ref' && name !== '$id' && name !== '$db';
}

function topLevelTest(operator: string, operand: unknown, variables: Document): Test {
  switch (operator) {
    case '$and':
      return all(clauses(operator, operand, variables));
    case '$or':
      return any(clauses(operator, operand, variables));
    case '$nor':
      return not(any(clauses(operator, operand, variables)));
    case '$expr':
      return expressionTest(operand, variables);
    case '$comment':
      return () => true;
    case '$where':
    case '$text':
    case '$jsonSchema':
      throw unsupported(operator);
    default:
      throw commandError(
        2,
        `unknown top level operator: ${operator}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
      );
  }
}

function any(tests: readonly Test[]): Test {
  return (root) => {
    for (const test of tests) if (test(root)) return true;
    return false;
  };
}

function clauses(operator: string, operand: unknown, variables: Document): Test[] {
  if (!Array.isArray(operand)) throw commandError(2, `${operator} must be an array`);
  if (operand.length === 0) throw commandError(2, `${operator} argument must be a non-empty array`);
  return operand.map((clause) => {
    if (!isDocument(clause)) throw commandError(2, `${operator} argument's entries must be objects`);
    return compileTest(clause, variables);
  });
}

function expressionTest(expression: unknown, variables: Document): Test {
  const evaluate = compileExpression(expression, variables);
  return (root) => isDocument(root) && isTruthy(evaluate(root));
}

function pathTest(names: readonly string[], condition: unknown, variables: Document): Test {
  return isOperators(condition) ? fieldTest(names, condition, variables) : anyValue(names, implied(condition));
}

/** All operators of one field; some read the others beside them ($regex its $options, $near its distances). */
function fieldTest(names: readonly string[], condition: Document, variables: Document): Test {
  const tests: Test[] = [];
  for (const [operator, operand] of Object.entries(condition)) {
    if (operator === '$options' && '$regex' in condition) continue;
    if ((operator === '$maxDistance' || operator === '$minDistance') && ('$near' in condition || '$nearSphere' in condition))
      continue;
    tests.push(operatorTest(names, operator, operand, condition, variables));
  }
  return all(tests);
}

function operatorTest(
  names: readonly string[],
  operator: string,
  operand: unknown,
  condition: Document,
  variables: Document,
): Test {
  switch (operator) {
    case '$regex':
      return regexTest(names, operand, condition.$options);
    case '$options':
      throw commandError(2, '$options needs a $regex');
    case '$not':
      return notTest(names, operand, variables);
    case '$all':
      return allTest(names, arrayFor('$all', operand), variables);
    case '$elemMatch':
      return elementTest(names, operand, variables);
    case '$geoWithin':
    case '$geoIntersects':
    case '$near':
    case '$nearSphere':
      return geoTest(names, operator, condition);
    default: {
      const compile = OPERATORS.get(operator);
      if (compile === undefined) throw commandError(2, `unknown operator: ${operator}`);
      return compile(names, operand);
    }
  }
}

function regexTest(names: readonly string[], operand: unknown, options: unknown): Test {
  if (options !== undefined && typeof options !== 'string') throw commandError(2, '$options has to be a string');
  const source = isRegExp(operand) ? operand.pattern : operand;
  if (typeof source !== 'string') throw commandError(2, '$regex has to be a string');
  const ownOptions = isRegExp(operand) ? operand.options : '';
  if (ownOptions !== '' && options) throw commandError(51074, 'options set in both $regex and $options');
  const expression = toRegExp(source, options || ownOptions);
  return anyValue(names, (value) => typeof value === 'string' && expression.test(value));
}

function notTest(names: readonly string[], operand: unknown, variables: Document): Test {
  if (isRegExp(operand)) return not(anyValue(names, implied(operand)));
  if (!isDocument(operand)) throw commandError(2, '$not needs a regex or a document');
  if (Object.keys(operand).length === 0) throw commandError(2, '$not cannot be empty');
  return not(fieldTest(names, operand, variables));
}

function allTest(names: readonly string[], operands: readonly unknown[], variables: Document): Test {
  if (operands.length === 0) return () => false;
  const isElements = (operand: unknown): operand is Document => isOperators(operand) && '$elemMatch' in operand;
  const hasElements = operands.some(isElements);
  return all(
    operands.map((operand) => {
      if (isElements(operand)) return elementTest(names, operand.$elemMatch, variables);
      if (hasElements || isOperators(operand)) throw commandError(2, `no $ expressions in $all: ${shown(operand)}`);
      return anyValue(names, implied(operand));
    }),
  );
}

function elementTest(names: readonly string[], operand: unknown, variables: Document): Test {
  if (!isDocument(operand)) throw commandError(2, '$elemMatch needs an Object');
  const test = compileElementFilter(operand, variables);
  return anyWhole(names, (value) => Array.isArray(value) && value.some(test));
}

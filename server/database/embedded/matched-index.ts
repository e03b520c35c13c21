import { type Document, isDocument } from './document.ts';
import { compileElementFilter, compileFilter } from './match.ts';
import { implied, isOperators } from './match-operators.ts';
import type { ValueTest } from './match-path.ts';

/** The first element that meets all that the filter says of the array's elements, else the first that meets a part of it. */
export function compileMatchedIndex(path: string, filter: Document, variables: Document): (array: unknown[]) => number {
  const tests = elementTests(path, filter, variables);
  return (array) => {
    if (tests.length === 0) return -1;
    const whole = array.findIndex((element) => tests.every((test) => test(element)));
    return whole >= 0 ? whole : array.findIndex((element) => tests.some((test) => test(element)));
  };
}

function elementTests(path: string, filter: Document, variables: Document): ValueTest[] {
  return Object.entries(filter).flatMap(([name, condition]) => {
    if ((name === '$and' || name === '$or') && Array.isArray(condition)) {
      return condition.filter(isDocument).flatMap((clause) => elementTests(path, clause, variables));
    }
    const pointing = pointingPart(condition);
    if (pointing === undefined) return [];
    if (name === path) return [elementTest(pointing, variables)];
    if (!name.startsWith(`${path}.`)) return [];
    const test = compileFilter({ [name.slice(path.length + 1)]: pointing }, variables);
    return [(element: unknown) => isDocument(element) && test(element)];
  });
}

/** These speak of an array as a whole, or of what none of its elements is, and so point to no element. */
const NOT_POINTING = new Set(['$ne', '$nin', '$not', '$exists', '$size']);

function pointingPart(condition: unknown): unknown {
  if (!isOperators(condition)) return condition;
  const operators = Object.entries(condition).filter(([name]) => !NOT_POINTING.has(name));
  return operators.length === 0 ? undefined : Object.fromEntries(operators);
}

function elementTest(condition: unknown, variables: Document): ValueTest {
  if (!isOperators(condition)) return implied(condition);
  return compileElementFilter(isDocument(condition.$elemMatch) ? condition.$elemMatch : condition, variables);
}

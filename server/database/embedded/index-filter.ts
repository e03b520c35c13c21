import { bsonScalar, isRegExp } from './bson.ts';
import { type Document, isDocument } from './document.ts';
import { compileExpression } from './expression.ts';

/**
 * What of a `$match` an index can serve, as clauses that every match meets: the rest of it is tested where it stands. An `$expr`
 * that demands that a field equals a variable gives the equality, so that a `$lookup` by pipeline need not read everything.
 */
export function indexFilter(match: Document, variables: Document): Document[] {
  return Object.entries(match).flatMap(([name, condition]): Document[] => {
    if (name === '$expr') return equalities(condition, variables);
    if (name === '$and' && Array.isArray(condition))
      return condition.filter(isDocument).flatMap((clause) => indexFilter(clause, variables));
    return name.startsWith('$') ? [] : [{ [name]: condition }];
  });
}

function equalities(expression: unknown, variables: Document): Document[] {
  if (!isDocument(expression)) return [];
  const { $and: clauses, $eq: sides } = expression;
  if (Array.isArray(clauses)) return clauses.flatMap((clause) => equalities(clause, variables));
  if (!Array.isArray(sides) || sides.length !== 2) return [];
  const [left, right] = sides;
  const path = isPath(left) ? left : isPath(right) ? right : undefined;
  if (path === undefined) return [];
  const value = constant(path === left ? right : left, variables);
  return isIndexable(value) ? [{ [path.slice(1)]: { $eq: value } }] : [];
}

function isPath(side: unknown): side is string {
  return typeof side === 'string' && /^\$[^$]/.test(side);
}

function constant(side: unknown, variables: Document): unknown {
  if (typeof side !== 'string' || !side.startsWith('$')) return side;
  const [name = ''] = side.slice(2).split('.');
  return side.startsWith('$$') && Object.hasOwn(variables, name) ? compileExpression(side, variables)({}) : undefined;
}

/** In an expression an array equals none of its elements and null no missing field, in a filter they do: scalars are the same in both. */
function isIndexable(value: unknown): boolean {
  if (value === null || value === undefined || isRegExp(value)) return false;
  return typeof value !== 'object' || value instanceof Date || bsonScalar(value) !== undefined;
}

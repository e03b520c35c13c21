import type { Document } from '../document.ts';
import { compileExpression } from '../expression.ts';
import { documentField } from './context.ts';

/** The variables of `let`, each an expression without a document; undefined where there are none. */
export function variablesOf(options: Document, name = 'let'): Document | undefined {
  const expressions = documentField(options, name);
  if (!expressions) return undefined;
  return Object.fromEntries(
    Object.entries(expressions).map(([variable, expression]) => [variable, compileExpression(expression, {})({})]),
  );
}

import { type Document, isDocument, setField } from './document.ts';
import { commandError } from './errors.ts';
import { compileExpression, type Expression } from './expression.ts';
import type { Stage, StageContext } from './stage.ts';

/** `$redact`: keeps, drops or descends into each document as the expression says of it; a part is judged by its own fields. */
export function redactStage(operand: unknown, { variables }: StageContext): Stage {
  const evaluate = compileExpression(operand, { ...variables, ...VERDICTS });
  return function* (source) {
    for (const document of source) {
      const left = redacted(document, evaluate);
      if (isDocument(left)) yield left;
    }
  };
}

const VERDICTS = { KEEP: '$$KEEP', PRUNE: '$$PRUNE', DESCEND: '$$DESCEND' };

function redacted(value: unknown, evaluate: Expression): unknown {
  if (Array.isArray(value)) return value.map((item) => redacted(item, evaluate)).filter((item) => item !== undefined);
  if (!isDocument(value)) return value;
  switch (evaluate(value)) {
    case VERDICTS.KEEP:
      return value;
    case VERDICTS.PRUNE:
      return undefined;
    case VERDICTS.DESCEND:
      break;
    default:
      throw commandError(17053, '$redact must evaluate to one of $$PRUNE, $$KEEP or $$DESCEND');
  }
  const left: Document = {};
  for (const [name, field] of Object.entries(value)) {
    const kept = redacted(field, evaluate);
    if (kept !== undefined) setField(left, name, kept);
  }
  return left;
}

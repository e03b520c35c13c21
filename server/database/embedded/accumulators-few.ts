import type { AccumulatorMaker } from './accumulator.ts';
import { isNumeric, toNumber } from './bson.ts';
import { compareValues, createSorter } from './compare.ts';
import { type Document, isDocument } from './document.ts';
import { commandError, shown } from './errors.ts';
import { compileExpression } from './expression.ts';

/** The accumulators that keep the first or last few of an order, never holding a whole group. */
export const FEW = new Map<string, FewCompiler>([
  ['$firstN', ofValues(() => 0)],
  ['$lastN', ofValues(() => 0, { keepsLast: true })],
  ['$minN', ofValues(compareValues, { skipsNull: true })],
  ['$maxN', ofValues((a, b) => compareValues(b, a), { skipsNull: true })],
  ['$top', byOrder(false, true)],
  ['$topN', byOrder(false, false)],
  ['$bottom', byOrder(true, true)],
  ['$bottomN', byOrder(true, false)],
]);

type FewCompiler = (operator: string, operand: unknown, variables: Document) => AccumulatorMaker;

/** What is given back, and what it is ordered by. */
type Entry = { value: unknown; by: unknown };

function ofValues(
  compare: (a: unknown, b: unknown) => number,
  { keepsLast = false, skipsNull = false }: { keepsLast?: boolean; skipsNull?: boolean } = {},
): FewCompiler {
  return (operator, operand, variables) => {
    const fields = fieldsOf(operator, operand, ['input', 'n']);
    const n = countOf(operator, fields.n, variables);
    const evaluate = compileExpression(fields.input, variables);
    return () => {
      const entries = createFew((a, b) => compare(a.by, b.by), n, keepsLast);
      return {
        add(document) {
          const value = evaluate(document) ?? null;
          if (value !== null || !skipsNull) entries.add({ value, by: value });
        },
        result: () => entries.all().map(({ value }) => value),
      };
    };
  };
}

function byOrder(keepsLast: boolean, isSingle: boolean): FewCompiler {
  return (operator, operand, variables) => {
    const fields = fieldsOf(operator, operand, isSingle ? ['sortBy', 'output'] : ['sortBy', 'output', 'n']);
    if (!isDocument(fields.sortBy)) throw commandError(10065, `${operator} needs a document as sortBy`);
    const n = isSingle ? 1 : countOf(operator, fields.n, variables);
    const evaluate = compileExpression(fields.output, variables);
    const compare = createSorter(fields.sortBy);
    return () => {
      const entries = createFew((a, b) => compare(a.by as Document, b.by as Document), n, keepsLast);
      return {
        add: (document) => entries.add({ value: evaluate(document) ?? null, by: document }),
        result() {
          const values = entries.all().map(({ value }) => value);
          return isSingle ? (values[0] ?? null) : values;
        },
      };
    };
  };
}

/** Keeps the first (or last) n of the order, never holding more than twice as many. */
function createFew(compare: (a: Entry, b: Entry) => number, n: number, keepsLast: boolean) {
  let entries: Entry[] = [];
  const cut = () => {
    entries.sort(compare);
    entries = keepsLast ? entries.slice(-n) : entries.slice(0, n);
  };
  return {
    add(entry: Entry): void {
      entries.push(entry);
      if (entries.length >= 2 * n) cut();
    },
    all(): Entry[] {
      cut();
      return entries;
    },
  };
}

function fieldsOf(operator: string, operand: unknown, names: readonly string[]): Document {
  if (!isDocument(operand)) throw commandError(5787801, `specification must be an object; found ${operator}: ${shown(operand)}`);
  for (const name of names)
    if (operand[name] === undefined) throw commandError(5788005, `Missing value for '${name}' in ${operator}`);
  for (const name of Object.keys(operand))
    if (!names.includes(name)) throw commandError(5787901, `Unknown argument to ${operator}: ${name}`);
  return operand;
}

function countOf(operator: string, expression: unknown, variables: Document): number {
  const value = compileExpression(expression, variables)({});
  const n = isNumeric(value) ? toNumber(value) : Number.NaN;
  if (!Number.isInteger(n)) throw commandError(5787902, `Value for 'n' must be of integral type, but found ${shown(value)}`);
  if (n <= 0) throw commandError(5787908, `'n' must be greater than 0, found ${n} for ${operator}`);
  return n;
}

import { isRegExp } from './bson.ts';
import { equals } from './compare.ts';
import { type Document, isDocument } from './document.ts';
import { commandError } from './errors.ts';
import { splitPath } from './key.ts';
import { isOperators } from './match-operators.ts';
import { createDraft, slotAt, writeSlot } from './update-path.ts';
import { compilePipelineUpdate } from './update-pipeline.ts';
import { compileModifiers, dollarName } from './update-step.ts';

/** An update as a command carries it: modifiers (`$set` …) or a pipeline. A replacement goes to applyReplacement. */
export type Update = Document | Document[];

export type UpdateOptions = { filter?: Document; arrayFilters?: Document[] | undefined; variables?: Document };

/** Changes one document; gives a new one and leaves the old as it is. */
export type Updater = (document: Document, context: { isInsert: boolean; now: Date }) => Document;

/** Checks and prepares an update once for many documents. Errors as in checkUpdate. */
export function compileUpdate(update: Update, options: UpdateOptions): Updater {
  const apply = Array.isArray(update) ? compilePipelineUpdate(update, options) : compileModifiers(update, options);
  return (document, context) => keepId(document, apply(document, context));
}

/** Throws what MongoDB would say of an update before it looks at a document: 9, 40, 52, 56, 2, 14. */
export function checkUpdate(update: Update, arrayFilters?: Document[]): void {
  compileUpdate(update, { arrayFilters });
}

/** The document after the update, as a new one. For many documents compile once with compileUpdate. Errors 2, 14, 28, 40, 66. */
export function applyUpdate(
  document: Document,
  update: Update,
  options: UpdateOptions & { isInsert: boolean; now: Date },
): Document {
  return compileUpdate(update, options)(document, options);
}

/** The replacement under the id of the replaced document; 66 if it brings another id, 52 for a field name that begins with $. */
export function applyReplacement(document: Document, replacement: Document): Document {
  for (const name in replacement) if (name.startsWith('$')) throw dollarName(name, name);
  return keepId(document, '_id' in replacement ? replacement : { _id: document._id, ...replacement });
}

/** What an upsert starts from: the equalities of the filter. 54 if two of them name one path, or one lies in the other. */
export function upsertBase(filter: Document): Document {
  const draft = createDraft({});
  const paths: string[] = [];
  for (const [path, value] of equalities(filter)) {
    const other = paths.find((known) => path === known || path.startsWith(`${known}.`) || known.startsWith(`${path}.`));
    if (other === path) throw commandError(54, `cannot infer query fields to set, path '${path}' is matched twice`);
    if (other !== undefined)
      throw commandError(54, `cannot infer query fields to set, both paths '${path}' and '${other}' are matched`);
    paths.push(path);
    const slot = slotAt(draft, splitPath(path), true);
    if (slot !== undefined) writeSlot(slot, value);
  }
  return draft.root;
}

/** The paths that the filter leaves but one value. */
function equalities(filter: Document): [path: string, value: unknown][] {
  return Object.entries(filter).flatMap(([name, condition]): [string, unknown][] => {
    if (name === '$and' || name === '$or') return jointEqualities(name, condition);
    if (name.startsWith('$') || isRegExp(condition)) return [];
    if (!isOperators(condition)) return [[name, condition]];
    if ('$eq' in condition) return [[name, condition.$eq]];
    const values = condition.$all ?? condition.$in;
    const [only] = Array.isArray(values) && values.length === 1 ? values : [];
    return only === undefined || isRegExp(only) || isOperators(only) ? [] : [[name, only]];
  });
}

function jointEqualities(operator: string, clauses: unknown): [string, unknown][] {
  if (!Array.isArray(clauses) || (operator === '$or' && clauses.length > 1)) return [];
  return clauses.filter(isDocument).flatMap(equalities);
}

/** The id stays what it was and stands first. A new document without one is left without. */
function keepId(before: Document, after: Document): Document {
  const id = after._id;
  if (before._id !== undefined && (id === undefined || !equals(before._id, id))) {
    throw commandError(66, "Performing an update on the path '_id' would modify the immutable field '_id'");
  }
  if (id === undefined) return after;
  for (const first in after) return first === '_id' ? after : { _id: id, ...after };
  return after;
}

import { typeName } from './bson.ts';
import { type Document, isDocument } from './document.ts';
import { commandError, shown } from './errors.ts';
import { isIndex, splitPath } from './key.ts';
import type { UpdateOptions, Updater } from './update.ts';
import { type Change, MODIFIERS } from './update-operators.ts';
import { clearSlot, createDraft, type Draft, readSlot, slotAt, writeSlot } from './update-path.ts';
import {
  type ArrayFilters,
  compileArrayFilters,
  compilePositional,
  isPositional,
  type PathExpansion,
} from './update-positional.ts';

/** An update by modifiers, checked and put into the order in which MongoDB applies them. */
export function compileModifiers(update: Document, options: UpdateOptions): Updater {
  const variables = options.variables ?? {};
  const filters = compileArrayFilters(options.arrayFilters ?? [], variables);
  const steps = Object.entries(update).flatMap(([operator, fields]) => compileSteps(operator, fields, options, filters));
  checkFiltersUsed(filters, steps, update);
  // MongoDB applies modifiers in the order of their paths: https://www.mongodb.com/docs/v8.0/reference/operator/update/#update-operators-processing-order
  steps.sort((a, b) => comparePaths(a.names, b.names));
  checkConflicts(steps.flatMap(({ names, target }) => (target === undefined ? [names] : [names, target])));
  const isDynamic = steps.some(({ expand }) => expand !== undefined);
  return (document, context) => {
    const draft = createDraft(document);
    const active = context.isInsert ? steps : steps.filter(({ onInsert }) => !onInsert);
    // Positions are those of the document as it was matched, whatever the first steps do to it.
    const concrete = isDynamic ? active.flatMap((step) => expanded(step, document)) : active;
    if (isDynamic) checkConflicts(concrete.map(({ names }) => names));
    for (const step of concrete) applyStep(draft, step, { path: step.path, id: document._id, now: context.now });
    return draft.root;
  };
}

/** 52 for a field name that begins with $. */
export function dollarName(name: string, path: string): Error {
  return commandError(
    52,
    `The dollar ($) prefixed field '${name}' in '${path}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
  );
}

/** One modifier on one path. `target` is where $rename moves its value. */
type Step = {
  names: readonly string[];
  path: string;
  expand: PathExpansion | undefined;
  onInsert: boolean;
  creates: boolean;
  change: Change;
  target?: readonly string[];
};

function expanded(step: Step, document: Document): Step[] {
  if (step.expand === undefined) return [step];
  return step.expand(document).map((names) => ({ ...step, names, path: names.join('.') }));
}

function applyStep(draft: Draft, step: Step, context: Parameters<Change>[1]): void {
  if (step.target !== undefined) {
    rename(draft, step, step.target);
    return;
  }
  const slot = slotAt(draft, step.names, step.creates);
  if (slot !== undefined) step.change(slot, context);
}

function compileSteps(operator: string, fields: unknown, options: UpdateOptions, filters: ArrayFilters): Step[] {
  const modifier = MODIFIERS.get(operator);
  if (modifier === undefined && operator !== '$rename') {
    throw commandError(
      9,
      `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
    );
  }
  if (!isDocument(fields)) {
    throw commandError(
      9,
      `Modifiers operate on fields but we found type ${typeName(fields)} instead. For example: {$mod: {<field>: ...}} not {${operator}: ${shown(fields)}}`,
    );
  }
  const variables = options.variables ?? {};
  return Object.entries(fields).map(([path, operand]) => {
    const names = checkPath(path, modifier?.creates ?? true);
    if (modifier === undefined) return renameStep(path, names, operand);
    const expand = compilePositional(path, options.filter ?? {}, filters, variables);
    const change = modifier.prepare(operand, path, variables);
    return { names, path, expand, onInsert: operator === '$setOnInsert', creates: modifier.creates, change };
  });
}

function checkPath(path: string, creates: boolean): readonly string[] {
  if (path === '') throw commandError(56, 'An empty update path is not valid.');
  const names = splitPath(path);
  if (names.includes('')) throw commandError(56, `The update path '${path}' contains an empty field name, which is not allowed.`);
  for (const name of names) {
    const isAllowed = !name.startsWith('$') || isPositional(name) || name === '$ref' || name === '$id' || name === '$db';
    if (creates && !isAllowed) throw dollarName(name, path);
  }
  return names;
}

function renameStep(path: string, names: readonly string[], target: unknown): Step {
  if (typeof target !== 'string') throw commandError(2, `The 'to' field for $rename must be a string: ${path}: ${shown(target)}`);
  if (path === target) throw commandError(2, `The source and target field for $rename must differ: ${path}: "${target}"`);
  const targetNames = checkPath(target, true);
  if (names.some(isPositional)) throw commandError(2, `The source field for $rename may not be dynamic: ${path}`);
  if (targetNames.some(isPositional)) throw commandError(2, `The destination field for $rename may not be dynamic: ${target}`);
  return { names, path, expand: undefined, onInsert: false, creates: true, change: () => undefined, target: targetNames };
}

function rename(draft: Draft, { names, path }: Step, target: readonly string[]): void {
  const source = slotAt(draft, names, false);
  const value = source && readSlot(source);
  if (source === undefined || value === undefined) return;
  if (Array.isArray(source.container))
    throw commandError(2, `The source field cannot be an array element, '${path}' in doc with _id: ${shown(draft.root._id)}`);
  const destination = slotAt(draft, target, true);
  if (destination === undefined || Array.isArray(destination.container)) {
    throw commandError(
      2,
      `The destination field cannot be an array element, '${target.join('.')}' in doc with _id: ${shown(draft.root._id)}`,
    );
  }
  clearSlot(source);
  writeSlot(destination, value);
}

function checkFiltersUsed(filters: ArrayFilters, steps: readonly Step[], update: Document): void {
  for (const identifier of filters.keys()) {
    const isUsed = steps.some(({ names }) => names.includes(`$[${identifier}]`));
    if (!isUsed)
      throw commandError(9, `The array filter for identifier '${identifier}' was not used in the update ${shown(update)}`);
  }
}

/** Names as text, indexes as numbers; a path stands right before those that go on from it. */
function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let depth = 0; depth < Math.min(a.length, b.length); depth++) {
    const left = a[depth] ?? '';
    const right = b[depth] ?? '';
    if (left === right) continue;
    if (isIndex(left) && isIndex(right)) return Number(left) - Number(right);
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

/** 40 if one path is, or lies in, another. Sorted, such paths are neighbours. */
function checkConflicts(paths: readonly (readonly string[])[]): void {
  if (paths.length < 2) return;
  const sorted = [...paths].sort(comparePaths);
  for (let index = 1; index < sorted.length; index++) {
    const before = sorted[index - 1] ?? [];
    const path = sorted[index] ?? [];
    if (before.every((name, depth) => path[depth] === name)) {
      throw commandError(40, `Updating the path '${path.join('.')}' would create a conflict at '${before.join('.')}'`);
    }
  }
}

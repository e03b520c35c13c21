import { isNumeric, toNumber } from './bson.ts';
import { type Document, getField, isDocument, setField } from './document.ts';
import { commandError, unsupported } from './errors.ts';
import { compileExpression } from './expression.ts';
import { compileElementFilter } from './match.ts';
import type { ValueTest } from './match-path.ts';
import { compileMatchedIndex } from './matched-index.ts';

export type ProjectionOptions = { filter?: Document; variables?: Document };

/** What stands at the end of a path: keep it, drop it, or make of it what the leaf says (undefined: nothing is left). */
type Leaf = 'keep' | 'drop' | ((value: unknown, root: Document) => unknown);
type Tree = Map<string, Leaf | Tree>;

/** A projection while it is read. */
type Draft = {
  tree: Tree;
  /** Undefined until a field says whether the rest is kept or dropped. */
  mode: 'inclusion' | 'exclusion' | undefined;
  keepsId: boolean | undefined;
  computed: { names: string[]; compute: (document: Document) => unknown }[];
  hasElementMatch: boolean;
  positional: string | undefined;
  options: ProjectionOptions;
};

/** A projection of find: inclusion, exclusion, `$slice`, `$elemMatch`, positional `.$`, expressions. Errors 31249 to 31254, 51246. */
export function compileProjection(spec: Document, options: ProjectionOptions = {}): (document: Document) => Document {
  const draft: Draft = {
    tree: new Map(),
    mode: undefined,
    keepsId: undefined,
    computed: [],
    hasElementMatch: false,
    positional: undefined,
    options,
  };
  readFields(draft, spec, '');
  if (draft.positional !== undefined && draft.mode === 'exclusion') {
    throw commandError(31395, 'positional projection cannot be used with exclusion');
  }
  const includes = (draft.mode ?? modeBySpecialFields(draft)) === 'inclusion';
  const { tree, computed } = draft;
  const keepsId = draft.keepsId ?? true;
  return (document) => {
    const output: Document = {};
    for (const name of Object.keys(document)) {
      const isPlainId = name === '_id' && !tree.has('_id');
      if (isPlainId && !keepsId) continue;
      const value = isPlainId ? document._id : projectField(getField(document, name), tree.get(name), includes, document);
      if (value !== undefined) setField(output, name, value);
    }
    for (const { names, compute } of computed) {
      const value = compute(document);
      if (value !== undefined) assign(output, names, value);
    }
    return output;
  };
}

/** Where no field says it: `{_id: 1}` and `$elemMatch` include, `{_id: 0}` and `$slice` exclude. */
function modeBySpecialFields({ keepsId, hasElementMatch }: Draft): 'inclusion' | 'exclusion' {
  return keepsId || hasElementMatch ? 'inclusion' : 'exclusion';
}

function readFields(draft: Draft, spec: Document, prefix: string): void {
  for (const [name, value] of Object.entries(spec)) {
    const path = prefix + name;
    if (path.startsWith('$') || /\.\$./.test(path))
      throw commandError(16410, `FieldPath field names may not start with '$': ${path}`);
    if (path === '' || path.split('.').includes('')) throw commandError(15998, 'FieldPath field names may not be empty strings.');
    if (path.endsWith('.$')) readPositional(draft, path.slice(0, -2), value);
    else if (isDocument(value)) readOperator(draft, path, value);
    else if (typeof value === 'boolean' || isNumeric(value))
      readFlag(draft, path, typeof value === 'boolean' ? value : toNumber(value) !== 0);
    else addComputed(draft, path, value);
  }
}

function readFlag(draft: Draft, path: string, isKept: boolean): void {
  if (path === '_id') {
    draft.keepsId = isKept;
    return;
  }
  setMode(draft, path, isKept ? 'inclusion' : 'exclusion');
  addLeaf(draft.tree, path, isKept ? 'keep' : 'drop');
}

function readOperator(draft: Draft, path: string, value: Document): void {
  const operator = Object.keys(value)[0];
  if (operator === undefined) throw commandError(51270, 'An empty sub-projection is not a valid value. ');
  if (!operator.startsWith('$')) readFields(draft, value, `${path}.`);
  else if (operator === '$slice') addLeaf(draft.tree, path, compileSlice(value.$slice, draft.options.variables ?? {}));
  else if (operator === '$elemMatch') readElementMatch(draft, path, value.$elemMatch);
  else if (operator === '$meta') throw unsupported('$meta in a projection');
  else addComputed(draft, path, value);
}

function readElementMatch(draft: Draft, path: string, condition: unknown): void {
  if (draft.positional !== undefined) throw positionalTwice();
  if (path.includes('.')) throw commandError(31275, `Cannot use $elemMatch projection on a nested field: ${path}`);
  if (!isDocument(condition)) throw commandError(31274, `elemMatch: Invalid argument, object required for ${path}`);
  draft.hasElementMatch = true;
  addLeaf(draft.tree, path, firstElement(compileElementFilter(condition, draft.options.variables)));
}

function readPositional(draft: Draft, path: string, value: unknown): void {
  if (draft.positional !== undefined || draft.hasElementMatch) throw positionalTwice();
  if (value === false || (isNumeric(value) && toNumber(value) === 0)) {
    throw commandError(31395, 'positional projection cannot be used with exclusion');
  }
  draft.positional = path;
  setMode(draft, path, 'inclusion');
  const indexOf = compileMatchedIndex(path, draft.options.filter ?? {}, draft.options.variables ?? {});
  addLeaf(draft.tree, path, (array) => {
    if (!Array.isArray(array)) return array;
    const place = indexOf(array);
    if (place < 0) {
      throw commandError(
        51246,
        "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
      );
    }
    return [array[place]];
  });
}

const positionalTwice = () => commandError(31276, 'Cannot specify more than one positional projection per query.');

function addComputed(draft: Draft, path: string, expression: unknown): void {
  if (draft.mode === 'exclusion') throw commandError(31252, `Cannot use expression for ${path} in exclusion projection`);
  setMode(draft, path, 'inclusion');
  const compute = compileExpression(expression, draft.options.variables ?? {});
  // What stood there does not come through beside the value that is computed.
  addLeaf(draft.tree, path, 'drop');
  draft.computed.push({ names: path.split('.'), compute });
}

function setMode(draft: Draft, path: string, mode: 'inclusion' | 'exclusion'): void {
  if (draft.mode !== undefined && draft.mode !== mode) {
    const [code, other] = mode === 'inclusion' ? [31253, 'exclusion'] : [31254, 'inclusion'];
    throw commandError(code, `Invalid $project :: caused by :: Cannot do ${mode} on field ${path} in ${other} projection`);
  }
  draft.mode = mode;
}

function addLeaf(tree: Tree, path: string, leaf: Leaf): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  let branch = tree;
  for (const name of names) {
    const next = branch.get(name) ?? new Map();
    if (!(next instanceof Map)) throw collision(path);
    branch.set(name, next);
    branch = next;
  }
  if (branch.has(last)) throw collision(path);
  branch.set(last, leaf);
}

const collision = (path: string) => commandError(31249, `Path collision at ${path}`);

function projectField(value: unknown, rule: Leaf | Tree | undefined, includes: boolean, root: Document): unknown {
  if (rule === undefined) return includes ? undefined : value;
  if (rule === 'keep') return value;
  if (rule === 'drop') return undefined;
  return rule instanceof Map ? projectInside(value, rule, includes, root) : rule(value, root);
}

/** Below a field that is named in part: documents are projected, also those in arrays; scalars stay only where the rest is kept. */
function projectInside(value: unknown, tree: Tree, includes: boolean, root: Document): unknown {
  if (Array.isArray(value)) {
    return value.map((element) => projectInside(element, tree, includes, root)).filter((element) => element !== undefined);
  }
  if (!isDocument(value)) return includes ? undefined : value;
  const output: Document = {};
  for (const name of Object.keys(value)) {
    const field = projectField(getField(value, name), tree.get(name), includes, root);
    if (field !== undefined) setField(output, name, field);
  }
  return output;
}

function compileSlice(argument: unknown, variables: Document): Leaf {
  const numbers = (Array.isArray(argument) ? argument : [argument]).map((part) =>
    isNumeric(part) ? Math.trunc(toNumber(part)) : Number.NaN,
  );
  const [first = Number.NaN, count] = numbers;
  if (Array.isArray(argument) && (argument.length !== 2 || numbers.some(Number.isNaN))) {
    // Three arguments, or a path: the expression of the same name.
    const slice = compileExpression({ $slice: argument }, variables);
    return (_, root) => slice(root);
  }
  if (Number.isNaN(first)) throw commandError(28667, 'Invalid $slice syntax: it takes a number, or a position and a count.');
  if (count !== undefined && count <= 0) throw commandError(28724, `The count of $slice must be positive, not ${count}.`);
  return (value) => {
    if (!Array.isArray(value)) return value;
    if (count === undefined) return first < 0 ? value.slice(first) : value.slice(0, first);
    const from = first < 0 ? Math.max(0, value.length + first) : first;
    return value.slice(from, from + count);
  };
}

function firstElement(test: ValueTest): Leaf {
  return (value) => {
    const place = Array.isArray(value) ? value.findIndex(test) : -1;
    return place < 0 ? undefined : [(value as unknown[])[place]];
  };
}

/** Sets a computed value; an array on the way has it set in each of its documents. */
function assign(target: Document, names: readonly string[], value: unknown): void {
  const [name = '', ...rest] = names;
  if (rest.length === 0) {
    setField(target, name, value);
    return;
  }
  const inner = getField(target, name);
  if (Array.isArray(inner)) {
    for (const element of inner) if (isDocument(element)) assign(element, rest, value);
    return;
  }
  const next: Document = isDocument(inner) ? { ...inner } : {};
  assign(next, rest, value);
  setField(target, name, next);
}

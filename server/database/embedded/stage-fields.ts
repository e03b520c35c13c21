import { type Document, getField, isDocument, setField } from './document.ts';
import { commandError, shown } from './errors.ts';
import { compileExpression, type Expression } from './expression.ts';
import { compileProjection } from './project.ts';
import { documentOperand, mapped, type Stage, type StageContext } from './stage.ts';

/** `$project`: what find's projection does, without what only find knows. */
export function projectStage(operand: unknown, { variables }: StageContext): Stage {
  const spec = documentOperand('$project', operand, 15969);
  if (Object.keys(spec).length === 0)
    throw commandError(51272, 'Invalid $project :: caused by :: projection specification must have at least one field');
  checkNoFindOperators(spec);
  return mapped(compileProjection(spec, { variables }));
}

/** `$unset`: one path or a list of them. */
export function unsetStage(operand: unknown): Stage {
  const paths: unknown[] = Array.isArray(operand) ? operand : [operand];
  if (!Array.isArray(operand) && typeof operand !== 'string')
    throw commandError(31002, '$unset specification must be a string or an array');
  if (paths.length === 0) throw commandError(31119, '$unset specification must be a string or an array with at least one field');
  const spec: Document = {};
  for (const path of paths) {
    if (typeof path !== 'string')
      throw commandError(31120, '$unset specification must be a string or an array containing only string values');
    setField(spec, path, 0);
  }
  return mapped(compileProjection(spec));
}

/** `$addFields` and `$set`: a nested document sets each of its fields, an array on the way has them set in each element. */
export function addFieldsStage(name: string): (operand: unknown, context: StageContext) => Stage {
  return (operand, { variables }) => {
    if (!isDocument(operand)) throw commandError(40272, `${name} specification stage must be an object, got ${shown(operand)}`);
    const tree: Tree = new Map();
    for (const [path, value] of Object.entries(operand)) addPath(tree, path, value, variables);
    return mapped((document) => withFields(document, tree, document));
  };
}

/** `$replaceRoot` takes `newRoot`, `$replaceWith` the expression itself. */
export function replaceRootStage(operand: unknown, context: StageContext): Stage {
  const options = documentOperand('$replaceRoot', operand, 40229, ['newRoot']);
  if (options.newRoot === undefined) throw commandError(40231, 'no newRoot specified for the $replaceRoot stage');
  return replaceWithStage(options.newRoot, context);
}

export function replaceWithStage(operand: unknown, { variables }: StageContext): Stage {
  const evaluate = compileExpression(operand, variables);
  return mapped((document) => {
    const root = evaluate(document);
    if (isDocument(root)) return root;
    throw commandError(
      40228,
      `'replacement document' must evaluate to an object, but resulting value was: ${root === undefined ? 'MISSING' : shown(root)}.`,
    );
  });
}

function checkNoFindOperators(spec: Document): void {
  for (const [name, value] of Object.entries(spec)) {
    if (name === '$' || name.endsWith('.$'))
      throw commandError(31324, `positional projection '${name}' is not allowed in an aggregation pipeline`);
    if (!isDocument(value)) continue;
    const [operator] = Object.keys(value);
    if (operator === '$elemMatch')
      throw commandError(168, "Invalid $project :: caused by :: Unrecognized expression '$elemMatch'");
    if (operator === '$slice' && !Array.isArray(value.$slice))
      throw commandError(16020, 'Invalid $project :: caused by :: Expression $slice takes at least 2 arguments, and at most 3.');
    if (!operator?.startsWith('$')) checkNoFindOperators(value);
  }
}

type Tree = Map<string, Expression | Tree>;

function addPath(tree: Tree, path: string, value: unknown, variables: Document): void {
  if (path.startsWith('$')) throw commandError(16410, `FieldPath field names may not start with '$': ${path}`);
  const names = path.split('.');
  if (names.includes('')) throw commandError(15998, 'FieldPath field names may not be empty strings.');
  const last = names.pop() ?? '';
  let branch = tree;
  for (const name of names) {
    const next = branch.get(name) ?? new Map();
    if (!(next instanceof Map)) throw conflict(path);
    branch.set(name, next);
    branch = next;
  }
  const known = branch.get(last);
  const isNested = isDocument(value) && !Object.keys(value)[0]?.startsWith('$');
  if (known !== undefined) throw conflict(path);
  if (!isNested) {
    branch.set(last, compileExpression(value, variables));
    return;
  }
  if (Object.keys(value).length === 0) throw commandError(40180, `an empty object is not a valid value. Found at path ${path}`);
  const inner: Tree = new Map();
  branch.set(last, inner);
  for (const [name, field] of Object.entries(value)) {
    if (name.includes('.'))
      throw commandError(40183, `cannot use dotted field name '${name}' in a sub object. Found at path ${path}`);
    addPath(inner, name, field, variables);
  }
}

function conflict(path: string): Error {
  return commandError(40176, `specification contains two conflicting paths. Cannot specify both '${path}' and a part of it`);
}

function withFields(value: unknown, tree: Tree, root: Document): Document {
  const changed: Document = isDocument(value) ? { ...value } : {};
  for (const [name, node] of tree) {
    const next = node instanceof Map ? inside(getField(changed, name), node, root) : node(root);
    if (next === undefined) delete changed[name];
    else setField(changed, name, next);
  }
  return changed;
}

function inside(value: unknown, tree: Tree, root: Document): unknown {
  return Array.isArray(value) ? value.map((element) => inside(element, tree, root)) : withFields(value, tree, root);
}

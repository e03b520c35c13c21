import { type Document, getField, isDocument } from './document.ts';
import { withPath } from './document-path.ts';
import { commandError, shown } from './errors.ts';
import { splitPath } from './key.ts';
import { documentOperand, type Stage } from './stage.ts';

/** `$unwind`: one document for each element of an array; a value that is no array counts as one element. */
export function unwindStage(operand: unknown): Stage {
  const { path, indexField, keepsEmpty } = optionsOf(operand);
  const names = splitPath(path);
  const indexNames = indexField === undefined ? undefined : splitPath(indexField);
  const finish = (document: Document, index: number | null) =>
    indexNames === undefined ? document : withPath(document, indexNames, index);
  return function* (source) {
    for (const document of source) {
      const value = valueAt(document, names);
      if (Array.isArray(value) && value.length > 0) {
        for (const [index, element] of value.entries()) yield finish(withPath(document, names, element), index);
      } else if (value !== undefined && value !== null && !Array.isArray(value)) yield finish(document, null);
      else if (keepsEmpty) yield finish(Array.isArray(value) ? withPath(document, names, undefined) : document, null);
    }
  };
}

type Options = { path: string; indexField: string | undefined; keepsEmpty: boolean };

function optionsOf(operand: unknown): Options {
  if (typeof operand === 'string') return { path: pathOf(operand), indexField: undefined, keepsEmpty: false };
  if (!isDocument(operand))
    throw commandError(15981, `expected either a string or an object as specification for $unwind stage, got ${shown(operand)}`);
  const options = documentOperand('$unwind', operand, 15981);
  for (const name of Object.keys(options))
    if (!NAMES.has(name)) throw commandError(28811, `unrecognized option to $unwind stage: ${name}`);
  const { path, includeArrayIndex: indexField, preserveNullAndEmptyArrays: keepsEmpty = false } = options;
  if (typeof keepsEmpty !== 'boolean')
    throw commandError(
      28809,
      `expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage, got ${shown(keepsEmpty)}`,
    );
  if (indexField !== undefined && (typeof indexField !== 'string' || indexField === ''))
    throw commandError(
      28810,
      `expected a non-empty string for the includeArrayIndex option to $unwind stage, got ${shown(indexField)}`,
    );
  if (indexField?.startsWith('$'))
    throw commandError(28822, `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${indexField}`);
  if (path === undefined) throw commandError(28812, 'no path specified to $unwind stage');
  if (typeof path !== 'string') throw commandError(28808, `expected a string as the path for $unwind stage, got ${shown(path)}`);
  return { path: pathOf(path), indexField, keepsEmpty };
}

const NAMES = new Set(['path', 'includeArrayIndex', 'preserveNullAndEmptyArrays']);

function pathOf(text: string): string {
  if (!text.startsWith('$') || text.length === 1)
    throw commandError(28818, `path option to $unwind stage should be prefixed with a '$': ${text}`);
  return text.slice(1);
}

/** The path meets documents only: an array on the way has nothing to unwind. */
function valueAt(document: Document, names: readonly string[]): unknown {
  let value: unknown = document;
  for (const name of names) value = isDocument(value) ? getField(value, name) : undefined;
  return value;
}

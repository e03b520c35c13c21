import { type Document, getField, isDocument } from './document.ts';
import { commandError } from './errors.ts';
import { EMPTY_ARRAY } from './key-tag.ts';
import { writeKey } from './key-writer.ts';

/** One field of an index: a dotted path and its direction. */
export type IndexField = { path: string; direction: 1 | -1 };

/** The value as bytes that sort as MongoDB sorts values; numbers of every kind share one order. */
export function encodeKey(value: unknown): Buffer {
  return writeKey(value);
}

/** The same key for a descending field: every byte turned over. */
export function invertKey(key: Buffer): Buffer {
  const inverted = Buffer.allocUnsafe(key.length);
  for (let index = 0; index < key.length; index++) inverted[index] = 255 - (key[index] ?? 0);
  return inverted;
}

/** Every value that a dotted path reaches, arrays on the way and at its end opened; undefined where the path is missing. */
export function pathValues(document: Document, path: string): unknown[] {
  const values: unknown[] = [];
  expand([start(document, path)], (fields) => values.push(fields[0]?.value));
  return values.map((value) => (value === EMPTY_ARRAY ? undefined : value));
}

/** As pathValues, for sorting and indexing: an opened empty array is told from a missing path. */
export function keyValues(document: Document, path: string): unknown[] {
  const values: unknown[] = [];
  expand([start(document, path)], (fields) => values.push(fields[0]?.value));
  return values;
}

/** True if the path reaches a value (null is one, and so is an empty array). */
export function hasPath(document: Document, path: string): boolean {
  return keyValues(document, path).some((value) => value !== undefined);
}

/**
 * The document's entries in an index, each once; `multikey` tells that an array was opened. Fields that share an array are
 * read from the same element of it. 171 for two parallel arrays, 16746 where a path may mean an index or a field.
 */
export function indexKeys(document: Document, fields: readonly IndexField[]): { keys: Buffer[]; multikey: boolean } {
  const keys: Buffer[] = [];
  const starts = fields.map(({ path }) => start(document, path));
  const multikey = expand(starts, (ends) => {
    const parts = ends.map(({ value }, index) => {
      const key = writeKey(value);
      return fields[index]?.direction === -1 ? invertKey(key) : key;
    });
    keys.push(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts));
  });
  return { keys: keys.length > 1 ? distinct(keys) : keys, multikey };
}

/** The names of a dotted path. */
export function splitPath(path: string): readonly string[] {
  const known = PATHS.get(path);
  if (known !== undefined) return known;
  const names = path.split('.');
  if (PATHS.size >= 2000) PATHS.clear();
  PATHS.set(path, names);
  return names;
}

/** True for a name that may be an array's index. */
export function isIndex(name: string): boolean {
  const first = name.charCodeAt(0);
  return first >= 48 && first <= 57 && /^(0|[1-9]\d*)$/.test(name);
}

// Paths come from a few indexes and filters, again and again.
const PATHS = new Map<string, readonly string[]>();

/** Where one field of an index stands: `depth` names of its path lie behind it. An element of an opened array is not opened again. */
type Standing = { names: readonly string[]; value: unknown; depth: number; isElement: boolean };

function start(document: Document, path: string): Standing {
  return { names: splitPath(path), value: document, depth: 0, isElement: false };
}

/** Walks all fields down to the next array, opens it for those that stand on it, and goes on; tells whether an array was met. */
function expand(fields: readonly Standing[], emit: (ends: readonly Standing[]) => void): boolean {
  let isMultikey = false;
  const walked = fields.map((field) => {
    const end = walk(field);
    isMultikey ||= end.isElement && !field.isElement;
    return end;
  });
  const standing = walked.find(isOnArray);
  if (standing === undefined) {
    emit(walked);
    return isMultikey;
  }
  const array = standing.value as unknown[];
  for (const field of walked) if (isOnArray(field) && field.value !== array) throw parallelArrays(standing, field);
  for (const element of array.length === 0 ? [EMPTY_ARRAY] : array) {
    const opened = walked.map((field) => (isOnArray(field) ? open(field, element) : field));
    expand(opened, emit);
  }
  return true;
}

/** An array stops the walk unless the path names one of its indexes. */
function walk(field: Standing): Standing {
  let { value, depth } = field;
  let isIndexed = false;
  const { names } = field;
  while (depth < names.length) {
    const name = names[depth] ?? '';
    if (Array.isArray(value)) {
      if (!isIndex(name)) break;
      if (value.some((element) => isDocument(element) && Object.hasOwn(element, name))) throw ambiguous(names, name);
      value = value[Number(name)];
      isIndexed = true;
    } else value = isDocument(value) ? getField(value, name) : undefined;
    depth++;
  }
  return depth === field.depth
    ? field
    : { names, value, depth, isElement: field.isElement || (isIndexed && !Array.isArray(value)) };
}

function isOnArray({ value, isElement }: Standing): boolean {
  return Array.isArray(value) && !isElement;
}

/** Only documents are looked into; a scalar, or an array in the array, has no fields to go on with. */
function open({ names, depth }: Standing, element: unknown): Standing {
  if (depth === names.length) return { names, value: element, depth, isElement: true };
  if (isDocument(element)) return { names, value: element, depth, isElement: false };
  return { names, value: undefined, depth: names.length, isElement: true };
}

function distinct(keys: Buffer[]): Buffer[] {
  const byText = new Map<string, Buffer>();
  for (const key of keys) byText.set(key.toString('latin1'), key);
  return [...byText.values()];
}

function parallelArrays(one: Standing, other: Standing): Error {
  const nameOf = ({ names, depth }: Standing): string => names[Math.max(depth - 1, 0)] ?? '';
  return commandError(171, `cannot index parallel arrays [${nameOf(other)}] [${nameOf(one)}]`);
}

function ambiguous(names: readonly string[], name: string): Error {
  return commandError(
    16746,
    `Ambiguous field name found in array (do not use numeric field names in embedded elements in an array), field: '${name}' for path: ${names.join('.')}`,
  );
}

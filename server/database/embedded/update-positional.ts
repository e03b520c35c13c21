import { type Document, isDocument } from './document.ts';
import { commandError, shown } from './errors.ts';
import { splitPath } from './key.ts';
import { compileFilter } from './match.ts';
import type { ValueTest } from './match-path.ts';
import { compileMatchedIndex } from './matched-index.ts';

/** The conditions of arrayFilters by their identifier. */
export type ArrayFilters = ReadonlyMap<string, ValueTest>;

/** Gives the concrete paths of one path of an update, for the document as it was matched. */
export type PathExpansion = (document: Document) => (readonly string[])[];

/** Prepares arrayFilters; error 9 for a filter without exactly one identifier or a repeated one, 2 for a bad name. */
export function compileArrayFilters(filters: readonly Document[], variables: Document): ArrayFilters {
  const compiled = new Map<string, ValueTest>();
  for (const filter of filters) {
    const identifiers = new Set(identifiersOf(filter));
    const [identifier] = identifiers;
    if (identifier === undefined)
      throw commandError(9, 'Cannot use an expression without a top-level field name in arrayFilters');
    if (identifiers.size > 1) {
      throw commandError(
        9,
        `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${[...identifiers].join("' and '")}'`,
      );
    }
    if (!/^[a-z][a-zA-Z0-9]*$/.test(identifier)) {
      throw commandError(
        2,
        `The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${identifier}'`,
      );
    }
    if (compiled.has(identifier))
      throw commandError(9, `Found multiple array filters with the same top-level field name ${identifier}`);
    const test = compileFilter(filter, variables);
    compiled.set(identifier, (value) => test({ [identifier]: value }));
  }
  return compiled;
}

/** Prepares one path; undefined if it holds no `$`, `$[]` or `$[identifier]`. `filter` is what `$` is found by. */
export function compilePositional(
  path: string,
  filter: Document,
  filters: ArrayFilters,
  variables: Document,
): PathExpansion | undefined {
  const names = splitPath(path);
  const first = names.findIndex(isPositional);
  if (first < 0) return undefined;
  checkPositional(path, names, first, filters);
  const prefix = names.slice(0, first);
  const indexOf = names[first] === '$' ? compileMatchedIndex(prefix.join('.'), filter, variables) : undefined;
  return (document) => {
    let paths: string[][] = [[]];
    for (const name of names) {
      if (!isPositional(name)) for (const path of paths) path.push(name);
      else if (name === '$') paths = [[...prefix, matchedIndex(valueAt(document, prefix), indexOf)]];
      else paths = paths.flatMap((path) => chosen(document, path, filters.get(name.slice(2, -1))));
    }
    return paths;
  };
}

/** True for `$`, `$[]` and `$[identifier]`. */
export function isPositional(name: string): boolean {
  return name === '$' || (name.startsWith('$[') && name.endsWith(']'));
}

function identifiersOf(filter: Document): string[] {
  return Object.entries(filter).flatMap(([name, condition]) => {
    if (!name.startsWith('$')) return [name.split('.')[0] ?? ''];
    return Array.isArray(condition) ? condition.filter(isDocument).flatMap(identifiersOf) : [];
  });
}

function checkPositional(path: string, names: readonly string[], first: number, filters: ArrayFilters): void {
  if (first === 0) {
    const what = names[0] === '$' ? "positional (i.e. '$') element" : `array filter identifier (i.e. '$[<id>]') element`;
    throw commandError(2, `Cannot have ${what} in the first position in path '${path}'`);
  }
  if (names.indexOf('$', first + 1) > 0) throw commandError(2, `Too many positional (i.e. '$') elements found in path '${path}'`);
  for (const name of names) {
    if (!isPositional(name) || name === '$' || name === '$[]') continue;
    const identifier = name.slice(2, -1);
    if (!filters.has(identifier)) throw commandError(2, `No array filter found for identifier '${identifier}' in path '${path}'`);
  }
}

function chosen(document: Document, path: readonly string[], test: ValueTest | undefined): string[][] {
  const array = valueAt(document, path);
  const shownPath = path.join('.');
  if (array === undefined)
    throw commandError(2, `The path '${shownPath}' must exist in the document in order to apply array updates.`);
  if (!Array.isArray(array))
    throw commandError(2, `Cannot apply array updates to non-array element ${path.at(-1)}: ${shown(array)}`);
  return array.flatMap((element, index) => (test === undefined || test(element) ? [[...path, String(index)]] : []));
}

function valueAt(document: Document, names: readonly string[]): unknown {
  let value: unknown = document;
  for (const name of names) {
    if (Array.isArray(value)) value = value[Number(name)];
    else value = isDocument(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value;
}

function matchedIndex(array: unknown, indexOf: ((array: unknown[]) => number) | undefined): string {
  const index = Array.isArray(array) && indexOf !== undefined ? indexOf(array) : -1;
  if (index < 0) throw commandError(2, 'The positional operator did not find the match needed from the query.');
  return String(index);
}

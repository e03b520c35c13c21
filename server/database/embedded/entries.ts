import type { Collection, Index } from './catalog.ts';
import type { Document } from './document.ts';
import { duplicateKey } from './errors.ts';
import { checkGeoIndexed } from './geo.ts';
import { indexKeys, pathValues } from './key.ts';
import type { IndexEntry } from './row.ts';

/** The document's entries in every index that could have changed; without `touched`, in all. */
export function indexEntries(collection: Collection, document: Document, touched?: ReadonlySet<string>): IndexEntry[] {
  const entries: IndexEntry[] = [];
  for (const index of collection.indexes) {
    if (touched && index.roots && isDisjoint(touched, index.roots)) continue;
    entries.push(entryOf(index, document));
  }
  return entries;
}

/** The document's keys in one index; none where a sparse or partial index leaves it out. 171 and 16755 for what cannot be indexed. */
export function entryOf(index: Index, document: Document): IndexEntry {
  if (!index.covers(document)) return { index, keys: [], multikey: false };
  for (const path of index.geoPaths) checkGeoIndexed(document, path);
  return index.fields.length ? { index, ...indexKeys(document, index.fields) } : { index, keys: [], multikey: false };
}

/** 11000 for this index, with the values that clash. */
export function duplicateOf(collection: Collection, index: Index, document: Document): Error {
  const key = index.spec.key as Document;
  const values: Document = {};
  for (const path of Object.keys(key)) values[path] = pathValues(document, path)[0] ?? null;
  return duplicateKey(collection.namespace, index.name, key, values);
}

function isDisjoint(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  for (const name of left) if (right.has(name)) return false;
  return true;
}

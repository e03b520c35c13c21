import { type Document, getField, isDocument, setField } from './document.ts';

/** The document with another value at the path, or without one where it is undefined; what is not on the path is shared. */
export function withPath(document: Document, names: readonly string[], value: unknown): Document {
  const [name = '', ...rest] = names;
  const copy = { ...document };
  if (rest.length > 0) {
    const inner = getField(copy, name);
    setField(copy, name, withPath(isDocument(inner) ? inner : {}, rest, value));
  } else if (value === undefined) delete copy[name];
  else setField(copy, name, value);
  return copy;
}

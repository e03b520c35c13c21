import type { Document } from './bson.ts';

/** Tells whether a document meets a filter. Unknown operators and malformed operands throw when the filter is compiled (2). */
export function compileFilter(_filter: Document, _variables: Document = {}): (document: Document) => boolean {
  throw new Error('to come');
}

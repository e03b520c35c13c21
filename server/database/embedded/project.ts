import type { Document } from './bson.ts';

export type ProjectionOptions = { filter?: Document; variables?: Document };

/** A projection of find: inclusion, exclusion, `$slice`, `$elemMatch`, positional `.$`, expressions. Errors 31249 to 31254, 51246. */
export function compileProjection(_spec: Document, _options: ProjectionOptions = {}): (document: Document) => Document {
  throw new Error('to come');
}

import type { Document } from './bson.ts';

/** An update as a command carries it: modifiers (`$set` …) or a pipeline. A replacement goes to applyReplacement. */
export type Update = Document | Document[];

export type UpdateOptions = { filter?: Document; arrayFilters?: Document[] | undefined; variables?: Document };

/** Changes one document; gives a new one and leaves the old as it is. */
export type Updater = (document: Document, context: { isInsert: boolean; now: Date }) => Document;

/** Checks and prepares an update once for many documents. Errors as in checkUpdate. */
export function compileUpdate(_update: Update, _options: UpdateOptions): Updater {
  throw new Error('to come');
}

/** Throws what MongoDB would say of an update before it looks at a document: 9, 40, 52, 56, 2, 14. */
export function checkUpdate(_update: Update, _arrayFilters?: Document[]): void {
  throw new Error('to come');
}

/** The document after the update, as a new one. For many documents compile once with compileUpdate. Errors 2, 14, 28, 40, 66. */
export function applyUpdate(
  _document: Document,
  _update: Update,
  _options: UpdateOptions & { isInsert: boolean; now: Date },
): Document {
  throw new Error('to come');
}

/** The replacement under the id of the replaced document; 66 if it brings another id, 52 for a field name that begins with $. */
export function applyReplacement(_document: Document, _replacement: Document): Document {
  throw new Error('to come');
}

/** What an upsert starts from: the equalities of the filter. 54 if two of them disagree on one path. */
export function upsertBase(_filter: Document): Document {
  throw new Error('to come');
}

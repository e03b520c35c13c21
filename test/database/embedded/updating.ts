import { expect } from 'vitest';
import { encode } from '../../../server/database/embedded/bson.ts';
import type { Document } from '../../../server/database/embedded/document.ts';
import { applyUpdate, type Update } from '../../../server/database/embedded/update.ts';
import { stored } from './values.ts';

/** When the updates of the tests happen. */
export const now = new Date('2026-11-25T08:00:00.500Z');
/** What an update comes with. */
export type Given = { filter?: Document; arrayFilters?: Document[]; isInsert?: boolean };

/** The document after an update. The update goes through bytes as on the wire; so does what it leaves. */
export function updated(
  document: Document,
  update: Update,
  { filter = {}, arrayFilters, isInsert = false }: Given = {},
): Document {
  const command = stored({ update, filter, arrayFilters: arrayFilters ?? [] });
  const before = stored(document);
  const kept = encode(before);
  const after = applyUpdate(before, command.update as Update, {
    filter: command.filter as Document,
    arrayFilters: arrayFilters && (command.arrayFilters as Document[]),
    isInsert,
    now,
  });
  expect(encode(before).equals(kept)).toBe(true);
  return stored(after);
}

/** A CommandError with a number of MongoDB's. */
export const refusedWith = (code: number) => expect.objectContaining({ code });

import { decode } from './bson.ts';
import type { Collection } from './catalog.ts';
import type { Document } from './document.ts';
import { commandError } from './errors.ts';
import { idOf, MAX_DOCUMENT_BYTES, withIdFirst } from './raw.ts';

/** The document as it will be stored: `_id` first and of a kind that can be one, not over 16 MB, and passing the validator. */
export function prepareDocument(
  collection: Collection,
  sent: Uint8Array,
  bypassValidation: boolean,
): { raw: Buffer; decoded: Document | undefined } {
  const raw = withIdFirst(sent);
  if (raw.length > MAX_DOCUMENT_BYTES) {
    throw commandError(10334, `object to insert too large. size in bytes: ${raw.length}, max size: ${MAX_DOCUMENT_BYTES}`);
  }
  return { raw, decoded: checkDocument(collection, raw, bypassValidation) };
}

function checkDocument(collection: Collection, raw: Buffer, bypassValidation: boolean): Document | undefined {
  const type = raw[4];
  if (type === 4 || type === 11 || type === 6) {
    throw commandError(53, `The '_id' value cannot be of type ${type === 4 ? 'array' : type === 11 ? 'regex' : 'undefined'}`);
  }
  if (type === 3) checkIdFields(idOf(raw) as Document);
  if (!collection.validator || bypassValidation) return undefined;
  const decoded = decode(raw);
  checkValid(collection, decoded);
  return decoded;
}

/** 121 for a document that the collection's validator refuses. */
export function checkValid(collection: Collection, document: Document): void {
  if (!collection.validator || collection.validator(document)) return;
  const details = { operatorName: 'validator', specifiedAs: collection.options.validator };
  throw commandError(121, 'Document failed validation', { errInfo: { failingDocumentId: document._id, details } });
}

function checkIdFields(id: Document): void {
  for (const name of Object.keys(id)) {
    if (name.startsWith('$'))
      throw commandError(52, `_id fields may not contain '$'-prefixed fields: ${name} is not valid for storage.`);
  }
}

import { type Document, getField, isDocument, setField } from './document.ts';
import { commandError, shown } from './errors.ts';
import { isIndex } from './key.ts';

/** The new document while it comes to be: what the old one shares is copied when it is first written to. */
export type Draft = { root: Document; owned: Set<unknown> };

/** A place in the draft, in a container that may be written to. */
export type Slot = { container: Document | unknown[]; name: string };

/** A draft of a document, which itself stays as it is. */
export function createDraft(document: Document): Draft {
  const root = { ...document };
  return { root, owned: new Set<unknown>([root]) };
}

/**
 * The slot at a path. If it `creates`, missing documents on the way are made, and a way through a scalar is error 28;
 * else there is no slot where the way ends.
 */
export function slotAt(draft: Draft, names: readonly string[], creates: boolean): Slot | undefined {
  let container: Document | unknown[] = draft.root;
  for (let depth = 0; depth < names.length - 1; depth++) {
    const name = names[depth] ?? '';
    const next = names[depth + 1] ?? '';
    const child = readSlot({ container, name });
    const inner: Document | unknown[] | undefined = isContainer(child) ? owned(draft, child) : undefined;
    if (inner === undefined && !creates) return undefined;
    if (inner === undefined && child !== undefined) throw notViable(next, name, child);
    const opened = inner ?? owned(draft, {});
    if (Array.isArray(opened) && !isIndex(next)) {
      if (creates) throw notViable(next, name, opened);
      return undefined;
    }
    if (opened !== child) writeSlot({ container, name }, opened);
    container = opened;
  }
  return { container, name: names[names.length - 1] ?? '' };
}

/** The slot's value, undefined if there is none. */
export function readSlot({ container, name }: Slot): unknown {
  return Array.isArray(container) ? container[Number(name)] : getField(container, name);
}

/** Sets the slot's value; an array is filled up with null before it. */
export function writeSlot({ container, name }: Slot, value: unknown): void {
  if (!Array.isArray(container)) {
    setField(container, name, value);
    return;
  }
  const index = Number(name);
  if (index > container.length + MAX_NULLS) throw commandError(2, `can't backfill more than ${MAX_NULLS} elements of an array`);
  while (container.length < index) container.push(null);
  container[index] = value;
}

/** Takes the field away; an element of an array becomes null, so that the others keep their places. */
export function clearSlot({ container, name }: Slot): void {
  if (!Array.isArray(container)) delete container[name];
  else if (Number(name) < container.length) container[Number(name)] = null;
}

// MongoDB's own limit, mongo/db/exec/mutable_bson: kMaxPaddingAllowed.
const MAX_NULLS = 1_500_000;

function isContainer(value: unknown): value is Document | unknown[] {
  return Array.isArray(value) || isDocument(value);
}

function owned(draft: Draft, container: Document | unknown[]): Document | unknown[] {
  if (draft.owned.has(container)) return container;
  const copy = Array.isArray(container) ? [...container] : { ...container };
  draft.owned.add(copy);
  return copy;
}

function notViable(field: string, name: string, value: unknown): Error {
  return commandError(28, `Cannot create field '${field}' in element {${name}: ${shown(value)}}`);
}

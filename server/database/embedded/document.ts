/** A document as it lies in memory: plain objects, arrays, JavaScript's own scalars and the classes of package bson. */
export type Document = Record<string, unknown>;

/** True for an embedded document, false for arrays and scalars. Asks the prototype, as a stored field may be named _bsontype. */
export function isDocument(value: unknown): value is Document {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Sets a field as data, `__proto__` too. */
export function setField(document: Document, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(document, name, { value, writable: true, enumerable: true, configurable: true });
  else document[name] = value;
}

/** The field's own value, never one that is inherited. */
export function getField(document: Document, name: string): unknown {
  return Object.hasOwn(document, name) ? document[name] : undefined;
}

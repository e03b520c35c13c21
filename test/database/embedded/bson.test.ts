import { BSONRegExp, Code, DBRef, Double, Long, ObjectId, serialize } from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, decodeCommand, encode, typeName } from '../../../server/database/embedded/bson.ts';
import { type Document, isDocument } from '../../../server/database/embedded/document.ts';
import { oddValue } from './values.ts';

describe('reading a document', () => {
  test('and writing it again gives the same bytes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ maxLength: 3 }), oddValue, { noNullPrototype: true }), (document) => {
        fc.pre(!Object.keys(document).some((name) => name.includes('\0')));
        const bytes = encode(document);
        expect(encode(decode(bytes)).equals(bytes)).toBe(true);
      }),
    );
  });

  test.each<[string, unknown, string]>([
    ['a whole double', new Double(5), 'double'],
    ['minus zero', -0, 'double'],
    ['a small Int64', Long.fromNumber(5), 'long'],
    ['a whole number beyond Int32', 2 ** 40, 'double'],
    ['a whole number', 5, 'int'],
    ['a regular expression', new BSONRegExp('a', 's'), 'regex'],
    ['code', new Code('x'), 'javascript'],
    ['code with its scope', new Code('x', { a: 1 }), 'javascript'],
    ['what looks like a DBRef', new DBRef('stores', new ObjectId()), 'object'],
  ])('keeps the type of %s', (_, value, type) => {
    const bytes = encode({ value });
    expect(typeName(decode(bytes).value)).toBe(type);
    expect(encode(decode(bytes)).equals(bytes)).toBe(true);
  });

  test('takes names as data, whatever they are', () => {
    const document = decode(serialize(JSON.parse('{"__proto__": {"a": 1}, "constructor": 2, "toString": 3, "名": 4}')));
    expect(Object.keys(document)).toEqual(['__proto__', 'constructor', 'toString', '名']);
    expect(Object.getPrototypeOf(document)).toBe(Object.prototype);
    expect(({} as Document).a).toBeUndefined();
  });

  test('takes a field named _bsontype for a field', () => {
    const bytes = Buffer.from(serialize({ a: { _bsontypf: 'ObjectId' } }));
    bytes[bytes.indexOf('_bsontypf') + 8] = 'e'.charCodeAt(0);
    const { a } = decode(bytes);
    expect(isDocument(a)).toBe(true);
    expect(a).toEqual({ _bsontype: 'ObjectId' });
  });

  test('leaves the documents of a command as bytes, and only those of its top level', () => {
    const inner = { _id: 1, documents: [{ x: 1 }] };
    const { insert, documents, options } = decodeCommand(
      serialize({ insert: 'c', documents: [inner], options: { documents: [{ y: 1 }] } }),
    );
    expect(insert).toBe('c');
    expect((documents as Buffer[]).map(decode)).toEqual([inner]);
    expect(options).toEqual({ documents: [{ y: 1 }] });
  });
});

describe('malformed bytes', () => {
  const whole = encode({ a: 'text', b: [1, { c: new ObjectId() }], d: Long.MAX_VALUE, e: Buffer.from('bytes'), f: new Date(0) });

  test('are refused wherever they are cut', () => {
    for (let length = 0; length < whole.length; length++) {
      const cut = Buffer.from(whole.subarray(0, length));
      if (length >= 4) cut.writeInt32LE(length);
      expect(() => decode(cut)).toThrow(RangeError);
    }
  });

  test('are refused or read, whichever byte is changed, and never anything else', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(whole);
        changed[at] = byte;
        try {
          expect(isDocument(decode(changed))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('of a regular expression with unknown options are refused', () => {
    const bytes = encode({ a: new BSONRegExp('a', 's') });
    bytes[bytes.lastIndexOf('s')] = 'q'.charCodeAt(0);
    expect(() => decode(bytes)).toThrow(RangeError);
  });

  test('that nest too deeply are refused', () => {
    let deep: Document = {};
    for (let depth = 0; depth < 1000; depth++) deep = { a: deep };
    expect(() => decode(serialize(deep))).toThrow(RangeError);
  });
});

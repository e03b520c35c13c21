import { Binary, BSONRegExp, Decimal128, Double, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import fc from 'fast-check';
import { decode, encode } from '../../../server/database/embedded/bson.ts';
import type { Document } from '../../../server/database/embedded/document.ts';

/** A document as the engine sees it: through bytes, so that types are what the wire would make of them. */
export function stored(document: Document): Document {
  return decode(encode(document));
}

const BEYOND_DOUBLES = [
  '9007199254740993',
  '9007199254740992',
  '9223372036854775807',
  '-9223372036854775808',
  '-9007199254740993',
];
const DECIMALS = ['0.1', '0.10', '1E+400', '-1E-6000', 'NaN', 'Infinity', '-Infinity', '9007199254740993', '9.5', '0'];

/** Numbers of every kind, near each other and at the ends. */
export const oddNumber = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double(),
  fc.constantFrom(0.1, 2 ** 53, 2 ** 53 + 2, -(2 ** 63), 2 ** 63, Number.MAX_VALUE, Number.MIN_VALUE, Number.NaN),
  fc.constantFrom(...BEYOND_DOUBLES).map((text) => Long.fromString(text)),
  fc.integer({ min: -3, max: 3 }).map((value) => Long.fromNumber(value)),
  fc.integer({ min: -3, max: 3 }).map((value) => new Double(value)),
  fc.constantFrom(...DECIMALS).map((text) => Decimal128.fromString(text)),
);

const oddString = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom('', '\0', 'a', 'a\0', 'a\0b', 'ab', '\uffff', '🎉'),
);

const oddScalar = fc.oneof(
  { weight: 4, arbitrary: oddNumber },
  { weight: 2, arbitrary: oddString },
  fc.boolean(),
  fc.constantFrom<unknown>(null, new MinKey(), new MaxKey(), new Timestamp({ t: 1, i: 2 }), new BSONRegExp('a', 'i')),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 3 }).map((bytes) => new Binary(bytes)),
  fc
    .constantFrom('000000000000000000000000', '0123456789abcdef01234567', 'ffffffffffffffffffffffff')
    .map((hex) => new ObjectId(hex)),
);

const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, oddScalar, tie('array'), tie('document')),
  array: fc.array(tie('value'), { maxLength: 3 }),
  document: fc.dictionary(fc.constantFrom('a', 'b', 'ab', '__proto__', ''), tie('value'), { maxKeys: 3, noNullPrototype: true }),
}));

/** Values of every type that a document may hold, nested and mixed. */
export const oddValue: fc.Arbitrary<unknown> = value.map((raw) => stored({ v: raw }).v);

import fc from 'fast-check';
import mongoose from 'mongoose';

const { Binary, Decimal128, Double, Long, MaxKey, MinKey, ObjectId, Timestamp } = mongoose.mongo;

/** Values of every BSON type, near each other and far apart, of the kinds that an order or an index can get wrong. */
export const oddScalar: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -3, max: 6 }) },
  { weight: 2, arbitrary: fc.constantFrom('', 'a', 'A', 'ab', 'b', '9', '10', '\u0000', 'a\u0000b', 'é', '\u{1f600}', '店') },
  fc.constantFrom(null, true, false, Number.NaN, 0, -0, 0.5, -1.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.constantFrom(new Double(2), new Double(-0), Number.MAX_SAFE_INTEGER, 1e300, 5e-324),
  fc.constantFrom(
    Long.fromNumber(2),
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.fromString('9007199254740993'),
    Long.fromString('-9007199254740993'),
  ),
  fc.constantFrom('2', '2.50', '-1.5', '9007199254740993', '1E+40', 'NaN', 'Infinity').map((text) => Decimal128.fromString(text)),
  fc.constantFrom(0, 1, -1, 86_400_000).map((time) => new Date(time)),
  fc.constantFrom('0'.repeat(24), `${'0'.repeat(23)}1`, 'f'.repeat(24)).map((hex) => new ObjectId(hex)),
  fc.constantFrom('', 'a', 'b', 'ab').map((text) => new Binary(Buffer.from(text))),
  fc.constantFrom(new MinKey(), new MaxKey(), new Timestamp({ t: 1, i: 1 }), new Timestamp({ t: 1, i: 2 }), /^a/, /a/i),
);

/** A scalar, an array of such, or a document in which the fields of the fuzz lie one deeper. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: oddScalar },
  { weight: 2, arbitrary: fc.array(oddScalar, { maxLength: 3 }) },
  { weight: 2, arbitrary: fc.array(fc.integer({ min: -1, max: 4 }), { minLength: 2, maxLength: 3 }) },
  { weight: 2, arbitrary: fc.record({ x: oddScalar, y: oddScalar }, { requiredKeys: [] }) },
  fc.array(fc.record({ x: oddScalar }, { requiredKeys: [] }), { maxLength: 2 }),
  fc.constantFrom([[1, 2]], [[]], {}, [null]),
);

/** One of a few values, so that equal ones are met often. */
export const nearScalar: fc.Arbitrary<unknown> = fc.constantFrom(0, 1, 1, 2, null, 'a', new Double(1), Long.fromNumber(2));

/** So near that the ends of a range often lie on both sides of what an array holds. */
export const nearInteger = fc.integer({ min: -1, max: 4 });

/** A document of two fields, or several of them side by side, as lines of an order are. */
const line = fc.record({ x: nearScalar, y: nearScalar }, { requiredKeys: [] });
export const deepValue: fc.Arbitrary<unknown> = fc.oneof(
  line,
  { weight: 4, arbitrary: fc.array(line, { minLength: 2, maxLength: 4, size: 'max' }) },
  fc.record({ x: fc.array(nearScalar, { maxLength: 2 }), y: oddScalar }, { requiredKeys: [] }),
  oddValue,
);

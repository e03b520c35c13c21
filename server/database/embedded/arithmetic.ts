import { Double, Long } from 'bson';
import { bsonScalar, isInt32, type Numeric } from './bson.ts';
import { commandError, unsupported } from './errors.ts';

/** The sum in MongoDB's type for it: a double if one is, else Int64 if one is or Int32 would overflow. Error 2 beyond Int64. */
export function add(a: Numeric, b: Numeric): Numeric {
  return combine(a, b, { whole: (x, y) => x + y, double: (x, y) => x + y });
}

/** The product, in the same types as a sum. */
export function multiply(a: Numeric, b: Numeric): Numeric {
  return combine(a, b, { whole: (x, y) => x * y, double: (x, y) => x * y });
}

/** A whole number as it was: undefined for doubles, decimals and what is no number. */
export function wholeNumber(value: unknown): bigint | undefined {
  if (typeof value === 'number') return isInt32(value) ? BigInt(value) : undefined;
  if (typeof value === 'bigint') return value;
  const scalar = bsonScalar(value);
  if (scalar?._bsontype === 'Int32') return BigInt(scalar.value);
  return scalar?._bsontype === 'Long' ? scalar.toBigInt() : undefined;
}

/** True for an Int64. */
export function isLong(value: unknown): boolean {
  return typeof value === 'bigint' || bsonScalar(value)?._bsontype === 'Long';
}

/** A number that is stored as a double, also when it is whole and small. */
export function toDouble(value: number): number | Double {
  return isInt32(value) ? new Double(value) : value;
}

type Operation = { whole: (a: bigint, b: bigint) => bigint; double: (a: number, b: number) => number };

function combine(a: Numeric, b: Numeric, { whole, double }: Operation): Numeric {
  if (typeof a === 'number' && typeof b === 'number' && isInt32(a) && isInt32(b)) {
    const result = double(a, b);
    if (isInt32(result)) return result;
  }
  const left = wholeNumber(a);
  const right = wholeNumber(b);
  if (left === undefined || right === undefined) return toDouble(double(doubleOf(a), doubleOf(b)));
  const result = whole(left, right);
  if (result !== BigInt.asIntN(64, result)) throw commandError(2, `The result ${result} does not fit into a 64-bit integer`);
  const fitsInt32 = result === BigInt.asIntN(32, result);
  return isLong(a) || isLong(b) || !fitsInt32 ? Long.fromBigInt(result) : Number(result);
}

function doubleOf(value: Numeric): number {
  if (typeof value === 'object' && value._bsontype === 'Decimal128') throw unsupported('Arithmetic with Decimal128');
  return Number(value);
}

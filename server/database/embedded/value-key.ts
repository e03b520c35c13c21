import { bsonScalar, isNumeric, toNumber } from './bson.ts';
import { encodeKey } from './key.ts';

/** A key for a Map that two values share if and only if they are equal, numbers by value. */
export function valueKey(value: unknown): unknown {
  if (typeof value === 'string') return `s${value}`;
  if (typeof value === 'boolean' || value === null || value === undefined) return value ?? null;
  if (typeof value === 'number') return value;
  if (isNumeric(value)) return numberKey(toNumber(value), value);
  const scalar = bsonScalar(value);
  return scalar?._bsontype === 'ObjectId' ? `o${scalar.toHexString()}` : encodedKey(value);
}

/** A Long or Decimal128 that is no double exactly keeps a key of its own. */
function numberKey(number: number, value: unknown): unknown {
  const scalar = bsonScalar(value);
  const isExact =
    scalar?._bsontype === 'Double' ||
    (scalar?._bsontype !== 'Decimal128' && Number.isSafeInteger(number)) ||
    encodeKey(number).equals(encodeKey(value));
  return isExact ? number : encodedKey(value);
}

function encodedKey(value: unknown): string {
  return `k${encodeKey(value).toString('latin1')}`;
}

import { bsonScalar, isNumeric, toNumber } from './bson.ts';
import { commandError } from './errors.ts';
import type { ValueTest } from './match-path.ts';

export type BitsOperator = '$bitsAllSet' | '$bitsAllClear' | '$bitsAnySet' | '$bitsAnyClear';

/** A test of the bits of whole numbers and binary data: https://www.mongodb.com/docs/v8.0/reference/operator/query-bitwise/ */
export function bitsTest(operator: BitsOperator, operand: unknown): ValueTest {
  const mask = maskOf(operator, operand);
  const isMet = CONDITIONS[operator];
  return (value) => {
    const bits = bitsOf(value);
    return bits !== undefined && isMet(bits & mask, mask);
  };
}

const CONDITIONS: Record<BitsOperator, (set: bigint, mask: bigint) => boolean> = {
  $bitsAllSet: (set, mask) => set === mask,
  $bitsAllClear: (set) => set === 0n,
  $bitsAnySet: (set) => set !== 0n,
  $bitsAnyClear: (set, mask) => set !== mask,
};

/** A number is its two's complement with the sign going on for ever, as a bigint has it; binary data begins with its lowest byte. */
function bitsOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? BigInt(value) : undefined;
  const scalar = bsonScalar(value);
  if (scalar?._bsontype === 'Long') return scalar.toBigInt();
  if (scalar?._bsontype === 'Binary') return littleEndian(scalar.buffer.subarray(0, scalar.position));
  if (scalar?._bsontype === 'Double') return BigInt(scalar.value);
  return undefined;
}

function littleEndian(bytes: Uint8Array): bigint {
  const text = Buffer.from(bytes).reverse().toString('hex');
  return text === '' ? 0n : BigInt(`0x${text}`);
}

function maskOf(operator: BitsOperator, operand: unknown): bigint {
  if (Array.isArray(operand))
    return operand.reduce<bigint>((mask, position) => mask | (1n << bitPosition(operator, position)), 0n);
  const mask = bitsOf(operand);
  if (mask === undefined) throw commandError(2, `${operator} takes an Array, a number, or a BinData`);
  if (mask < 0n) throw commandError(9, `${operator}: expected a non-negative number`);
  return mask;
}

function bitPosition(operator: BitsOperator, position: unknown): bigint {
  const number = isNumeric(position) ? toNumber(position) : Number.NaN;
  if (!Number.isInteger(number)) throw commandError(2, `${operator}: bit positions must be integers`);
  if (number < 0) throw commandError(2, `${operator}: bit positions must be >= 0`);
  return BigInt(Math.min(number, 2 ** 20));
}

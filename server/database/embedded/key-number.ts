/** The byte after the nearest double: the number lies below it, is it, or lies above it. */
export const numberTie = { below: 0x40, exact: 0x80, above: 0xc0 } as const;

/** A number that a double may not hold: its nearest double, the side of it, and digits that order such numbers among themselves. */
export type TiedNumber = { nearest: number; tie: number; digits?: Uint8Array };

/** An Int64's place among numbers. */
export function longKey(value: bigint): TiedNumber {
  const nearest = Number(value);
  if (value >= -MAX_SAFE && value <= MAX_SAFE) return { nearest, tie: numberTie.exact };
  return tied(nearest, { coefficient: value, exponent: 0 });
}

/** A Decimal128's place among numbers, from its text (https://github.com/mongodb/specifications: bson-decimal128). */
export function decimalKey(text: string): TiedNumber {
  const nearest = Number(text);
  const decimal = parseDecimal(text);
  if (decimal === undefined) return { nearest, tie: numberTie.exact };
  return tied(nearest, decimal);
}

type Decimal = { coefficient: bigint; exponent: number };

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

function tied(nearest: number, decimal: Decimal): TiedNumber {
  const side = compareToDouble(decimal, nearest);
  if (side === 0) return { nearest, tie: numberTie.exact };
  return { nearest, tie: side < 0 ? numberTie.below : numberTie.above, digits: sortableDigits(decimal) };
}

/** Undefined for NaN and the infinities, which are doubles. */
function parseDecimal(text: string): Decimal | undefined {
  const parts = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text);
  if (parts === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts;
  const magnitude = BigInt(whole + fraction || '0');
  return { coefficient: sign === '-' ? -magnitude : magnitude, exponent: Number(exponent) - fraction.length };
}

/** The sign of decimal − double, exactly. */
function compareToDouble({ coefficient, exponent }: Decimal, double: number): number {
  if (!Number.isFinite(double)) return double > 0 ? -1 : 1;
  const [mantissa, power] = binaryParts(double);
  // coefficient · 10^exponent against mantissa · 2^power: both sides times what makes the exponents whole.
  const left = coefficient * 10n ** BigInt(Math.max(exponent, 0)) * 2n ** BigInt(Math.max(-power, 0));
  const right = mantissa * 2n ** BigInt(Math.max(power, 0)) * 10n ** BigInt(Math.max(-exponent, 0));
  return left < right ? -1 : left > right ? 1 : 0;
}

function binaryParts(double: number): [mantissa: bigint, power: number] {
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(double);
  const raw = bits.readBigUInt64BE();
  const biased = Number((raw >> 52n) & 0x7ffn);
  const fraction = raw & ((1n << 52n) - 1n);
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  return [double < 0 ? -mantissa : mantissa, (biased === 0 ? 1 : biased) - 1075];
}

/** Sign is known from the double, so: the place of the first digit, then the digits; all turned over for a negative number. */
function sortableDigits({ coefficient, exponent }: Decimal): Uint8Array {
  const isNegative = coefficient < 0n;
  const digits = String(isNegative ? -coefficient : coefficient);
  const significant = digits.replace(/0+$/, '');
  const bytes = Buffer.alloc(significant.length + 3);
  bytes.writeUInt16BE(exponent + digits.length + 0x4000);
  for (let index = 0; index < significant.length; index++) bytes[index + 2] = significant.charCodeAt(index);
  return isNegative ? bytes.map((byte) => 255 - byte) : bytes;
}

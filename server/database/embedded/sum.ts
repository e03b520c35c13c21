import { type Double, Long } from 'bson';
import { isLong, toDouble, wholeNumber } from './arithmetic.ts';
import { bsonScalar, isInt32, isNumeric, type Numeric, toNumber } from './bson.ts';
import { unsupported } from './errors.ts';

/** A sum over many numbers: whole ones exactly, doubles with the error of each addition carried along. */
export type Sum = { add(value: unknown): void; count(): number; total(): Numeric; mean(): number | Double | null };

/** What is no number is passed over. 115 for Decimal128. */
export function createSum(): Sum {
  let count = 0;
  let whole = 0n;
  // Whole numbers are added as doubles as long as they are exact in them, which is far faster.
  let small = 0;
  let hasLong = false;
  let hasDouble = false;
  const doubles = createDoubleSum();
  const exact = () => whole + BigInt(small);
  return {
    add(value) {
      if (typeof value === 'number' && isInt32(value)) {
        count++;
        if (!Number.isSafeInteger(small + value)) {
          whole += BigInt(small);
          small = 0;
        }
        small += value;
        return;
      }
      if (!isNumeric(value)) return;
      count++;
      if (bsonScalar(value)?._bsontype === 'Decimal128') throw unsupported('Arithmetic with Decimal128');
      const number = wholeNumber(value);
      if (number !== undefined) {
        whole += number;
        hasLong ||= isLong(value);
      } else {
        hasDouble = true;
        doubles.add(toNumber(value));
      }
    },
    count: () => count,
    total() {
      const sum = exact();
      if (hasDouble) return toDouble(doubles.with(Number(sum)));
      // MongoDB goes on in doubles where 64 bits do not suffice.
      if (sum !== BigInt.asIntN(64, sum)) return toDouble(Number(sum));
      return hasLong || sum !== BigInt.asIntN(32, sum) ? Long.fromBigInt(sum) : Number(sum);
    },
    mean: () => (count === 0 ? null : toDouble(doubles.with(Number(exact())) / count)),
  };
}

/** Neumaier's summation: https://doi.org/10.1002/zamm.19740540106. Infinite terms have no error to carry. */
function createDoubleSum(): { add(value: number): void; with(value: number): number } {
  let sum = 0;
  let lost = 0;
  function add(value: number): void {
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return {
    add,
    with(value) {
      const next = sum + value;
      const error = Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
      const total = next + (lost + error);
      return Number.isFinite(next) ? total : next;
    },
  };
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fen, formatYuan, parseYuan } from '../../server/kernel/money.ts';

describe('money', () => {
  it('is read as people write it', () => {
    expect(parseYuan('12')).toBe(1200);
    expect(parseYuan(' 12.5 ')).toBe(1250);
    expect(parseYuan('-0.05')).toBe(-5);
    expect(parseYuan('-0')).toBe(0);
  });

  it.each(['', '1.234', '1,000', '1e3', '０.５', '.5', '12.', '--1', '99999999999999'])('refuses %j', (text) => {
    expect(parseYuan(text)).toBeUndefined();
  });

  it('is never a fraction of a fen', () => {
    expect(() => fen(0.5)).toThrow(RangeError);
    expect(() => fen(Number.MAX_SAFE_INTEGER + 1)).toThrow(RangeError);
  });

  it('is written with two decimals and read back the same', () => {
    expect(formatYuan(fen(5))).toBe('0.05');
    fc.assert(
      fc.property(fc.integer({ min: -1e14, max: 1e14 }), (amount) => {
        expect(parseYuan(formatYuan(fen(amount)))).toBe(amount);
      }),
    );
  });
});

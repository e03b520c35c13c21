declare const unit: unique symbol;

/** An amount of money: a whole number of fen (1/100 yuan), never a fraction, never a float of yuan. */
export type Fen = number & { readonly [unit]: 'fen' };

/** The number as fen. Throws a RangeError for what is not a safe integer. */
export function fen(amount: number): Fen {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`not a whole number of fen: ${amount}`);
  return amount as Fen;
}

/** Reads an amount as people write it ("12", "12.5", "-0.05"); undefined for anything else, more than two decimals included. */
export function parseYuan(text: string): Fen | undefined {
  const parts = /^(-?)(\d{1,13})(?:\.(\d{1,2}))?$/.exec(text.trim());
  if (!parts) return undefined;
  const amount = Number(parts[2]) * 100 + Number((parts[3] ?? '').padEnd(2, '0'));
  return fen(parts[1] && amount ? -amount : amount);
}

/** Writes an amount with two decimals, without a currency sign: 1200 → "12.00". */
export function formatYuan(amount: Fen): string {
  const digits = String(Math.abs(amount)).padStart(3, '0');
  return `${amount < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

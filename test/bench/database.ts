import { benchOperations } from './database-operations.ts';
import { benchTable } from './database-table.ts';

/**
 * One measured figure. What the ratio compares with stands in the name; rows without one are absolute and say something of this
 * machine only.
 */
export type Row = { name: string; value: number; unit: 'op/s' | 'ms' | 'MB'; ratio?: number };

/** Measures the embedded database as the product runs it (worker thread, synchronous=FULL). Takes about two minutes. */
export async function benchDatabase(): Promise<Row[]> {
  return [...(await benchOperations()), ...(await benchTable())];
}

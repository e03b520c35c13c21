import type { Ids } from '../kernel/ids.ts';

/**
 * The right to work on one row for a while. It is written into the row by the same guarded write that takes the work,
 * and every write that ends the work names its holder, so that who lost it changes nothing.
 */
export interface Lease {
  /** Who holds it: new for each grant, so that two tries of one process are told apart. */
  readonly holder: string;
  /** Epoch ms after which another may take the row. */
  readonly until: number;
}

/** A lease from `now` for `duration` ms. */
export function grantLease(ids: Ids, now: number, duration: number): Lease {
  return { holder: ids<'lease'>(), until: now + duration };
}

/** The condition of a row whose lease is over at `now`. */
export const leaseIsOver = (now: number) => ({ 'lease.until': { $lte: now } });

/** The condition of a row that this holder may still write. */
export const leaseIsHeldBy = (lease: Lease) => ({ 'lease.holder': lease.holder });

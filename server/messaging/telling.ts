import type { Account, Telling } from '../channels/channel.ts';
import type { Lease } from '../coordination/lease.ts';
import type { Id } from '../kernel/ids.ts';

/** What somebody is to be told. Times are epoch ms. */
export interface Told {
  readonly account: Account;
  /** The follower's id on the account. */
  readonly openid: string;
  /** Why they are told: in service of what they asked. */
  readonly purpose: 'service';
  readonly content: Telling;
  /** The caller's idempotency key: what has it is told once. */
  readonly uniqueNumber: string;
  /** After that it is of no use to them any more. */
  readonly expiresAt: number;
}

/**
 * `waiting` for its turn · `sending` from before the call until its outcome is written · `sent` · `refused` by the platform or by what the
 * account can do · `expired` before the platform took it · `unknown`: it may have arrived, so it is not sent again.
 */
export type TellingState = 'waiting' | 'sending' | 'sent' | 'refused' | 'expired' | 'unknown';

/** One row of the outbox. */
export interface TellingRow {
  readonly _id: Id<'telling'>;
  readonly merchantId: Id<'merchant'>;
  readonly account: Account;
  readonly purpose: 'service';
  readonly uniqueNumber: string;
  /** Absent once the person is erased, as the content is. */
  readonly openid?: string;
  readonly content?: Telling;
  readonly state: TellingState;
  /** Why it is in this state, in stable words; of one that waits, why the last try failed. */
  readonly reason?: string;
  /** How often it was sent. */
  readonly tries: number;
  /** Who sends it, or sent it last. */
  readonly lease?: Lease;
  /** Of what has not ended: when somebody is to look at it, for it is due or its lease is over. */
  readonly dueAt?: number;
  readonly madeAt: number;
  readonly expiresAt: number;
  readonly endedAt?: number;
}

import type { RateBuckets } from '../../coordination/rate-buckets.ts';
import { detailedFault, type Fault } from '../../kernel/errors.ts';
import { networkOf } from '../../kernel/network.ts';

/** A try that was counted before it is made; right ones are taken back. */
export type Attempt =
  | { readonly ok: true; takeBack(): Promise<void> }
  /** `isNews`: nobody was told yet that this is throttled. */
  | { readonly ok: false; readonly fault: Fault; readonly isNews: boolean };

/** At whom a try is made: at a login, as anybody may who has heard of it, or at somebody by whom holds their session or link. */
export type Target = { merchant: string; login: string } | { merchant: string; staffId: string };

/** Counts the tries to guess what lets somebody in, across all processes. */
export interface Attempts {
  /**
   * One try from this address, and at this target where there is one. Who is throttled at the address does not count against the target. What
   * strangers try at a login keeps nobody who is signed in from changing their password.
   */
  begin(address: string, target?: Target): Promise<Attempt>;
}

const window = 15 * 60_000;
const perTarget = { limit: 10, per: window };
const perAddress = { limit: 30, per: window };
/** That it was told is remembered by each process: a flood is not to write each time. */
const once = { limit: 1, per: window, share: 2 };

/** Ten wrong tries in a quarter of an hour at a target, thirty from an address. */
export function createAttempts(buckets: RateBuckets): Attempts {
  async function refused(key: string, retryAfter: number): Promise<Attempt> {
    const minutes = Math.ceil(retryAfter / 60_000);
    const words = `Too many wrong tries. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`;
    const isNews = (await buckets.take(`told:${key}`, once)).ok;
    return { ok: false, fault: detailedFault('request.too-many', words, { retryAfter }), isNews };
  }

  return {
    async begin(address, target) {
      const addressKey = `sign-in:address:${networkOf(address)}`;
      const fromAddress = await buckets.take(addressKey, perAddress);
      if (!fromAddress.ok) return refused(addressKey, fromAddress.retryAfter);
      const keys = [addressKey];
      if (target) {
        const at = 'login' in target ? `login:${target.merchant}:${target.login}` : `staff:${target.merchant}:${target.staffId}`;
        const targetKey = `sign-in:${at}`;
        const atTarget = await buckets.take(targetKey, perTarget);
        if (!atTarget.ok) return refused(targetKey, atTarget.retryAfter);
        keys.push(targetKey);
      }
      return { ok: true, takeBack: async () => void (await Promise.all(keys.map(buckets.giveBack))) };
    },
  };
}

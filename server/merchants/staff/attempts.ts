import type { RateBuckets } from '../../coordination/rate-buckets.ts';
import { detailedFault, type Fault } from '../../kernel/errors.ts';
import { networkOf } from '../../kernel/network.ts';

/** A try that was counted before it is made; right ones are taken back. */
export type Attempt =
  | { readonly ok: true; takeBack(): Promise<void> }
  /** `isNews`: nobody was told yet that this is throttled. */
  | { readonly ok: false; readonly fault: Fault; readonly isNews: boolean };

/** Counts the tries to guess what lets somebody in, across all processes. */
export interface Attempts {
  /** One try from this address, and at this login where one is tried. Who is throttled at the address does not count against the login. */
  begin(address: string, login?: { merchant: string; login: string }): Promise<Attempt>;
}

const window = 15 * 60_000;
const perLogin = { limit: 10, per: window };
const perAddress = { limit: 30, per: window };
/** That it was told is remembered by each process: a flood is not to write each time. */
const once = { limit: 1, per: window, share: 2 };

/** Ten wrong tries in a quarter of an hour at a login, thirty from an address. */
export function createAttempts(buckets: RateBuckets): Attempts {
  async function refused(key: string, retryAfter: number): Promise<Attempt> {
    const minutes = Math.ceil(retryAfter / 60_000);
    const words = `Too many wrong tries. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`;
    const isNews = (await buckets.take(`told:${key}`, once)).ok;
    return { ok: false, fault: detailedFault('request.too-many', words, { retryAfter }), isNews };
  }

  return {
    async begin(address, login) {
      const addressKey = `sign-in:address:${networkOf(address)}`;
      const fromAddress = await buckets.take(addressKey, perAddress);
      if (!fromAddress.ok) return refused(addressKey, fromAddress.retryAfter);
      const keys = [addressKey];
      if (login) {
        const loginKey = `sign-in:login:${login.merchant}:${login.login}`;
        const atLogin = await buckets.take(loginKey, perLogin);
        if (!atLogin.ok) return refused(loginKey, atLogin.retryAfter);
        keys.push(loginKey);
      }
      return { ok: true, takeBack: async () => void (await Promise.all(keys.map(buckets.giveBack))) };
    },
  };
}

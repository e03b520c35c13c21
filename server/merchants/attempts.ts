import { isIPv6 } from 'node:net';
import type { RateBuckets } from '../coordination/rate-buckets.ts';
import { detailedFault, type Fault } from '../kernel/errors.ts';

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
const once = { limit: 1, per: window };

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

/** Whoever has an IPv6 address has the 2^64 beside it: they count as one. An IPv4 address inside an IPv6 one counts as itself. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  const plain = address.replace(/%.*$/, '');
  if (!isIPv6(plain)) return address;
  // A tail in IPv4's notation stands for two groups, all of them in the half that does not count.
  const [head = '', tail] = plain.replace(/\d+\.\d+\.\d+\.\d+$/, '0:0').split('::');
  const groups = (part: string) => part.split(':').filter(Boolean);
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail ?? '')];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

import type { Clock } from '../kernel/clock.ts';
import { createCombiner } from '../kernel/combine.ts';
import type { Ids } from '../kernel/ids.ts';
import type { ErasureRecords } from './erasure-records.ts';
import type { AccountKey, Follower } from './follower.ts';
import type { MemberRecords } from './records.ts';

/** Where one account meets people. */
export interface Desk {
  find(openid: string): Promise<Follower | undefined>;
  /** Finds them, or writes them down with a new member. Undefined when they had themselves erased since `at`: that contact is forgotten. */
  meet(openid: string, at: number): Promise<Follower | undefined>;
}

/** A first contact to be written down. */
interface Contact {
  openid: string;
  at: number;
}

/** People who are looked up, or written down, in one go. */
const mostAtOnce = 64;
const readsInFlight = 2;

/** The desk of one account: people who come at the same moment share one read, and newcomers one transaction, so that each is met once and nobody waits for another account. */
export function createDesk(
  { records, erasures, ids, clock }: { records: MemberRecords; erasures: ErasureRecords; ids: Ids; clock: Clock },
  { merchantId, id: accountId }: AccountKey,
): Desk {
  const find = createCombiner<string, Follower | undefined>(
    mostAtOnce,
    async (openids) => {
      const known = await knownAmong(openids);
      return openids.map((openid) => ({ value: known.get(openid) }));
    },
    readsInFlight,
  );

  const welcome = createCombiner<Contact, Follower | undefined>(mostAtOnce, async (contacts) => {
    const openids = contacts.map(({ openid }) => openid);
    let known = await knownAmong(openids);
    // Read in this order: whose follower is gone had left a mark before.
    const erased = await erasures.findErased(merchantId, accountId, contacts, clock.now());
    const newcomers = new Map<string, Contact>();
    for (const contact of contacts)
      if (!known.has(contact.openid) && !newcomers.has(contact.openid) && !erased.has(contact))
        newcomers.set(contact.openid, contact);
    if (newcomers.size > 0) {
      await write([...newcomers.values()]);
      known = await knownAmong(openids);
    }
    return contacts.map((contact) => ({ value: erased.has(contact) ? undefined : known.get(contact.openid) }));
  });

  async function knownAmong(openids: readonly string[]): Promise<Map<string, Follower>> {
    const found = await records.findFollowers(merchantId, accountId, [...new Set(openids)]);
    return new Map(found.map((follower) => [follower.openid, follower]));
  }

  async function write(contacts: readonly Contact[]): Promise<void> {
    const newcomers = contacts.map(({ openid, at }) => ({
      followerId: ids<'follower'>(),
      memberId: ids<'member'>(),
      openid,
      metAt: at,
    }));
    if (await records.insertNewcomers(merchantId, accountId, newcomers)) return;
    // Another process was first with one of them: each in its own transaction, so that the known do not keep out the new.
    for (const newcomer of newcomers) await records.insertNewcomers(merchantId, accountId, [newcomer]);
  }

  return {
    find,
    async meet(openid, at) {
      return (await find(openid)) ?? (await welcome({ openid, at }));
    },
  };
}

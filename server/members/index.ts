import type { Clock } from '../kernel/clock.ts';
import type { Id, Ids } from '../kernel/ids.ts';
import { createDesk, type Desk } from './desk.ts';
import type { AccountKey, Change, Follower } from './follower.ts';
import { createMemberEvents, type MemberEvents } from './happened.ts';
import { openHappenedRecords } from './happened-records.ts';
import { type Database, type MemberRecords, openMemberRecords } from './records.ts';

export type { AccountKey, Follower, Happening } from './follower.ts';
export type { MemberEvents, PlacedHappening, PlacedListener } from './happened.ts';

export interface Members {
  /** What happened to followers, as one stream for each merchant. */
  readonly events: MemberEvents;
  /** The follower with this openid, made together with a member on first contact: exactly one of each, also when calls race. `at` is epoch ms of that contact. */
  meet(account: AccountKey, openid: string, at: number): Promise<Follower>;
  /** Somebody follows at `at` (epoch ms, by the platform). Done once per unique number; older than the latest change known, it changes nothing. */
  follows(
    account: AccountKey,
    openid: string,
    event: { at: number; entryCode?: string; uniqueNumber: string },
  ): Promise<Follower>;
  /** Somebody unfollows: their profile is erased, the rest stays under their ids, so that one who returns is the same member. Guarded as `follows`. */
  unfollows(account: AccountKey, openid: string, event: { at: number; uniqueNumber: string }): Promise<Follower>;
  /** What this room keeps about one member. */
  personal(merchantId: Id<'merchant'>, memberId: Id<'member'>): Personal;
}

export interface Personal {
  /** All of it, as plain data; undefined for a member that this merchant does not have. */
  read(): ReturnType<MemberRecords['findPersonal']>;
  /** Removes what identifies the person: who comes back is new. Ids, times and entry codes stay. False when there is nothing to erase. */
  erase(): Promise<boolean>;
}

/** Everybody that a merchant's accounts have met. */
export async function openMembers(parts: { database: Database; clock: Clock; ids: Ids }): Promise<Members> {
  const { clock, ids } = parts;
  const happened = await openHappenedRecords(parts.database);
  const records = await openMemberRecords(parts.database, happened);
  const events = createMemberEvents(happened, clock);
  const desks = new Map<Id<'account'>, Desk>();

  function deskOf(account: AccountKey): Desk {
    const desk = desks.get(account.id) ?? createDesk(records, ids, account);
    desks.set(account.id, desk);
    return desk;
  }

  async function change(account: AccountKey, openid: string, event: Change): Promise<Follower> {
    const desk = deskOf(account);
    const follower = await desk.meet(openid, event.at);
    await records.applyChange(account.merchantId, follower, event, { id: ids(), recordedAt: clock.now() });
    events.tell();
    // Whoever had themselves erased meanwhile is not written down anew.
    return (await desk.find(openid)) ?? follower;
  }

  return {
    events,
    meet: (account, openid, at) => deskOf(account).meet(openid, at),
    follows: (account, openid, event) => change(account, openid, { kind: 'followed', ...event }),
    unfollows: (account, openid, event) => change(account, openid, { kind: 'unfollowed', ...event }),
    personal: (merchantId, memberId) => ({
      read: () => records.findPersonal(merchantId, memberId),
      erase: () => records.erase(merchantId, memberId, clock.now()),
    }),
  };
}

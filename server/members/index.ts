import type { Clock } from '../kernel/clock.ts';
import type { Id, Ids } from '../kernel/ids.ts';
import type { Page, PageQuery } from '../kernel/page.ts';
import type { PersonalOf } from '../kernel/personal.ts';
import { createDesk, type Desk } from './desk.ts';
import { openErasureRecords } from './erasure-records.ts';
import type { AccountKey, Change, Follower, Member, MemberQuery } from './follower.ts';
import { createMemberEvents, type MemberEvents } from './happened.ts';
import { openHappenedRecords } from './happened-records.ts';
import { type Database, openMemberRecords } from './records.ts';

export { type Dossier, openDossier } from './dossier.ts';
export type { AccountKey, Follower, Happening, Member, MemberQuery } from './follower.ts';
export type { MemberEvents, PlacedHappening, PlacedListener } from './happened.ts';

/**
 * A person who is erased leaves nothing by which they could be known again, but for a day a digest that tells what they sent before from
 * what they send after. What comes late from before is met as undefined, changes nothing and is to be forgotten; who writes again is new.
 */
export interface Members {
  /** What happened to followers, as one stream for each merchant. */
  readonly events: MemberEvents;
  /** The follower with this openid, made together with a member on first contact: exactly one of each, also when calls race. `at` is epoch ms of that contact. */
  meet(account: AccountKey, openid: string, at: number): Promise<Follower | undefined>;
  /** Somebody follows at `at` (epoch ms, by the platform). Done once per unique number; older than the latest change known, it has happened and changes nothing. */
  follows(
    account: AccountKey,
    openid: string,
    event: { at: number; entryCode?: string; uniqueNumber: string },
  ): Promise<Follower | undefined>;
  /** Somebody unfollows: their profile is erased, the rest stays under their ids, so that one who returns is the same member. Guarded as `follows`. */
  unfollows(account: AccountKey, openid: string, event: { at: number; uniqueNumber: string }): Promise<Follower | undefined>;
  find(merchantId: Id<'merchant'>, memberId: Id<'member'>): Promise<Member | undefined>;
  /** Who was met last comes first. A page may be shorter than its limit though the list goes on. */
  list(merchantId: Id<'merchant'>, query: MemberQuery & PageQuery): Promise<Page<Member>>;
  /** Every follower of the merchant, read as they are wanted. */
  followers(merchantId: Id<'merchant'>): AsyncIterable<Follower>;
  /** What this room keeps about somebody. Of who is erased, ids, times and entry codes stay. */
  readonly personal: PersonalOf;
}

/** Everybody that a merchant's accounts have met. */
export async function openMembers(parts: { database: Database; clock: Clock; ids: Ids }): Promise<Members> {
  const { clock, ids } = parts;
  const happened = await openHappenedRecords(parts.database);
  const records = await openMemberRecords(parts.database, happened);
  const events = createMemberEvents(happened, clock);
  const erasures = await openErasureRecords(parts.database);
  const desks = new Map<Id<'account'>, Desk>();

  function deskOf(account: AccountKey): Desk {
    const desk = desks.get(account.id) ?? createDesk({ records, erasures, ids, clock }, account);
    desks.set(account.id, desk);
    return desk;
  }

  async function change(account: AccountKey, openid: string, event: Change): Promise<Follower | undefined> {
    const desk = deskOf(account);
    const follower = await desk.meet(openid, event.at);
    if (!follower) return undefined;
    await records.applyChange(account.merchantId, follower, event, { id: ids(), recordedAt: clock.now() });
    events.tell();
    return desk.find(openid);
  }

  return {
    events,
    meet: (account, openid, at) => deskOf(account).meet(openid, at),
    follows: (account, openid, event) => change(account, openid, { kind: 'followed', ...event }),
    unfollows: (account, openid, event) => change(account, openid, { kind: 'unfollowed', ...event }),
    find: records.findMember,
    list: records.listMembers,
    followers: records.readFollowers,
    personal: ({ merchantId, memberId }) => ({
      room: 'members',
      read: () => records.findPersonal(merchantId, memberId),
      erase: () => records.erase(merchantId, memberId, clock.now()),
    }),
  };
}

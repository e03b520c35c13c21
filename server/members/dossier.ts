import type { Database } from '../database/index.ts';
import type { Clock } from '../kernel/clock.ts';
import { fault } from '../kernel/errors.ts';
import type { Id } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Page, PageQuery } from '../kernel/page.ts';
import type { Person, PersonalOf } from '../kernel/personal.ts';
import type { AppendAudit, AuditChange, By } from '../merchants/index.ts';
import { openErasureRecords, type Running } from './erasure-records.ts';
import type { Follower } from './follower.ts';
import type { Members } from './index.ts';
import type { Receipt } from './receipt.ts';

/** What all rooms keep about people: given out, and forgotten. */
export interface Dossier {
  /** All that is kept about the member, a part for each room; undefined for a member that this merchant does not have. The audit keeps who took it. */
  read(
    merchantId: Id<'merchant'>,
    memberId: Id<'member'>,
    by: By,
  ): Promise<readonly { readonly room: string; readonly content: unknown }[] | undefined>;
  /**
   * Has every room forget the person, and gives the receipt. What is begun is ended, by `finish` if not now. Asked again it gives the
   * same receipt. Undefined for a member that this merchant does not have.
   */
  erase(merchantId: Id<'merchant'>, memberId: Id<'member'>, id: Id<'erasure'>, by: By): Promise<Receipt | undefined>;
  /** Newest first. */
  receipts(merchantId: Id<'merchant'>, query: PageQuery): Promise<Page<Receipt>>;
  /** Every follower of the merchant, read as they are wanted. The audit keeps who took them. */
  readFollowers(merchantId: Id<'merchant'>, by: By): Promise<AsyncIterable<Follower>>;
  /** Ends erasures that were cut off, of all merchants; gives how many. */
  finish(): Promise<number>;
}

interface DossierOptions {
  database: Database;
  clock: Clock;
  log: Log;
  audit: { append: AppendAudit };
  members: Pick<Members, 'find' | 'followers'>;
  /** Each room that keeps something about people, in the order in which they are asked. The members' own is the first: whose follower is gone is met as somebody new, so that nothing more comes to the old story. */
  rooms: readonly PersonalOf[];
}

/** An erasure that has not ended by then was cut off. */
const cutOffAfter = 30_000;
const finishedTogether = 100;

/** Exports and erasures of people, gathered from all rooms. */
export async function openDossier({ database, clock, log, audit, members, rooms }: DossierOptions): Promise<Dossier> {
  const records = await openErasureRecords(database);

  async function personOf(merchantId: Id<'merchant'>, memberId: Id<'member'>): Promise<Person | undefined> {
    const member = await members.find(merchantId, memberId);
    return member && { merchantId, memberId, senders: member.followers.map(({ accountId, openid }) => ({ accountId, openid })) };
  }

  const note = (merchantId: Id<'merchant'>, change: AuditChange) =>
    database.transact((session) => audit.append(session, merchantId, change));

  /** Goes on with an erasure to its end, from wherever it was cut off. Two at once do no harm. */
  async function goOn(running: Running): Promise<void> {
    const { id, person, asked } = running;
    for (const personalOf of rooms) {
      const personal = personalOf(person);
      if (asked.has(personal.room)) continue;
      await records.note(person.merchantId, id, personal.room, await personal.erase());
    }
    await records.end(running, clock.now(), audit.append);
  }

  async function goOnOrLog(running: Running): Promise<boolean> {
    try {
      await goOn(running);
      return true;
    } catch (error) {
      // It stays begun, and is gone on with by the next sweep.
      log.error({ erasureId: running.id, error }, 'erasure.failed');
      return false;
    }
  }

  return {
    async read(merchantId, memberId, by) {
      const person = await personOf(merchantId, memberId);
      if (!person) return undefined;
      await note(merchantId, { by, action: 'member.exported', subject: { kind: 'member', id: memberId } });
      const parts = [];
      for (const personal of rooms.map((personalOf) => personalOf(person))) {
        const content = await personal.read();
        if (content !== undefined) parts.push({ room: personal.room, content });
      }
      return parts;
    },

    async erase(merchantId, memberId, id, by) {
      const person = await personOf(merchantId, memberId);
      if (!person) return undefined;
      // The first of several writes the receipt; all of them end it.
      await records.begin(id, person, { by, at: clock.now() }, audit.append);
      const begun = await records.find(merchantId, memberId);
      if (begun?.running) await goOnOrLog(begun.running);
      const receipt = (await records.find(merchantId, memberId))?.receipt;
      if (!receipt) throw fault('server.failed', 'the receipt of an erasure is gone');
      return receipt;
    },

    receipts: (merchantId, query) => records.list(merchantId, query),

    async readFollowers(merchantId, by) {
      await note(merchantId, { by, action: 'followers.exported', subject: { kind: 'merchant', id: merchantId } });
      return members.followers(merchantId);
    },

    async finish() {
      let finished = 0;
      for (const running of await records.findUnfinished(clock.now() - cutOffAfter, finishedTogether))
        if (await goOnOrLog(running)) finished++;
      await records.dropMarks(clock.now());
      return finished;
    },
  };
}

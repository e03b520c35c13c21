import type { Database } from '../../server/database/index.ts';
import type { Clock } from '../../server/kernel/clock.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { Fault } from '../../server/kernel/errors.ts';
import { createIds, type Id } from '../../server/kernel/ids.ts';
import type { By, Merchant, Merchants, OpenedSession, Role, StaffCaller } from '../../server/merchants/index.ts';
import { openTestMerchants } from '../support/merchants.ts';

export const nobody: By = { actor: { kind: 'nobody', name: '' }, address: '192.0.2.1', requestId: 'request-1' };
export const goodPassword = 'correct horse battery';

/** The merchants' room of one process; several may be opened on one database. */
export const openRoom = (database: Database, clock: Clock): Promise<Merchants> =>
  openTestMerchants({ database, clock, ids: createIds(clock) }, { sandbox: 'auto' });

/** From an address of its own, so that its tries are not counted with those of other tests. */
export const placeAt = (address: string, agent = 'a browser') => ({ address, agent });

const ids = createIds(systemClock);

/** A shop with people who work there. */
export async function openShop(room: Merchants, slug: string) {
  const merchant: Merchant = await room.ensureMerchant({ slug, name: '半日麦', zone: 'Asia/Shanghai', language: 'zh' });
  const place = placeAt(`shop-${slug}`);

  async function join(token: string, login: string, name = login): Promise<OpenedSession> {
    return room.sessions.useLink(token, { name, login, password: goodPassword }, place, nobody);
  }

  async function callerOf({ token }: OpenedSession): Promise<StaffCaller> {
    const caller = await room.sessions.find(token);
    if (!caller) throw new Error('the session is over');
    return caller;
  }

  return {
    merchant,
    place,
    join,
    callerOf,
    /** The first owner, by the link that is printed at start. */
    async owner(login = 'owner@shop.example'): Promise<OpenedSession> {
      return join((await room.staff.ownerLink(merchant.id, false)) ?? '', login);
    },
    /** Somebody invited by the operator. */
    async hire(role: Role, login: string, storeIds: readonly Id<'store'>[] = []): Promise<OpenedSession> {
      const id = ids<'link'>();
      const { token } = await room.staff.invite(undefined, merchant.id, id, { role, storeIds, name: login }, nobody);
      return join(token, login);
    },
    signIn: (login: string, password: string, code?: string, from = place) =>
      room.sessions.signIn(slug, { login, password, ...(code === undefined ? {} : { code }) }, from, {
        ...nobody,
        address: from.address,
      }),
  };
}

export type Shop = Awaited<ReturnType<typeof openShop>>;

export const byOf = (caller: StaffCaller): By => ({
  actor: { kind: 'staff', id: caller.id, name: caller.name },
  address: '192.0.2.1',
});

/** The code of the fault that the work ends with; 'done' when it ends well. */
export async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
}

/** How often each outcome came. */
export async function outcomesOf(works: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const outcome of await Promise.all(works.map(outcomeOf))) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../server/database/index.ts';
import { createIds, type Id } from '../../../server/kernel/ids.ts';
import type { By, Caller, KeyCaller, Merchants, Permission, Role } from '../../../server/merchants/index.ts';
import { createManualClock } from '../../support/clock.ts';
import { openTestDatabase } from '../../support/database.ts';
import { byOf, goodPassword, nobody, openRoom, openShop, outcomeOf, outcomesOf, type Shop } from '../people.ts';

const clock = createManualClock();
const ids = createIds(clock);
const storeA = ids<'store'>();
const storeB = ids<'store'>();
let database: Database;
let room: Merchants;
let other: Merchants;
let shop: Shop;
let owner: Caller;
let manager: Caller;

beforeAll(async () => {
  database = await openTestDatabase();
  room = await openRoom(database, clock);
  other = await openRoom(database, clock);
  shop = await openShop(room, 'staff');
  owner = await shop.callerOf(await shop.owner());
  manager = await shop.callerOf(await shop.hire('manager', 'manager@shop.example'));
});
afterAll(() => database.close());

const by = (caller: Caller): By => (caller.kind === 'staff' ? byOf(caller) : nobody);
const edit = (caller: Caller, id: Id<'staff'>, change: { name?: string; role?: Role; storeIds?: Id<'store'>[] }, version = 1) =>
  room.staff.edit(caller, shop.merchant.id, id, change, version, by(caller));
const remove = (caller: Caller, id: Id<'staff'>, version = 1) =>
  room.staff.remove(caller, shop.merchant.id, id, version, by(caller));
const invite = (caller: Caller, role: Role, storeIds: Id<'store'>[] = []) =>
  room.staff.invite(caller, shop.merchant.id, ids<'link'>(), { role, storeIds, name: 'New' }, by(caller));
const keyWith = (...scopes: Permission[]): KeyCaller => ({
  kind: 'key',
  merchantId: shop.merchant.id,
  id: ids(),
  name: 'key',
  scopes,
});

describe('roles', () => {
  it.each([
    ['owner', { owner: 'done', manager: 'done', clerk: 'done', agent: 'done' }],
    ['manager', { owner: 'request.forbidden', manager: 'request.forbidden', clerk: 'done', agent: 'done' }],
  ] as const)('%s invites those that theirs gives', async (role, expected) => {
    const caller = role === 'owner' ? owner : manager;
    for (const [wanted, outcome] of Object.entries(expected))
      expect(await outcomeOf(invite(caller, wanted as Role)), wanted).toBe(outcome);
  });

  it('of clerks and agents give none', async () => {
    for (const role of ['clerk', 'agent'] as const) {
      const caller = await shop.callerOf(await shop.hire(role, `${role}-gives@shop.example`));
      for (const wanted of ['owner', 'manager', 'clerk', 'agent'] as const)
        expect(await outcomeOf(invite(caller, wanted)), `${role} invites ${wanted}`).toBe('request.forbidden');
    }
  });

  it('are not what a manager climbs by', async () => {
    const { staff: clerk } = await shop.hire('clerk', 'climbed@shop.example');
    expect(await outcomeOf(edit(manager, clerk.id, { role: 'manager' }))).toBe('request.forbidden');
    expect(await outcomeOf(edit(manager, clerk.id, { role: 'owner' }))).toBe('request.forbidden');
    expect(await outcomeOf(edit(manager, manager.id as Id<'staff'>, { role: 'owner' }))).toBe('request.forbidden');
    expect(await outcomeOf(edit(manager, owner.id as Id<'staff'>, { role: 'clerk' }))).toBe('request.forbidden');
    expect(await outcomeOf(edit(manager, owner.id as Id<'staff'>, { name: 'x' }))).toBe('request.forbidden');
    expect(await outcomeOf(remove(manager, owner.id as Id<'staff'>))).toBe('request.forbidden');
    const sendIn = room.staff.sendIn(manager, shop.merchant.id, ids(), owner.id as Id<'staff'>, by(manager));
    expect(await outcomeOf(sendIn)).toBe('request.forbidden');
    const { link } = await invite(owner, 'owner');
    expect(await outcomeOf(room.staff.revokeLink(manager, shop.merchant.id, link.id, by(manager)))).toBe('request.forbidden');
    expect((await room.staff.find(shop.merchant.id, clerk.id))?.role).toBe('clerk');
  });

  it('are never changed by those who have them, but for their own name', async () => {
    expect(await outcomeOf(edit(owner, owner.id as Id<'staff'>, { role: 'manager' }))).toBe('request.forbidden');
    const { staff } = await shop.hire('manager', 'renames@shop.example');
    const caller = await shop.callerOf(await shop.signIn('renames@shop.example', goodPassword));
    expect(await edit(caller, staff.id, { name: 'Li Na' })).toMatchObject({ name: 'Li Na', version: 2 });
    expect(await outcomeOf(edit(caller, staff.id, { storeIds: [storeA] }, 2))).toBe('request.forbidden');
    expect(await outcomeOf(remove(caller, staff.id, 2))).toBe('request.forbidden');
  });

  it('are given by a key only as far as its scopes reach', async () => {
    const cases: [KeyCaller, Role, string][] = [
      [keyWith('staff.edit', 'merchant.read'), 'clerk', 'done'],
      [keyWith('staff.edit', 'merchant.read'), 'agent', 'request.forbidden'],
      [keyWith('staff.edit', 'merchant.read', 'member.read'), 'agent', 'done'],
      [keyWith('staff.edit', 'merchant.read', 'member.read', 'member.erase'), 'manager', 'request.forbidden'],
      [keyWith('staff.edit', 'merchant.read', 'member.read', 'member.erase'), 'owner', 'request.forbidden'],
    ];
    for (const [key, role, outcome] of cases) expect(await outcomeOf(invite(key, role)), `${key.scopes} ${role}`).toBe(outcome);
  });

  it('of those who are bound to stores are given at these stores only', async () => {
    const bound = await shop.callerOf(await shop.hire('manager', 'bound@shop.example', [storeA]));
    expect(await outcomeOf(invite(bound, 'clerk', [storeA]))).toBe('done');
    expect(await outcomeOf(invite(bound, 'clerk', [storeA, storeB]))).toBe('request.forbidden');
    expect(await outcomeOf(invite(bound, 'clerk'))).toBe('request.forbidden');
    const { staff: elsewhere } = await shop.hire('clerk', 'elsewhere@shop.example', [storeB]);
    expect(await outcomeOf(remove(bound, elsewhere.id))).toBe('request.forbidden');
  });
});

describe('editing', () => {
  it('changes what was asked, tells the audit what was there before, and ends sessions when the role changes', async () => {
    const joined = await shop.hire('clerk', 'edited@shop.example');
    const { id } = joined.staff;
    expect(await edit(owner, id, { name: '李娜' })).toMatchObject({ name: '李娜', role: 'clerk', version: 2 });
    expect(await other.sessions.find(joined.token)).toMatchObject({ name: '李娜' });
    expect(await edit(owner, id, { role: 'agent', storeIds: [storeA] }, 2)).toMatchObject({
      role: 'agent',
      storeIds: [storeA],
      version: 3,
    });
    expect(await other.sessions.find(joined.token)).toBeUndefined();
    const { items } = await room.audit.list(shop.merchant.id, { subjectId: id, action: 'staff.edited', limit: 10 });
    expect(items.map(({ before, after, by: { actor } }) => ({ before, after, actor: actor.id }))).toEqual(
      expect.arrayContaining([
        { before: { role: 'clerk', storeIds: [] }, after: { role: 'agent', storeIds: [storeA] }, actor: owner.id },
        { before: { name: 'edited@shop.example' }, after: { name: '李娜' }, actor: owner.id },
      ]),
    );
  });

  it('of what is so already changes nothing and tells nobody', async () => {
    const { staff } = await shop.hire('clerk', 'same@shop.example');
    expect(await edit(owner, staff.id, { name: staff.name, role: 'clerk', storeIds: [] })).toMatchObject({ version: 1 });
    expect((await room.audit.list(shop.merchant.id, { subjectId: staff.id, action: 'staff.edited', limit: 10 })).items).toEqual(
      [],
    );
  });

  it('of an old version overwrites nobody; of ten at once one happens', async () => {
    const { staff } = await shop.hire('clerk', 'stale@shop.example');
    const works = Array.from({ length: 10 }, (_, index) => edit(owner, staff.id, { name: `Name ${index}` }));
    expect(await outcomesOf(works)).toEqual({ done: 1, 'request.stale': 9 });
    expect(await outcomeOf(edit(owner, staff.id, { name: 'late' }))).toBe('request.stale');
    expect(await outcomeOf(remove(owner, staff.id))).toBe('request.stale');
  });

  it("never reaches another merchant's staff", async () => {
    const rival = await openShop(room, 'staff-rival');
    const { staff } = await rival.owner();
    expect(await outcomeOf(edit(owner, staff.id, { name: 'x' }))).toBe('request.not-found');
    expect(await outcomeOf(remove(owner, staff.id))).toBe('request.not-found');
    expect(await outcomeOf(room.staff.sendIn(owner, shop.merchant.id, ids(), staff.id, by(owner)))).toBe('request.not-found');
    expect(await room.staff.find(shop.merchant.id, staff.id)).toBeUndefined();
    expect((await room.staff.list(rival.merchant.id, { limit: 10 })).items.map(({ id }) => id)).toEqual([staff.id]);
  });
});

describe('who is bound to other stores', () => {
  it('goes on working, and the links that they made before open nothing', async () => {
    const joined = await shop.hire('manager', 'otherstores@shop.example');
    const { token } = await invite(await shop.callerOf(joined), 'clerk', [storeB]);
    await edit(owner, joined.staff.id, { storeIds: [storeA] });
    expect(await outcomeOf(room.sessions.look(token, shop.place))).toBe('link.over');
    expect(await other.sessions.find(joined.token)).toMatchObject({ storeIds: [storeA] });
  });
});

describe('who is removed', () => {
  it('is out at once in every process, with the links that they made and those that were for them', async () => {
    const joined = await shop.hire('manager', 'removed@shop.example');
    const caller = await shop.callerOf(joined);
    const own = await invite(caller, 'clerk');
    const entering = await room.staff.sendIn(owner, shop.merchant.id, ids(), joined.staff.id, by(owner));
    await remove(owner, joined.staff.id);
    expect(await other.sessions.find(joined.token)).toBeUndefined();
    expect(await outcomeOf(shop.signIn('removed@shop.example', goodPassword))).toBe('session.refused');
    for (const { token } of [own, entering]) expect(await outcomeOf(other.sessions.look(token, shop.place))).toBe('link.over');
    const { items } = await room.audit.list(shop.merchant.id, { subjectId: joined.staff.id, action: 'staff.removed', limit: 1 });
    expect(items[0]).toMatchObject({ subject: { name: 'removed@shop.example' }, before: { role: 'manager' } });
  });

  it('makes no link by a call that began before', async () => {
    const late = async (role: Role, end: (id: Id<'staff'>) => Promise<unknown>) => {
      const { staff, ...session } = await shop.hire(role, `${ids()}@shop.example`);
      const caller = await shop.callerOf({ staff, ...session });
      await end(staff.id);
      const { staff: clerk } = await shop.hire('clerk', `${ids()}@shop.example`);
      const entering = room.staff.sendIn(caller, shop.merchant.id, ids(), clerk.id, by(caller));
      return [await outcomeOf(invite(caller, 'clerk')), await outcomeOf(entering)];
    };
    const refused = ['request.forbidden', 'request.forbidden'];
    expect(await late('owner', (id) => remove(owner, id))).toEqual(refused);
    expect(await late('manager', (id) => edit(owner, id, { role: 'agent' }))).toEqual(refused);
    expect(await late('manager', (id) => edit(owner, id, { storeIds: [storeA] }))).toEqual(refused);
    expect(await late('manager', (id) => edit(owner, id, { name: 'Another' }))).toEqual(['done', 'done']);
  });

  it('leaves a login that another may take', async () => {
    const { staff } = await shop.hire('clerk', 'reused@shop.example');
    await remove(owner, staff.id);
    expect((await shop.hire('clerk', 'reused@shop.example')).staff.id).not.toBe(staff.id);
  });
});

describe('the last owner', () => {
  it('stays', async () => {
    const small = await openShop(room, 'last');
    const { staff } = await small.owner();
    const caller = await small.callerOf(await small.signIn('owner@shop.example', goodPassword));
    expect(await outcomeOf(room.staff.remove(caller, small.merchant.id, staff.id, 1, byOf(caller)))).toBe('request.refused');
    expect(await outcomeOf(room.staff.remove(undefined, small.merchant.id, staff.id, 1, nobody))).toBe('request.refused');
    const demotion = room.staff.edit(undefined, small.merchant.id, staff.id, { role: 'clerk' }, 1, nobody);
    expect(await outcomeOf(demotion)).toBe('request.refused');
    expect(await room.staff.find(small.merchant.id, staff.id)).toMatchObject({ role: 'owner', version: 1 });
    expect(await room.sessions.find((await small.signIn('owner@shop.example', goodPassword)).token)).toBeDefined();
  });

  it('is left when owners remove or demote each other at the same moment, in two processes', async () => {
    for (let round = 0; round < 6; round++) {
      const small = await openShop(room, `duel-${round}`);
      const rivals = [(await small.owner()).staff, (await small.hire('owner', 'second@shop.example')).staff];
      if (round % 2) rivals.push((await small.hire('owner', 'third@shop.example')).staff);
      const works = rivals.map(({ id }, index) =>
        (index % 2 ? other : room).staff[round < 3 ? 'remove' : 'edit'](
          ...([undefined, small.merchant.id, id, ...(round < 3 ? [1] : [{ role: 'clerk' }, 1]), nobody] as unknown as [
            never,
            never,
            never,
            never,
            never,
            never,
          ]),
        ),
      );
      const outcomes = await outcomesOf(works);
      expect(outcomes, `round ${round}`).toEqual({ done: rivals.length - 1, 'request.refused': 1 });
      const { items } = await room.staff.list(small.merchant.id, { limit: 10 });
      expect(items.filter(({ role }) => role === 'owner')).toHaveLength(1);
    }
  });
});

describe('the list', () => {
  it('pages through the staff once each', async () => {
    const small = await openShop(room, 'paged');
    await small.owner();
    for (let index = 0; index < 4; index++) await small.hire('clerk', `p${index}@shop.example`);
    const seen: string[] = [];
    for (let cursor: string | undefined, pages = 0; pages < 9; pages++) {
      const page = await room.staff.list(small.merchant.id, { limit: 2, cursor });
      seen.push(...page.items.map(({ login }) => login));
      if (page.next === undefined) break;
      cursor = page.next;
    }
    expect(seen.toSorted()).toEqual([
      'owner@shop.example',
      'p0@shop.example',
      'p1@shop.example',
      'p2@shop.example',
      'p3@shop.example',
    ]);
  });
});

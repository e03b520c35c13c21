import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../server/database/index.ts';
import { createIds, type Id } from '../../../server/kernel/ids.ts';
import type { Merchants, StaffCaller } from '../../../server/merchants/index.ts';
import { createManualClock } from '../../support/clock.ts';
import { openTestDatabase } from '../../support/database.ts';
import { byOf, goodPassword, nobody, openRoom, openShop, outcomeOf, outcomesOf, placeAt, type Shop } from '../people.ts';

const day = 86_400_000;
const clock = createManualClock();
const ids = createIds(clock);
let database: Database;
let room: Merchants;
let other: Merchants;
let shop: Shop;
let owner: StaffCaller;

beforeAll(async () => {
  database = await openTestDatabase();
  room = await openRoom(database, clock);
  other = await openRoom(database, clock);
  shop = await openShop(room, 'links');
  owner = await shop.callerOf(await shop.owner());
});
afterAll(() => database.close());

const invite = (id: Id<'link'> = ids(), name = '李娜') =>
  room.staff.invite(owner, shop.merchant.id, id, { role: 'clerk', storeIds: [], name }, byOf(owner));
const sendIn = (staffId: Id<'staff'>, id: Id<'link'> = ids()) =>
  room.staff.sendIn(owner, shop.merchant.id, id, staffId, byOf(owner));
const use = (token: string, given: Parameters<Merchants['sessions']['useLink']>[1], process = room) =>
  process.sessions.useLink(token, given, shop.place, nobody);
const joining = (login: string) => ({ login, password: goodPassword });

describe('an invitation', () => {
  it('tells what it is for without being used up, and lets one person in under the name that it was meant for', async () => {
    const { link, token } = await invite();
    expect(token).toMatch(/^swl_[\w-]{43}$/);
    expect(link).toMatchObject({ purpose: 'join', role: 'clerk', expiresAt: clock.now() + 7 * day });
    for (let times = 0; times < 2; times++)
      expect(await other.sessions.look(token, shop.place)).toMatchObject({
        purpose: 'join',
        name: '李娜',
        merchantName: '半日麦',
      });
    const opened = await use(token, joining('lina@shop.example'));
    expect(opened.staff).toMatchObject({ name: '李娜', role: 'clerk', login: 'lina@shop.example', version: 1 });
    expect(await outcomeOf(room.sessions.look(token, shop.place))).toBe('link.over');
    expect(await outcomeOf(use(token, joining('lina2@shop.example')))).toBe('link.over');
  });

  it('raced by twenty in two processes lets one in', async () => {
    const { token } = await invite();
    const works = Array.from({ length: 20 }, (_, index) =>
      use(token, joining(`race${index}@shop.example`), index % 2 ? other : room),
    );
    expect(await outcomesOf(works)).toEqual({ done: 1, 'link.over': 19 });
    expect(await database.connection.collection('staff').countDocuments({ login: /^race/ })).toBe(1);
  });

  it.each([
    ['no login', { password: goodPassword }, 'request.invalid'],
    ['a login that is none', { login: 'me', password: goodPassword }, 'request.invalid'],
    ['no password', { login: 'fresh@shop.example' }, 'request.invalid'],
    ['a common password', { login: 'fresh@shop.example', password: 'password123' }, 'request.invalid'],
    ['a login that is taken, in another case', { login: 'OWNER@shop.example', password: goodPassword }, 'request.refused'],
  ])('with %s is refused and not used up', async (_, given, outcome) => {
    const { token } = await invite();
    expect(await outcomeOf(use(token, given))).toBe(outcome);
    expect(await outcomeOf(room.sessions.look(token, shop.place))).toBe('done');
  });

  it('of two people with one login lets one in, whichever way they write it', async () => {
    const tokens = [(await invite()).token, (await invite()).token];
    const logins = ['twin@shop.example', 'ＴＷＩＮ@shop.example'];
    const works = tokens.map((token, index) => use(token, joining(logins[index] ?? '')));
    expect(await outcomesOf(works)).toEqual({ done: 1, 'request.refused': 1 });
  });

  it('is over after seven days, or once it is revoked', async () => {
    const time = createManualClock(clock.now());
    const later = await openRoom(database, time);
    const [aging, revoked] = [await invite(), await invite()];
    await room.staff.revokeLink(owner, shop.merchant.id, revoked.link.id, byOf(owner));
    expect(await outcomeOf(use(revoked.token, joining('r@shop.example')))).toBe('link.over');
    expect(await outcomeOf(room.staff.revokeLink(owner, shop.merchant.id, revoked.link.id, byOf(owner)))).toBe(
      'request.not-found',
    );
    await time.advance(7 * day - 1);
    expect(await outcomeOf(later.sessions.look(aging.token, shop.place))).toBe('done');
    await time.advance(1);
    expect(await outcomeOf(use(aging.token, joining('a@shop.example'), later))).toBe('link.over');
    expect((await later.staff.links(shop.merchant.id, { limit: 50 })).items.map(({ id }) => id)).not.toContain(aging.link.id);
  });

  it('asked for again with the same id is the same link with a new token; the old one opens nothing', async () => {
    const id = ids<'link'>();
    const first = await invite(id);
    const second = await invite(id);
    expect(second.link).toEqual(first.link);
    expect(await outcomeOf(room.sessions.look(first.token, shop.place))).toBe('link.over');
    expect(await outcomeOf(room.sessions.look(second.token, shop.place))).toBe('done');
    const { items } = await room.audit.list(shop.merchant.id, { subjectId: id, limit: 10 });
    expect(items.map(({ action }) => action)).toEqual(['link.made']);
  });

  it("is no other merchant's to see or to revoke", async () => {
    const { link } = await invite();
    const rival = await openShop(room, 'links-rival');
    const thief = await rival.callerOf(await rival.owner());
    expect(await outcomeOf(room.staff.revokeLink(thief, rival.merchant.id, link.id, byOf(thief)))).toBe('request.not-found');
    expect((await room.staff.links(rival.merchant.id, { limit: 10 })).items).toEqual([]);
  });

  it.each(['', 'x'.repeat(5_000), '{"$gt":""}', '../../x', '\u0000'])('is not opened by %j', async (token) => {
    expect(await outcomeOf(room.sessions.look(token, placeAt('odd tokens')))).toBe('link.over');
  });
});

describe('a link to sign in', () => {
  it('signs in without a new password, and leaves the other sessions', async () => {
    const joined = await shop.hire('clerk', 'enters@shop.example');
    const { link, token } = await sendIn(joined.staff.id);
    expect(link).toMatchObject({ purpose: 'enter', staffId: joined.staff.id, expiresAt: clock.now() + day });
    expect(await room.sessions.look(token, shop.place)).toMatchObject({ login: 'enters@shop.example' });
    const opened = await use(token, {});
    expect(opened.staff.id).toBe(joined.staff.id);
    expect(await room.sessions.find(joined.token)).toBeDefined();
    expect(await outcomeOf(shop.signIn('enters@shop.example', goodPassword))).toBe('done');
  });

  it('with a new password ends the old one and all sessions', async () => {
    const joined = await shop.hire('clerk', 'forgot@shop.example');
    const { token } = await sendIn(joined.staff.id);
    expect(await outcomeOf(use(token, { password: 'short' }))).toBe('request.invalid');
    const opened = await use(token, { password: 'a new good password' });
    expect(await other.sessions.find(joined.token)).toBeUndefined();
    expect(await other.sessions.find(opened.token)).toBeDefined();
    expect(await outcomeOf(shop.signIn('forgot@shop.example', goodPassword))).toBe('session.refused');
    expect(await outcomeOf(shop.signIn('forgot@shop.example', 'a new good password'))).toBe('done');
  });

  it('raced by ten in two processes lets one in', async () => {
    const { staff } = await shop.hire('clerk', 'race-enter@shop.example');
    const { token } = await sendIn(staff.id);
    const works = Array.from({ length: 10 }, (_, index) => use(token, {}, index % 2 ? other : room));
    expect(await outcomesOf(works)).toEqual({ done: 1, 'link.over': 9 });
  });

  it('is one at a time, also when two are asked for at once', async () => {
    const { staff } = await shop.hire('clerk', 'onelink@shop.example');
    const made = await Promise.all([sendIn(staff.id), sendIn(staff.id), sendIn(staff.id)]);
    const { items } = await room.staff.links(shop.merchant.id, { limit: 100 });
    expect(items.filter(({ staffId }) => staffId === staff.id)).toHaveLength(1);
    expect(await outcomesOf(made.map(({ token }) => room.sessions.look(token, shop.place)))).toEqual({ done: 1, 'link.over': 2 });
  });

  it('is not made for somebody who becomes an owner at the same moment', async () => {
    const { staff } = await shop.hire('clerk', 'promoted@shop.example');
    const manager = await shop.callerOf(await shop.hire('manager', 'promoter@shop.example'));
    let isPromoted = false;
    const late = await openRoom(
      {
        ...database,
        async transact(work) {
          if (!isPromoted) await room.staff.edit(owner, shop.merchant.id, staff.id, { role: 'owner' }, 1, byOf(owner));
          isPromoted = true;
          return database.transact(work);
        },
      },
      clock,
    );
    const asked = late.staff.sendIn(manager, shop.merchant.id, ids(), staff.id, byOf(manager));
    expect(await outcomeOf(asked)).toBe('request.forbidden');
    expect((await room.staff.find(shop.merchant.id, staff.id))?.role).toBe('owner');
  });

  it('is over once the password was changed otherwise', async () => {
    const joined = await shop.hire('clerk', 'otherwise@shop.example');
    const { token } = await sendIn(joined.staff.id);
    const caller = await shop.callerOf(joined);
    await room.sessions.changePassword(caller, { present: goodPassword, password: 'another good one' }, byOf(caller));
    expect(await outcomeOf(use(token, {}))).toBe('link.over');
  });
});

describe("the owner's link", () => {
  it('makes the one before worthless, lets the first owner in, and is there no more then', async () => {
    const fresh = await openShop(room, 'fresh');
    const tokens = [await room.staff.ownerLink(fresh.merchant.id, false), await other.staff.ownerLink(fresh.merchant.id, false)];
    expect(await outcomesOf(tokens.map((token) => room.sessions.look(token ?? '', placeAt('fresh'))))).toEqual({
      done: 1,
      'link.over': 1,
    });
    expect(await outcomeOf(use(tokens[1] ?? '', joining('first@shop.example')))).toBe('request.invalid');
    const opened = await use(tokens[1] ?? '', { name: 'Ming', ...joining('first@shop.example') });
    expect(opened.staff).toMatchObject({ role: 'owner', name: 'Ming' });
    expect(await room.staff.ownerLink(fresh.merchant.id, false)).toBeUndefined();
  });

  it('is one, also when many processes start together', async () => {
    const fresh = await openShop(room, 'together');
    const processes = await Promise.all(Array.from({ length: 8 }, () => openRoom(database, clock)));
    const tokens = await Promise.all(processes.map((process) => process.staff.ownerLink(fresh.merchant.id, false)));
    const looks = await outcomesOf(tokens.map((token) => room.sessions.look(token ?? '', placeAt('together'))));
    expect(looks).toEqual({ done: 1, 'link.over': 7 });
  });

  it('signs the first owner in when the operator asks for it even so', async () => {
    const fresh = await openShop(room, 'even-so');
    const { staff } = await fresh.owner();
    await clock.advance(1);
    await fresh.hire('owner', 'second@shop.example');
    const token = (await room.staff.ownerLink(fresh.merchant.id, true)) ?? '';
    expect(await room.sessions.look(token, placeAt('even-so'))).toMatchObject({ purpose: 'enter', login: 'owner@shop.example' });
    expect((await use(token, {})).staff.id).toBe(staff.id);
  });
});

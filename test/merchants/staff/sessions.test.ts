import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRateBuckets } from '../../../server/coordination/rate-buckets.ts';
import type { Database } from '../../../server/database/index.ts';
import { createIds } from '../../../server/kernel/ids.ts';
import { createLog } from '../../../server/kernel/log.ts';
import type { Merchants } from '../../../server/merchants/index.ts';
import { createPasswords, type Derive } from '../../../server/merchants/staff/password.ts';
import { openSessions } from '../../../server/merchants/staff/sessions.ts';
import { createManualClock } from '../../support/clock.ts';
import { openTestDatabase } from '../../support/database.ts';
import { openTestMerchants, testVault } from '../../support/merchants.ts';
import { byOf, goodPassword, nobody, openRoom, openShop, outcomeOf, outcomesOf, placeAt, type Shop } from '../people.ts';

const day = 86_400_000;
const minute = 60_000;
const clock = createManualClock();
const ids = createIds(clock);
let database: Database;
let room: Merchants;
let other: Merchants;
let shop: Shop;

beforeAll(async () => {
  database = await openTestDatabase();
  room = await openRoom(database, clock);
  other = await openRoom(database, clock);
  shop = await openShop(room, 'sessions');
  await shop.owner();
});
afterAll(() => database.close());

const auditOf = async (subjectId: string) =>
  (await room.audit.list(shop.merchant.id, { subjectId, limit: 50 })).items.map(({ action }) => action);

describe('a session', () => {
  it('is opened by login and password, and found by its token in every process', async () => {
    const opened = await shop.signIn('owner@shop.example', goodPassword);
    expect(opened.token).toMatch(/^sws_[\w-]{43}$/);
    expect(opened.staff).toMatchObject({ role: 'owner', login: 'owner@shop.example', hasPassword: true, hasCode: false });
    expect(await other.sessions.find(opened.token)).toMatchObject({
      kind: 'staff',
      id: opened.staff.id,
      role: 'owner',
      isHouse: true,
    });
  });

  it('has a new token each time, which no one could have known before', async () => {
    const first = await shop.signIn('owner@shop.example', goodPassword);
    const second = await shop.signIn('owner@shop.example', goodPassword);
    expect(second.token).not.toBe(first.token);
    expect(await room.sessions.find(first.token)).toBeDefined();
  });

  it.each(['', 'sws_', 'sws_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', '{"$ne":null}', 'swk_x'])(
    'is not opened by %j',
    async (token) => {
      expect(await room.sessions.find(token)).toBeUndefined();
    },
  );

  it('is over everywhere as soon as it was ended in one process', async () => {
    const { token } = await shop.signIn('owner@shop.example', goodPassword);
    const caller = await shop.callerOf({ token } as never);
    await other.sessions.end(caller, caller.sessionId, byOf(caller));
    expect(await room.sessions.find(token)).toBeUndefined();
    expect(await outcomeOf(room.sessions.end(caller, caller.sessionId, byOf(caller)))).toBe('request.not-found');
    expect(await auditOf(caller.id)).toContain('session.ended');
  });

  it('ends with all others but the one that ends them', async () => {
    await shop.hire('clerk', 'many@shop.example');
    const kept = await shop.signIn('many@shop.example', goodPassword);
    const ended = await shop.signIn('many@shop.example', goodPassword);
    const caller = await shop.callerOf(kept);
    expect(await room.sessions.list(caller)).toHaveLength(3);
    await room.sessions.endOthers(caller, byOf(caller));
    expect(await other.sessions.find(ended.token)).toBeUndefined();
    expect(await other.sessions.find(kept.token)).toBeDefined();
    expect((await room.sessions.list(caller)).map(({ id }) => id)).toEqual([caller.sessionId]);
  });

  it("is not ended by another of the staff, nor by another merchant's", async () => {
    const mine = await shop.callerOf(await shop.hire('clerk', 'mine@shop.example'));
    const thief = await shop.callerOf(await shop.hire('manager', 'thief@shop.example'));
    expect(await outcomeOf(room.sessions.end(thief, mine.sessionId, byOf(thief)))).toBe('request.not-found');
    expect(await room.sessions.list(mine)).toHaveLength(1);
  });

  it('keeps what a browser calls itself without what could break a line or a page of a log', async () => {
    const agent = `Browser\r\nSet-Cookie: x=1\u0085\u202e${'x'.repeat(500)}`;
    const from = placeAt('agent', agent);
    const caller = await shop.callerOf(await shop.signIn('owner@shop.example', goodPassword, undefined, from));
    const session = (await room.sessions.list(caller)).find(({ id }) => id === caller.sessionId);
    expect(session?.agent).toMatch(/^BrowserSet-Cookie: x=1x+$/);
    expect(session?.agent).toHaveLength(200);
  });

  it('is over after seven days without a use, and after thirty days however much it is used', async () => {
    const time = createManualClock(clock.now());
    const later = await openRoom(database, time);
    const idle = await shop.signIn('owner@shop.example', goodPassword);
    const used = await shop.signIn('owner@shop.example', goodPassword);
    for (let passed = 0; passed < 5; passed++) {
      await time.advance(6 * day);
      if (passed < 4) expect(await later.sessions.find(used.token)).toBeDefined();
      if (passed === 1) expect(await later.sessions.find(idle.token)).toBeUndefined();
    }
    expect(await later.sessions.find(used.token)).toBeUndefined();
  });

  it('tells to the minute when it was last used', async () => {
    const time = createManualClock(clock.now() + day);
    const later = await openRoom(database, time);
    const caller = await shop.callerOf(await shop.hire('clerk', 'seen@shop.example'));
    const token = (await shop.signIn('seen@shop.example', goodPassword)).token;
    const lastUsedAt = async () => (await later.sessions.list(caller))[0]?.lastUsedAt;
    await later.sessions.find(token);
    const first = time.now();
    expect(await lastUsedAt()).toBe(first);
    await time.advance(minute - 1);
    await later.sessions.find(token);
    expect(await lastUsedAt()).toBe(first);
    await time.advance(1);
    await later.sessions.find(token);
    expect(await lastUsedAt()).toBe(first + minute);
    expect((await later.staff.find(shop.merchant.id, caller.id))?.lastSeenAt).toBe(first + minute);
  });

  it('is forgotten once it is over, with links that are over', async () => {
    const time = createManualClock(clock.now() + 400 * day);
    const later = await openRoom(database, time);
    const old = await openShop(later, 'pruned');
    const { token } = await old.owner();
    await time.advance(31 * day);
    await later.staff.ownerLink(old.merchant.id, true);
    await later.sessions.prune();
    const rows = await database.connection.collection('sessions').countDocuments({ merchantId: old.merchant.id });
    expect([rows, await later.sessions.find(token)]).toEqual([0, undefined]);
    expect((await later.staff.links(old.merchant.id, { limit: 10 })).items).toHaveLength(1);
  });
});

describe('a sign-in', () => {
  it('knows a login in whatever case, width and spacing it is typed', async () => {
    await shop.hire('clerk', ' Li.Na@Shop.Example ');
    await shop.hire('clerk', '+86 138-0013-8000');
    for (const login of [
      'li.na@shop.example',
      'ＬＩ.ＮＡ@shop.example',
      'LI.NA@SHOP.EXAMPLE\t',
      '+8613800138000',
      '＋８６ １３８ ００１３ ８０００',
    ])
      expect(await outcomeOf(shop.signIn(login, goodPassword)), login).toBe('done');
  });

  it.each([
    ['a wrong password', 'owner@shop.example', 'wrong horse battery'],
    ['an unknown login', 'ghost@shop.example', goodPassword],
    ['a login that is none', 'x\u0000\u202e👻', goodPassword],
    ['an empty password', 'owner@shop.example', ''],
  ])('with %s is refused in the same words', async (_, login, password) => {
    const error = await shop
      .signIn(login, password, undefined, placeAt(`words-${login.length}`))
      .catch((fault: unknown) => fault);
    expect(error).toMatchObject({ code: 'session.refused', message: 'The login, the password or the code is wrong.' });
  });

  it('takes as many hashes for a login that nobody has as for one that somebody has', async () => {
    let hashes = 0;
    const derive: Derive = async (_password, _salt, length) => {
      hashes++;
      return Buffer.alloc(length);
    };
    const buckets = await openRateBuckets({ database, clock });
    const counted = await openSessions({
      ...{ database, clock, ids, log: createLog('silent'), random: randomBytes, vault: testVault, buckets, merchants: room },
      audit: { append: room.appendAudit },
      passwords: createPasswords({ derive }),
    });
    const counts: number[] = [];
    for (const [slug, login] of [
      ['sessions', 'owner@shop.example'],
      ['sessions', 'nobody@shop.example'],
      ['no-such-shop', 'owner@shop.example'],
    ] as const) {
      hashes = 0;
      expect(await outcomeOf(counted.signIn(slug, { login, password: 'x' }, placeAt('counted'), nobody))).toBe('session.refused');
      counts.push(hashes);
    }
    expect(counts).toEqual([1, 1, 1]);
  });

  it('is refused in the audit without what was typed, and told with who it was', async () => {
    const { staff } = await shop.hire('clerk', 'told@shop.example');
    await outcomeOf(shop.signIn('told@shop.example', 'my-secret-typo'));
    await outcomeOf(shop.signIn('my-other-secret', goodPassword));
    expect((await auditOf(staff.id)).sort()).toEqual(['session.opened', 'session.refused', 'staff.joined']);
    expect(await auditOf('unknown')).toContain('session.refused');
    for (const find of ['my-secret-typo', 'my-other-secret', goodPassword])
      expect((await room.audit.list(shop.merchant.id, { find, limit: 10 })).items).toEqual([]);
  });

  it('does not open with a password that was changed while it was looked at', async () => {
    const { staff } = await shop.hire('clerk', 'raced@shop.example');
    const passwords = {
      ...createPasswords(),
      async verify() {
        await database.connection
          .collection('staff')
          .updateOne({ login: 'raced@shop.example' }, { $set: { password: 'another' } });
        return { isRight: true, isOutdated: false };
      },
    };
    const buckets = await openRateBuckets({ database, clock });
    const slow = await openSessions({
      ...{
        database,
        clock,
        ids,
        log: createLog('silent'),
        random: randomBytes,
        vault: testVault,
        buckets,
        merchants: room,
        passwords,
      },
      audit: { append: room.appendAudit },
    });
    const given = { login: 'raced@shop.example', password: goodPassword };
    expect(await outcomeOf(slow.signIn('sessions', given, placeAt('raced'), nobody))).toBe('session.refused');
    expect(await auditOf(staff.id)).toContain('session.refused');
  });

  it('needs the name of the merchant only where there are several', async () => {
    const lonely = await openTestDatabase();
    const alone = await openRoom(lonely, clock);
    const first = await openShop(alone, 'alone');
    await first.owner();
    const given = { login: 'owner@shop.example', password: goodPassword };
    expect((await alone.sessions.signIn(undefined, given, placeAt('a'), nobody)).staff.merchantId).toBe(first.merchant.id);
    await openShop(alone, 'second');
    expect(await outcomeOf(alone.sessions.signIn(undefined, given, placeAt('a'), nobody))).toBe('request.invalid');
    await lonely.close();
  });

  it("does not open another merchant's door", async () => {
    const rival = await openShop(room, 'rival');
    await rival.owner('rival@shop.example');
    expect(await outcomeOf(rival.signIn('owner@shop.example', goodPassword))).toBe('session.refused');
  });
});

describe('guessing', () => {
  it('ends after ten wrong tries at a login, whatever the address and the process; then the right password is refused, too', async () => {
    const { staff } = await shop.hire('clerk', 'guessed@shop.example');
    const tryFrom = (index: number, password: string) =>
      (index % 2 ? room : other).sessions.signIn(
        'sessions',
        { login: index % 3 ? 'guessed@shop.example' : 'GUESSED@shop.example', password },
        placeAt(`guess-${index}`),
        nobody,
      );
    expect(await outcomesOf(Array.from({ length: 25 }, (_, index) => tryFrom(index, `wrong-${index}`)))).toEqual({
      'session.refused': 10,
      'request.too-many': 15,
    });
    const error = await tryFrom(30, goodPassword).catch((fault: unknown) => fault);
    expect(error).toMatchObject({ code: 'request.too-many', details: { retryAfter: 15 * minute } });
    const told = await auditOf(staff.id);
    expect(told.filter((action) => action === 'session.refused')).toHaveLength(10);
    expect(told.filter((action) => action === 'session.throttled')).toHaveLength(1);
  });

  it('is forgotten after a quarter of an hour', async () => {
    const time = createManualClock(clock.now());
    const later = await openRoom(database, time);
    await shop.hire('clerk', 'later@shop.example');
    const given = { login: 'later@shop.example', password: goodPassword };
    const wrong = { ...given, password: 'wrong' };
    for (let tries = 0; tries < 10; tries++) await outcomeOf(later.sessions.signIn('sessions', wrong, placeAt('later'), nobody));
    expect(await outcomeOf(later.sessions.signIn('sessions', given, placeAt('later'), nobody))).toBe('request.too-many');
    await time.advance(15 * minute);
    expect(await outcomeOf(later.sessions.signIn('sessions', given, placeAt('later'), nobody))).toBe('done');
  });

  it('ends after thirty wrong tries from one address or one /64, whoever is tried; a right one in between does not start it anew', async () => {
    const from = (index: number) => placeAt(`2001:db8:1:2:${(index * 97).toString(16)}::${index}`);
    const wrong = (index: number) =>
      room.sessions.signIn('sessions', { login: `n${index}@x.example`, password: 'x' }, from(index), nobody);
    const right = { login: 'owner@shop.example', password: goodPassword };
    for (let index = 0; index < 29; index++) await outcomeOf(wrong(index));
    expect(await outcomeOf(room.sessions.signIn('sessions', right, from(77), nobody))).toBe('done');
    expect(await outcomesOf([29, 30, 31].map(wrong))).toEqual({ 'session.refused': 1, 'request.too-many': 2 });
    expect(await outcomeOf(room.sessions.signIn('sessions', right, from(78), nobody))).toBe('request.too-many');
    expect(await outcomeOf(room.sessions.signIn('sessions', right, placeAt('2001:db8:1:3::1'), nobody))).toBe('done');
  });

  it('does not lock a login from an address that is throttled itself', async () => {
    await shop.hire('clerk', 'victim@shop.example');
    const tries = (login: string) => outcomeOf(shop.signIn(login, 'wrong', undefined, placeAt('attacker')));
    for (let index = 0; index < 30; index++) await tries(`a${index}@x.example`);
    for (let index = 0; index < 20; index++) expect(await tries('victim@shop.example')).toBe('request.too-many');
    expect(await outcomeOf(shop.signIn('victim@shop.example', goodPassword))).toBe('done');
  });

  it('is not what somebody does who signs in rightly again and again', async () => {
    await shop.hire('clerk', 'busy@shop.example');
    for (let times = 0; times < 12; times++) expect(await outcomeOf(shop.signIn('busy@shop.example', goodPassword))).toBe('done');
  });

  it('at links counts by address', async () => {
    const from = placeAt('link-guesser');
    const tries = Array.from({ length: 32 }, (_, index) => room.sessions.look(`swl_${'x'.repeat(40)}${index}`, from));
    expect(await outcomesOf(tries)).toEqual({ 'link.over': 30, 'request.too-many': 2 });
  });
});

describe('a password', () => {
  it('is changed by who knows the present one; all other sessions end', async () => {
    const joined = await shop.hire('clerk', 'changes@shop.example');
    const here = await shop.signIn('changes@shop.example', goodPassword);
    const caller = await shop.callerOf(here);
    const change = (present: string | undefined, password: string) =>
      outcomeOf(room.sessions.changePassword(caller, { ...(present === undefined ? {} : { present }), password }, byOf(caller)));
    expect(await change('wrong', 'another good one')).toBe('session.refused');
    expect(await change(undefined, 'another good one')).toBe('session.refused');
    expect(await room.sessions.find(joined.token)).toBeDefined();
    expect(await change(goodPassword, 'another good one')).toBe('done');
    expect(await other.sessions.find(joined.token)).toBeUndefined();
    expect(await other.sessions.find(here.token)).toBeDefined();
    expect(await outcomeOf(shop.signIn('changes@shop.example', goodPassword))).toBe('session.refused');
    expect(await outcomeOf(shop.signIn('changes@shop.example', 'another good one'))).toBe('done');
    expect(await auditOf(caller.id)).toContain('password.changed');
  });

  it('whose hash was made with weaker parameters is hashed anew when it is next shown', async () => {
    await shop.hire('clerk', 'old@shop.example');
    const rows = database.connection.collection('staff');
    // RFC 7914's vector of the password "password" with N=1024 and p=16.
    const hash = Buffer.from('fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162', 'hex').toString('base64url');
    const weak = `scrypt$1024$8$16$${Buffer.from('NaCl').toString('base64url')}$${hash}`;
    await rows.updateOne({ login: 'old@shop.example' }, { $set: { password: weak } });
    expect(await outcomeOf(shop.signIn('old@shop.example', 'password'))).toBe('done');
    expect((await rows.findOne({ login: 'old@shop.example' }))?.password).toMatch(/^scrypt\$32768\$/);
    expect(await outcomeOf(shop.signIn('old@shop.example', 'password'))).toBe('done');
  });

  it('is changed by who is signed in, whatever strangers try at their login', async () => {
    const caller = await shop.callerOf(await shop.hire('clerk', 'besieged@shop.example'));
    for (let index = 0; index < 11; index++)
      await outcomeOf(shop.signIn('besieged@shop.example', 'wrong', undefined, placeAt(`siege-${index}`)));
    const from = placeAt('besieged');
    expect(await outcomeOf(shop.signIn('besieged@shop.example', goodPassword, undefined, from))).toBe('request.too-many');
    const change = { present: goodPassword, password: 'another good one' };
    expect(await outcomeOf(room.sessions.changePassword(caller, change, byOf(caller)))).toBe('done');
  });

  it('is not guessed from an open screen', async () => {
    const caller = await shop.callerOf(await shop.hire('clerk', 'screen@shop.example'));
    const change = (present: string) =>
      room.sessions.changePassword(caller, { present, password: 'another good one' }, byOf(caller));
    const outcomes = await outcomesOf(Array.from({ length: 12 }, (_, index) => change(`guess-${index}`)));
    expect(outcomes).toEqual({ 'session.refused': 10, 'request.too-many': 2 });
    expect(await outcomeOf(change(goodPassword))).toBe('request.too-many');
  });
});

describe('beside real accounts', () => {
  it('what was opened to try things out in the sandbox opens nothing', async () => {
    const joined = await shop.hire('owner', 'demo@shop.example');
    const { secret } = await room.keys.make(shop.merchant.id, ids(), { name: 'demo', scopes: ['merchant.read'] }, nobody);
    const { token } = await room.staff.invite(
      undefined,
      shop.merchant.id,
      ids(),
      { role: 'owner', storeIds: [], name: 'x' },
      nobody,
    );
    const real = await openTestMerchants({ database, clock, ids }, { sandbox: 'off' });
    expect(await real.sessions.find(joined.token)).toBeUndefined();
    expect(await real.keys.find(secret)).toBeUndefined();
    expect(await outcomeOf(real.sessions.look(token, placeAt('demo')))).toBe('link.over');
    const given = { login: 'demo@shop.example', password: goodPassword };
    expect(await outcomeOf(real.sessions.signIn('sessions', given, placeAt('demo'), nobody))).toBe('session.refused');
    expect(await room.sessions.find(joined.token)).toBeDefined();
  });
});

import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../server/database/index.ts';
import { createIds } from '../../../server/kernel/ids.ts';
import { createVault } from '../../../server/kernel/vault.ts';
import type { Merchants, StaffCaller } from '../../../server/merchants/index.ts';
import { createOneTimeCodes } from '../../../server/merchants/staff/one-time-code.ts';
import { createManualClock } from '../../support/clock.ts';
import { openTestDatabase } from '../../support/database.ts';
import { openTestMerchants, testVault } from '../../support/merchants.ts';
import { byOf, goodPassword, nobody, openRoom, openShop, outcomeOf, outcomesOf, placeAt, type Shop } from '../people.ts';

const step = 30_000;
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
  shop = await openShop(room, 'codes');
  await shop.owner();
});
afterAll(() => database.close());

/** What an authenticator app shows for this URL. */
function codeOf(url: string, at = clock.now()): string {
  const secret = new URL(url).searchParams.get('secret') ?? '';
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at });
}

/** Somebody with codes: signed in, with the app's URL and the recovery codes; time has moved past the code that was shown. */
async function withCodes(login: string) {
  const caller = await shop.callerOf(await shop.hire('clerk', login));
  const { url } = await room.sessions.beginCode(caller, goodPassword, byOf(caller));
  const { recoveryCodes } = await room.sessions.confirmCode(caller, codeOf(url), byOf(caller));
  await clock.advance(step);
  return { caller, url, recoveryCodes };
}

describe('the algorithm', () => {
  // https://www.rfc-editor.org/rfc/rfc6238#appendix-B, SHA-1; six digits are the last of the eight.
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('is that of RFC 6238 at %i s', (seconds, code) => {
    const staffId = ids<'staff'>();
    const codes = createOneTimeCodes({ vault: testVault, random: () => Buffer.from('12345678901234567890') });
    const { sealed } = codes.begin(staffId, 'shop', 'login');
    const now = seconds * 1_000;
    const own = Math.floor(seconds / 30);
    expect(codes.read(staffId, sealed, code, now)).toEqual({ kind: 'timed', step: own });
    expect(codes.read(staffId, sealed, ` ${code.slice(0, 3)} ${code.slice(3)}`, now + step)).toEqual({
      kind: 'timed',
      step: own,
    });
    expect(codes.read(staffId, sealed, code, now - step)).toEqual({ kind: 'timed', step: own });
    expect(codes.read(staffId, sealed, code, now + 2 * step)).toBeUndefined();
    expect(() => codes.read(ids<'staff'>(), sealed, code, now)).toThrow();
  });
});

describe('a one-time code', () => {
  it('is asked for from the moment that one was shown, and not before', async () => {
    const caller = await shop.callerOf(await shop.hire('clerk', 'begins@shop.example'));
    const { url } = await room.sessions.beginCode(caller, goodPassword, byOf(caller));
    expect(url).toMatch(/^otpauth:\/\/totp\//);
    expect(decodeURIComponent(url)).toContain('半日麦');
    expect(await outcomeOf(shop.signIn('begins@shop.example', goodPassword))).toBe('done');
    expect(await outcomeOf(room.sessions.confirmCode(caller, '000000', byOf(caller)))).toBe('session.refused');
    const { recoveryCodes } = await room.sessions.confirmCode(caller, codeOf(url), byOf(caller));
    expect(new Set(recoveryCodes).size).toBe(10);
    expect(recoveryCodes[0]).toMatch(/^([0-9a-z]{4}-){3}[0-9a-z]{4}$/);
    expect(await outcomeOf(shop.signIn('begins@shop.example', goodPassword))).toBe('session.code-needed');
    expect(await outcomeOf(room.sessions.beginCode(caller, goodPassword, byOf(caller)))).toBe('request.refused');
    expect(await outcomeOf(room.sessions.confirmCode(caller, codeOf(url), byOf(caller)))).toBe('request.refused');
  });

  it('is not begun by a session alone: whoever found one open would keep out whose it is', async () => {
    const caller = await shop.callerOf(await shop.hire('clerk', 'open-screen@shop.example'));
    for (const present of [undefined, '', 'a guess'])
      expect(await outcomeOf(room.sessions.beginCode(caller, present, byOf(caller)))).toBe('session.refused');
    expect(await outcomeOf(room.sessions.confirmCode(caller, '000000', byOf(caller)))).toBe('request.refused');
    for (let times = 3; times < 10; times++) await outcomeOf(room.sessions.beginCode(caller, 'a guess', byOf(caller)));
    expect(await outcomeOf(room.sessions.beginCode(caller, goodPassword, byOf(caller)))).toBe('request.too-many');
  });

  it('is used once, also by ten who race in two processes', async () => {
    const { url } = await withCodes('once@shop.example');
    const code = codeOf(url);
    const signIn = (process: Merchants) =>
      process.sessions.signIn('codes', { login: 'once@shop.example', password: goodPassword, code }, placeAt('once'), nobody);
    const works = Array.from({ length: 8 }, (_, index) => signIn(index % 2 ? room : other));
    expect(await outcomesOf(works)).toEqual({ done: 1, 'session.refused': 7 });
    expect(await outcomeOf(signIn(room))).toBe('session.refused');
    await clock.advance(step);
    expect(await outcomeOf(shop.signIn('once@shop.example', goodPassword, codeOf(url)))).toBe('done');
    expect(await outcomeOf(shop.signIn('once@shop.example', goodPassword, codeOf(url, clock.now() - step)))).toBe(
      'session.refused',
    );
  });

  it('that confirmed the codes does not sign in', async () => {
    const caller = await shop.callerOf(await shop.hire('clerk', 'confirms@shop.example'));
    const { url } = await room.sessions.beginCode(caller, goodPassword, byOf(caller));
    await room.sessions.confirmCode(caller, codeOf(url), byOf(caller));
    expect(await outcomeOf(shop.signIn('confirms@shop.example', goodPassword, codeOf(url)))).toBe('session.refused');
  });

  it('helps nobody without the password, and tells nothing about it', async () => {
    const { url } = await withCodes('alone@shop.example');
    expect(await outcomeOf(shop.signIn('alone@shop.example', 'wrong password', codeOf(url)))).toBe('session.refused');
    expect(await outcomeOf(shop.signIn('alone@shop.example', 'wrong password'))).toBe('session.refused');
    expect(await outcomeOf(shop.signIn('alone@shop.example', goodPassword, codeOf(url)))).toBe('done');
  });

  it('is not guessed: ten wrong ones, and the right one is refused as well', async () => {
    const { url } = await withCodes('guess@shop.example');
    const right = codeOf(url);
    const wrong = Array.from({ length: 12 }, (_, index) => String(index).padStart(6, '9')).filter((code) => code !== right);
    const outcomes = await outcomesOf(wrong.slice(0, 11).map((code) => shop.signIn('guess@shop.example', goodPassword, code)));
    expect(outcomes).toEqual({ 'session.refused': 10, 'request.too-many': 1 });
    expect(await outcomeOf(shop.signIn('guess@shop.example', goodPassword, right))).toBe('request.too-many');
  });

  it('is asked for at a link to sign in, too', async () => {
    const { caller, url } = await withCodes('linked@shop.example');
    const { token } = await room.staff.sendIn(undefined, shop.merchant.id, ids(), caller.id, nobody);
    const use = (code?: string) =>
      outcomeOf(room.sessions.useLink(token, code === undefined ? {} : { code }, placeAt('linked'), nobody));
    expect(await use()).toBe('session.code-needed');
    expect(await use('123')).toBe('session.refused');
    expect(await use(codeOf(url))).toBe('done');
  });

  it('is asked for no more once one was shown last', async () => {
    const { caller, url } = await withCodes('stops@shop.example');
    expect(await outcomeOf(room.sessions.stopCode(caller, '000000', byOf(caller)))).toBe('session.refused');
    expect(await outcomeOf(room.sessions.stopCode(caller, codeOf(url), byOf(caller)))).toBe('done');
    expect(await outcomeOf(room.sessions.stopCode(caller, codeOf(url), byOf(caller)))).toBe('request.refused');
    expect(await outcomeOf(shop.signIn('stops@shop.example', goodPassword))).toBe('done');
    const { items } = await room.audit.list(shop.merchant.id, { subjectId: caller.id, limit: 20 });
    expect(items.map(({ action }) => action)).toEqual(expect.arrayContaining(['code.started', 'code.stopped']));
  });
});

describe('a recovery code', () => {
  it('is good for once, however it is typed, also for ten who race', async () => {
    const { recoveryCodes } = await withCodes('recovers@shop.example');
    const [first = '', second = ''] = recoveryCodes;
    const typed = first.toUpperCase().replaceAll('-', ' ').replaceAll('0', 'O').replaceAll('1', 'l');
    const works = Array.from({ length: 8 }, () => shop.signIn('recovers@shop.example', goodPassword, typed));
    expect(await outcomesOf(works)).toEqual({ done: 1, 'session.refused': 7 });
    expect(await outcomeOf(shop.signIn('recovers@shop.example', goodPassword, second))).toBe('done');
    const row = await database.connection.collection('staff').findOne({ login: 'recovers@shop.example' });
    expect(row?.code.recovery).toHaveLength(8);
  });

  it('stops the codes of who has lost the app', async () => {
    const { caller, recoveryCodes } = await withCodes('lost@shop.example');
    expect(await outcomeOf(room.sessions.stopCode(caller, recoveryCodes[9] ?? '', byOf(caller)))).toBe('done');
    expect(await outcomeOf(shop.signIn('lost@shop.example', goodPassword))).toBe('done');
  });
});

describe('the secret', () => {
  it('of an owner who has lost everything is given up by who has the server', async () => {
    const small = await openShop(room, 'codes-lost');
    const caller: StaffCaller = await small.callerOf(await small.owner());
    const { url } = await room.sessions.beginCode(caller, goodPassword, byOf(caller));
    await room.sessions.confirmCode(caller, codeOf(url), byOf(caller));
    const token = (await room.staff.ownerLink(small.merchant.id, true)) ?? '';
    const opened = await room.sessions.useLink(token, { password: 'a new good password' }, placeAt('codes-lost'), nobody);
    expect(opened.staff).toMatchObject({ id: caller.id, hasCode: false });
    expect(await outcomeOf(small.signIn('owner@shop.example', 'a new good password'))).toBe('done');
  });

  it('is sealed anew with the newest key, so that the one before can go', async () => {
    const [older, newer] = [randomBytes(32), randomBytes(32)];
    const open = (...keys: Buffer[]) =>
      openTestMerchants({ database, clock, ids }, { sandbox: 'auto', vault: createVault(keys) });
    const before = await open(older);
    const small = await openShop(before, 'codes-resealed');
    const owner = await small.callerOf(await small.owner());
    const { url } = await before.sessions.beginCode(owner, goodPassword, byOf(owner));
    await before.sessions.confirmCode(owner, codeOf(url), byOf(owner));
    await clock.advance(step);
    const pending = await small.callerOf(await small.hire('clerk', 'pending@shop.example'));
    const { url: pendingUrl } = await before.sessions.beginCode(pending, goodPassword, byOf(pending));
    const elsewhere = { merchantId: { $ne: small.merchant.id } };
    await database.connection.collection('staff').deleteMany(elsewhere);
    await (await open(newer, older)).sessions.reseal();
    const after = await open(newer);
    const given = { login: 'owner@shop.example', password: goodPassword, code: codeOf(url) };
    expect(await outcomeOf(after.sessions.signIn('codes-resealed', given, placeAt('resealed'), nobody))).toBe('done');
    expect(await outcomeOf(after.sessions.confirmCode(pending, codeOf(pendingUrl), byOf(pending)))).toBe('done');
  });

  it('whose key is lost keeps nobody from starting, nor its owner from coming in by a recovery code or the operator’s link', async () => {
    const open = () => openTestMerchants({ database, clock, ids }, { sandbox: 'auto', vault: createVault([randomBytes(32)]) });
    const before = await open();
    const small = await openShop(before, 'codes-key-lost');
    const owner = await small.callerOf(await small.owner());
    const { url } = await before.sessions.beginCode(owner, goodPassword, byOf(owner));
    const { recoveryCodes } = await before.sessions.confirmCode(owner, codeOf(url), byOf(owner));
    const after = await open();
    await after.sessions.reseal();
    const given = { login: 'owner@shop.example', password: goodPassword, code: recoveryCodes[0] ?? '' };
    expect(await outcomeOf(after.sessions.signIn('codes-key-lost', given, placeAt('key-lost'), nobody))).toBe('done');
    const token = (await after.staff.ownerLink(small.merchant.id, true)) ?? '';
    const opened = await after.sessions.useLink(token, { password: 'a new good password' }, placeAt('key-lost'), nobody);
    expect(opened.staff).toMatchObject({ id: owner.id, hasCode: false });
  });

  it('that no key opens any more keeps nothing else from being used', async () => {
    const open = (vaultKey: Buffer) =>
      openTestMerchants({ database, clock, ids }, { sandbox: 'auto', vault: createVault([vaultKey]) });
    const before = await open(randomBytes(32));
    const small = await openShop(before, 'codes-keyless');
    const owner = await small.callerOf(await small.owner());
    const { url } = await before.sessions.beginCode(owner, goodPassword, byOf(owner));
    const { recoveryCodes } = await before.sessions.confirmCode(owner, codeOf(url), byOf(owner));
    const after = await open(randomBytes(32));
    await after.sessions.reseal();
    const given = { login: 'owner@shop.example', password: goodPassword, code: recoveryCodes[0] ?? '' };
    expect(await outcomeOf(after.sessions.signIn('codes-keyless', given, placeAt('keyless'), nobody))).toBe('done');
  });
});

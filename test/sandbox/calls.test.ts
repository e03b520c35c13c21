import { describe, expect, test } from 'vitest';
import type { Page, WireDetail, WireRow } from '../../server/sandbox/contract.ts';
import { openQuotas } from '../../server/sandbox/quotas.ts';
import { createManualClock } from '../support/clock.ts';
import { browse } from './browser.ts';
import { openWorld } from './world.ts';

interface Answered {
  access_token: string;
  expires_in: number;
  errcode?: number;
  errmsg?: string;
}

const minute = 60_000;

async function openPlatform() {
  const clock = createManualClock();
  const world = await openWorld({ clock });
  const page = await browse(world.sandbox);
  const { appId, appSecret } = world.account;
  const grant = { grant_type: 'client_credential', appid: appId, secret: appSecret };
  const token = async (change: Record<string, string> = {}) =>
    (await page.call(`cgi-bin/token?${new URLSearchParams({ ...grant, ...change })}`)).body as Answered;
  const stable = async (change: object = {}) =>
    (await page.call('cgi-bin/stable_token', { ...grant, ...change })).body as Answered;
  /** The code with which a call by this token is answered. */
  const use = async (value: string) =>
    ((await page.call(`cgi-bin/getcallbackip?access_token=${encodeURIComponent(value)}`)).body as Answered).errcode ?? 0;
  return { ...world, clock, page, grant, token, stable, use };
}

test('each token call gives a new token for two hours; the one before it works for five more minutes', async () => {
  const { token, use, clock } = await openPlatform();
  const first = await token();
  expect(first).toEqual({ access_token: expect.stringMatching(/^[\w-]{100,512}$/), expires_in: 7200 });
  const second = await token();
  expect(second.access_token).not.toBe(first.access_token);
  await clock.advance(5 * minute - 1);
  expect([await use(first.access_token), await use(second.access_token)]).toEqual([0, 0]);
  await clock.advance(1);
  expect([await use(first.access_token), await use(second.access_token)]).toEqual([40001, 0]);
  await clock.advance(115 * minute);
  expect(await use(second.access_token)).toBe(42001);
});

test('the stable call gives the same token until five minutes before its end, apart from those of the other call', async () => {
  const { token, stable, use, clock } = await openPlatform();
  const first = await stable();
  await token();
  await clock.advance(114 * minute);
  expect(await stable()).toEqual({ access_token: first.access_token, expires_in: 360 });
  await clock.advance(minute);
  const [second, together] = await Promise.all([stable(), stable()]);
  expect(second.access_token).not.toBe(first.access_token);
  expect(together).toEqual(second);
  expect(await use(first.access_token)).toBe(0);
  await clock.advance(5 * minute);
  expect(await use(first.access_token)).toBe(42001);
  expect(await use(second.access_token)).toBe(0);
});

test('a forced refresh voids the old token at once, at most every 30 s and twenty times a day', async () => {
  const { stable, use, clock } = await openPlatform();
  const first = await stable();
  await clock.advance(29_999);
  expect((await stable({ force_refresh: true })).access_token).toBe(first.access_token);
  await clock.advance(1);
  const second = await stable({ force_refresh: true });
  expect([await use(first.access_token), await use(second.access_token)]).toEqual([40001, 0]);
  for (let times = 1; times < 20; times++) {
    await clock.advance(30_000);
    expect((await stable({ force_refresh: true })).expires_in).toBe(7200);
  }
  await clock.advance(30_000);
  expect((await stable({ force_refresh: true })).errcode).toBe(45009);
  expect((await stable()).expires_in).toBe(7170);
});

test('the token call is used up after 2,000 a day, and is there again at midnight in China', async () => {
  const { token, database, account, clock } = await openPlatform();
  const quotas = await openQuotas({ database, clock });
  await quotas.set(account.appId, 'cgi-bin/token', 1_999);
  expect((await token()).expires_in).toBe(7200);
  expect(await token()).toMatchObject({ errcode: 45009, errmsg: expect.stringContaining('quota') });
  // It is ten in the morning there.
  await clock.advance(14 * 60 * minute);
  expect((await token()).expires_in).toBe(7200);
  expect(await quotas.used(account.appId, 'cgi-bin/token')).toBe(1);
  expect(await database.connection.collection('quotas').countDocuments({})).toBe(1);
});

describe('what is wrong is said as the platform says it, with the status 200', () => {
  test.each([
    ['another grant_type', { grant_type: 'password' }, 40002, 'wrong-grant'],
    ['no AppID', { appid: '' }, 41002, 'no-app-id'],
    ['no AppSecret', { secret: '' }, 41004, 'no-secret'],
    ['an AppID that nobody has', { appid: 'wx0000000000000000' }, 40013, 'unknown-app'],
    ['an AppSecret that is none', { secret: 'secret' }, 40125, 'wrong-secret'],
    ['another AppSecret', { secret: '0'.repeat(32) }, 40001, 'wrong-secret'],
  ])('%s', async (_, change, errcode, rule) => {
    const { token, stable, page } = await openPlatform();
    const refusal = { errcode, errmsg: expect.stringMatching(/ rid: [0-9a-f]{8}(-[0-9a-f]{8}){2}$/) };
    expect(await token(change)).toEqual(refusal);
    expect(await stable(change)).toEqual(refusal);
    const { items } = (await page.get('wire?verdict=refused')).body as Page<WireRow>;
    expect(items).toMatchObject([
      { direction: 'call', kind: 'cgi-bin/stable_token', rule, status: 200, section: '3.1' },
      { direction: 'call', kind: 'cgi-bin/token', rule },
    ]);
  });

  test.each([
    ['a GET of the stable call', 'cgi-bin/stable_token', undefined, 'GET', 43002],
    ['a POST of the token call', 'cgi-bin/token', '', 'POST', 43001],
    ['a body that is no JSON', 'cgi-bin/stable_token', 'grant_type=client_credential', 'POST', 47001],
    ['a list', 'cgi-bin/stable_token', '[]', 'POST', 47001],
    [
      'a secret that is no text',
      'cgi-bin/stable_token',
      '{"grant_type":"client_credential","appid":"x","secret":{"$ne":1}}',
      'POST',
      41004,
    ],
    ['a call that there is not', 'cgi-bin/constructor', undefined, 'GET', 40066],
    ['no token', 'cgi-bin/getcallbackip', undefined, 'GET', 41001],
    ['a token of nobody', 'cgi-bin/getcallbackip?access_token=x', undefined, 'GET', 40001],
  ])('%s', async (_, path, body, method, errcode) => {
    const { page } = await openPlatform();
    expect(await page.call(path, body, method)).toMatchObject({ status: 200, body: { errcode } });
  });

  test('an address that is not listed, with the address in words', async () => {
    const { token, page, account } = await openPlatform();
    await page.put(`accounts/${account.appId}/addresses`, { addresses: ['10.0.0.7'] });
    expect(await token()).toMatchObject({
      errcode: 40164,
      errmsg: expect.stringContaining('invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist'),
    });
    await page.put(`accounts/${account.appId}/addresses`, { addresses: [] });
    expect((await token()).errcode).toBe(40164);
    await page.put(`accounts/${account.appId}/addresses`, { addresses: ['127.0.0.1'] });
    expect((await token()).expires_in).toBe(7200);
  });
});

test('each call is in the wire log with what was checked, and neither secret nor token', async () => {
  const { token, stable, page, account, use } = await openPlatform();
  const first = await token();
  const second = await stable();
  await use(first.access_token);
  await page.call('cgi-bin/stable_token', `{"secret":"${account.appSecret}"`);
  const { items } = (await page.get('wire')).body as Page<WireRow>;
  const details = await Promise.all(items.map(async ({ id }) => (await page.get(`wire/${id}`)).body as WireDetail));
  const text = JSON.stringify(details);
  for (const secret of [account.appSecret, first.access_token, second.access_token]) expect(text).not.toContain(secret);
  expect(details.at(-1)).toMatchObject({
    direction: 'call',
    appId: account.appId,
    verdict: 'accepted',
    rule: 'call-answered',
    request: { method: 'GET', path: '/cgi-bin/token', query: { appid: account.appId, secret: '***' } },
    answer: { body: '{"access_token":"***","expires_in":7200}' },
    checks: ['method', 'grant', 'app-id', 'secret', 'address', 'quota'].map((name) => ({ name, passed: true })),
  });
  expect(details[0]).toMatchObject({ rule: 'malformed-call', request: { body: '***' } });
});

test('a call under a name that is not ours is refused: another site cannot read the answer through a browser', async () => {
  const { page } = await openPlatform();
  expect(await page.raw('GET', '/cgi-bin/token', { host: 'evil.example' })).toBe(403);
});

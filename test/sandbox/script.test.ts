import { expect, test } from 'vitest';
import { browse } from './browser.ts';
import { openPlatform } from './calls/platform.ts';
import { open } from './world.ts';

const hour = 3_600_000;

async function openScript() {
  const platform = await openPlatform();
  const { page, account } = platform;
  const send = async (method: string, path: string, body: object) => {
    const address = `http://127.0.0.1:${page.port}/sandbox/api/${path}`;
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(address, { method, headers, body: JSON.stringify(body) });
    const text = await response.text();
    return { status: response.status, ...(text !== '' && { body: JSON.parse(text) as Record<string, unknown> }) };
  };
  const patch = (path: string, body: object) => send('PATCH', path, body);
  return { ...platform, send, patch, own: `script/accounts/${account.appId}` };
}

test('the clock goes back to the real time, and what is still to happen waits for that', async () => {
  const { page, clock } = await openScript();
  await page.post('script/clock', { forward: 2 * hour });
  expect(await page.post('script/clock', { ahead: 0 })).toEqual({ status: 200, body: { now: clock.now(), ahead: 0 } });
  expect((await page.post('script/clock', { ahead: 60_000 })).status).toBe(400);
  expect((await page.get('state')).body).toMatchObject({ now: clock.now() });
});

test('the clock is pushed forward: tokens end, and a restart keeps how far it is ahead', async () => {
  const { page, call, sandbox, database, clock } = await openScript();
  expect(await call('cgi-bin/getcallbackip')).not.toHaveProperty('errcode');
  const pushed = await page.post('script/clock', { forward: 2 * hour });
  expect(pushed).toEqual({ status: 200, body: { now: clock.now() + 2 * hour, ahead: 2 * hour } });
  expect(await call('cgi-bin/getcallbackip')).toMatchObject({ errcode: 42001 });
  await sandbox.close();
  const again = await open(database, clock);
  const reopened = await browse(again);
  expect((await reopened.get('script')).body).toMatchObject({ clock: { ahead: 2 * hour } });
  await again.close();
});

test('callbacks after a push bear a signature of now: a server whose clock was not pushed takes them', async () => {
  const { page, sandbox, openid, server, clock } = await openScript();
  await page.post('script/clock', { forward: 48 * hour });
  await sandbox.say(openid, { kind: 'text', text: '在吗' });
  const { query, xml } = server.requests.at(-1) ?? {};
  expect(query?.timestamp).toBe(String(Math.floor(clock.now() / 1000)));
  expect(xml).toContain(`<CreateTime>${Math.floor((clock.now() + 48 * hour) / 1000)}</CreateTime>`);
});

test('people are put there as they are said to be, without a word to the server', async () => {
  const { page, own, call, server, clock } = await openScript();
  const before = server.requests.length;
  const followedAt = clock.now() - 24 * hour;
  const made = await page.post(`${own}/followers`, {
    followers: [{ openid: 'o-one', name: '一号', isFollowing: true, followedAt, unionid: 'u1', remark: '常客' }, {}],
  });
  expect(made).toMatchObject({ status: 201, body: { openids: ['o-one', expect.stringMatching(/^o/)] } });
  expect(await call('cgi-bin/user/info?openid=o-one')).toMatchObject({
    subscribe_time: followedAt / 1000,
    unionid: 'u1',
    remark: '常客',
  });
  expect(server.requests).toHaveLength(before);
  expect(await page.post(`${own}/followers`, { followers: [{ openid: 'o-two' }, { openid: 'o-one' }] })).toMatchObject({
    status: 409,
  });
  expect(await call('cgi-bin/user/info?openid=o-two')).toMatchObject({ errcode: 40003 });
});

test('ten thousand followers fill a page of the list, and one more begins the next', async () => {
  const { page, own, call } = await openScript();
  await page.post(`${own}/followers`, { followers: Array(10_000).fill({ isFollowing: true }) });
  const first = (await call('cgi-bin/user/get')) as { count?: number; next_openid?: string };
  expect(first).toMatchObject({ total: 10_001, count: 10_000 });
  expect(await call(`cgi-bin/user/get?next_openid=${first.next_openid}`)).toMatchObject({ total: 10_001, count: 1 });
});

test('what is so of a person is changed, and what is not said stays', async () => {
  const { patch, openid, call } = await openScript();
  const { status, body } = await patch(`script/followers/${openid}`, { system: 'android', isBlocked: true });
  expect([status, body]).toEqual([200, expect.objectContaining({ openid, name: '小满', isFollowing: true, system: 'android' })]);
  expect(await call('cgi-bin/tags/members/getblacklist', {})).toMatchObject({ total: 1 });
  await patch(`script/followers/${openid}`, { isFollowing: false });
  expect(await call(`cgi-bin/user/info?openid=${openid}`)).toEqual({ subscribe: 0, openid });
});

test('quotas, tokens and what an account may are set', async () => {
  const { own, call, send, patch, renew } = await openScript();
  expect(await send('PUT', `${own}/quotas`, { call: 'cgi-bin/user/get', used: 500 })).toEqual({ status: 204 });
  expect(await call('cgi-bin/user/get')).toMatchObject({ errcode: 45009 });
  expect(await send('POST', `${own}/tokens/end`, {})).toEqual({ status: 204 });
  expect(await call('cgi-bin/tags/get')).toMatchObject({ errcode: 40001 });
  await renew();
  expect(await patch(own, { isVerified: false })).toMatchObject({ status: 200, body: { isVerified: false } });
  expect(await call('cgi-bin/tags/get')).toMatchObject({ errcode: 48001 });
});

test('a code signs somebody in', async () => {
  const { page, openid, account } = await openScript();
  const { body } = await page.post(`script/followers/${openid}/codes`, { kind: 'login' });
  const { code } = body as { code: string };
  const query = new URLSearchParams({
    appid: account.appId,
    secret: account.appSecret,
    js_code: code,
    grant_type: 'authorization_code',
  });
  expect((await page.call(`sns/jscode2session?${query}`)).body).toMatchObject({ openid });
});

test.each([
  ['a push back', 'POST', 'script/clock', { forward: -1 }, 400],
  ['a fault that there is not', 'PUT', 'script/faults', { calls: [{ name: '*', probability: 1, fault: 'fire' }] }, 400],
  ['a probability above one', 'PUT', 'script/faults', { calls: [{ name: '*', probability: 2, fault: 'busy' }] }, 400],
  ['an account that there is not', 'POST', 'script/accounts/wx0/tokens/end', {}, 404],
  ['a person that there is not', 'POST', 'script/followers/o0/codes', { kind: 'login' }, 404],
])('%s is refused', async (_, method, path, body, status) => {
  const { send } = await openScript();
  expect(await send(method, path, body)).toMatchObject({ status });
});

test('a quota of no call is refused', async () => {
  const { page, own } = await openScript();
  expect(await page.put(`${own}/quotas`, { call: 'cgi-bin/nothing', used: 1 })).toMatchObject({ status: 409 });
});

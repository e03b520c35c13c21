import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { addLoginCode } from '../../../server/sandbox/calls/login.ts';
import { type LoginCode, openLoginRecords, type Scope } from '../../../server/sandbox/calls/login-records.ts';
import { openPlatform } from './platform.ts';

async function openLogin(kind: Parameters<typeof openPlatform>[0] = {}) {
  const platform = await openPlatform(kind);
  const { account, openid, clock, page } = platform;
  const logins = await openLoginRecords(platform.database);
  const code = (what: LoginCode['kind'], scope?: Scope) =>
    addLoginCode(
      logins,
      { appId: account.appId, openid, kind: what, ...(scope && { scope }) },
      { now: clock.now(), random: randomBytes },
    );
  const ask = async (path: string, query: Record<string, string>) =>
    (await page.call(`${path}?${new URLSearchParams(query)}`)).body as Record<string, string> & { errcode?: number };
  const grant = { appid: account.appId, secret: account.appSecret, grant_type: 'authorization_code' };
  const exchange = async (change: Record<string, string> = {}) =>
    ask('sns/oauth2/access_token', { ...grant, code: await code('oauth', 'snsapi_userinfo'), ...change });
  return { ...platform, code, ask, exchange, grant };
}

test('a code is exchanged once for tokens, by which the name and picture are told', async () => {
  const { code, ask, exchange, openid, grant } = await openLogin();
  const once = await code('oauth', 'snsapi_userinfo');
  const tokens = await exchange({ code: once });
  expect(tokens).toMatchObject({ expires_in: 7200, openid, scope: 'snsapi_userinfo' });
  expect(await exchange({ code: once })).toMatchObject({ errcode: 40163 });
  const { access_token = '', refresh_token = '' } = tokens;
  expect(await ask('sns/userinfo', { access_token, openid })).toMatchObject({ openid, nickname: '小满', sex: 0, privilege: [] });
  expect(await ask('sns/auth', { access_token, openid })).toEqual({ errcode: 0, errmsg: 'ok' });
  const refreshed = await ask('sns/oauth2/refresh_token', { appid: grant.appid, grant_type: 'refresh_token', refresh_token });
  expect(refreshed).toMatchObject({ openid, refresh_token });
  expect(await ask('sns/auth', { access_token: refreshed.access_token ?? '', openid })).toMatchObject({ errcode: 0 });
});

test('tokens are over after two hours and thirty days, codes after five minutes', async () => {
  const { code, ask, exchange, clock, openid, grant } = await openLogin();
  const late = await code('oauth', 'snsapi_base');
  const { access_token = '', refresh_token = '' } = await exchange();
  await clock.advance(300_000);
  expect(await exchange({ code: late })).toMatchObject({ errcode: 42003 });
  await clock.advance(6_900_000);
  expect(await ask('sns/auth', { access_token, openid })).toMatchObject({ errcode: 42001 });
  await clock.advance(30 * 86_400_000);
  const refresh = { appid: grant.appid, grant_type: 'refresh_token', refresh_token };
  expect(await ask('sns/oauth2/refresh_token', refresh)).toMatchObject({ errcode: 42002 });
});

describe('what is wrong is refused by its code', () => {
  test.each([
    ['another AppID', { appid: 'wx0000000000000000' }, 40013],
    ['another secret', { secret: '0'.repeat(32) }, 40001],
    ['no secret', { secret: '' }, 41004],
    ['another grant', { grant_type: 'refresh_token' }, 40002],
    ['no code', { code: '' }, 41008],
    ['a code of nobody', { code: '0'.repeat(32) }, 40029],
  ])('%s', async (_, change, errcode) => {
    const { exchange } = await openLogin();
    expect(await exchange(change)).toMatchObject({ errcode });
  });

  test('a code of a mini program, a token of the account, a token for somebody else', async () => {
    const { code, ask, exchange, openid } = await openLogin();
    expect(await exchange({ code: await code('login') })).toMatchObject({ errcode: 40029 });
    const { access_token = '', refresh_token = '' } = await exchange();
    expect(await ask('sns/auth', { access_token, openid: 'o1' })).toMatchObject({ errcode: 40003 });
    expect(await ask('sns/auth', { access_token: refresh_token, openid })).toMatchObject({ errcode: 40001 });
    expect(await ask('cgi-bin/getcallbackip', { access_token })).toMatchObject({ errcode: 40001 });
    const base = await exchange({ code: await code('oauth', 'snsapi_base') });
    expect(await ask('sns/userinfo', { access_token: base.access_token ?? '', openid })).toMatchObject({ errcode: 48001 });
  });

  test('an account that has no web pages', async () => {
    const { exchange } = await openLogin({ kind: 'subscription' });
    expect(await exchange()).toMatchObject({ errcode: 48001 });
  });
});

describe('the page that asks who somebody is', () => {
  test('sends the browser back with a code and the state', async () => {
    const { page, grant, openid, exchange } = await openLogin();
    const query = {
      appid: grant.appid,
      redirect_uri: 'http://127.0.0.1/back?a=1',
      response_type: 'code',
      scope: 'snsapi_base',
      state: 's 1',
    };
    const address = `http://127.0.0.1:${page.port}/connect/oauth2/authorize?${new URLSearchParams(query)}`;
    const asked = await fetch(address);
    expect([asked.status, await asked.text()]).toEqual([200, expect.stringContaining('小满')]);
    const answered = await fetch(`${address}&openid=${openid}`, { redirect: 'manual' });
    expect(answered.status).toBe(302);
    const back = new URL(answered.headers.get('location') ?? '');
    expect([back.origin, back.searchParams.get('a'), back.searchParams.get('state')]).toEqual(['http://127.0.0.1', '1', 's 1']);
    expect(await exchange({ code: back.searchParams.get('code') ?? '' })).toMatchObject({ openid, scope: 'snsapi_base' });
  });

  test.each([
    ['to a host that is not the account’s', { redirect_uri: 'https://evil.example/' }, '10003'],
    ['to no web address', { redirect_uri: 'javascript:alert(1)' }, '10003'],
    ['for a scope that there is not', { scope: 'everything' }, '10005'],
  ])('sends nobody %s', async (_, change, code) => {
    const { page, grant, openid } = await openLogin();
    const query = {
      appid: grant.appid,
      redirect_uri: 'http://127.0.0.1/',
      response_type: 'code',
      scope: 'snsapi_base',
      openid,
      ...change,
    };
    const answer = await fetch(`http://127.0.0.1:${page.port}/connect/oauth2/authorize?${new URLSearchParams(query)}`);
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining(code)]);
  });
});

test('a mini program signs in once by a code; its session is proven by a signature until it is reset', async () => {
  const { code, ask, call, openid, grant } = await openLogin();
  const { grant_type, ...who } = grant;
  const js_code = await code('login');
  const session = await ask('sns/jscode2session', { ...who, grant_type, js_code });
  expect(session).toEqual({ openid, session_key: expect.stringMatching(/^[\w+/]{22}==$/) });
  expect(await ask('sns/jscode2session', { ...who, grant_type, js_code })).toMatchObject({ errcode: 40163 });
  const signature = createHmac('sha256', session.session_key ?? '')
    .update('')
    .digest('hex');
  const proof = new URLSearchParams({ openid, signature, sig_method: 'hmac_sha256' });
  expect(await call(`wxa/checksession?${proof}`)).toEqual({ errcode: 0, errmsg: 'ok' });
  expect(await call(`wxa/resetusersessionkey?${proof}`)).toMatchObject({ errcode: 0, openid });
  expect(await call(`wxa/checksession?${proof}`)).toMatchObject({ errcode: 87009 });
});

test('a phone number is told once for its code, and to nobody who names another person', async () => {
  const { code, call, account, clock } = await openLogin();
  const phone = await code('phone');
  expect(await call('wxa/business/getuserphonenumber', { code: phone })).toEqual({
    errcode: 0,
    errmsg: 'ok',
    phone_info: {
      phoneNumber: '13800000000',
      purePhoneNumber: '13800000000',
      countryCode: '86',
      watermark: { timestamp: Math.floor(clock.now() / 1000), appid: account.appId },
    },
  });
  expect(await call('wxa/business/getuserphonenumber', { code: phone })).toMatchObject({ errcode: 40029 });
  expect(await call('wxa/business/getuserphonenumber', { code: await code('phone'), openid: 'o1' })).toMatchObject({
    errcode: 40003,
  });
});

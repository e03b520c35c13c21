import { expect, test } from 'vitest';
import { openQuotas } from '../../../server/sandbox/quotas.ts';
import { openPlatform } from './platform.ts';

const day = 86_400_000;
const ok = { errcode: 0, errmsg: 'ok' };
const users = { cgi_path: '/cgi-bin/user/get' };

test('a quota tells what was used; beyond it the call is refused until it is cleared', async () => {
  const { call, database, clock, account } = await openPlatform();
  await call('cgi-bin/user/get');
  expect(await call('cgi-bin/openapi/quota/get', users)).toEqual({ ...ok, quota: { daily_limit: 500, used: 1, remain: 499 } });
  const quotas = await openQuotas({ database, clock });
  await quotas.set(account.appId, 'cgi-bin/user/get', 500);
  expect(await call('cgi-bin/user/get')).toMatchObject({
    errcode: 45009,
    errmsg: expect.stringContaining('reach max api daily quota limit'),
  });
  expect(await call('cgi-bin/openapi/quota/get', users)).toMatchObject({ quota: { used: 500, remain: 0 } });
  expect(await call('cgi-bin/openapi/quota/clear', users)).toEqual(ok);
  expect(await call('cgi-bin/user/get')).toMatchObject({ count: 1 });
});

test('all quotas are cleared ten times a month, by token or by secret, and then no more until the next month', async () => {
  const { call, account, page, clock, renew } = await openPlatform();
  const bySecret = async () =>
    (await page.call('cgi-bin/clear_quota/v2', { appid: account.appId, appsecret: account.appSecret })).body as object;
  await call('cgi-bin/user/get');
  for (let times = 0; times < 5; times++) {
    expect(await call('cgi-bin/clear_quota', { appid: account.appId })).toEqual(ok);
    expect(await bySecret()).toEqual(ok);
  }
  expect(await call('cgi-bin/openapi/quota/get', users)).toMatchObject({ quota: { used: 0 } });
  expect(await call('cgi-bin/clear_quota', { appid: account.appId })).toMatchObject({ errcode: 48006 });
  expect(await bySecret()).toMatchObject({ errcode: 48006 });
  await clock.advance(17 * day);
  await renew();
  expect(await bySecret()).toEqual(ok);
});

test('another AppID, a wrong secret and a call that there is not clear nothing', async () => {
  const { call, page, account } = await openPlatform();
  expect(await call('cgi-bin/clear_quota', { appid: 'wx0000000000000000' })).toMatchObject({ errcode: 40013 });
  const wrong = { appid: account.appId, appsecret: '0'.repeat(32) };
  expect((await page.call('cgi-bin/clear_quota/v2', wrong)).body).toMatchObject({ errcode: 40001 });
  expect(await call('cgi-bin/openapi/quota/get', { cgi_path: '/cgi-bin/nothing' })).toMatchObject({ errcode: 76021 });
  expect(await call('cgi-bin/openapi/quota/get', { cgi_path: 'cgi-bin/user/get' })).toMatchObject({ errcode: 76021 });
});

test('a refused call is looked up by its rid for seven days, by its own account, without secrets', async () => {
  const { call, clock, renew, sandbox, page } = await openPlatform();
  const { errmsg = '' } = await call('cgi-bin/user/info/updateremark', { openid: 'o1', remark: 'x' });
  const rid = errmsg.split('rid: ')[1] ?? '';
  const found = (await call('cgi-bin/openapi/rid/get', { rid })) as { request?: Record<string, string> };
  expect(found).toMatchObject({
    ...ok,
    request: {
      invoke_time: Math.floor(clock.now() / 1000),
      request_url: '/cgi-bin/user/info/updateremark?access_token=***',
      request_body: '{"openid":"o1","remark":"x"}',
      response_body: expect.stringContaining(rid),
    },
  });
  const other = await sandbox.ensureAccount({ name: '别家', mode: 'plain' });
  const grant = { grant_type: 'client_credential', appid: other.appId, secret: other.appSecret };
  const { access_token } = (await page.call('cgi-bin/stable_token', grant)).body as { access_token: string };
  expect((await page.call(`cgi-bin/openapi/rid/get?access_token=${access_token}`, { rid })).body).toMatchObject({
    errcode: 76003,
  });
  expect(await call('cgi-bin/openapi/rid/get', { rid: '00000000-00000000-00000000' })).toMatchObject({ errcode: 76001 });
  expect(await call('cgi-bin/openapi/rid/get', { rid: 'x' })).toMatchObject({ errcode: 76002 });
  await clock.advance(7 * day + 1);
  await renew();
  expect(await call('cgi-bin/openapi/rid/get', { rid })).toMatchObject({ errcode: 76004 });
});

test('a ticket is the same for two hours, one of each kind, and opens nothing', async () => {
  const { call, clock, renew, page } = await openPlatform();
  const first = await call('cgi-bin/ticket/getticket?type=jsapi');
  expect(first).toEqual({ ...ok, ticket: expect.any(String), expires_in: 7200 });
  const card = await call('cgi-bin/ticket/getticket?type=wx_card');
  expect(card.ticket).not.toBe(first.ticket);
  await clock.advance(600_000);
  expect(await call('cgi-bin/ticket/getticket?type=jsapi')).toEqual({ ...first, expires_in: 6600 });
  const { body } = await page.call(`cgi-bin/getcallbackip?access_token=${first.ticket}`);
  expect(body).toMatchObject({ errcode: 40001 });
  await clock.advance(6_600_000);
  await renew();
  expect((await call('cgi-bin/ticket/getticket?type=jsapi')).ticket).not.toBe(first.ticket);
  expect(await call('cgi-bin/ticket/getticket?type=other')).toMatchObject({ errcode: 40097 });
});

test('the network is checked as far as is asked', async () => {
  const { call } = await openPlatform();
  const dns = await call('cgi-bin/callback/check', { action: 'dns', check_operator: 'DEFAULT' });
  expect(dns).toMatchObject({ dns: [{ ip: '127.0.0.1' }] });
  expect(dns).not.toHaveProperty('ping');
  expect(await call('cgi-bin/callback/check', { action: 'all', check_operator: 'DEFAULT' })).toMatchObject({
    ping: [{ package_loss: '0%' }],
  });
  expect(await call('cgi-bin/callback/check', { action: 'walk', check_operator: 'DEFAULT' })).toMatchObject({ errcode: 40097 });
});

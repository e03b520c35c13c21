import { describe, expect, it } from 'vitest';
import { type CallName, calls } from '../../../server/channels/wechat/calls/index.ts';
import { entryCodePicture, signInUrl } from '../../../server/channels/wechat/index.ts';
import { refusalOf } from './call-world.ts';
import { openSandboxWorld } from './sandbox-world.ts';

const minute = 60_000;

describe('the token', () => {
  it('is renewed before its end and never asked for more often than needed', async () => {
    const { wechat, clock, arrived } = await openSandboxWorld();
    for (let hours = 0; hours < 12; hours++) {
      for (let times = 0; times < 3; times++) await wechat.call('cgi-bin/getcallbackip');
      await clock.advance(60 * minute);
    }
    expect(await arrived('cgi-bin/getcallbackip')).toBe(36);
    expect(await arrived('cgi-bin/stable_token')).toBeLessThanOrEqual(7);
  });

  it('that somebody else has voided is replaced once for 50 callers of two processes', async () => {
    const { client, start, page, account, clock, arrived } = await openSandboxWorld();
    const processes = [client, await start()].map((one) => one.of('a1'));
    await client.of('a1').call('cgi-bin/getcallbackip');
    await clock.advance(minute);
    const grant = { grant_type: 'client_credential', appid: account.appId, secret: account.appSecret };
    await page.call('cgi-bin/stable_token', { ...grant, force_refresh: true });
    const before = await arrived('cgi-bin/stable_token');
    const calls = Array.from({ length: 50 }, (_, i) => processes[i % 2]?.call('cgi-bin/getcallbackip'));
    expect(await Promise.all(calls)).toEqual(calls.map(() => ({ ip_list: ['127.0.0.1'] })));
    expect(await arrived('cgi-bin/stable_token')).toBe(before + 1);
  });
});

describe('quotas and refused calls', () => {
  it('are told, and the count begins anew when it is cleared', async () => {
    const { wechat } = await openSandboxWorld();
    const cgi_path = '/cgi-bin/getcallbackip';
    const quota = async () => (await wechat.call('cgi-bin/openapi/quota/get', { cgi_path })).quota;
    await wechat.call('cgi-bin/getcallbackip');
    expect(await quota()).toMatchObject({ used: 1 });
    await wechat.call('cgi-bin/openapi/quota/clear', { cgi_path });
    expect(await quota()).toMatchObject({ used: 0 });
    await wechat.call('cgi-bin/getcallbackip');
    await wechat.call('cgi-bin/clear_quota');
    expect(await quota()).toMatchObject({ used: 0 });
    await wechat.call('cgi-bin/clear_quota/v2');
    expect(await refusalOf(wechat.call('cgi-bin/openapi/quota/get', { cgi_path: '/no/such' }))).toMatchObject({
      reason: 'no-such-call',
    });
  });

  it('can be cleared ten times a month', async () => {
    const { wechat } = await openSandboxWorld();
    for (let times = 0; times < 10; times++) await wechat.call('cgi-bin/clear_quota');
    expect(await refusalOf(wechat.call('cgi-bin/clear_quota'))).toMatchObject({ reason: 'no-clearing-left' });
    expect(await refusalOf(wechat.call('cgi-bin/clear_quota/v2'))).toMatchObject({ reason: 'no-clearing-left' });
  });

  it('a refused call is found by the id in its words', async () => {
    const { wechat } = await openSandboxWorld();
    const { message } = await refusalOf(wechat.call('cgi-bin/user/info', { openid: 'oNobody' }));
    const rid = /rid: (\S+)/.exec(message)?.[1] ?? '';
    const { request } = await wechat.call('cgi-bin/openapi/rid/get', { rid });
    expect(request).toMatchObject({
      request_url: expect.stringContaining('cgi-bin/user/info'),
      response_body: expect.stringContaining('40003'),
    });
    expect(await refusalOf(wechat.call('cgi-bin/openapi/rid/get', { rid: '0'.repeat(8) }))).toMatchObject({
      reason: 'wrong-request-id',
    });
  });
});

it('the platform tells its addresses, and tries ours', async () => {
  const { wechat } = await openSandboxWorld();
  expect((await wechat.call('cgi-bin/getcallbackip')).ip_list).toContain('127.0.0.1');
  expect((await wechat.call('cgi-bin/get_api_domain_ip')).ip_list).not.toEqual([]);
  const check = await wechat.call('cgi-bin/callback/check', { action: 'all', check_operator: 'DEFAULT' });
  expect([check.dns.length, check.ping.length].every((count) => count > 0)).toBe(true);
});

it('a ticket is kept for two hours less five minutes, by all processes', async () => {
  const { client, start, clock, arrived } = await openSandboxWorld();
  const first = await client.of('a1').ticket('jsapi');
  await clock.advance(114 * minute);
  expect(await (await start()).of('a1').ticket('jsapi')).toBe(first);
  expect(await arrived('cgi-bin/ticket/getticket')).toBe(1);
  await clock.advance(2 * minute);
  await client.of('a1').ticket('jsapi');
  expect(await arrived('cgi-bin/ticket/getticket')).toBe(2);
});

describe('codes', () => {
  it('lead to the account, for a while or for good, and have a picture', async () => {
    const { wechat, url } = await openSandboxWorld();
    const scene = { scene_str: 'table-7' };
    const short = await wechat.call('cgi-bin/qrcode/create', {
      ...{ action_name: 'QR_STR_SCENE', expire_seconds: 600, action_info: { scene } },
    });
    expect(short).toMatchObject({ expire_seconds: 600, url: expect.stringMatching(/^http/) });
    const lasting = await wechat.call('cgi-bin/qrcode/create', {
      action_name: 'QR_LIMIT_SCENE',
      action_info: { scene: { scene_id: 7 } },
    });
    expect(lasting.expire_seconds).toBeUndefined();
    const shown = await fetch(entryCodePicture(lasting.ticket, url));
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/png']);
  });

  it('of a subscription account there are none', async () => {
    const { wechat } = await openSandboxWorld({ kind: 'subscription' });
    const code = { action_name: 'QR_LIMIT_SCENE', action_info: { scene: { scene_id: 7 } } } as const;
    expect(await refusalOf(wechat.call('cgi-bin/qrcode/create', code))).toMatchObject({ reason: 'not-granted' });
  });

  it('short keys stand for what is longer', async () => {
    const { wechat, clock } = await openSandboxWorld();
    const { short_key } = await wechat.call('cgi-bin/shorten/gen', { long_data: '券='.repeat(50), expire_seconds: 60 });
    expect(await wechat.call('cgi-bin/shorten/fetch', { short_key })).toMatchObject({
      long_data: '券='.repeat(50),
      expire_seconds: 60,
    });
    await clock.advance(minute);
    expect(await refusalOf(wechat.call('cgi-bin/shorten/fetch', { short_key }))).toMatchObject({ reason: 'wrong-argument' });
  });
});

describe('codes and links of a mini-program', () => {
  const png = expect.objectContaining({ type: 'image/png', bytes: expect.any(Buffer) });

  it('have pictures', async () => {
    const { wechat } = await openSandboxWorld();
    expect(await wechat.call('wxa/getwxacode', { path: 'pages/a?x=1' })).toEqual(png);
    expect(await wechat.call('cgi-bin/wxaapp/createwxaqrcode', { path: 'pages/a', width: 300 })).toEqual(png);
    expect(await wechat.call('wxa/getwxacodeunlimit', { scene: 't=7', page: 'pages/a', check_path: false })).toEqual(png);
    const wrong = wechat.call('wxa/getwxacodeunlimit', { scene: '中文' });
    expect(await refusalOf(wrong)).toMatchObject({ code: 40169, reason: 'wrong-scene' });
  });

  it('are told what they lead to, and for how long', async () => {
    const { wechat, clock } = await openSandboxWorld();
    const place = { path: 'pages/a', query: 'x=1' };
    const ends = { expire_type: 1, expire_interval: 3 } as const;
    const { openlink } = await wechat.call('wxa/generatescheme', { jump_wxa: place, is_expire: true, ...ends });
    const leads = { ...place, env_version: 'release', expire_time: clock.now() / 1000 + 3 * 86_400 };
    expect((await wechat.call('wxa/queryscheme', { scheme: openlink })).scheme_info).toMatchObject(leads);
    const { url_link } = await wechat.call('wxa/generate_urllink', { ...place, ...ends });
    expect((await wechat.call('wxa/query_urllink', { url_link })).url_link_info).toMatchObject(leads);
    expect((await wechat.call('wxa/query_urllink', { url_link, query_type: 1 })).quota_info).toEqual({
      remain_visit_quota: 3_000_000,
    });
    expect((await wechat.call('wxa/genwxashortlink', { page_url: 'pages/a', page_title: '点单' })).link).toMatch(/^#小程序/);
    expect((await wechat.call('wxa/generatenfcscheme', { jump_wxa: place, model_id: 'm' })).openlink).toMatch(/^weixin:/);
    const late = { ...place, expire_type: 0, expire_time: clock.now() / 1000 + 31 * 86_400 } as const;
    expect(await refusalOf(wechat.call('wxa/generate_urllink', late))).toMatchObject({ reason: 'no-long-links-left' });
  });
});

describe('a person on a web page', () => {
  it('comes back with a code, which tells who it is once', async () => {
    const { wechat, url, account, openid } = await openSandboxWorld();
    const page = {
      appId: account.appId,
      redirectUrl: 'http://127.0.0.1/back?a=1',
      scope: 'snsapi_userinfo',
      state: 's1',
    } as const;
    const address = new URL(signInUrl(page, url));
    address.searchParams.set('openid', openid);
    const sent = await fetch(address, { redirect: 'manual' });
    const back = new URL(sent.headers.get('location') ?? '');
    expect([back.searchParams.get('a'), back.searchParams.get('state')]).toEqual(['1', 's1']);
    const code = back.searchParams.get('code') ?? '';
    const token = await wechat.call('sns/oauth2/access_token', { code });
    expect(token).toMatchObject({ openid, scope: 'snsapi_userinfo', is_snapshotuser: 0 });
    expect(await refusalOf(wechat.call('sns/oauth2/access_token', { code }))).toMatchObject({ reason: 'code-used' });
    const { access_token, refresh_token } = token;
    expect(await wechat.call('sns/userinfo', { access_token, openid, lang: 'zh_CN' })).toMatchObject({
      openid,
      nickname: '小满',
    });
    await wechat.call('sns/auth', { access_token, openid });
    expect(await wechat.call('sns/oauth2/refresh_token', { refresh_token })).toMatchObject({ openid });
    expect(await refusalOf(wechat.call('sns/auth', { access_token: 'x', openid }))).toMatchObject({ code: 40001 });
  });

  it('with a code of nobody’s is nobody', async () => {
    const { wechat } = await openSandboxWorld();
    expect(await refusalOf(wechat.call('sns/oauth2/access_token', { code: 'x' }))).toMatchObject({ reason: 'wrong-code' });
    expect(await refusalOf(wechat.call('sns/jscode2session', { js_code: 'x' }))).toMatchObject({ reason: 'wrong-code' });
    expect(await refusalOf(wechat.call('wxa/business/getuserphonenumber', { code: 'x' }))).toMatchObject({
      reason: 'wrong-code',
    });
  });
});

describe('figures', () => {
  const july = { begin_date: '2026-07-15', end_date: '2026-07-15' };

  it('of a day are told when it is over', async () => {
    const { wechat, clock, sandbox, openid } = await openSandboxWorld();
    await sandbox.say(openid, { kind: 'text', text: '附近' });
    expect(await refusalOf(wechat.call('datacube/getusersummary', july))).toMatchObject({ reason: 'wrong-date-range' });
    await clock.advance(24 * 60 * minute);
    expect((await wechat.call('datacube/getusersummary', july)).list).toMatchObject([
      { ref_date: '2026-07-15', new_user: 1, cancel_user: 0 },
    ]);
    expect((await wechat.call('datacube/getusercumulate', july)).list).toMatchObject([{ cumulate_user: 1 }]);
    expect((await wechat.call('datacube/getupstreammsg', july)).list).toMatchObject([{ msg_type: 1, msg_user: 1, msg_count: 1 }]);
    expect((await wechat.call('datacube/getupstreammsgdist', july)).list).toMatchObject([{ count_interval: 1, msg_user: 1 }]);
    expect((await wechat.call('datacube/getinterfacesummary', july)).list).toMatchObject([{ fail_count: 0 }]);
    expect((await wechat.call('datacube/getarticletotal', july)).list).toEqual([]);
  });

  it('of every kind are read', async () => {
    const { wechat, clock, sandbox, openid } = await openSandboxWorld();
    await sandbox.say(openid, { kind: 'text', text: '附近' });
    await clock.advance(24 * 60 * minute);
    const kinds = (Object.keys(calls) as CallName[]).filter((name) => name.startsWith('datacube/'));
    expect(kinds).toHaveLength(17);
    for (const name of kinds)
      expect(await wechat.call(name as 'datacube/getuserread', july)).toEqual({ list: expect.any(Array) });
    const hours = await wechat.call('datacube/getupstreammsghour', july);
    expect(hours.list).toMatchObject([{ ref_date: '2026-07-15', ref_hour: 1000, msg_count: 1 }]);
  });

  it('of dates that there are not are refused', async () => {
    const { wechat } = await openSandboxWorld();
    const wrong = { begin_date: '2026-02-30', end_date: '2026-02-30' };
    expect(await refusalOf(wechat.call('datacube/getuserread', wrong))).toMatchObject({ reason: 'wrong-date' });
  });
});

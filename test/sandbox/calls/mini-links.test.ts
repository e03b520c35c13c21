import { describe, expect, test } from 'vitest';
import { openPlatform } from './platform.ts';

const day = 86_400;

test('a link is told with what it opens and until when, to its own account alone', async () => {
  const { call, clock, account, sandbox, page } = await openPlatform();
  const now = Math.floor(clock.now() / 1000);
  const { url_link } = (await call('wxa/generate_urllink', {
    path: 'pages/order',
    query: 'table=7',
    expire_type: 1,
    expire_interval: 2,
  })) as { url_link?: string };
  expect(url_link).toMatch(/^https:\/\/wxaurl\.cn\/\w{15}$/);
  expect(await call('wxa/query_urllink', { url_link })).toEqual({
    errcode: 0,
    errmsg: 'ok',
    url_link_info: {
      appid: account.appId,
      path: 'pages/order',
      query: 'table=7',
      create_time: now,
      expire_time: now + 2 * day,
      env_version: 'release',
    },
  });
  expect(await call('wxa/query_urllink', { url_link, query_type: 1 })).toMatchObject({ quota_info: {} });
  const other = await sandbox.ensureAccount({ name: '别家', mode: 'plain' });
  const grant = { grant_type: 'client_credential', appid: other.appId, secret: other.appSecret };
  const { access_token } = (await page.call('cgi-bin/stable_token', grant)).body as { access_token: string };
  expect((await page.call(`wxa/query_urllink?access_token=${access_token}`, { url_link })).body).toMatchObject({
    errcode: 40097,
  });
});

test('a scheme lives until its time', async () => {
  const { call, clock } = await openPlatform();
  const expire_time = Math.floor(clock.now() / 1000) + day;
  const jump_wxa = { path: 'pages/order', query: '' };
  const { openlink } = (await call('wxa/generatescheme', { jump_wxa, is_expire: true, expire_type: 0, expire_time })) as {
    openlink?: string;
  };
  expect(await call('wxa/queryscheme', { scheme: openlink })).toMatchObject({
    scheme_info: { path: 'pages/order', expire_time },
  });
});

test('codes are pictures', async () => {
  const { page, grant } = await openPlatform();
  const { access_token } = (await page.call('cgi-bin/stable_token', grant)).body as { access_token: string };
  const ask = (path: string, body: object) =>
    fetch(`http://127.0.0.1:${page.port}/${path}?access_token=${access_token}`, { method: 'POST', body: JSON.stringify(body) });
  for (const answer of [
    await ask('wxa/getwxacodeunlimit', { scene: 'table=7', page: 'pages/order' }),
    await ask('wxa/getwxacode', { path: 'pages/order?table=7' }),
    await ask('cgi-bin/wxaapp/createwxaqrcode', { path: 'pages/order', width: 280 }),
  ])
    expect([answer.headers.get('content-type'), (await answer.bytes()).subarray(1, 4).toString()]).toEqual([
      'image/png',
      '80,78,71',
    ]);
});

describe('what is wrong is refused by its code', () => {
  test.each([
    ['a scene of 33 characters', 'wxa/getwxacodeunlimit', { scene: 'x'.repeat(33) }, 40169],
    ['a scene in Chinese', 'wxa/getwxacodeunlimit', { scene: '七号桌' }, 40169],
    ['a page with a slash before it', 'wxa/getwxacodeunlimit', { scene: 'a', page: '/pages/order' }, 41030],
    ['a page with a query', 'wxa/getwxacodeunlimit', { scene: 'a', page: 'pages/order?a=1' }, 41030],
    ['no path', 'wxa/getwxacode', {}, 40165],
    ['a picture too small', 'wxa/getwxacode', { path: 'p', width: 100 }, 40097],
    ['a query in Chinese', 'wxa/generate_urllink', { query: '七=1' }, 40212],
    ['more than thirty days', 'wxa/generate_urllink', { expire_type: 1, expire_interval: 31 }, 85401],
    ['a time too far ahead', 'wxa/generate_urllink', { expire_type: 0, expire_time: 4_000_000_000 }, 85400],
    ['a scheme without an end', 'wxa/generatescheme', { is_expire: false }, 85400],
    ['a list for a place', 'wxa/generatescheme', { jump_wxa: [], is_expire: true }, 40097],
    ['a link of nobody', 'wxa/queryscheme', { scheme: 'weixin://dl/business/?t=x' }, 40097],
  ])('%s', async (_, path, fields, errcode) => {
    const { call } = await openPlatform();
    expect(await call(path, fields)).toMatchObject({ errcode });
  });

  test.each(['constructor', '__proto__', 'toString'])('a name that every object has: %s', async (name) => {
    const { call } = await openPlatform();
    expect(await call('cgi-bin/qrcode/create', { action_name: name })).toMatchObject({ errcode: 40097 });
    expect(await call('cgi-bin/menu/create', { button: [{ name: 'x', type: name }] })).toMatchObject({ errcode: 40015 });
    expect(await call('cgi-bin/openapi/quota/get', { cgi_path: `/${name}` })).toMatchObject({ errcode: 76021 });
  });
});

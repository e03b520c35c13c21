import { describe, expect, test } from 'vitest';
import { openPlatform } from './platform.ts';

interface Code {
  ticket: string;
  expire_seconds?: number;
  url: string;
}

async function openCodes() {
  const platform = await openPlatform();
  const make = async (action_name: string, scene: object, more: object = {}) =>
    (await platform.call('cgi-bin/qrcode/create', { action_name, action_info: { scene }, ...more })) as unknown as Code;
  const image = (ticket: string) =>
    fetch(`http://127.0.0.1:${platform.page.port}/cgi-bin/showqrcode?${new URLSearchParams({ ticket })}`);
  return { ...platform, make, image };
}

test('who follows by a code brings its scene and its ticket, and so does who scans it later', async () => {
  const { make, addFollower, sandbox, server } = await openCodes();
  const code = await make('QR_STR_SCENE', { scene_str: 'table-7' }, { expire_seconds: 600 });
  expect(code).toEqual({
    ticket: expect.stringMatching(/^gQ\w{90}==$/),
    expire_seconds: 600,
    url: expect.stringMatching(/^http:\/\/weixin\.qq\.com\/q\/\w+$/),
  });
  const openid = await addFollower('王一川', 'table-7');
  expect(server.requests.at(-1)?.xml).toContain(
    `<EventKey><![CDATA[qrscene_table-7]]></EventKey><Ticket><![CDATA[${code.ticket}]]></Ticket>`,
  );
  await sandbox.say(openid, { kind: 'scan', entryCode: 'table-7' });
  expect(server.requests.at(-1)?.xml).toContain(
    `<EventKey><![CDATA[table-7]]></EventKey><Ticket><![CDATA[${code.ticket}]]></Ticket>`,
  );
});

test('a code that is over is scanned by nobody, unless there is a newer one', async () => {
  const { make, addFollower, sandbox, openid, clock } = await openCodes();
  await make('QR_STR_SCENE', { scene_str: 'table-7' });
  await clock.advance(60_000);
  const scan = () => sandbox.say(openid, { kind: 'scan', entryCode: 'table-7' });
  await expect(scan()).rejects.toMatchObject({ code: 'request.refused' });
  await expect(addFollower('陈可', 'table-7')).rejects.toMatchObject({ code: 'request.refused' });
  await make('QR_STR_SCENE', { scene_str: 'table-7' });
  expect((await scan()).tries).toMatchObject([{ verdict: 'acknowledged' }]);
});

test('the picture of a code needs no token; of a ticket that there is not there is none', async () => {
  const { make, image } = await openCodes();
  const { ticket } = await make('QR_LIMIT_SCENE', { scene_id: 1 });
  const found = await image(ticket);
  expect([found.status, found.headers.get('content-type')]).toEqual([200, 'image/png']);
  expect(
    Buffer.from(await found.arrayBuffer())
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG');
  expect((await image('gQ')).status).toBe(404);
});

test('a permanent code is one of its scene, a temporary one is made anew each time and lives for a minute by itself', async () => {
  const { make } = await openCodes();
  const first = await make('QR_LIMIT_STR_SCENE', { scene_str: 'door' });
  expect(first).not.toHaveProperty('expire_seconds');
  expect(await make('QR_LIMIT_STR_SCENE', { scene_str: 'door' })).toEqual(first);
  const temporary = await make('QR_SCENE', { scene_id: 9 });
  expect(temporary.expire_seconds).toBe(60);
  expect((await make('QR_SCENE', { scene_id: 9 })).ticket).not.toBe(temporary.ticket);
});

describe('a scene that is not as it should be', () => {
  test('is 0 when it is not said, and the largest number when it is out of range', async () => {
    const { call, make, database } = await openCodes();
    const scenes = async ({ ticket }: Code) => {
      const codes = database.connection.collection<{ _id: string; scene: string }>('codes');
      return (await codes.findOne({ _id: ticket }))?.scene;
    };
    const bare = (await call('cgi-bin/qrcode/create', {
      action_name: 'QR_SCENE',
      action_info: { scene_id: 5 },
    })) as unknown as Code;
    expect(await scenes(bare)).toBe('0');
    expect(await scenes(await make('QR_LIMIT_SCENE', { scene_id: 100_001 }))).toBe('4294967295');
    expect(await scenes(await make('QR_SCENE', { scene_id: -1 }))).toBe('4294967295');
  });

  test.each([
    ['an action that there is not', { action_name: 'QR' }],
    ['a text too long', { action_name: 'QR_STR_SCENE', action_info: { scene: { scene_str: 'x'.repeat(65) } } }],
    ['a fraction', { action_name: 'QR_SCENE', action_info: { scene: { scene_id: 1.5 } } }],
    ['a life of more than thirty days', { action_name: 'QR_SCENE', expire_seconds: 2_592_001 }],
  ])('%s is refused', async (_, fields) => {
    const { call } = await openCodes();
    expect(await call('cgi-bin/qrcode/create', fields)).toMatchObject({ errcode: 40097 });
  });

  test('is of no account that may not', async () => {
    const { call } = await openPlatform({ kind: 'subscription' });
    expect(await call('cgi-bin/qrcode/create', { action_name: 'QR_SCENE' })).toMatchObject({ errcode: 48001 });
  });
});

test('a short key gives its text back until it is over, to its own account alone', async () => {
  const { call, clock, renew, sandbox, page } = await openCodes();
  const { short_key } = (await call('cgi-bin/shorten/gen', { long_data: 'https://half.example/?a=1', expire_seconds: 3600 })) as {
    short_key?: string;
  };
  expect(short_key).toMatch(/^\w{15}$/);
  await clock.advance(600_000);
  expect(await call('cgi-bin/shorten/fetch', { short_key })).toMatchObject({
    errcode: 0,
    long_data: 'https://half.example/?a=1',
    expire_seconds: 3000,
  });
  const other = await sandbox.ensureAccount({ name: '别家', mode: 'plain' });
  const grant = { grant_type: 'client_credential', appid: other.appId, secret: other.appSecret };
  const { access_token } = (await page.call('cgi-bin/stable_token', grant)).body as { access_token: string };
  const theirs = (await page.call(`cgi-bin/shorten/fetch?access_token=${access_token}`, { short_key })).body;
  expect(theirs).toMatchObject({ errcode: 40097 });
  await clock.advance(3_000_000);
  await renew();
  expect(await call('cgi-bin/shorten/fetch', { short_key })).toMatchObject({ errcode: 40097 });
  expect(await call('cgi-bin/shorten/gen', { long_data: 'x'.repeat(4097) })).toMatchObject({ errcode: 40097 });
});

import { describe, expect, test } from 'vitest';
import type { EntryCode, PhoneMenu, Speech, WireRow } from '../../server/sandbox/contract.ts';
import { openPlatform } from './calls/platform.ts';

const steps: [Speech, string][] = [
  [
    { kind: 'menu-page', url: 'https://half.example/order', menuId: 7 },
    '<Event><![CDATA[VIEW]]></Event><EventKey><![CDATA[https://half.example/order]]></EventKey><MenuId>7</MenuId></xml>',
  ],
  [
    { kind: 'menu-app', path: 'pages/index', menuId: 7 },
    '<Event><![CDATA[view_miniprogram]]></Event><EventKey><![CDATA[pages/index]]></EventKey><MenuId>7</MenuId></xml>',
  ],
  [
    { kind: 'menu-scan', key: 'till', content: '7KQ4', isAwaited: true },
    '<Event><![CDATA[scancode_waitmsg]]></Event><EventKey><![CDATA[till]]></EventKey><ScanCodeInfo><ScanType><![CDATA[qrcode]]></ScanType><ScanResult><![CDATA[7KQ4]]></ScanResult></ScanCodeInfo></xml>',
  ],
  [
    { kind: 'menu-picture', key: 'show', from: 'album', url: 'https://half.example/a.jpg' },
    '<Event><![CDATA[pic_weixin]]></Event><EventKey><![CDATA[show]]></EventKey><SendPicsInfo><Count>1</Count><PicList><item><PicMd5Sum><![CDATA[457138bef56e93dc58822fac38aecc4f]]></PicMd5Sum></item></PicList></SendPicsInfo></xml>',
  ],
  [
    { kind: 'menu-place', key: 'near', latitude: 30.25, longitude: 120.16, label: '湖滨' },
    '<Event><![CDATA[location_select]]></Event><EventKey><![CDATA[near]]></EventKey><SendLocationInfo><Location_X><![CDATA[30.25]]></Location_X><Location_Y><![CDATA[120.16]]></Location_Y><Scale><![CDATA[16]]></Scale><Label><![CDATA[湖滨]]></Label><Poiname><![CDATA[]]></Poiname></SendLocationInfo></xml>',
  ],
];

describe('a menu button', () => {
  test.each(steps)('is told as the platform tells it: %o', async (step, end) => {
    const { sandbox, server, openid } = await openPlatform();
    await sandbox.say(openid, step);
    expect(server.requests.at(-1)?.xml).toContain(end);
    expect((await sandbox.chat(openid)).some(({ from }) => from === 'follower')).toBe(false);
  });

  test('that leads to a page opens no window for the account, one that scans does', async () => {
    const { sandbox, call, openid, page } = await openPlatform();
    const write = () => call('cgi-bin/message/custom/send', { touser: openid, msgtype: 'text', text: { content: '你好' } });
    for (let sent = 0; sent < 3; sent++) await write();
    expect(await write()).toMatchObject({ errcode: 45047 });
    await sandbox.say(openid, { kind: 'menu-page', url: 'https://half.example/', menuId: 1 });
    expect(await write()).toMatchObject({ errcode: 45047 });
    await sandbox.say(openid, { kind: 'menu-scan', key: 'till', content: '7KQ4', isAwaited: false });
    expect(await write()).toMatchObject({ errcode: 0 });
    const calls = (await page.get('wire?direction=call&limit=200')).body as { items: WireRow[] };
    expect(new Set(calls.items.map(({ direction }) => direction))).toEqual(new Set(['call']));
  });
});

test('a phone is told its menu and the codes that can be scanned', async () => {
  const { call, openid, page, account } = await openPlatform();
  expect((await page.get(`followers/${openid}/menu`)).body).toEqual({ buttons: [] });
  await call('cgi-bin/menu/create', {
    button: [{ name: '更多', sub_button: [{ type: 'view', name: '点单', url: 'https://half.example/' }] }],
  });
  expect((await page.get(`followers/${openid}/menu`)).body as PhoneMenu).toEqual({
    menuId: expect.any(Number),
    buttons: [{ name: '更多', below: [{ name: '点单', type: 'view', url: 'https://half.example/', below: [] }] }],
  });
  expect((await page.get('followers/nobody/menu')).status).toBe(404);
  await call('cgi-bin/qrcode/create', { action_name: 'QR_LIMIT_STR_SCENE', action_info: { scene: { scene_str: 'door' } } });
  expect((await page.get(`accounts/${account.appId}/codes`)).body as EntryCode[]).toEqual([
    { ticket: expect.any(String), scene: 'door', url: expect.stringMatching(/^http:/) },
  ]);
});

import { describe, expect, test } from 'vitest';
import { openPlatform } from './platform.ts';

const order = { type: 'view', name: '点单', url: 'https://half.example/order' };
const hours = { type: 'click', name: '营业时间', key: 'hours' };
const menu = { button: [order, { name: '更多', sub_button: [hours] }] };
const kept = [
  { ...order, sub_button: [] },
  { name: '更多', sub_button: [{ ...hours, sub_button: [] }] },
];

test('a menu is kept, told in both nestings, and deleted', async () => {
  const { call } = await openPlatform();
  expect(await call('cgi-bin/menu/get')).toMatchObject({ errcode: 46003 });
  expect(await call('cgi-bin/get_current_selfmenu_info')).toEqual({ is_menu_open: 0, selfmenu_info: { button: [] } });
  expect(await call('cgi-bin/menu/create', menu)).toEqual({ errcode: 0, errmsg: 'ok' });
  expect(await call('cgi-bin/menu/get')).toEqual({ menu: { button: kept } });
  expect(await call('cgi-bin/get_current_selfmenu_info')).toEqual({
    is_menu_open: 1,
    selfmenu_info: { button: [order, { name: '更多', sub_button: { list: [hours] } }] },
  });
  expect(await call('cgi-bin/menu/delete')).toMatchObject({ errcode: 0 });
  expect(await call('cgi-bin/menu/get')).toMatchObject({ errcode: 46003 });
});

test('the newest conditional menu that fits goes before the others and the default', async () => {
  const { call, openid } = await openPlatform();
  const add = (name: string, matchrule: object) =>
    call('cgi-bin/menu/addconditional', { button: [{ ...hours, name }], matchrule });
  const seen = async () =>
    ((await call('cgi-bin/menu/trymatch', { user_id: openid })) as { button?: { name: string }[] }).button?.[0]?.name;
  expect(await add('早', { tag_id: '2' })).toMatchObject({ errcode: 65303 });
  await call('cgi-bin/menu/create', menu);
  expect(await seen()).toBe('点单');
  const { menuid } = await add('手机', { client_platform_type: '1' });
  expect(menuid).toMatch(/^\d+$/);
  await add('安卓', { client_platform_type: '2' });
  await add('星标', { tag_id: '2', client_platform_type: '' });
  expect(await seen()).toBe('手机');
  await call('cgi-bin/tags/members/batchtagging', { openid_list: [openid], tagid: 2 });
  expect(await seen()).toBe('星标');
  const { conditionalmenu } = (await call('cgi-bin/menu/get')) as { conditionalmenu?: unknown[] };
  expect(conditionalmenu).toHaveLength(3);
  expect(conditionalmenu?.[2]).toMatchObject({ matchrule: { client_platform_type: '1' }, menuid: Number(menuid) });
  expect(await call('cgi-bin/menu/delconditional', { menuid })).toMatchObject({ errcode: 0 });
  expect(await call('cgi-bin/menu/delconditional', { menuid })).toMatchObject({ errcode: 65301 });
  await call('cgi-bin/menu/delete');
  expect(await seen()).toBeUndefined();
});

describe('what is wrong with a menu is refused by its code', () => {
  const one = (button: object) => ({ button: [button] });
  const below = (button: object) => one({ name: '更多', sub_button: [button] });
  test.each([
    ['no buttons', { button: [] }, 40016],
    ['four buttons', { button: [hours, hours, hours, hours] }, 40016],
    ['no type', one({ name: 'x', key: 'k' }), 40015],
    ['no name', one({ type: 'click', key: 'k' }), 40018],
    ['a name of 17 bytes', one({ ...hours, name: 'x'.repeat(17) }), 40018],
    ['no key', one({ type: 'click', name: 'x' }), 40019],
    ['a key of 129 bytes', one({ ...hours, key: 'x'.repeat(129) }), 40019],
    ['an address of 1025 bytes', one({ ...order, url: `https://x.example/${'x'.repeat(1007)}` }), 40020],
    ['no web address', one({ ...order, url: 'javascript:alert(1)' }), 40055],
    ['six buttons below', one({ name: 'x', sub_button: Array(6).fill(hours) }), 40023],
    ['a third level', below({ name: 'x', sub_button: [hours] }), 40022],
    ['no type below', below({ name: 'x' }), 40024],
    ['a name of 61 bytes below', below({ ...hours, name: 'x'.repeat(61) }), 40025],
    ['a key too long below', below({ ...hours, key: 'x'.repeat(129) }), 40026],
    ['a mini program without its id', one({ type: 'miniprogram', name: 'x', url: 'https://x.example', pagepath: 'p' }), 40035],
    ['escaped Chinese', '{"button":[{"type":"click","name":"\\u70b9","key":"k"}]}', 40033],
  ])('%s', async (_, fields, errcode) => {
    const { call } = await openPlatform();
    expect(await call('cgi-bin/menu/create', fields)).toMatchObject({ errcode });
  });

  test.each([
    ['no rule', {}, 65304],
    ['a rule without a word', { matchrule: { tag_id: '' } }, 65304],
    ['a private trait', { matchrule: { sex: '1', tag_id: '2' } }, 65320],
    [
      'too many domains',
      { button: [order, ...[1, 2].map((n) => ({ ...order, url: `https://${n}.example` }))], matchrule: { tag_id: '2' } },
      65316,
    ],
  ])('%s of a conditional one', async (_, change, errcode) => {
    const { call } = await openPlatform();
    await call('cgi-bin/menu/create', menu);
    const others = [4, 5].map((n) => ({ ...order, url: `https://${n}.example` }));
    await call('cgi-bin/menu/addconditional', { button: others, matchrule: { tag_id: '2' } });
    expect(await call('cgi-bin/menu/addconditional', { button: [hours], ...change })).toMatchObject({ errcode });
  });

  test('a subscription account that is not verified', async () => {
    const { call } = await openPlatform({ kind: 'subscription', isVerified: false });
    expect(await call('cgi-bin/menu/create', menu)).toMatchObject({ errcode: 48001 });
  });
});

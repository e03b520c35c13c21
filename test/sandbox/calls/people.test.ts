import { describe, expect, test } from 'vitest';
import { openPlatform } from './platform.ts';

test('a follower is told as the platform tells it since 2021: name and picture empty, scene and time kept', async () => {
  const { call, openid, clock } = await openPlatform();
  expect(await call(`cgi-bin/user/info?openid=${openid}&lang=zh_CN`)).toEqual({
    subscribe: 1,
    openid,
    nickname: '',
    sex: 0,
    language: 'zh_CN',
    city: '',
    province: '',
    country: '',
    headimgurl: '',
    subscribe_time: Math.floor(clock.now() / 1000),
    remark: '',
    groupid: 0,
    tagid_list: [],
    subscribe_scene: 'ADD_SCENE_SEARCH',
    qr_scene: 0,
    qr_scene_str: '',
  });
});

test('who came by a code is told with its scene, as a number or a text', async () => {
  const { call, addFollower } = await openPlatform();
  const byNumber = await addFollower('王一川', '123');
  const byText = await addFollower('陈可', 'table-7');
  expect(await call(`cgi-bin/user/info?openid=${byNumber}`)).toMatchObject({
    subscribe_scene: 'ADD_SCENE_QR_CODE',
    qr_scene: 123,
    qr_scene_str: '',
  });
  expect(await call(`cgi-bin/user/info?openid=${byText}`)).toMatchObject({ qr_scene: 0, qr_scene_str: 'table-7' });
});

test('of who does not follow, or no longer, nothing but that is told', async () => {
  const { call, sandbox, account, openid } = await openPlatform();
  const { openid: stranger } = await sandbox.createFollower(account, { name: '陈可' });
  await sandbox.unfollow(openid);
  expect(await call(`cgi-bin/user/info?openid=${stranger}`)).toEqual({ subscribe: 0, openid: stranger });
  expect(await call('cgi-bin/user/info/batchget', { user_list: [{ openid }, { openid: stranger, lang: 'en' }] })).toEqual({
    user_info_list: [
      { subscribe: 0, openid },
      { subscribe: 0, openid: stranger },
    ],
  });
});

test('the list of followers ends with a page without data', async () => {
  const { call, addFollower, openid } = await openPlatform();
  const all = [openid, await addFollower('王一川')].sort();
  expect(await call('cgi-bin/user/get?next_openid=')).toEqual({
    total: 2,
    count: 2,
    data: { openid: all },
    next_openid: all[1],
  });
  expect(await call(`cgi-bin/user/get?next_openid=${all[0]}`)).toMatchObject({ count: 1, data: { openid: [all[1]] } });
  expect(await call(`cgi-bin/user/get?next_openid=${all[1]}`)).toEqual({ total: 2, count: 0, next_openid: '' });
});

test('a remark is kept and told; who does not follow has none', async () => {
  const { call, sandbox, openid } = await openPlatform();
  expect(await call('cgi-bin/user/info/updateremark', { openid, remark: '爱喝美式' })).toEqual({ errcode: 0, errmsg: 'ok' });
  expect(await call(`cgi-bin/user/info?openid=${openid}`)).toMatchObject({ remark: '爱喝美式' });
  expect(await call('cgi-bin/user/info/updateremark', { openid, remark: '长'.repeat(30) })).toMatchObject({ errcode: 40097 });
  await sandbox.unfollow(openid);
  expect(await call('cgi-bin/user/info/updateremark', { openid, remark: '' })).toMatchObject({ errcode: 43004 });
});

test('who is on the black list is listed there until let in again', async () => {
  const { call, openid } = await openPlatform();
  expect(await call('cgi-bin/tags/members/batchblacklist', { openid_list: [openid] })).toMatchObject({ errcode: 0 });
  expect(await call('cgi-bin/tags/members/getblacklist', { begin_openid: '' })).toEqual({
    total: 1,
    count: 1,
    data: { openid: [openid] },
    next_openid: openid,
  });
  expect(await call('cgi-bin/tags/members/batchunblacklist', { openid_list: [openid] })).toMatchObject({ errcode: 0 });
  expect(await call('cgi-bin/tags/members/getblacklist', {})).toEqual({ total: 0, count: 0, next_openid: '' });
});

describe('what is wrong is refused by its code', () => {
  const many = (count: number) => Array.from({ length: count }, (_, place) => `o${place}`);
  test.each([
    ['no openid', 'cgi-bin/user/info', undefined, 41009],
    ['an openid that nobody has', 'cgi-bin/user/info?openid=o123', undefined, 40003],
    ['a place in the list that nobody has', 'cgi-bin/user/get?next_openid=o123', undefined, 40003],
    ['no list', 'cgi-bin/user/info/batchget', {}, 40032],
    ['an empty list', 'cgi-bin/user/info/batchget', { user_list: [] }, 40032],
    ['101 people', 'cgi-bin/user/info/batchget', { user_list: many(101).map((openid) => ({ openid })) }, 40032],
    ['21 people to block', 'cgi-bin/tags/members/batchblacklist', { openid_list: many(21) }, 40032],
    ['numbers for people', 'cgi-bin/tags/members/batchblacklist', { openid_list: [7] }, 40032],
    ['an operator instead of an openid', 'cgi-bin/user/info/updateremark', { openid: { $ne: '' }, remark: 'x' }, 41009],
    ['no JSON', 'cgi-bin/user/info/batchget', '', 44002],
  ])('%s', async (_, path, fields, errcode) => {
    const { call, page } = await openPlatform();
    expect(await call(path, fields)).toMatchObject({ errcode });
    const { items } = (await page.get('wire?verdict=refused&limit=1')).body as { items: { section: string; status: number }[] };
    expect(items[0]).toMatchObject({ status: 200, section: '5' });
  });

  test('an account that is not verified', async () => {
    const { call } = await openPlatform({ isVerified: false });
    expect(await call('cgi-bin/user/get')).toMatchObject({ errcode: 48001 });
  });

  test('the openid of another account', async () => {
    const { call, sandbox } = await openPlatform();
    const other = await sandbox.ensureAccount({ name: '别家', mode: 'plain' });
    const { openid } = await sandbox.createFollower(other, { name: '小满' });
    expect(await call(`cgi-bin/user/info?openid=${openid}`)).toMatchObject({ errcode: 40003 });
    expect(await call('cgi-bin/tags/members/batchblacklist', { openid_list: [openid] })).toMatchObject({ errcode: 40003 });
  });
});

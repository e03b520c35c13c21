import { describe, expect, it } from 'vitest';
import { listBlackListed, listFollowers, listTagged, readPeople } from '../../../server/channels/wechat/index.ts';
import { refusalOf } from './call-world.ts';
import { openSandboxWorld } from './sandbox-world.ts';

const china = { name: '茶友' };

async function all(pages: AsyncIterable<{ openids: readonly string[] }>): Promise<string[]> {
  const openids = [];
  for await (const page of pages) openids.push(...page.openids);
  return openids.sort();
}

describe('followers', () => {
  it('are listed and read; who has left is no follower any more', async () => {
    const { wechat, openid, addFollower, sandbox } = await openSandboxWorld();
    const other = await addFollower('王一川', 'table-7');
    expect(await all(listFollowers(wechat))).toEqual([openid, other].sort());
    await wechat.call('cgi-bin/user/info/updateremark', { openid, remark: '常客' });
    await sandbox.unfollow(other);
    expect(await readPeople(wechat, [openid, other])).toEqual([
      expect.objectContaining({ subscribe: 1, openid, remark: '常客', subscribe_scene: 'ADD_SCENE_SEARCH' }),
      { subscribe: 0, openid: other },
    ]);
    expect(await wechat.call('cgi-bin/user/info', { openid, lang: 'zh_CN' })).toMatchObject({
      subscribe: 1,
      openid,
      remark: '常客',
    });
    expect(await all(listFollowers(wechat))).toEqual([openid]);
  });

  it('of another account are refused', async () => {
    const { wechat } = await openSandboxWorld();
    expect(await refusalOf(wechat.call('cgi-bin/user/info', { openid: 'oNobody' }))).toMatchObject({ reason: 'wrong-openid' });
  });

  it('can be put on the black list and taken off it', async () => {
    const { wechat, openid } = await openSandboxWorld();
    await wechat.call('cgi-bin/tags/members/batchblacklist', { openid_list: [openid] });
    expect(await all(listBlackListed(wechat))).toEqual([openid]);
    const message = { touser: openid, msgtype: 'text', text: { content: '好' } } as const;
    expect(await refusalOf(wechat.call('cgi-bin/message/custom/send', message))).toMatchObject({ reason: 'black-listed' });
    await wechat.call('cgi-bin/tags/members/batchunblacklist', { openid_list: [openid] });
    expect(await all(listBlackListed(wechat))).toEqual([]);
  });

  it('that another account brought here are told one by one', async () => {
    const { wechat } = await openSandboxWorld();
    const { result_list } = await wechat.call('cgi-bin/changeopenid', { from_appid: 'wx1', openid_list: ['o1'] });
    expect(result_list).toEqual([{ ori_openid: 'o1', new_openid: '', err_msg: 'ori_openid error' }]);
  });

  it('are not told to an account that the platform has not verified', async () => {
    const { wechat } = await openSandboxWorld({ kind: 'subscription', isVerified: false });
    expect(await refusalOf(wechat.call('cgi-bin/user/get'))).toMatchObject({ code: 48001, reason: 'not-granted' });
  });
});

describe('tags', () => {
  it('are made, renamed, given, taken and deleted', async () => {
    const { wechat, openid, addFollower } = await openSandboxWorld();
    const other = await addFollower('王一川');
    const { tag } = await wechat.call('cgi-bin/tags/create', { tag: china });
    expect(tag.name).toBe('茶友');
    await wechat.call('cgi-bin/tags/members/batchtagging', { tagid: tag.id, openid_list: [openid, other] });
    expect(await all(listTagged(wechat, tag.id))).toEqual([openid, other].sort());
    expect(await wechat.call('cgi-bin/tags/getidlist', { openid })).toEqual({ tagid_list: [tag.id] });
    await wechat.call('cgi-bin/tags/members/batchuntagging', { tagid: tag.id, openid_list: [other] });
    await wechat.call('cgi-bin/tags/update', { tag: { id: tag.id, name: '老茶友' } });
    expect((await wechat.call('cgi-bin/tags/get')).tags).toContainEqual({ id: tag.id, name: '老茶友', count: 1 });
    await wechat.call('cgi-bin/tags/delete', { tag: { id: tag.id } });
    expect(await wechat.call('cgi-bin/tags/getidlist', { openid })).toEqual({ tagid_list: [] });
  });

  it('are refused with the reason', async () => {
    const { wechat, openid } = await openSandboxWorld();
    await wechat.call('cgi-bin/tags/create', { tag: china });
    const tagging = { tagid: 4_000, openid_list: [openid] };
    const many = Array.from({ length: 51 }, () => openid);
    expect(
      [
        await refusalOf(wechat.call('cgi-bin/tags/create', { tag: china })),
        await refusalOf(wechat.call('cgi-bin/tags/create', { tag: { name: '茶'.repeat(11) } })),
        await refusalOf(wechat.call('cgi-bin/tags/members/batchtagging', tagging)),
        await refusalOf(wechat.call('cgi-bin/tags/members/batchtagging', { ...tagging, openid_list: many })),
        await refusalOf(wechat.call('cgi-bin/tags/delete', { tag: { id: 2 } })),
      ].map(({ reason }) => reason),
    ).toEqual(['tag-name-taken', 'tag-name-too-long', 'wrong-tag', 'wrong-openid-count', 'system-tag']);
  });
});

describe('menus', () => {
  const button = [
    { name: '附近', type: 'click', key: 'NEARBY' },
    { name: '更多', sub_button: [{ name: '官网', type: 'view', url: 'https://shop.example/' }] },
  ] as const;

  it('are made, read in both nestings, and deleted', async () => {
    const { wechat } = await openSandboxWorld();
    await wechat.call('cgi-bin/menu/create', { button });
    const { menu, conditionalmenu } = await wechat.call('cgi-bin/menu/get');
    expect(menu.button).toMatchObject([
      { name: '附近', key: 'NEARBY' },
      { name: '更多', sub_button: [{ name: '官网' }] },
    ]);
    expect(conditionalmenu).toEqual([]);
    const { is_menu_open, selfmenu_info } = await wechat.call('cgi-bin/get_current_selfmenu_info');
    expect(is_menu_open).toBe(1);
    expect(selfmenu_info?.button[1]?.sub_button).toMatchObject([{ name: '官网', type: 'view', url: 'https://shop.example/' }]);
    await wechat.call('cgi-bin/menu/delete');
    expect(await refusalOf(wechat.call('cgi-bin/menu/get'))).toMatchObject({ reason: 'no-menu' });
  });

  it('for some are seen by them alone', async () => {
    const { wechat, openid } = await openSandboxWorld();
    const personal = { button: [{ name: '会员', type: 'click', key: 'MEMBERS' }], matchrule: { tag_id: '100' } } as const;
    expect(await refusalOf(wechat.call('cgi-bin/menu/addconditional', personal))).toMatchObject({ reason: 'no-default-menu' });
    await wechat.call('cgi-bin/menu/create', { button });
    const { tag } = await wechat.call('cgi-bin/tags/create', { tag: china });
    const matchrule = { tag_id: String(tag.id) };
    const { menuid } = await wechat.call('cgi-bin/menu/addconditional', { ...personal, matchrule });
    expect(menuid).toMatch(/^\d+$/);
    expect((await wechat.call('cgi-bin/menu/trymatch', { user_id: openid })).button[0]?.key).toBe('NEARBY');
    await wechat.call('cgi-bin/tags/members/batchtagging', { tagid: tag.id, openid_list: [openid] });
    expect((await wechat.call('cgi-bin/menu/trymatch', { user_id: openid })).button[0]?.key).toBe('MEMBERS');
    expect((await wechat.call('cgi-bin/menu/get')).conditionalmenu).toMatchObject([{ menuid, matchrule }]);
    await wechat.call('cgi-bin/menu/delconditional', { menuid });
    expect(await refusalOf(wechat.call('cgi-bin/menu/delconditional', { menuid }))).toMatchObject({
      reason: 'no-such-personal-menu',
    });
  });

  it('of Chinese arrive as Chinese', async () => {
    const { wechat } = await openSandboxWorld();
    await wechat.call('cgi-bin/menu/create', { button: [{ name: '半日麦', type: 'click', key: 'K' }] });
    expect((await wechat.call('cgi-bin/menu/get')).menu.button[0]?.name).toBe('半日麦');
  });
});

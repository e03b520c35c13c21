import { expect, test } from 'vitest';
import { openPlatform } from './platform.ts';

async function openTagged() {
  const platform = await openPlatform();
  const { tag } = (await platform.call('cgi-bin/tags/create', { tag: { name: '常客' } })) as unknown as {
    tag: { id: number; name: string };
  };
  return { ...platform, tag };
}

test('a tag is made, listed with how many bear it, renamed and deleted', async () => {
  const { call, tag, openid } = await openTagged();
  expect(tag).toEqual({ id: 100, name: '常客' });
  await call('cgi-bin/tags/members/batchtagging', { openid_list: [openid], tagid: tag.id });
  expect(await call('cgi-bin/tags/get')).toEqual({
    tags: [
      { id: 2, name: '星标组', count: 0 },
      { ...tag, count: 1 },
    ],
  });
  expect(await call('cgi-bin/tags/update', { tag: { id: tag.id, name: '老客' } })).toMatchObject({ errcode: 0 });
  expect(await call('cgi-bin/tags/delete', { tag: { id: tag.id } })).toMatchObject({ errcode: 0 });
  expect(await call('cgi-bin/tags/get')).toEqual({ tags: [{ id: 2, name: '星标组', count: 0 }] });
  expect(await call('cgi-bin/tags/getidlist', { openid })).toEqual({ tagid_list: [] });
});

test('a follower bears the tags in the order in which they came, up to twenty', async () => {
  const { call, tag, openid } = await openTagged();
  const put = (tagid: number) => call('cgi-bin/tags/members/batchtagging', { openid_list: [openid], tagid });
  await put(tag.id);
  await put(2);
  await put(tag.id);
  expect(await call('cgi-bin/tags/getidlist', { openid })).toEqual({ tagid_list: [tag.id, 2] });
  expect(await call(`cgi-bin/user/info?openid=${openid}`)).toMatchObject({ groupid: tag.id, tagid_list: [tag.id, 2] });
  for (let number = 0; number < 19; number++) {
    const made = (await call('cgi-bin/tags/create', { tag: { name: `${number}` } })) as { tag?: { id: number } };
    expect(await put(made.tag?.id ?? 0)).toMatchObject({ errcode: number < 18 ? 0 : 45059 });
  }
  await call('cgi-bin/tags/members/batchuntagging', { openid_list: [openid], tagid: 2 });
  expect(((await call('cgi-bin/tags/getidlist', { openid })) as { tagid_list?: number[] }).tagid_list).toHaveLength(19);
});

test('the bearers of a tag are listed; who leaves is not among them', async () => {
  const { call, tag, openid, addFollower, sandbox } = await openTagged();
  const other = await addFollower('王一川');
  await call('cgi-bin/tags/members/batchtagging', { openid_list: [openid, other], tagid: tag.id });
  await sandbox.unfollow(other);
  expect(await call('cgi-bin/user/tag/get', { tagid: tag.id, next_openid: '' })).toEqual({
    count: 1,
    data: { openid: [openid] },
    next_openid: openid,
  });
  expect(await call('cgi-bin/user/tag/get', { tagid: tag.id, next_openid: openid })).toEqual({ count: 0, next_openid: '' });
});

test.each([
  ['a name that is taken', 'cgi-bin/tags/create', { tag: { name: '常客' } }, 45157],
  ['no name', 'cgi-bin/tags/create', { tag: {} }, 45157],
  ['a name of 31 bytes', 'cgi-bin/tags/create', { tag: { name: `${'长'.repeat(10)}x` } }, 45158],
  ['a tag that there is not', 'cgi-bin/tags/update', { tag: { id: 777, name: 'x' } }, 45159],
  ["the platform's own tag", 'cgi-bin/tags/delete', { tag: { id: 2 } }, 45058],
  ['people without one', 'cgi-bin/tags/members/batchtagging', { openid_list: [], tagid: 100 }, 40032],
  ['51 people', 'cgi-bin/tags/members/batchtagging', { openid_list: Array(51).fill('o'), tagid: 100 }, 40032],
  ['nobody', 'cgi-bin/tags/members/batchtagging', { openid_list: ['o1'], tagid: 100 }, 40003],
  ['no tag', 'cgi-bin/tags/members/batchuntagging', { openid_list: ['o1'] }, 45159],
])('%s is refused', async (_, path, fields, errcode) => {
  const { call } = await openTagged();
  expect(await call(path, fields)).toMatchObject({ errcode });
});

test('there are a hundred tags at most', async () => {
  const { call } = await openTagged();
  for (let number = 1; number < 100; number++) await call('cgi-bin/tags/create', { tag: { name: `${number}` } });
  expect(await call('cgi-bin/tags/create', { tag: { name: 'one too many' } })).toMatchObject({ errcode: 45056 });
});

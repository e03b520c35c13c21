import { describe, expect, it } from 'vitest';
import { listBlackListed, listFollowers, listTagged, readPeople } from '../../../server/channels/wechat/index.ts';
import { openCallWorld, type Wired } from './call-world.ts';

const page = (openids: readonly string[], next = openids.at(-1) ?? '') => ({
  total: 5,
  count: openids.length,
  data: { openid: openids },
  next_openid: next,
});
const last = { total: 5, count: 0, next_openid: '' };

async function all(pages: AsyncIterable<{ openids: readonly string[] }>): Promise<string[]> {
  const openids = [];
  for await (const one of pages) openids.push(...one.openids);
  return openids;
}

/** A platform that answers lists by where they begin. */
const pages =
  (answers: Record<string, object>) =>
  ({ name, query, body }: Wired) =>
    name === 'cgi-bin/stable_token'
      ? undefined
      : answers[String(query.next_openid ?? body?.next_openid ?? body?.begin_openid ?? '')];

describe('a list of openids', () => {
  it('is read to its end, which may be a page without data', async () => {
    const { wechat } = await openCallWorld({ answer: pages({ '': page(['o1', 'o2']), o2: page(['o3']), o3: last }) });
    expect(await all(listFollowers(wechat))).toEqual(['o1', 'o2', 'o3']);
    expect(await all(listTagged(wechat, 100))).toEqual(['o1', 'o2', 'o3']);
    expect(await all(listBlackListed(wechat))).toEqual(['o1', 'o2', 'o3']);
  });

  it('ends where no next page is named, or one that leads to itself', async () => {
    const { wechat, named } = await openCallWorld({ answer: pages({ '': page(['o1'], 'o1'), o1: page(['o2'], 'o1') }) });
    expect(await all(listFollowers(wechat))).toEqual(['o1', 'o2']);
    expect(named('cgi-bin/user/get')).toHaveLength(2);
    const other = await openCallWorld({ answer: pages({ '': page(['o1'], '') }) });
    expect(await all(listFollowers(other.wechat))).toEqual(['o1']);
  });

  it('goes on where a reader was interrupted, and is asked for no further than it is read', async () => {
    const { wechat, named } = await openCallWorld({ answer: pages({ '': page(['o1']), o1: page(['o2']), o2: last }) });
    for await (const { next } of listFollowers(wechat)) {
      expect(next).toBe('o1');
      break;
    }
    expect(named('cgi-bin/user/get')).toHaveLength(1);
    expect(await all(listFollowers(wechat, 'o1'))).toEqual(['o2']);
  });

  it('of nobody is empty', async () => {
    const { wechat } = await openCallWorld({ answer: pages({ '': { total: 0, count: 0, next_openid: '' } }) });
    expect(await all(listFollowers(wechat))).toEqual([]);
  });
});

describe('people', () => {
  it('are asked for by the hundred and told in their order; what the platform leaves empty is dropped', async () => {
    const { wechat, named } = await openCallWorld({
      answer({ name, body }) {
        if (name !== 'cgi-bin/user/info/batchget') return undefined;
        const asked = body?.user_list as { openid: string }[];
        return {
          user_info_list: asked.map(({ openid }) => (openid === 'o7' ? { subscribe: 0, openid } : { ...followed, openid })),
        };
      },
    });
    const openids = Array.from({ length: 250 }, (_, i) => `o${i}`);
    const people = await readPeople(wechat, openids);
    expect(people.map(({ openid }) => openid)).toEqual(openids);
    expect(people[7]).toEqual({ subscribe: 0, openid: 'o7' });
    expect(people[8]).toEqual({
      subscribe: 1,
      openid: 'o8',
      language: 'zh_CN',
      subscribe_time: 1641364601,
      unionid: 'oVdx-6nk',
      remark: '',
      tagid_list: [],
      subscribe_scene: 'ADD_SCENE_SEARCH',
      qr_scene: 0,
      qr_scene_str: '',
    });
    expect(named('cgi-bin/user/info/batchget').map(({ body }) => [body?.user_list].flat().length)).toEqual([100, 100, 50]);
  });
});

const followed = {
  subscribe: 1,
  nickname: '',
  sex: 0,
  language: 'zh_CN',
  city: '',
  province: '',
  country: '',
  headimgurl: '',
  subscribe_time: 1641364601,
  unionid: 'oVdx-6nk',
  remark: '',
  groupid: 0,
  tagid_list: [],
  subscribe_scene: 'ADD_SCENE_SEARCH',
  qr_scene: 0,
  qr_scene_str: '',
};

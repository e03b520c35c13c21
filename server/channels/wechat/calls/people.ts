import { z } from 'zod';
import { ask, done, get, post } from './row.ts';

export type WechatLanguage = 'zh_CN' | 'zh_TW' | 'en';

const following = z.object({
  subscribe: z.literal(1),
  openid: z.string(),
  language: z.string().default(''),
  /** Epoch seconds. */
  subscribe_time: z.int(),
  unionid: z.string().optional(),
  remark: z.string().default(''),
  tagid_list: z.array(z.int()).default([]),
  subscribe_scene: z.string().default(''),
  /** The scene of the entry code that was scanned: a number or a text, 0 and empty for none. */
  qr_scene: z.union([z.int(), z.string()]).default(0),
  qr_scene_str: z.string().default(''),
});
const notFollowing = z.object({ subscribe: z.literal(0), openid: z.string() });
/** Names and pictures have not been told since 2021: these fields come empty, and are dropped. */
const person = z.discriminatedUnion('subscribe', [following, notFollowing]);
export type WechatPerson = z.infer<typeof person>;

/** One page of openids. The last one may come without data. */
export const openidPage = z.object({
  total: z.int().optional(),
  count: z.int(),
  data: z.object({ openid: z.array(z.string()).default([]) }).optional(),
  next_openid: z.string().default(''),
});

interface Named {
  readonly openid: string;
  readonly lang?: WechatLanguage;
}

/** Followers and what is known of them (wechat.md §5). */
export const peopleCalls = {
  /** At most 10,000 a page; `listFollowers` reads them all. */
  'cgi-bin/user/get': get<{ readonly next_openid?: string }>()(openidPage, { needs: 'followers' }),
  'cgi-bin/user/info': get<Named>()(person, { needs: 'followers' }),
  /** At most 100; `readPeople` takes any number. */
  'cgi-bin/user/info/batchget': ask<{ readonly user_list: readonly Named[] }>()(z.object({ user_info_list: z.array(person) }), {
    needs: 'followers',
  }),
  'cgi-bin/user/info/updateremark': ask<{ readonly openid: string; readonly remark: string }>()(done, { needs: 'followers' }),

  'cgi-bin/tags/members/getblacklist': ask<{ readonly begin_openid: string }>()(openidPage, { needs: 'followers' }),
  /** At most 20. */
  'cgi-bin/tags/members/batchblacklist': ask<{ readonly openid_list: readonly string[] }>()(done, { needs: 'followers' }),
  'cgi-bin/tags/members/batchunblacklist': ask<{ readonly openid_list: readonly string[] }>()(done, { needs: 'followers' }),

  /** What the openids of an account that was moved here are now; at most 100. */
  'cgi-bin/changeopenid': ask<{ readonly from_appid: string; readonly openid_list: readonly string[] }>()(
    z.object({
      result_list: z.array(
        z.object({ ori_openid: z.string(), new_openid: z.string().default(''), err_msg: z.string().default('') }),
      ),
    }),
    { needs: 'followers' },
  ),
};

const tag = z.object({ id: z.int(), name: z.string() });
interface Tagging {
  readonly tagid: number;
  readonly openid_list: readonly string[];
}

/** Tags of followers (wechat.md §5). */
export const tagCalls = {
  'cgi-bin/tags/create': post<{ readonly tag: { readonly name: string } }>()(z.object({ tag }), { needs: 'tags' }),
  /** The tags 0, 1 and 2 are the platform's own. */
  'cgi-bin/tags/get': get()(z.object({ tags: z.array(tag.extend({ count: z.int() })) }), { needs: 'tags' }),
  'cgi-bin/tags/update': ask<{ readonly tag: { readonly id: number; readonly name: string } }>()(done, { needs: 'tags' }),
  'cgi-bin/tags/delete': post<{ readonly tag: { readonly id: number } }>()(done, { needs: 'tags' }),
  'cgi-bin/user/tag/get': ask<{ readonly tagid: number; readonly next_openid: string }>()(openidPage, { needs: 'tags' }),
  /** At most 50 openids. */
  'cgi-bin/tags/members/batchtagging': ask<Tagging>()(done, { needs: 'tags' }),
  'cgi-bin/tags/members/batchuntagging': ask<Tagging>()(done, { needs: 'tags' }),
  'cgi-bin/tags/getidlist': ask<{ readonly openid: string }>()(z.object({ tagid_list: z.array(z.int()) }), { needs: 'tags' }),
};

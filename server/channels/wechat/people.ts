import type { WechatLanguage, WechatPerson } from './calls/people.ts';
import type { WechatCaller } from './client.ts';

/** Some openids, and where the list goes on: what a reader who was interrupted begins with. */
export interface OpenidPage {
  readonly openids: readonly string[];
  readonly next: string;
}

interface Answered {
  readonly data?: { readonly openid: readonly string[] } | undefined;
  readonly next_openid: string;
}

/** All followers, in pages of up to 10,000, from `from` on. */
export const listFollowers = (wechat: WechatCaller, from = ''): AsyncGenerator<OpenidPage> =>
  walk(from, (next) => wechat.call('cgi-bin/user/get', next === '' ? {} : { next_openid: next }));

/** All followers that carry a tag. */
export const listTagged = (wechat: WechatCaller, tagid: number, from = ''): AsyncGenerator<OpenidPage> =>
  walk(from, (next) => wechat.call('cgi-bin/user/tag/get', { tagid, next_openid: next }));

/** All who are on the black list. */
export const listBlackListed = (wechat: WechatCaller, from = ''): AsyncGenerator<OpenidPage> =>
  walk(from, (next) => wechat.call('cgi-bin/tags/members/getblacklist', { begin_openid: next }));

/** What is known of these people, in their order, asked for by the hundred. Who does not follow is told as such. */
export async function readPeople(
  wechat: WechatCaller,
  openids: readonly string[],
  lang: WechatLanguage = 'zh_CN',
): Promise<WechatPerson[]> {
  const people: WechatPerson[] = [];
  for (let at = 0; at < openids.length; at += mostAtOnce) {
    const user_list = openids.slice(at, at + mostAtOnce).map((openid) => ({ openid, lang }));
    const { user_info_list } = await wechat.call('cgi-bin/user/info/batchget', { user_list });
    people.push(...user_info_list);
  }
  return people;
}

const mostAtOnce = 100;

/** Page after page. The last is followed by one without data, or names none; one that leads to itself is the last. */
async function* walk(from: string, read: (next: string) => Promise<Answered>): AsyncGenerator<OpenidPage> {
  for (let at = from; ; ) {
    const { data, next_openid: next } = await read(at);
    const openids = data?.openid ?? [];
    if (openids.length > 0) yield { openids, next };
    if (openids.length === 0 || next === '' || next === at) return;
    at = next;
  }
}

import type { CallParts } from '../call-table.ts';
import { followerOf } from '../platform.ts';
import type { FollowerRecord } from '../records.ts';
import { objectsOf, optionalTextOf, textOf, textsOf } from './fields.ts';
import type { Listed, PeopleRecords } from './people-records.ts';
import { type AccountCall, type CallAnswer, type CallRows, ok, refuse } from './row.ts';

/** Openids on one page of a list. */
const pageSize = 10_000;
const verified = { isVerified: true } as const;
const noOpenid = [41009, 'missing openid'] as const;

/** §5: followers, what is known of them, and the black list. */
export function peopleCalls({ events }: Pick<CallParts, 'events'>, people: PeopleRecords): CallRows {
  /** Blocks people or lets them in again; the page sees it. */
  async function block({ account, body }: AccountCall, isBlocked: boolean): Promise<CallAnswer> {
    const openids = textsOf(body, 'openid_list', 20);
    const known = await findAll(people, account.appId, openids);
    await people.change(account.appId, openids, { isBlocked });
    for (const one of known) events.publish('follower', followerOf({ ...one, isBlocked }));
    return ok;
  }

  return {
    'cgi-bin/user/get': {
      method: 'GET',
      section: '5',
      opens: 'token',
      needs: verified,
      quota: 500,
      answer: ({ account, query }) => listPeople(people, account.appId, 'following', query.next_openid ?? ''),
    },
    'cgi-bin/user/info': {
      method: 'GET',
      section: '5',
      opens: 'token',
      needs: verified,
      quota: 5_000_000,
      async answer({ account, query }) {
        const [person] = await findAll(people, account.appId, [textOf(query, 'openid', noOpenid)]);
        return person ? infoOf(person) : refuse('value-wrong', 40003, 'invalid openid');
      },
    },
    'cgi-bin/user/info/batchget': {
      method: 'POST',
      section: '5',
      opens: 'token',
      needs: verified,
      async answer({ account, body }) {
        const asked = objectsOf(body, 'user_list', [40032, 'invalid openid list size']);
        if (asked.length < 1 || asked.length > 100) refuse('limit-passed', 40032, 'invalid openid list size');
        const openids = asked.map((one) => textOf(one, 'openid', noOpenid));
        return { user_info_list: (await findAll(people, account.appId, openids)).map(infoOf) };
      },
    },
    'cgi-bin/user/info/updateremark': {
      method: 'POST',
      section: '5',
      opens: 'token',
      needs: verified,
      async answer({ account, body }) {
        const openid = textOf(body, 'openid', noOpenid);
        const remark = optionalTextOf(body, 'remark') ?? '';
        if ([...remark].length >= 30) refuse('limit-passed', 40097, 'invalid args');
        const [person] = await findAll(people, account.appId, [openid]);
        if (!person?.isFollowing) refuse('not-to-this-person', 43004, 'require subscribe');
        await people.change(account.appId, [openid], { remark });
        events.publish('follower', followerOf({ ...person, remark }));
        return ok;
      },
    },
    'cgi-bin/tags/members/getblacklist': {
      method: 'POST',
      section: '5',
      opens: 'token',
      needs: verified,
      answer: ({ account, body }) => listPeople(people, account.appId, 'blocked', optionalTextOf(body, 'begin_openid') ?? ''),
    },
    'cgi-bin/tags/members/batchblacklist': {
      method: 'POST',
      section: '5',
      opens: 'token',
      needs: verified,
      answer: (call) => block(call, true),
    },
    'cgi-bin/tags/members/batchunblacklist': {
      method: 'POST',
      section: '5',
      opens: 'token',
      needs: verified,
      answer: (call) => block(call, false),
    },
    'cgi-bin/changeopenid': {
      method: 'POST',
      section: '5',
      opens: 'token',
      needs: verified,
      async answer({ body }) {
        textOf(body, 'from_appid', [40013, 'invalid appid']);
        const openids = textsOf(body, 'openid_list', 100);
        // No account of the sandbox was ever migrated: whom the other one knows, this one does not.
        return { ...ok, result_list: openids.map((one) => ({ ori_openid: one, new_openid: '', err_msg: 'ori_openid error' })) };
      },
    },
  };
}

/** One page of a list; the last one is empty, and then has no `data`. */
export async function listPeople(people: PeopleRecords, appId: string, listed: Listed, after: string): Promise<CallAnswer> {
  if (after !== '') await findAll(people, appId, [after]);
  const openids = await people.page(appId, listed, after, pageSize);
  const total = typeof listed === 'object' ? {} : { total: await people.count(appId, listed) };
  const data = openids.length > 0 ? { data: { openid: openids } } : {};
  return { ...total, count: openids.length, ...data, next_openid: openids.at(-1) ?? '' };
}

/** All of these people, in this order; one whom the account does not know is refused. */
export async function findAll(people: PeopleRecords, appId: string, openids: readonly string[]): Promise<FollowerRecord[]> {
  const known = await people.find(appId, openids);
  return openids.map((openid) => known.get(openid) ?? refuse('value-wrong', 40003, 'invalid openid'));
}

/** What the platform still tells of a follower: names and pictures have been empty since 2021. */
function infoOf(person: FollowerRecord): CallAnswer {
  const { _id: openid, isFollowing, followedAt = 0, unionid, remark = '', tagIds = [], scene = 'ADD_SCENE_SEARCH' } = person;
  if (!isFollowing) return { subscribe: 0, openid };
  const entryCode = scene === 'ADD_SCENE_QR_CODE' ? person.entryCode : undefined;
  const isNumber = entryCode !== undefined && /^[1-9]\d{0,9}$/.test(entryCode);
  return {
    subscribe: 1,
    openid,
    nickname: '',
    sex: 0,
    language: 'zh_CN',
    city: '',
    province: '',
    country: '',
    headimgurl: '',
    subscribe_time: Math.floor(followedAt / 1000),
    ...(unionid !== undefined && { unionid }),
    remark,
    groupid: tagIds[0] ?? 0,
    tagid_list: tagIds,
    subscribe_scene: scene,
    qr_scene: isNumber ? Number(entryCode) : 0,
    qr_scene_str: isNumber ? '' : (entryCode ?? ''),
  };
}

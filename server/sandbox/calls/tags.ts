import type { CallParts } from '../call-table.ts';
import { followerOf } from '../platform.ts';
import { bytesOf, objectOf, optionalTextOf, textOf, textsOf, wholeNumberOf } from './fields.ts';
import { findAll, listPeople } from './people.ts';
import { lastSystemTag, type PeopleRecords } from './people-records.ts';
import { type AccountCall, type AccountRow, type CallAnswer, type CallRows, ok, refuse } from './row.ts';

const tagsAtMost = 100;
const longestName = 30;
const tagsOfOne = 20;
/** A tag with more followers is not deleted: they have to be untagged first. */
const followersAtMost = 100_000;
const badName = [45157, 'invalid tag name'] as const;
const badTag = [45159, 'invalid tag id'] as const;

/** §5: tags and who bears them. */
export function tagCalls({ events }: Pick<CallParts, 'events'>, people: PeopleRecords): CallRows {
  async function tagOf({ account, body }: Pick<AccountCall, 'account' | 'body'>, name: string): Promise<number> {
    const id = wholeNumberOf(body, name, badTag);
    if (!(await people.hasTag(account.appId, id))) refuse('nothing-there', ...badTag);
    return id;
  }

  /** A tag of the account's own, by `tag.id`. */
  async function ownTagOf({ account, body }: AccountCall): Promise<number> {
    const id = await tagOf({ account, body: objectOf(body, 'tag') }, 'id');
    return id <= lastSystemTag ? refuse('not-granted', 45058, "can't modify sys tag") : id;
  }

  async function tell(appId: string, openids: readonly string[]): Promise<void> {
    for (const one of (await people.find(appId, openids)).values()) events.publish('follower', followerOf(one));
  }

  async function put(call: AccountCall): Promise<CallAnswer> {
    const { appId } = call.account;
    const openids = textsOf(call.body, 'openid_list', 50);
    const tagId = await tagOf(call, 'tagid');
    const bearers = await findAll(people, appId, openids);
    if (bearers.some(({ isFollowing }) => !isFollowing)) refuse('not-to-this-person', 40003, 'invalid openid');
    if (bearers.some(({ tagIds = [] }) => tagIds.length >= tagsOfOne && !tagIds.includes(tagId)))
      refuse('limit-passed', 45059, 'has been labeled too many tags');
    await people.putTag(appId, openids, tagId);
    await tell(appId, openids);
    return ok;
  }

  async function take(call: AccountCall): Promise<CallAnswer> {
    const { appId } = call.account;
    const openids = textsOf(call.body, 'openid_list', 50);
    const tagId = await tagOf(call, 'tagid');
    await findAll(people, appId, openids);
    await people.takeTag(appId, openids, tagId);
    await tell(appId, openids);
    return ok;
  }

  return {
    'cgi-bin/tags/create': row('POST', async ({ account, body }) => {
      const name = nameOf(body);
      if ((await people.countTags(account.appId)) >= tagsAtMost) refuse('limit-passed', 45056, 'too many tag now');
      const id = (await people.addTag(account.appId, name)) ?? refuse('used-already', ...badName);
      return { tag: { id, name } };
    }),
    'cgi-bin/tags/get': row('GET', async ({ account }) => ({ tags: await people.tags(account.appId) })),
    'cgi-bin/tags/update': row('POST', async (call) => {
      const id = await ownTagOf(call);
      if (!(await people.renameTag(call.account.appId, id, nameOf(call.body)))) refuse('used-already', ...badName);
      return ok;
    }),
    'cgi-bin/tags/delete': row('POST', async (call) => {
      const { appId } = call.account;
      const tagId = await ownTagOf(call);
      if ((await people.count(appId, { tagId })) > followersAtMost)
        refuse('limit-passed', 45057, "can't delete the tag that has too many fans");
      await people.removeTag(appId, tagId);
      return ok;
    }),
    'cgi-bin/user/tag/get': row('POST', async (call) => {
      const tagId = await tagOf(call, 'tagid');
      return listPeople(people, call.account.appId, { tagId }, optionalTextOf(call.body, 'next_openid') ?? '');
    }),
    'cgi-bin/tags/members/batchtagging': row('POST', put),
    'cgi-bin/tags/members/batchuntagging': row('POST', take),
    'cgi-bin/tags/getidlist': row('POST', async ({ account, body }) => {
      const [person] = await findAll(people, account.appId, [textOf(body, 'openid', [41009, 'missing openid'])]);
      return { tagid_list: person?.tagIds ?? [] };
    }),
  };
}

function row(method: AccountRow['method'], answer: AccountRow['answer']): AccountRow {
  return { method, section: '5', opens: 'token', needs: { isVerified: true }, answer };
}

function nameOf(body: AccountCall['body']): string {
  const name = textOf(objectOf(body, 'tag'), 'name', badName);
  return bytesOf(name) > longestName ? refuse('limit-passed', 45158, 'tag name too long') : name;
}

import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Receipt } from '../../../server/members/receipt.ts';
import { type Signed, signUp } from '../../support/api.ts';
import { type AppStory, type FollowerActor, startApp } from '../../support/app.ts';

interface Member {
  id: string;
  metAt: number;
  erasedAt?: number;
  followers: { id: string; accountId: string; openid: string; isFollowing: boolean; entryCode?: string }[];
}
interface Listed<Item> {
  items: Item[];
  next?: string;
}

describe('the members of a shop', () => {
  let story: AppStory;
  let shop: Signed;
  let other: Signed;
  let people: FollowerActor[];

  beforeAll(async () => {
    story = await startApp();
    shop = await signUp(story);
    other = await shop.openMerchant('other');
    people = await Promise.all(['小明', '小华', '小李', '小方'].map((name) => story.follower(name)));
    for (const person of people) await person.follows({ entryCode: '=cmd|poster' });
    await people[3]?.unfollows();
  });
  afterAll(() => story.close());

  const person = (index: number): FollowerActor => people[index] as FollowerActor;
  const list = async (query = '') => (await shop.owner.get<Listed<Member>>(`/members${query}`)).body;
  const openidsOf = ({ items }: Listed<Member>) => items.flatMap(({ followers }) => followers.map(({ openid }) => openid));

  async function memberOf({ openid }: FollowerActor): Promise<Member> {
    const member = (await list('?limit=200')).items.find(({ followers }) => followers.some((one) => one.openid === openid));
    if (!member) throw new Error('nobody has this openid');
    return member;
  }

  it('are listed, who was met last first, a page at a time', async () => {
    const newestFirst = people.map(({ openid }) => openid).reverse();
    expect(openidsOf(await list())).toEqual(newestFirst);
    const first = await list('?limit=3');
    expect(openidsOf(first)).toEqual(newestFirst.slice(0, 3));
    const second = await list(`?limit=3&cursor=${first.next}`);
    expect(openidsOf(second)).toEqual(newestFirst.slice(3));
    expect(second.next).toBeUndefined();
  });

  it('are narrowed to who follows, who has left, and an account', async () => {
    expect(openidsOf(await list('?isFollowing=false'))).toEqual([person(3).openid]);
    expect(openidsOf(await list('?isFollowing=true&limit=2'))).toEqual([person(2).openid, person(1).openid]);
    const { accountId } = (await memberOf(person(0))).followers[0] ?? {};
    expect(openidsOf(await list(`?accountId=${accountId}`))).toHaveLength(4);
    expect(openidsOf(await list(`?accountId=${accountId}&isFollowing=false`))).toEqual([person(3).openid]);
    expect(await list(`?accountId=${'0'.repeat(26)}`)).toEqual({ items: [] });
    for (const query of ['?isFollowing=maybe', '?accountId=x', '?limit=0', '?limit=201', '?order=up'])
      expect((await shop.owner.get(`/members${query}`)).status, query).toBe(422);
  });

  it('are shown one by one, and another shop has none of them', async () => {
    const ming = await memberOf(person(0));
    expect((await shop.owner.get<Member>(`/members/${ming.id}`)).body).toEqual(ming);
    expect(Object.keys(ming).sort()).toEqual(['followers', 'id', 'metAt']);
    expect((await other.owner.get(`/members/${ming.id}`)).status).toBe(404);
    expect((await other.owner.get(`/members`)).body).toEqual({ items: [] });
    expect((await shop.owner.get(`/members/${'0'.repeat(26)}`)).status).toBe(404);
  });

  it('can be given all that is kept about them: an archive whose files its README explains in two languages', async () => {
    await person(0).sends('附近有门店吗');
    const { id } = await memberOf(person(0));
    const response = await shop.owner.send(`/members/${id}/export`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/zip');
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="member-${id}.zip"`);
    const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
    const text = (name: string) => strFromU8(files[name] ?? new Uint8Array());
    expect(Object.keys(files).sort()).toEqual(['README.txt', 'audit.json', 'members.json', 'messages.json']);
    for (const name of Object.keys(files).filter((one) => one.endsWith('.json'))) {
      expect(text('README.txt').split(`${name}：`)).toHaveLength(2);
      expect(text('README.txt').split(`${name}:`)).toHaveLength(2);
    }
    expect(JSON.parse(text('members.json'))).toMatchObject({ member: { id }, followers: [{ openid: person(0).openid }] });
    const messages: { message: { content: { kind: string; text?: string } }; answer: unknown }[] = JSON.parse(
      text('messages.json'),
    );
    expect(messages.map(({ message }) => message.content.kind)).toEqual(['follow', 'text']);
    expect(messages[1]).toMatchObject({ message: { content: { text: '附近有门店吗' } }, answer: { kind: 'text' } });
    for (const name of Object.keys(files)) expect(text(name)).not.toContain(person(1).openid);
    const { body } = await shop.owner.get<Listed<{ action: string; by: unknown }>>(`/audit?subjectId=${id}`);
    expect(body.items).toMatchObject([{ action: 'member.exported', by: { actor: { id: shop.owner.id } } }]);
  });

  it('are taken along as a table in the time of the shop, without formulas', async () => {
    const response = await shop.owner.send('/followers.csv');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="followers.csv"');
    const text = Buffer.from(await response.arrayBuffer()).toString();
    const [head, ...lines] = text.split('\r\n').slice(0, -1);
    expect(head).toBe('\ufeffmemberId,followerId,accountId,accountName,openid,isFollowing,metAt,followedAt,leftAt,entryCode');
    expect(lines).toHaveLength(4);
    const ming = await memberOf(person(0));
    const row = lines.find((line) => line.includes(person(0).openid))?.split(',') ?? [];
    expect(row.slice(0, 2)).toEqual([ming.id, ming.followers[0]?.id]);
    expect(row[3]).toBe('半日麦');
    expect(row[5]).toBe('true');
    expect(Date.parse(row[6] ?? '')).toBe(ming.metAt);
    expect(row[6]).toMatch(/\+08:00$/);
    expect(row[9]).toBe("'=cmd|poster");
    expect(lines.find((line) => line.includes(person(3).openid))?.split(',')[5]).toBe('false');
    const foreign = Buffer.from(await (await other.owner.send('/followers.csv')).arrayBuffer()).toString();
    expect(foreign.split('\r\n')).toHaveLength(2);
  });

  it('are exported and erased by the owner alone, and by programs that were given that scope', async () => {
    const { id } = await memberOf(person(1));
    const manager = await shop.join('manager');
    const program = await shop.program(['member.read']);
    for (const caller of [manager, program]) {
      expect((await caller.get(`/members/${id}`)).status).toBe(200);
      expect((await caller.get(`/members/${id}/export`)).status).toBe(403);
      expect((await caller.get('/followers.csv')).status).toBe(403);
      expect((await caller.post(`/members/${id}/erasure`)).status).toBe(403);
      expect((await caller.get('/erasures')).status).toBe(403);
    }
    expect((await memberOf(person(1))).erasedAt).toBeUndefined();
    expect((await (await shop.program(['member.export'])).get('/followers.csv')).status).toBe(200);
  });

  it('are erased for good with a receipt, which is the same when it is asked for again', async () => {
    const { id } = await memberOf(person(2));
    expect((await other.owner.post(`/members/${id}/erasure`)).status).toBe(404);
    const { status, body: receipt } = await shop.owner.post<Receipt>(`/members/${id}/erasure`);
    expect(status).toBe(200);
    expect(receipt).toMatchObject({
      memberId: id,
      state: 'done',
      rooms: [{ room: 'members' }, { room: 'messages' }, { room: 'tellings' }, { room: 'audit' }],
    });
    expect((await shop.owner.post(`/members/${id}/erasure`)).body).toEqual(receipt);
    expect((await shop.owner.get<Listed<Receipt>>('/erasures')).body.items).toEqual([receipt]);
    expect((await other.owner.get('/erasures')).body).toEqual({ items: [] });
    expect((await shop.owner.get<Member>(`/members/${id}`)).body).toMatchObject({
      id,
      followers: [],
      erasedAt: expect.any(Number),
    });
    expect(openidsOf(await list())).not.toContain(person(2).openid);
    const csv = Buffer.from(await (await shop.owner.send('/followers.csv')).arrayBuffer()).toString();
    expect(csv).not.toContain(person(2).openid);
    // The platform's times are whole seconds: within the second of the erasure nobody can tell what came before it.
    const afterWriting = async () => {
      await person(2).sends('你好');
      return openidsOf(await list());
    };
    await expect.poll(afterWriting, { timeout: 10_000 }).toContain(person(2).openid);
    expect((await memberOf(person(2))).id).not.toBe(id);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Signed, signUp } from '../../support/api.ts';
import { type AppStory, startApp } from '../../support/app.ts';

interface Entry {
  id: string;
  at: number;
  action: string;
  by: { actor: { kind: string; id?: string; name: string }; address?: string; requestId?: string };
  subject: { kind: string; id: string };
}
interface Listed {
  items: Entry[];
  next?: string;
}

describe('the audit of a shop', () => {
  let story: AppStory;
  let shop: Signed;
  let other: Signed;

  beforeAll(async () => {
    story = await startApp();
    shop = await signUp(story);
    other = await shop.openMerchant('other');
    const { etag } = await shop.owner.get('/merchant');
    await shop.owner.patch('/merchant', { name: '=全日麦, "新"' }, etag);
    await shop.program(['audit.read']);
  });
  afterAll(() => story.close());

  const list = async (query = '') => (await shop.owner.get<Listed>(`/audit${query}`)).body;

  it('tells who did what, from where and by which request', async () => {
    const { items } = await list('?action=merchant.edited');
    expect(items).toMatchObject([
      {
        by: { actor: { kind: 'staff', id: shop.owner.id, name: '林老板' }, address: expect.stringMatching(/127\.0\.0\.1|::1/) },
        subject: { kind: 'merchant', id: shop.owner.merchantId },
        after: { name: '=全日麦, "新"' },
      },
    ]);
    expect(items[0]?.by.requestId).toBeTruthy();
  });

  it('is filtered, searched and read a page at a time', async () => {
    const all = (await list('?limit=200')).items;
    expect(all.length).toBeGreaterThan(2);
    const pages: Entry[] = [];
    for (let query = '?limit=1'; query !== ''; ) {
      const page = await list(query);
      pages.push(...page.items);
      query = page.next === undefined ? '' : `?limit=1&cursor=${page.next}`;
    }
    expect(pages).toEqual(all);
    expect((await list(`?find=${encodeURIComponent('全日麦')}`)).items.map(({ action }) => action)).toEqual(['merchant.edited']);
    const [newest] = all;
    expect((await list(`?since=${newest?.at}&until=${(newest?.at ?? 0) + 1}`)).items).toContainEqual(newest);
    expect((await list(`?until=${all.at(-1)?.at}`)).items).toEqual([]);
    for (const query of ['?since=yesterday', '?until=-1', '?find=', '?who=me'])
      expect((await shop.owner.get(`/audit${query}`)).status, query).toBe(422);
  });

  it('is nobody else’s', async () => {
    expect((await other.owner.get<Listed>(`/audit?subjectId=${shop.owner.merchantId}`)).body).toEqual({ items: [] });
    expect((await other.owner.get<Listed>(`/audit?find=${encodeURIComponent('全日麦')}`)).body).toEqual({ items: [] });
    expect((await (await shop.join('clerk')).get('/audit')).status).toBe(403);
    expect((await (await shop.program(['merchant.read'])).get('/audit.csv')).status).toBe(403);
    expect((await shop.nobody.get('/audit.csv')).status).toBe(401);
  });

  it('can be taken along as a table, with the same filters, in the time of the shop', async () => {
    const response = await shop.owner.send('/audit.csv?action=merchant.edited');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="audit.csv"');
    const text = Buffer.from(await response.arrayBuffer()).toString();
    const [entry] = (await list('?action=merchant.edited')).items;
    const [head, row, ...rest] = text.split('\r\n').slice(0, -1);
    expect(head).toBe(
      '\ufeffid,at,actorKind,actorId,actorName,address,requestId,action,subjectKind,subjectId,subjectName,before,after',
    );
    expect(rest).toEqual([]);
    expect(row).toContain(`${entry?.id},`);
    expect(row).toMatch(/,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00,staff,/);
    expect(row).toContain('"{""name"":""=全日麦, \\""新\\""""}"');
    expect((await shop.owner.get('/audit.csv?cursor=x')).status).toBe(422);
  });
});

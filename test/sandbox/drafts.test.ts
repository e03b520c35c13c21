import { describe, expect, test } from 'vitest';
import { fieldOf } from './listener.ts';
import { jpeg, openMessages } from './messages-world.ts';
import { open } from './world.ts';

async function openDrafts() {
  const world = await openMessages();
  const { upload, call, server, clock } = world;
  const thumb = String((await upload('cgi-bin/material/add_material', jpeg, { type: 'thumb' })).media_id);
  const article = { title: '周末半价', author: '小店', digest: '到店', content: '<p>来</p>', thumb_media_id: thumb };
  const add = async (articles: object[] = [article]) => call('cgi-bin/draft/add', { articles });
  /** Publishes a draft and gives the event that tells of it. */
  async function publish(mediaId: unknown) {
    const submitted = await call('cgi-bin/freepublish/submit', { media_id: mediaId });
    const before = server.requests.length;
    await clock.advance(1_000);
    await server.received(before + 1);
    return { submitted, xml: server.requests[before]?.xml ?? '' };
  }
  return { ...world, thumb, article, add, publish };
}

test('a draft is kept, listed, changed and deleted', async () => {
  const { add, call, article, clock } = await openDrafts();
  const { media_id: id } = await add([article, { ...article, title: '第二篇' }]);
  expect(await call('cgi-bin/draft/count')).toEqual({ total_count: 1 });
  const changed = { ...article, title: '周末六折' };
  await clock.advance(5_000);
  expect(await call('cgi-bin/draft/update', { media_id: id, index: 1, articles: changed })).toMatchObject({ errcode: 0 });
  expect(await call('cgi-bin/draft/get', { media_id: id })).toMatchObject({
    news_item: [
      {
        title: '周末半价',
        author: '小店',
        digest: '到店',
        content: '<p>来</p>',
        need_open_comment: 0,
        url: expect.stringContaining('idx=1'),
      },
      { title: '周末六折' },
    ],
    create_time: clock.now() / 1000 - 5,
    update_time: clock.now() / 1000,
  });
  const list = await call('cgi-bin/draft/batchget', { offset: 0, count: 20, no_content: 1 });
  expect(list).toMatchObject({ total_count: 1, item_count: 1, item: [{ media_id: id, content: { news_item: [{}, {}] } }] });
  expect(JSON.stringify(list)).not.toContain('<p>');
  expect(await call('cgi-bin/draft/update', { media_id: id, index: 2, articles: changed })).toMatchObject({ errcode: 40114 });
  expect(await call('cgi-bin/draft/delete', { media_id: id })).toMatchObject({ errcode: 0 });
  expect(await call('cgi-bin/draft/get', { media_id: id })).toMatchObject({ errcode: 40007 });
});

test('scripts and pictures from elsewhere are taken out', async () => {
  const { add, call, article } = await openDrafts();
  const content =
    '<p onclick="a()">来</p><script>alert(1)</script><img src="https://m.example/a.png"><img src="http://mmbiz.qpic.cn/mmbiz/x/0">';
  const { media_id: id } = await add([{ ...article, content }]);
  const { news_item: items } = (await call('cgi-bin/draft/get', { media_id: id })) as { news_item?: { content: string }[] };
  expect(items?.[0]?.content).toBe('<p>来</p><img src="http://mmbiz.qpic.cn/mmbiz/x/0">');
});

test.each([
  ['no articles', [], 44003],
  ['nine articles', Array.from({ length: 9 }, () => ({})), 45008],
  ['an article without a title', [{ title: '' }], 45003],
  ['a title of 33 characters', [{ title: '题'.repeat(33) }], 45003],
  ['an author of 17 characters', [{ author: '作'.repeat(17) }], 45110],
  ['a digest of 129 characters', [{ digest: '摘'.repeat(129) }], 45004],
  ['an article without content', [{ content: '' }], 44004],
  ['content of 20,000 characters', [{ content: '文'.repeat(20_000) }], 45002],
  ['a picture that nobody uploaded', [{ thumb_media_id: 'x' }], 40007],
])('%s is no draft', async (_, changes, errcode) => {
  const { add, article, call } = await openDrafts();
  expect(await add((changes as object[]).map((change) => ({ ...article, ...change })))).toMatchObject({ errcode });
  expect(await call('cgi-bin/draft/count')).toEqual({ total_count: 0 });
});

describe('publishing', () => {
  test('takes the draft away and tells when it is done, with the addresses of the articles', async () => {
    const { add, call, publish, server } = await openDrafts();
    const { media_id: id } = await add();
    const { submitted, xml } = await publish(id);
    expect(submitted).toMatchObject({ errcode: 0, errmsg: 'ok' });
    expect(fieldOf(xml, 'Event')).toBe('FREEPUBLISHJOBFINISH');
    const [publishId, articleId] = [fieldOf(xml, 'publish_id'), fieldOf(xml, 'article_id')];
    expect(xml).toContain('<publish_status>0</publish_status>');
    expect(xml).toMatch(
      /<article_detail><count>1<\/count><item><idx>1<\/idx><article_url>.+<\/article_url><\/item><\/article_detail>/,
    );
    expect(await call('cgi-bin/draft/get', { media_id: id })).toMatchObject({ errcode: 40007 });
    expect(await call('cgi-bin/freepublish/submit', { media_id: id })).toMatchObject({ errcode: 40007 });
    expect(await call('cgi-bin/freepublish/get', { publish_id: publishId })).toMatchObject({
      publish_status: 0,
      article_id: articleId,
      article_detail: { count: 1 },
    });
    expect(await call('cgi-bin/freepublish/batchget', { offset: 0, count: 1 })).toMatchObject({ total_count: 1 });
    // No follower did it.
    expect(fieldOf(xml, 'FromUserName')).toMatch(/^o[\w-]{27}$/);
    expect(server.requests).toHaveLength(1);
  });

  test('that a restart interrupts is done afterwards, once', async () => {
    const { add, call, sandbox, database, account, server, clock } = await openDrafts();
    await call('cgi-bin/freepublish/submit', { media_id: (await add()).media_id });
    await sandbox.close();
    await clock.advance(1_000);
    expect(server.requests).toEqual([]);
    for (let starts = 0; starts < 2; starts++) {
      const again = await open(database, clock);
      await again.connect(account, server.url);
      await clock.advance(1_000);
      await server.received(1);
      await again.idle();
      await again.close();
    }
    expect(server.requests.map(({ xml }) => fieldOf(xml, 'Event'))).toEqual(['FREEPUBLISHJOBFINISH']);
  });

  test('is under way until then', async () => {
    const { add, page, path, call } = await openDrafts();
    const { media_id: id } = await add();
    const url = `http://127.0.0.1:${page.port}/${await path('cgi-bin/freepublish/submit')}`;
    const text = await (await fetch(url, { method: 'POST', body: JSON.stringify({ media_id: id }) })).text();
    const publishId = /"publish_id":(\d{19}),/.exec(text)?.[1];
    expect(await call('cgi-bin/freepublish/get', { publish_id: publishId })).toMatchObject({ publish_status: 1 });
    expect(await call('cgi-bin/freepublish/batchget', { offset: 0, count: 1 })).toMatchObject({ total_count: 0 });
  });

  test('that it is refused can be chosen: the event and the look-up say which articles and why', async () => {
    const { add, call, publish, page, account } = await openDrafts();
    await page.put(`script/accounts/${account.appId}/outcomes`, { publication: 4 });
    const { xml } = await publish((await add()).media_id);
    const publishId = fieldOf(xml, 'publish_id');
    expect(xml).toContain('<publish_status>4</publish_status><fail_idx>1</fail_idx></PublishEventInfo>');
    expect(await call('cgi-bin/freepublish/get', { publish_id: publishId })).toMatchObject({ publish_status: 4, fail_idx: [1] });
    expect(await call('cgi-bin/freepublish/batchget', { offset: 0, count: 1 })).toMatchObject({ total_count: 0 });
  });

  test('can be taken back article by article; a published article can be sent to a customer until then', async () => {
    const { add, call, publish, sandbox, openid, article, shown } = await openDrafts();
    await sandbox.follow(openid);
    const { media_id: id } = await add([article, { ...article, title: '第二篇' }]);
    const articleId = fieldOf((await publish(id)).xml, 'article_id');
    const send = () =>
      call('cgi-bin/message/custom/send', { touser: openid, msgtype: 'mpnewsarticle', mpnewsarticle: { article_id: articleId } });
    const remove = (index?: number) => call('cgi-bin/freepublish/delete', { article_id: articleId, index });
    expect(await send()).toMatchObject({ errcode: 0 });
    expect(await remove(1)).toMatchObject({ errcode: 0 });
    expect(await send()).toMatchObject({ errcode: 0 });
    expect(await shown()).toMatchObject([
      { kind: 'article', title: '周末半价' },
      { kind: 'article', title: '第二篇' },
    ]);
    expect(await call('cgi-bin/freepublish/getarticle', { article_id: articleId })).toMatchObject({
      news_item: [{ is_deleted: true }, { is_deleted: false }],
    });
    expect(await remove(3)).toMatchObject({ errcode: 40114 });
    await remove();
    expect(await send()).toMatchObject({ errcode: 53600 });
    expect(await call('cgi-bin/freepublish/getarticle', { article_id: 'x' })).toMatchObject({ errcode: 53600 });
  });
});

test('a draft with one article can be sent to a customer, one with two cannot', async () => {
  const { add, call, sandbox, openid, article } = await openDrafts();
  await sandbox.follow(openid);
  const send = async (id: unknown) =>
    (await call('cgi-bin/message/custom/send', { touser: openid, msgtype: 'mpnews', mpnews: { media_id: id } })).errcode;
  expect(await send((await add()).media_id)).toBe(0);
  expect(await send((await add([article, article])).media_id)).toBe(45008);
});

test('articles that were uploaded the old way are in no list', async () => {
  const { call, article } = await openDrafts();
  const uploaded = await call('cgi-bin/media/uploadnews', { articles: [article] });
  expect(uploaded).toEqual({ type: 'news', media_id: expect.any(String), created_at: expect.any(Number) });
  expect(await call('cgi-bin/draft/count')).toEqual({ total_count: 0 });
});

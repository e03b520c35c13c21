import { describe, expect, test } from 'vitest';
import { fieldOf } from './listener.ts';
import { hour, jpeg, minute, mp4, openMessages, png } from './messages-world.ts';
import { open } from './world.ts';

const sendAll = 'cgi-bin/message/mass/sendall';
const sendTo = 'cgi-bin/message/mass/send';
const text = (content = '周末半价') => ({ msgtype: 'text', text: { content } });
const toAll = { filter: { is_to_all: true } };

/** Five people who follow; the first is blocked and the second has switched messages off, where it says so. */
async function openMass(kind: 'service' | 'subscription' = 'service') {
  const world = await openMessages(kind);
  const { sandbox, account, call, server, clock, page } = world;
  const openids: string[] = [];
  for (let count = 0; count < 5; count++) {
    const { openid } = await sandbox.createFollower(account, { name: `顾客${count}` });
    await sandbox.follow(openid);
    openids.push(openid);
  }
  /** Sends and waits for the event. */
  async function send(name: string, message: object) {
    const before = server.requests.length;
    const answer = await call(name, message);
    if (answer.errcode !== 0) return { answer, xml: '', counts: [] };
    await clock.advance(1_000);
    await server.received(before + 1);
    const xml = server.requests[before]?.xml ?? '';
    const counts = ['TotalCount', 'FilterCount', 'SentCount', 'ErrorCount'].map((field) => Number(fieldOf(xml, field)));
    return { answer, xml, counts };
  }
  const refuses = (openid: string | undefined) => page.put(`followers/${openid}/settings`, { refusesMessages: true });
  const blocks = (openid: string | undefined) => call('cgi-bin/tags/members/batchblacklist', { openid_list: [openid] });
  const toThem = { touser: openids };
  return { ...world, openids, send, refuses, blocks, toThem };
}

test('what is sent to all stands in every follower’s chat, and the event counts them', async () => {
  const { send, shown, openids, call, openid } = await openMass();
  const { answer, xml, counts } = await send(sendAll, { ...toAll, ...text() });
  expect(answer).toEqual({ errcode: 0, errmsg: 'send job submission success', msg_id: expect.any(Number) });
  expect([fieldOf(xml, 'Event'), fieldOf(xml, 'Status')]).toEqual(['MASSSENDJOBFINISH', 'send success']);
  expect(fieldOf(xml, 'MsgID')).toBe(String(answer.msg_id));
  expect(counts).toEqual([5, 5, 5, 0]);
  for (const one of openids) expect(await shown(one)).toEqual([{ kind: 'text', text: '周末半价' }]);
  // Who does not follow hears nothing.
  expect(await shown(openid)).toEqual([]);
  expect(await call('cgi-bin/message/mass/get', { msg_id: String(answer.msg_id) })).toEqual({
    msg_id: answer.msg_id,
    msg_status: 'SEND_SUCCESS',
  });
});

test('until it is sent it is under way', async () => {
  const { call } = await openMass();
  const { msg_id: id } = await call(sendAll, { ...toAll, ...text() });
  expect(await call('cgi-bin/message/mass/get', { msg_id: id })).toMatchObject({ msg_status: 'SENDING' });
  expect(await call('cgi-bin/message/mass/get', { msg_id: 7 })).toMatchObject({ errcode: 40035 });
});

test('those who are blocked, who refuse, and who have left are told apart: filtered = sent + failed', async () => {
  const { send, blocks, refuses, toThem, openids, sandbox } = await openMass();
  await blocks(openids[0]);
  await refuses(openids[1]);
  await sandbox.unfollow(openids[2] ?? '');
  expect((await send(sendTo, { ...toThem, ...text() })).counts).toEqual([5, 3, 2, 1]);
});

test('a message to nobody has failed, and uses nothing up', async () => {
  const { send, blocks, openids } = await openMass('subscription');
  for (const openid of openids) await blocks(openid);
  for (let times = 0; times < 2; times++) {
    const { xml, counts } = await send(sendAll, { ...toAll, ...text() });
    expect([fieldOf(xml, 'Status'), counts]).toEqual(['send fail', [5, 0, 0, 0]]);
  }
});

test.each(['send fail', 'err(10001)', 'err(20013)'])(
  'that it comes to "%s" can be chosen: nobody gets it, and nothing is used up',
  async (mass) => {
    const { send, page, account, shown, openids, call } = await openMass('subscription');
    expect((await page.put(`script/accounts/${account.appId}/outcomes`, { mass })).status).toBe(204);
    const { answer, xml, counts } = await send(sendAll, { ...toAll, ...text() });
    expect([fieldOf(xml, 'Status'), counts]).toEqual([mass, [0, 0, 0, 0]]);
    expect(await call('cgi-bin/message/mass/get', { msg_id: answer.msg_id })).toMatchObject({ msg_status: 'SEND_FAIL' });
    expect(await shown(openids[0])).toEqual([]);
    await page.put(`script/accounts/${account.appId}/outcomes`, {});
    expect((await send(sendAll, { ...toAll, ...text() })).counts).toEqual([5, 5, 5, 0]);
  },
);

describe('how often', () => {
  test('a follower of a service account gets four a month, whichever way they come', async () => {
    const { send, openids, toThem, clock, shown } = await openMass();
    const some = { touser: openids.slice(0, 2) };
    for (let times = 0; times < 4; times++) expect((await send(sendTo, { ...some, ...text() })).counts).toEqual([2, 2, 2, 0]);
    expect((await send(sendTo, { ...toThem, ...text() })).counts).toEqual([5, 3, 3, 0]);
    expect(await shown(openids[0])).toHaveLength(4);
    expect(await shown(openids[4])).toHaveLength(1);
    // It is the 15th of July.
    await clock.advance(17 * 24 * hour);
    expect((await send(sendTo, { ...toThem, ...text() })).counts).toEqual([5, 5, 5, 0]);
  });

  test('a service account’s history takes one a day and four a month; what is not for all stands beside it', async () => {
    const { send, clock, openids } = await openMass();
    const some = { touser: openids.slice(0, 2) };
    const code = async () => (await send(sendAll, { ...toAll, ...text() })).answer.errcode;
    expect([await code(), await code()]).toEqual([0, 45028]);
    expect((await send(sendTo, { ...some, ...text() })).answer.errcode).toBe(0);
    for (let days = 1; days < 4; days++) {
      await clock.advance(24 * hour);
      expect(await code()).toBe(0);
    }
    await clock.advance(24 * hour);
    expect(await code()).toBe(45028);
  });

  test('a subscription account has one a day, to all or to some', async () => {
    const { send, toThem, clock } = await openMass('subscription');
    expect((await send(sendTo, { ...toThem, ...text() })).answer.errcode).toBe(0);
    expect((await send(sendAll, { ...toAll, ...text() })).answer).toMatchObject({
      errcode: 45028,
      errmsg: expect.stringMatching(/^has no masssend quota rid: /),
    });
    // It is ten in the morning in China.
    await clock.advance(14 * hour);
    expect((await send(sendAll, { ...toAll, ...text() })).answer.errcode).toBe(0);
  });

  test('of ten submissions at once as many are taken as there is quota for', async () => {
    const { call } = await openMass('subscription');
    const answers = await Promise.all(Array.from({ length: 10 }, () => call(sendAll, { ...toAll, ...text() })));
    expect(answers.filter(({ errcode }) => errcode === 0)).toHaveLength(1);
    expect(answers.filter(({ errcode }) => errcode === 45028)).toHaveLength(9);
  });
});

describe('clientmsgid', () => {
  const once = { ...text(), clientmsgid: 'campaign-7' };

  test('makes a repeat no second message: too fast within a minute, then the first one’s id, for a day', async () => {
    const { send, toThem, clock, shown, openids } = await openMass();
    const first = await send(sendTo, { ...toThem, ...once });
    expect((await send(sendTo, { ...toThem, ...once })).answer).toMatchObject({ errcode: 45066 });
    await clock.advance(minute);
    expect((await send(sendTo, { ...toThem, ...once })).answer).toEqual({
      errcode: 45065,
      errmsg: 'clientmsgid exist',
      msg_id: first.answer.msg_id,
    });
    expect(await shown(openids[0])).toHaveLength(1);
    await clock.advance(24 * hour);
    expect((await send(sendTo, { ...toThem, ...once })).answer.errcode).toBe(0);
  });

  test('is kept only of what was taken', async () => {
    const { send, toThem } = await openMass();
    expect((await send(sendTo, { ...toThem, ...once, text: { content: '' } })).answer.errcode).toBe(44004);
    expect((await send(sendTo, { ...toThem, ...once })).answer.errcode).toBe(0);
  });

  test('of ten submissions at once makes one', async () => {
    const { call, toThem, clock, sandbox, shown, openids } = await openMass();
    const answers = await Promise.all(Array.from({ length: 10 }, () => call(sendTo, { ...toThem, ...once })));
    expect(answers.filter(({ errcode }) => errcode === 0)).toHaveLength(1);
    expect(answers.filter(({ errcode }) => errcode === 45066)).toHaveLength(9);
    await clock.advance(1_000);
    await sandbox.idle();
    await expect.poll(() => shown(openids[0])).toHaveLength(1);
  });

  test('has 32 characters at most', async () => {
    const { send, toThem } = await openMass();
    const long = (length: number) => send(sendTo, { ...toThem, ...text(), clientmsgid: 'a'.repeat(length) });
    expect((await long(33)).answer).toMatchObject({ errcode: 45067 });
    expect((await long(32)).answer).toMatchObject({ errcode: 0 });
  });
});

test('articles stand one by one; a draft keeps its id and addresses for the day', async () => {
  const { call, upload, send, toThem, shown, openids, clock } = await openMass();
  const thumb = (await upload('cgi-bin/material/add_material', jpeg, { type: 'thumb' })).media_id;
  const article = { title: '一', content: '<p>来</p>', thumb_media_id: thumb };
  const { media_id: id } = await call('cgi-bin/draft/add', { articles: [article, { ...article, title: '二' }] });
  const news = { msgtype: 'mpnews', mpnews: { media_id: id }, send_ignore_reprint: 0 };
  const first = await send(sendTo, { ...toThem, ...news });
  const second = await send(sendTo, { ...toThem, ...news });
  expect(first.answer.msg_data_id).toEqual(expect.any(Number));
  expect(second.answer.msg_data_id).toBe(first.answer.msg_data_id);
  expect(second.answer.msg_id).not.toBe(first.answer.msg_id);
  expect(first.xml).toMatch(/<ArticleUrlResult><Count>2<\/Count><ResultList><item><ArticleIdx>1<\/ArticleIdx><ArticleUrl>/);
  expect((await shown(openids[0])).slice(0, 2)).toMatchObject([
    { kind: 'article', title: '一' },
    { kind: 'article', title: '二' },
  ]);
  await clock.advance(24 * hour);
  expect((await send(sendTo, { ...toThem, ...news })).answer.msg_data_id).not.toBe(first.answer.msg_data_id);
  const remove = async (place?: number) =>
    (await call('cgi-bin/message/mass/delete', { msg_id: first.answer.msg_id, article_idx: place })).errcode;
  expect([await remove(3), await remove(2), await remove()]).toEqual([40060, 0, 0]);
  expect(await call('cgi-bin/message/mass/get', { msg_id: first.answer.msg_id })).toMatchObject({ msg_status: 'DELETE' });
});

test('to those with a tag, and pictures one by one', async () => {
  const { call, upload, send, openids, shown } = await openMass();
  const { tag } = (await call('cgi-bin/tags/create', { tag: { name: '常客' } })) as { tag?: { id: number } };
  await call('cgi-bin/tags/members/batchtagging', { openid_list: [openids[0]], tagid: tag?.id });
  const { media_id: id } = await upload('cgi-bin/media/upload', png, { type: 'image' });
  const pictures = { msgtype: 'image', images: { media_ids: [id, id] } };
  const { counts } = await send(sendAll, { filter: { is_to_all: false, tag_id: tag?.id }, ...pictures });
  expect(counts).toEqual([1, 1, 1, 0]);
  expect(await shown(openids[0])).toMatchObject([{ type: 'image' }, { type: 'image' }]);
  expect(await call(sendAll, { filter: { is_to_all: false, tag_id: 9_999 }, ...text() })).toMatchObject({ errcode: 45159 });
});

test('videos, voices, coupons and music are sent as they were made for it', async () => {
  const { call, upload, send, toThem, openids, shown } = await openMass();
  const thumb = (await upload('cgi-bin/media/upload', jpeg, { type: 'thumb' })).thumb_media_id;
  const raw = await upload('cgi-bin/media/upload', mp4, { type: 'video' });
  const video = await call('cgi-bin/media/uploadvideo', { media_id: raw.media_id, title: '店里', description: '周末' });
  const messages = [
    { msgtype: 'mpvideo', mpvideo: { media_id: video.media_id, title: '店里', description: '周末' } },
    { msgtype: 'wxcard', wxcard: { card_id: 'pFS7Fjg8kV1IdDz01r4SQwMkuCKc' } },
    { msgtype: 'music', music: { musicurl: 'https://m.example/a', hqmusicurl: 'https://m.example/b', thumb_media_id: thumb } },
  ];
  for (const message of messages) expect((await send(sendTo, { ...toThem, ...message })).counts).toEqual([5, 5, 5, 0]);
  expect(await shown(openids[0])).toMatchObject([{ type: 'video', title: '店里' }, { kind: 'card' }, { kind: 'music' }]);
});

test.each([
  ['one openid', { touser: ['x'] }, 40032],
  ['none', { touser: [] }, 40032],
  ['10,001 openids', { touser: Array.from({ length: 10_001 }, (_, index) => `o${index}`) }, 40032],
  ['people of nobody', { touser: ['oNobody', 'oNone'] }, 40003],
  ['a kind that there is not', { msgtype: 'hologram' }, 40008],
  ['a draft that there is not', { msgtype: 'mpnews', mpnews: { media_id: 'x' } }, 40007],
])('%s is refused', async (_, change, errcode) => {
  const { call, toThem } = await openMass();
  expect(await call(sendTo, { ...toThem, ...text(), ...change })).toMatchObject({ errcode });
});

test('a preview comes to one follower at once, by openid or by name, and counts for nothing', async () => {
  const { call, openids, shown, openid, send, toThem } = await openMass();
  const preview = (whom: object) => call('cgi-bin/message/mass/preview', { ...whom, ...text() });
  for (let times = 0; times < 5; times++)
    expect(await preview({ touser: openids[0] })).toMatchObject({
      errcode: 0,
      errmsg: 'preview success',
      msg_id: expect.any(Number),
    });
  expect(await preview({ towxname: '顾客1' })).toMatchObject({ errcode: 0 });
  expect([(await shown(openids[0])).length, (await shown(openids[1])).length]).toEqual([5, 1]);
  expect(await preview({ towxname: '没有人' })).toMatchObject({ errcode: 40132 });
  expect(await preview({ touser: openid })).toMatchObject({ errcode: 43004 });
  expect((await send(sendTo, { ...toThem, ...text() })).counts).toEqual([5, 5, 5, 0]);
});

test('the speed is set from 0 to 4', async () => {
  const { call } = await openMass();
  const set = async (body: object) => (await call('cgi-bin/message/mass/speed/set', body)).errcode;
  expect(await call('cgi-bin/message/mass/speed/get', {})).toEqual({ speed: 0, realspeed: 80 });
  expect([await set({ speed: 3 }), await set({ speed: 5 }), await set({})]).toEqual([0, 45083, 45084]);
  expect(await call('cgi-bin/message/mass/speed/get')).toEqual({ speed: 3, realspeed: 30 });
});

test('what a restart interrupts is sent afterwards, once', async () => {
  const { call, sandbox, database, account, server, clock, toThem, openids, shown } = await openMass();
  await call(sendTo, { ...toThem, ...text() });
  await sandbox.close();
  await clock.advance(1_000);
  expect(await shown(openids[0])).toEqual([]);
  const again = await open(database, clock);
  await again.connect(account, server.url);
  const before = server.requests.length;
  await clock.advance(1_000);
  await server.received(before + 1);
  await again.close();
  expect(fieldOf(server.requests[before]?.xml ?? '', 'SentCount')).toBe('5');
  expect(await shown(openids[0])).toHaveLength(1);
});

test.each([['service'], ['subscription']] as const)('a %s account that is not verified may not', async (kind) => {
  const { call } = await openMessages(kind, false);
  expect(await call(sendAll, { ...toAll, ...text() })).toMatchObject({ errcode: 48001 });
});

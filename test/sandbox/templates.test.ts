import { expect, test } from 'vitest';
import { type Answer, fieldOf, type Received } from './listener.ts';
import { hour, minute, openMessages } from './messages-world.ts';

const send = 'cgi-bin/message/template/send';

interface Template {
  template_id: string;
  title: string;
  content: string;
}

async function openTemplates(answer?: (received: Received) => Answer) {
  const world = await openMessages('service', true, answer);
  const { sandbox, openid, call, server } = world;
  await sandbox.follow(openid);
  const list = async () => (await call('cgi-bin/template/get_all_private_template')).template_list as Template[];
  const found = (await list()).find(({ title }) => title === '优惠券到账通知');
  const id = found?.template_id ?? '';
  const data = { thing1: { value: '满30减5元券' }, time2: { value: '2026年8月31日' }, thing3: { value: '到店出示' } };
  const message = { touser: openid, template_id: id, data };
  /** The events that came in, in order, of this kind. */
  async function events(count: number) {
    await server.received(1 + count);
    return server.requests.slice(1).map(({ xml }) => xml);
  }
  return { ...world, list, id, data, message, events };
}

test('a template message stands in the chat, and its event has the same 64-bit id as the answer', async () => {
  const { page, path, message, shown, events } = await openTemplates();
  const url = `http://127.0.0.1:${page.port}/${await path(send)}`;
  const sent = { ...message, url: 'https://m.example/c', miniprogram: { appid: 'wx0123456789abcdef', pagepath: 'pages/c' } };
  const text = await (await fetch(url, { method: 'POST', body: JSON.stringify(sent) })).text();
  const id = /^\{"errcode":0,"errmsg":"ok","msgid":(\d{19})\}$/.exec(text)?.[1];
  expect(Number(id)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  expect(await shown()).toEqual([
    {
      kind: 'form',
      title: '优惠券到账通知',
      fields: [
        { name: '优惠券名称', text: '满30减5元券' },
        { name: '有效期', text: '2026年8月31日' },
        { name: '使用说明', text: '到店出示' },
      ],
      url: 'https://m.example/c',
      path: 'pages/c',
    },
  ]);
  const [xml = ''] = await events(1);
  expect([fieldOf(xml, 'Event'), fieldOf(xml, 'MsgID'), fieldOf(xml, 'Status')]).toEqual([
    'TEMPLATESENDJOBFINISH',
    id,
    'success',
  ]);
});

test('an event whose answer is bad shows nobody an outage', async () => {
  const { sandbox, call, openid, message, events } = await openTemplates(() => ({ body: 'no XML' }));
  await call(send, message);
  await events(1);
  await sandbox.idle();
  expect((await sandbox.chat(openid)).map(({ content }) => content.kind)).toEqual(['notice', 'outage', 'form']);
});

test('who has switched messages off blocks it, which the event says', async () => {
  const { page, call, openid, message, shown, events } = await openTemplates();
  await page.put(`followers/${openid}/settings`, { refusesMessages: true });
  expect(await call(send, message)).toMatchObject({ errcode: 0 });
  expect(fieldOf((await events(1))[0] ?? '', 'Status')).toBe('failed:user block');
  expect(await shown()).toEqual([]);
});

test('that it fails can be chosen, which the event says and the chat does not show', async () => {
  const { page, account, call, message, shown, events } = await openTemplates();
  await page.put(`script/accounts/${account.appId}/outcomes`, { template: 'failed: system failed' });
  expect(await call(send, message)).toMatchObject({ errcode: 0 });
  expect(fieldOf((await events(1))[0] ?? '', 'Status')).toBe('failed: system failed');
  expect(await shown()).toEqual([]);
  const wrong = await page.put(`script/accounts/${account.appId}/outcomes`, { mass: 'err(1)' });
  expect(wrong.status).toBe(400);
});

test('the same client_msg_id is one message for ten minutes', async () => {
  const { call, message, shown, clock } = await openTemplates();
  const once = { ...message, client_msg_id: 'MSG_000001' };
  const answers = await Promise.all([1, 2, 3].map(() => call(send, once)));
  expect(new Set(answers.map(({ msgid }) => msgid)).size).toBe(1);
  expect(await shown()).toHaveLength(1);
  await clock.advance(10 * minute);
  await call(send, once);
  expect(await shown()).toHaveLength(2);
});

test.each([
  ['a template of nobody', { template_id: 'x' }, 40037],
  ['no template', { template_id: undefined }, 40037],
  ['a person of nobody', { touser: 'oNobody' }, 40003],
  ['no data', { data: undefined }, 47003],
  ['an empty field', { data: { thing1: { value: '' } } }, 47003],
  ['a field of 21 characters', { data: { thing1: { value: '券'.repeat(21) } } }, 47003],
  ['a time that is none', { data: { thing1: { value: '券' }, time2: { value: '明天' } } }, 47003],
  ['a mini-program that is none', { miniprogram: { appid: 'x', pagepath: '' } }, 40013],
])('%s is refused', async (_, change, errcode) => {
  const { call, message, shown } = await openTemplates();
  expect(await call(send, { ...message, ...change })).toMatchObject({ errcode });
  expect(await shown()).toEqual([]);
});

test('the refusal names the field', async () => {
  const { call, message } = await openTemplates();
  const long = { ...message, data: { ...message.data, thing3: { value: '长'.repeat(21) } } };
  expect((await call(send, long)).errmsg).toMatch(/^argument invalid! data\.thing3\.value invalid rid: /);
});

test('those who do not follow, or are blocked, are not written to; windows do not matter', async () => {
  const { call, message, sandbox, openid, clock } = await openTemplates();
  await clock.advance(1_000 * hour);
  expect(await call(send, message)).toMatchObject({ errcode: 0 });
  await call('cgi-bin/tags/members/batchblacklist', { openid_list: [openid] });
  expect(await call(send, message)).toMatchObject({ errcode: 43019 });
  await sandbox.unfollow(openid);
  expect(await call(send, message)).toMatchObject({ errcode: 43004 });
});

test('industries are chosen by their numbers', async () => {
  const { call } = await openTemplates();
  const set = async (first: unknown, second: unknown) =>
    (await call('cgi-bin/template/api_set_industry', { industry_id1: first, industry_id2: second })).errcode;
  expect([await set('1', '41'), await set(0, 1), await set(1, 42), await set('x', 1)]).toEqual([0, 40102, 40102, 40102]);
  expect(await call('cgi-bin/template/get_industry')).toEqual({
    primary_industry: { first_class: 'IT科技', second_class: '互联网/电子商务' },
    secondary_industry: { first_class: '其它', second_class: '其它' },
  });
});

test('a one-off message needs an agreement to its scene, and no follow', async () => {
  const { call, page, sandbox, openid, shown } = await openTemplates();
  await sandbox.unfollow(openid);
  const grant = { place: 'one-off', templateId: 'once', scene: 7, messages: 1 };
  expect((await page.put(`script/followers/${openid}/grants`, grant)).status).toBe(204);
  const message = {
    touser: openid,
    template_id: 'once',
    url: 'https://m.example/o',
    title: '到货',
    data: { content: { value: '新豆到了' } },
  };
  const code = async (change: object) => (await call('cgi-bin/message/template/subscribe', { ...message, ...change })).errcode;
  expect([await code({ scene: '8' }), await code({ scene: '7' }), await code({ scene: '7' })]).toEqual([43101, 0, 43101]);
  expect([await code({ scene: 10_001 }), await code({ scene: 7, title: '题'.repeat(16) })]).toEqual([40035, 45003]);
  expect(await shown()).toEqual([
    { kind: 'form', title: '到货', fields: [{ name: '', text: '新豆到了' }], url: 'https://m.example/o' },
  ]);
});

test('templates are taken from the library, by name, and given up', async () => {
  const { call, list } = await openTemplates();
  const added = await call('cgi-bin/template/api_add_template', {
    template_id_short: '43303',
    keyword_name_list: ['核销门店', '核销时间'],
  });
  expect(added).toMatchObject({ errcode: 0, template_id: expect.stringMatching(/^[\w-]{43}$/) });
  const kept = (await list()).find(({ template_id: id }) => id === added.template_id);
  expect(kept).toMatchObject({ title: '优惠券核销成功通知', content: '核销门店:{{thing2.DATA}}\n核销时间:{{time3.DATA}}\n' });
  expect(await call('cgi-bin/template/del_private_template', { template_id: added.template_id })).toMatchObject({ errcode: 0 });
  expect(await call('cgi-bin/template/del_private_template', { template_id: added.template_id })).toMatchObject({
    errcode: 40037,
  });
  expect(await call('cgi-bin/template/api_add_template', { template_id_short: 'x' })).toMatchObject({ errcode: 40037 });
});

test('a template that was given up does not come back', async () => {
  const { call, list } = await openTemplates();
  for (const { template_id } of await list()) await call('cgi-bin/template/del_private_template', { template_id });
  expect(await list()).toEqual([]);
});

test.each([
  ['subscription', true],
  ['service', false],
] as const)('a %s account, verified: %s, has no template messages', async (kind, isVerified) => {
  const { call } = await openMessages(kind, isVerified);
  expect(await call(send, {})).toMatchObject({ errcode: 48001 });
});

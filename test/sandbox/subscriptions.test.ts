import { describe, expect, test } from 'vitest';
import type { Subscription } from '../../server/sandbox/contract.ts';
import { isAllowed } from '../../server/sandbox/template-fields.ts';
import { fieldOf } from './listener.ts';
import { openMessages } from './messages-world.ts';

const bizsend = 'cgi-bin/message/subscribe/bizsend';
const miniSend = 'cgi-bin/message/subscribe/send';

async function openSubscriptions() {
  const world = await openMessages();
  const { page, openid, call, server } = world;
  const subscriptions = async () => (await page.get(`followers/${openid}/subscriptions`)).body as Subscription[];
  const templateId = (await subscriptions())[0]?.templateId ?? '';
  const answer = (isAccepted: boolean, place = 'account') =>
    page.post(`followers/${openid}/subscriptions`, { place, answers: [{ templateId, isAccepted }] });
  const data = { thing1: { value: '满30减5元券' }, time2: { value: '2026-08-31 23:59' }, thing3: { value: '请尽快使用' } };
  const message = { touser: openid, template_id: templateId, data };
  const codes = async (count: number, name = bizsend) => {
    const found: unknown[] = [];
    for (let sent = 0; sent < count; sent++) found.push((await call(name, message)).errcode);
    return found;
  };
  const lastEvent = async (count: number) => {
    await server.received(count);
    return server.requests[count - 1]?.xml ?? '';
  };
  return { ...world, subscriptions, templateId, answer, message, codes, lastEvent };
}

test('each agreement is good for one message, to who does not follow as well', async () => {
  const { codes, answer, shown, subscriptions } = await openSubscriptions();
  expect(await codes(1)).toEqual([43101]);
  await answer(true);
  await answer(true);
  expect((await subscriptions())[0]?.left).toEqual({ account: 2, 'mini-program': 0 });
  expect(await codes(3)).toEqual([0, 0, 43101]);
  expect(await shown()).toMatchObject([
    { kind: 'form', title: '优惠券到期提醒' },
    { kind: 'form', title: '优惠券到期提醒' },
  ]);
});

test('of ten messages at once one uses an agreement', async () => {
  const { call, answer, message } = await openSubscriptions();
  await answer(true);
  const answers = await Promise.all(Array.from({ length: 10 }, () => call(bizsend, message)));
  expect(answers.filter(({ errcode }) => errcode === 0)).toHaveLength(1);
  expect(answers.filter(({ errcode }) => errcode === 43101)).toHaveLength(9);
});

test('the calls of accounts and of mini-programs do not use each other’s agreements', async () => {
  const { codes, answer } = await openSubscriptions();
  await answer(true, 'mini-program');
  expect(await codes(1)).toEqual([43101]);
  expect(await codes(2, miniSend)).toEqual([0, 43101]);
});

test('a refusal is told and allows nothing; who switches off takes all back', async () => {
  const { codes, answer, page, openid, templateId, lastEvent } = await openSubscriptions();
  await answer(false);
  expect(await codes(1)).toEqual([43101]);
  const popup = await lastEvent(1);
  expect([fieldOf(popup, 'Event'), fieldOf(popup, 'SubscribeStatusString'), fieldOf(popup, 'PopupScene')]).toEqual([
    'subscribe_msg_popup_event',
    'reject',
    '1',
  ]);
  await answer(true);
  await page.post(`followers/${openid}/subscriptions/end`, { place: 'account', templateId });
  expect(await codes(1)).toEqual([43101]);
  expect(fieldOf(await lastEvent(3), 'Event')).toBe('subscribe_msg_change_event');
});

test('a dialog for several messages is one event with a list entry each', async () => {
  const { page, openid, templateId, lastEvent } = await openSubscriptions();
  const answers = [
    { templateId, isAccepted: true },
    { templateId: 'another', isAccepted: false },
  ];
  await page.post(`followers/${openid}/subscriptions`, { place: 'mini-program', answers });
  const xml = await lastEvent(1);
  const list = (id: string, status: string) =>
    `<List><TemplateId><![CDATA[${id}]]></TemplateId><SubscribeStatusString><![CDATA[${status}]]></SubscribeStatusString><PopupScene>0</PopupScene></List>`;
  expect(xml).toContain(
    `<SubscribeMsgPopupEvent>${list(templateId, 'accept')}${list('another', 'reject')}</SubscribeMsgPopupEvent>`,
  );
});

test('what was sent is told, with the id of the message', async () => {
  const { codes, answer, templateId, lastEvent } = await openSubscriptions();
  await answer(true);
  await codes(1);
  const xml = await lastEvent(2);
  expect(fieldOf(xml, 'Event')).toBe('subscribe_msg_sent_event');
  expect(xml).toMatch(
    /<SubscribeMsgSentEvent><List><TemplateId>.*<\/TemplateId><MsgID>\d{19}<\/MsgID><ErrorCode>0<\/ErrorCode><ErrorStatus><!\[CDATA\[success\]\]><\/ErrorStatus><\/List>/,
  );
  expect(xml).toContain(templateId);
});

test.each([
  ['a template of nobody', { template_id: 'x' }, 40037],
  ['a person of nobody', { touser: 'oNobody' }, 40003],
  ['an address as a page', { page: 'https://m.example/' }, 41030],
  ['a field that is missing', { data: { thing1: { value: '券' } } }, 47003],
])('%s is refused, and no agreement is used', async (_, change, errcode) => {
  const { call, codes, answer, message } = await openSubscriptions();
  await answer(true);
  expect(await call(bizsend, { ...message, ...change })).toMatchObject({ errcode });
  expect(await codes(2)).toEqual([0, 43101]);
});

test('templates are taken from the library by the numbers of their fields', async () => {
  const { call, subscriptions } = await openSubscriptions();
  const { data } = await call('wxaapi/newtmpl/getpubtemplatetitles', undefined, { ids: '307', start: '0', limit: '30' });
  expect(data).toContainEqual({ tid: 43303, title: '优惠券核销成功通知', type: 2, categoryId: '307' });
  const keywords = await call('wxaapi/newtmpl/getpubtemplatekeywords', undefined, { tid: '43303' });
  expect(keywords).toMatchObject({ count: 3, data: [{ kid: 1, name: '优惠券名称', rule: 'thing' }, { kid: 2 }, { kid: 3 }] });
  const add = (change: object) =>
    call('wxaapi/newtmpl/addtemplate', { tid: '43303', kidList: [3, 1], sceneDesc: '核销', ...change });
  const { priTmplId } = await add({});
  expect(await call('wxaapi/newtmpl/gettemplate')).toMatchObject({
    data: [{}, { priTmplId, type: 2, content: '核销时间:{{time3.DATA}}\n优惠券名称:{{thing1.DATA}}\n' }],
  });
  expect(await add({ tid: '1' })).toMatchObject({ errcode: 200014 });
  for (const kidList of [[1], [1, 1], [1, 9], undefined]) expect(await add({ kidList })).toMatchObject({ errcode: 200020 });
  expect(await add({ sceneDesc: '景'.repeat(16) })).toMatchObject({ errcode: 200021 });
  expect(await call('wxaapi/newtmpl/deltemplate', { priTmplId })).toMatchObject({ errcode: 0 });
  expect(await subscriptions()).toHaveLength(1);
});

describe('what a field may hold', () => {
  test.each([
    ['thing1', ['券'.repeat(20), 'a b!'], ['券'.repeat(21), '两\n行', '']],
    ['number2', ['12', '-3.5'], ['十二', '1'.repeat(33), '']],
    ['letter3', ['abc'], ['abc1', '字']],
    ['symbol1', ['!?'], ['!!!!!!', 'a']],
    ['character_string4', ['2026-08#1'], ['编号', 'a'.repeat(33)]],
    ['time5', ['15:01', '2019年10月1日 15:01', '2026-08-01 09:00~2026-08-02 10:00'], ['25:00', '明天']],
    ['date6', ['2026-08-01', '2026年8月1日 15:01', '2026-08-01~2026-08-31'], ['15:01', '八月']],
    ['amount7', ['¥39.8', '39.8元', '100'], ['12345678901', '元', '39.8 USD']],
    ['phone_number8', ['+86-010-66888866'], ['1'.repeat(18), '电话']],
    ['car_number9', ['粤A8Z888挂', '京A12345'], ['粤A8Z88888挂']],
    ['name10', ['林小满', 'Ada Lovelace'], ['名'.repeat(11), 'a'.repeat(21)]],
    ['phrase11', ['已出餐'], ['已经出餐了哦', 'done']],
    ['keyword1', ['什么都行'.repeat(30), '', '两\n行'], []],
  ])('%s', (key, allowed, refused) => {
    expect(allowed.filter((value) => !isAllowed(key, value))).toEqual([]);
    expect(refused.filter((value) => value !== '' && isAllowed(key, value))).toEqual([]);
  });
});

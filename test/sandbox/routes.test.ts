import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Begun, Follower, Message, Page, SandboxState, WireDetail, WireRow } from '../../server/sandbox/contract.ts';
import { openRecords } from '../../server/sandbox/records.ts';
import { browse, type ServerSentEvent } from './browser.ts';
import { replyTo } from './listener.ts';
import { openFollowedWorld, openWorld } from './world.ts';

async function openPage(options: Parameters<typeof openWorld>[0] = {}) {
  const world = await openWorld({ answer: (received, account) => replyTo(received, '你好', account), ...options });
  return { ...world, page: await browse(world.sandbox) };
}

test('a page sees the account without its credentials, and everybody', async () => {
  const { page, account, server } = await openPage({ mode: 'safe' });
  const { status, body } = await page.get('state');
  const { accounts, followers } = body as SandboxState;
  expect(status).toBe(200);
  expect(accounts).toEqual([
    {
      appId: account.appId,
      originalId: account.originalId,
      name: '半日麦',
      kind: 'service',
      isVerified: true,
      mode: 'safe',
      callbackUrl: server.url,
    },
  ]);
  expect(followers.map(({ name }) => name)).toEqual(['林小满', '王一川', '陈可', '小满']);
  expect(JSON.stringify(body)).not.toContain(account.token);
  expect(JSON.stringify(body)).not.toContain(account.encodingAesKey);
  expect(JSON.stringify(body)).not.toContain(account.appSecret);
});

test('a follow and a message are answered at once, and what comes of them is told by events', async () => {
  const { page, sandbox } = await openPage({ mode: 'safe' });
  const { cursor } = (await page.get('state')).body as SandboxState;
  const events = await page.events(`?after=${cursor}`);
  expect(events.type).toMatch(/^text\/event-stream\b/);

  const { status, body } = await page.post('followers', { name: ' 赵阿姨 ' });
  const follower = body as Follower;
  expect([status, follower.name, follower.isFollowing]).toEqual([201, '赵阿姨', false]);
  const followed = await page.post(`followers/${follower.openid}/follow`, { entryCode: 'poster' });
  expect(followed).toMatchObject({
    status: 202,
    body: { follower: { isFollowing: true }, message: { content: { notice: 'followed' } } },
  });
  await sandbox.idle();
  const said = await page.post(`followers/${follower.openid}/messages`, { kind: 'text', text: '在吗' });
  expect(said).toMatchObject({ status: 202, body: { message: { content: { text: '在吗' }, delivery: 'sending' } } });
  await sandbox.idle();

  const told: ServerSentEvent[] = [];
  while (told.length < 9) told.push((await events.next()) as ServerSentEvent);
  expect(told.map(({ event, data }) => [event, (data as Message).delivery ?? (data as WireRow).kind])).toEqual([
    ['follower', undefined],
    ['follower', undefined],
    ['message', undefined],
    ['wire', 'subscribe'],
    ['message', undefined],
    ['message', 'sending'],
    ['wire', 'text'],
    ['message', 'answered'],
    ['message', undefined],
  ]);
  expect(told[7]?.data).toMatchObject({ id: (said.body as Begun).message?.id });
  await events.leave();
});

test('a stream taken up again goes on behind the last event; one from before a restart is told to read anew', async () => {
  const { page, sandbox, openid } = await openPage();
  const events = await page.events();
  await sandbox.follow(openid);
  const first = await events.next();
  await events.leave();
  await sandbox.unfollow(openid);

  const again = await page.events('', first?.id);
  expect(await again.next()).toMatchObject({ event: 'message', data: { content: { notice: 'followed' } } });
  const old = await page.events('', 'before-the-restart.7');
  const reset = await old.next();
  expect(reset).toMatchObject({ event: 'reset', data: { cursor: reset?.id } });
  const future = await page.events('', `${first?.id}000`);
  expect(await future.next()).toMatchObject({ event: 'reset' });
  await Promise.all([again.leave(), old.leave(), future.leave()]);
});

test('closing ends the streams', async () => {
  const { page, sandbox } = await openPage();
  const events = await page.events();
  await sandbox.close();
  expect(await events.next()).toBeUndefined();
  expect((await page.get('events')).status).toBe(503);
});

test('the chat is read page by page, each in its order', async () => {
  const { page, sandbox, openid } = await openPage();
  await sandbox.follow(openid);
  for (const text of ['一', '二', '三']) await sandbox.say(openid, { kind: 'text', text });

  const last = (await page.get(`followers/${openid}/messages?limit=3`)).body as Page<Message>;
  expect(last).toMatchObject({ hasMore: true, items: [{ from: 'account' }, { content: { text: '三' } }, { from: 'account' }] });
  const earlier = (await page.get(`followers/${openid}/messages?limit=50&before=${last.items[0]?.id}`)).body as Page<Message>;
  expect(earlier).toMatchObject({ hasMore: false, items: [{ content: { notice: 'followed' } }, {}, {}, {}, {}] });
});

test('the wire log shows each try raw and decoded, and can be searched', async () => {
  const { page, sandbox, openid, account } = await openPage({ mode: 'safe' });
  await sandbox.follow(openid);
  await sandbox.say(openid, { kind: 'text', text: '有什么优惠？(新)' });
  await sandbox.checkAddress(account);

  const { items } = (await page.get('wire')).body as Page<WireRow>;
  expect(items.map(({ kind, verdict }) => [kind, verdict])).toEqual([
    ['echostr', 'refused'],
    ['text', 'accepted'],
    ['subscribe', 'accepted'],
  ]);
  const found = (await page.get(`wire?find=${encodeURIComponent('优惠？(')}`)).body as Page<WireRow>;
  expect(found).toMatchObject({ hasMore: false, items: [{ kind: 'text', excerpt: '有什么优惠？(新)', followerName: '小满' }] });
  expect(((await page.get('wire?verdict=refused')).body as Page<WireRow>).items).toHaveLength(1);
  expect(((await page.get('wire?kind=subscribe&limit=1')).body as Page<WireRow>).items).toHaveLength(1);

  const detail = (await page.get(`wire/${found.items[0]?.id}`)).body as WireDetail;
  expect(detail.request.body).not.toContain('优惠');
  expect(detail.request.decoded).toContain('<Content><![CDATA[有什么优惠？(新)]]></Content>');
  expect(detail.answer?.body).toContain('<Encrypt>');
  expect(detail.answer?.decoded).toContain('你好');
  expect(detail.checks.every(({ passed }) => passed)).toBe(true);
  const messageId = /<MsgId>(\d+)/.exec(detail.request.decoded ?? '')?.[1];
  expect(((await page.get(`wire?find=${messageId}`)).body as Page<WireRow>).items).toHaveLength(1);
});

describe('hostile requests', () => {
  test.each([
    ['a form of another site', { name: 'x' }, 'application/x-www-form-urlencoded', 415],
    ['JSON under a type that a form can send', { name: 'x' }, 'text/plain', 415],
    ['something that is no JSON', '{"name":', 'application/json', 400],
    ['nothing', '', 'application/json', 400],
    ['a list', [], 'application/json', 400],
    ['no name', { name: ' ' }, 'application/json', 400],
    ['a name that nobody sees', { name: '\u200b\u2060\u3164\ufe0f' }, 'application/json', 400],
    ['a name of what XML cannot carry', { name: '\u0000\uffff' }, 'application/json', 400],
    ['a name of 33 characters', { name: '长'.repeat(33) }, 'application/json', 400],
    ['a field that nobody knows', '{"name":"x","__proto__":{"isFollowing":true}}', 'application/json', 400],
    ['another account', { name: 'x', appId: 'wx0' }, 'application/json', 404],
    ['70 KiB', { name: 'x'.repeat(70_000) }, 'application/json', 413],
  ])('%s is refused', async (_, body, type, status) => {
    const { page } = await openPage();
    expect((await page.post('followers', body, type)).status).toBe(status);
    expect(((await page.get('state')).body as SandboxState).followers).toHaveLength(4);
  });

  test.each([
    ['GET', 'nothing', 404],
    ['DELETE', 'followers', 404],
    ['GET', 'followers/nobody/messages', 404],
    ['GET', 'wire/nothing', 404],
    ['GET', 'wire?limit=0', 400],
    ['GET', 'wire?limit=9999', 400],
    ['GET', 'wire?before=%24gt', 400],
    ['GET', 'wire?before[$gt]=', 400],
    ['GET', 'wire?constructor=1', 400],
    ['GET', 'followers/%/messages', 404],
  ])('%s %s is answered %i', async (method, path, status) => {
    const { page } = await openPage();
    expect(await page.raw(method, path, {})).toBe(status);
  });

  test.each([
    ['localhost', 200],
    ['localhost:8080', 200],
    ['127.0.0.1', 200],
    ['[::1]:80', 200],
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['localhost@evil.example', 400],
    ['evil.example#localhost', 400],
    [' ', 400],
  ])('a request for the host "%s" is answered %i', async (host, status) => {
    const { page } = await openPage();
    expect(await page.raw('GET', 'state', { host })).toBe(status);
  });

  test('a refusal of the platform says why', async () => {
    const { page, openid } = await openPage();
    expect(await page.post(`followers/${openid}/messages`, { kind: 'text', text: '在吗' })).toMatchObject({
      status: 409,
      body: { code: 'request.refused', detail: expect.stringContaining('does not follow') },
    });
  });

  test('a body without a length that does not end is refused, and the next request works', async () => {
    const { page } = await openPage();
    const socket = connect(page.port, '127.0.0.1');
    socket.write(
      'POST /sandbox/api/followers HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
    for (let times = 0; times < 4; times++) socket.write(chunk);
    const answer = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect((await page.get('state')).status).toBe(200);
  });

  test('whatever is elsewhere is not the sandbox’s', async () => {
    const { page } = await openPage();
    const response = await fetch(`http://127.0.0.1:${page.port}/sandbox/apiary`);
    expect(await response.text()).toBe('something else');
  });
});

test('the log keeps the last 5,000 rows', async () => {
  const { database } = await openFollowedWorld();
  const records = await openRecords(database);
  const [row] = await records.wireRows({ limit: 1 });
  const detail = await records.wireDetail(row?.id ?? '');
  if (!detail) throw new Error('the follow left a row');
  const wire = database.connection.getClient().db(database.connection.name).collection('wire');
  const rows = Array.from({ length: 5_097 }, () => ({ ...detail, _id: records.nextWireId(), words: '' }));
  await wire.insertMany(rows as never);
  for (let times = 0; times < 2; times++) await records.endTry({ ...detail, id: records.nextWireId() });
  expect(await records.wireRows({ limit: 10_000 })).toHaveLength(5_000);
});

import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WechatAccount } from '../../server/channels/wechat/index.ts';
import { createLog } from '../../server/kernel/log.ts';
import type { CallbackRequest } from '../../server/wire/callback.ts';
import { checkAddress, messageXml, openid, post, seal, send, sign, unseal } from '../channels/wechat/platform.ts';
import { type AppStory, startApp } from '../support/app.ts';

let story: AppStory;
let account: WechatAccount;
const lines: string[] = [];
let messageId = 1_000_000_000_000;

beforeAll(async () => {
  const log = createLog('info', { write: (line: string) => void lines.push(line) });
  story = await startApp({ log });
  account = {
    ...story.account,
    id: 'a' as WechatAccount['id'],
    merchantId: 'm' as WechatAccount['merchantId'],
    channel: 'wechat',
  };
});
afterAll(() => story.close());

function newText(text: string, fields: Record<string, string | number> = {}): string {
  const common = { ToUserName: account.originalId, FromUserName: openid, CreateTime: Math.floor(Date.now() / 1000) };
  return messageXml({ ...common, MsgType: 'text', Content: text, MsgId: ++messageId, ...fields });
}

function deliver({ method, query, body }: CallbackRequest, headers: Record<string, string> = { 'Content-Type': 'text/xml' }) {
  const parameters = new URLSearchParams(Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined));
  const isPost = method === 'POST';
  return fetch(`${story.callbackUrl}?${parameters}`, { method, ...(isPost ? { body: new Uint8Array(body), headers } : {}) });
}

const sendNow = (text: string) => send(account, text, Date.now());

async function expectRefusal(response: Response, status: number, code: string) {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  const problem = await response.json();
  expect(problem).toMatchObject({ status, code });
  expect(JSON.stringify(problem)).not.toContain(account.token);
  // Whatever came before, the next message is answered.
  expect(await answerTo(newText('help'))).toContain('you can');
}

async function answerTo(xml: string): Promise<string> {
  const response = await deliver(sendNow(xml));
  expect(response.status).toBe(200);
  return unseal(await response.text(), account);
}

describe('a callback over HTTP', () => {
  it('is answered, and a repeat of it in the same words', async () => {
    const xml = newText('help');
    const words = (answer: string) => /<Content>.*<\/Content>/s.exec(answer)?.[0];
    expect(words(await answerTo(xml))).toContain('you can');
    expect(words(await answerTo(xml))).toBe(words(await answerTo(xml)));
  });

  it('echoes the test of the address as it came', async () => {
    const response = await deliver(checkAddress(account, '5927782489442352469', Date.now()));
    expect([response.status, await response.text()]).toEqual([200, '5927782489442352469']);
    expect(response.headers.get('content-type')).toContain('text/plain');
  });

  it('acknowledges kinds that nobody knows', async () => {
    const response = await deliver(sendNow(newText('', { MsgType: 'hologram' })));
    expect([response.status, await response.text()]).toEqual([200, 'success']);
  });

  it('carries the caller’s request id, unless it is none', async () => {
    const id = (given: string) => deliver(sendNow(newText('help')), { 'Content-Type': 'text/xml', 'X-Request-Id': given });
    expect((await id('trace-0123456789')).headers.get('x-request-id')).toBe('trace-0123456789');
    expect((await id('{"a":"b"}')).headers.get('x-request-id')).toMatch(/^[0-9a-z]{26}$/);
  });
});

describe('a callback is refused', () => {
  const cases: [string, number, string, () => CallbackRequest][] = [
    ['unsigned', 401, 'callback.unsigned', () => post({}, newText('x'))],
    ['wrongly signed', 401, 'callback.wrong-signature', () => changed(sendNow(newText('x')), { msg_signature: 'f'.repeat(40) })],
    [
      'with another body under its signature',
      401,
      'callback.wrong-signature',
      () => ({ ...sendNow(newText('x')), body: sendNow(newText('y')).body }),
    ],
    ['too old', 403, 'callback.too-old', () => send(account, newText('x'), Date.now() - 301_000)],
    ['from the future', 403, 'callback.too-old', () => send(account, newText('x'), Date.now() + 302_000)],
    ['in plain text', 400, 'callback.wrong-mode', () => send({ ...account, mode: 'plain' }, newText('x'), Date.now())],
    ['sealed for another app', 400, 'callback.undecipherable', () => sealed(seal(newText('x'), account, 'wx0000000000000000'))],
    ['for another account', 403, 'callback.foreign-app', () => sendNow(newText('x', { ToUserName: 'gh_other' }))],
    ['not to be deciphered', 400, 'callback.undecipherable', () => sealed('bm90IGEgY2lwaGVy')],
    ['with a DOCTYPE inside', 400, 'callback.malformed', () => sendNow('<!DOCTYPE xml [<!ENTITY a "b">]><xml>&a;</xml>')],
    ['ten thousand levels deep', 400, 'callback.malformed', () => sendNow(`${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}`)],
    ['without a sender', 400, 'callback.malformed', () => sendNow(newText('x', { FromUserName: '' }))],
    ['without a body', 400, 'callback.malformed', () => ({ ...sendNow(newText('x')), body: Buffer.alloc(0) })],
  ];

  it.each(cases)('%s: %d %s', async (_, status, code, request) => {
    await expectRefusal(await deliver(request()), status, code);
  });

  it('that is not XML: 415', async () => {
    const response = await deliver(sendNow(newText('x')), { 'Content-Type': 'application/json' });
    await expectRefusal(response, 415, 'request.unsupported-type');
  });

  it('that is no GET or POST: 405', async () => {
    const response = await fetch(story.callbackUrl, { method: 'DELETE' });
    expect(response.headers.get('allow')).toBe('GET, POST');
    await expectRefusal(response, 405, 'request.method-not-allowed');
  });

  it('for an account that is not here: 404', async () => {
    await expectRefusal(await fetch(`${story.url}/wechat/${'0'.repeat(26)}`, { method: 'POST' }), 404, 'request.not-found');
  });

  it('of four megabytes, before it has come: 413', async () => {
    const answer = await raw(
      `POST ${new URL(story.callbackUrl).pathname} HTTP/1.1\r\nHost: a\r\nContent-Length: 4194304\r\n\r\n<xml>`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer.toLowerCase()).toContain('connection: close');
    expect(answer).toContain('request.too-large');
  });

  it('that grows beyond the limit without having said so: 413', async () => {
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const answer = await raw(
      `POST ${new URL(story.callbackUrl).pathname} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(5)}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('with a log line each that holds no secret and no word of the message', () => {
    const refusals = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'request.refused');
    expect(refusals.length).toBeGreaterThanOrEqual(cases.length);
    const written = lines.join('');
    for (const secret of [account.token, account.encodingAesKey ?? '', 'MsgId', 'Encrypt', '<xml>'])
      expect(written).not.toContain(secret);
  });
});

function changed(request: CallbackRequest, query: Record<string, string>): CallbackRequest {
  return { ...request, query: { ...request.query, ...query } };
}

function sealed(encrypted: string): CallbackRequest {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const query = { timestamp, nonce: '42', msg_signature: sign([account.token, timestamp, '42', encrypted]), encrypt_type: 'aes' };
  return post(query, messageXml({ ToUserName: account.originalId, Encrypt: encrypted }));
}

/** What the server says to these bytes before it closes the connection. */
function raw(bytes: string): Promise<string> {
  const { port, hostname } = new URL(story.url);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (data) => {
      answer += data;
    });
    // A server that refuses may reset what is still on its way.
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

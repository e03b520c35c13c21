import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createWechatApi } from '../../../server/channels/wechat/api.ts';
import { fetchToken } from '../../../server/channels/wechat/token.ts';
import { systemClock } from '../../../server/kernel/clock.ts';
import { PlatformError } from '../../../server/kernel/errors.ts';
import { createManualClock } from '../../support/clock.ts';

interface Received {
  method: string;
  url: string;
  type: string;
  body: string;
}

/** A platform that answers every call with this, or hangs. */
async function platform(answer: string | Buffer | 'hang', { status = 200, headers = {}, clock = systemClock } = {}) {
  const requests: Received[] = [];
  const arrived = Promise.withResolvers<void>();
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    requests.push({
      method: request.method ?? '',
      url: request.url ?? '',
      type: request.headers['content-type'] ?? '',
      body: Buffer.concat(chunks).toString('utf8'),
    });
    arrived.resolve();
    if (answer !== 'hang') response.writeHead(status, headers).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(async () => void (await close()));
  return { api: createWechatApi({ baseUrl: () => url, clock }), requests, arrived: arrived.promise, url, close };
}

const appSecret = '0123456789abcdef0123456789abcdef';
const secretly = { query: { grant_type: 'client_credential', appid: 'wx1', secret: appSecret } };

async function refusalOf(call: Promise<unknown>): Promise<PlatformError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PlatformError)) throw new Error(`no PlatformError was thrown but ${error}`);
  return error;
}

describe('a call', () => {
  it('sends its query as a GET, and a body as JSON in which Chinese stands as it is', async () => {
    const { api, requests } = await platform('{"ok":1}');
    await api.call('cgi-bin/token', { query: { a: 'x&y=1', 名: '值' } });
    await api.call('cgi-bin/menu/create', { query: { access_token: 't' }, body: { name: '菜单' } });
    expect(requests).toEqual([
      { method: 'GET', url: '/cgi-bin/token?a=x%26y%3D1&%E5%90%8D=%E5%80%BC', type: '', body: '' },
      {
        method: 'POST',
        url: '/cgi-bin/menu/create?access_token=t',
        type: 'application/json; charset=utf-8',
        body: '{"name":"菜单"}',
      },
    ]);
  });

  it('has succeeded when there is no errcode, and when it is 0', async () => {
    for (const answer of ['{"ticket":"x"}', '{"errcode":0,"errmsg":"ok","ticket":"x"}'])
      expect(await (await platform(answer)).api.call('a', {})).toMatchObject({ ticket: 'x' });
  });

  it('keeps the digits of numbers that JavaScript cannot hold', async () => {
    const { api } = await platform('{"errcode":0,"msgid":1700827132819554304,"list":[{"id":-271781022721654784,"n":7,"f":1.5}]}');
    expect(await api.call('a', {})).toEqual({
      errcode: 0,
      msgid: '1700827132819554304',
      list: [{ id: '-271781022721654784', n: 7, f: 1.5 }],
    });
  });

  it('reads names with raw control characters in them', async () => {
    const { api } = await platform('{"nickname":"小\u0002满\u001f","remark":"\\n"}\n');
    expect(await api.call('a', {})).toEqual({ nickname: '小满', remark: '\n' });
  });

  it('does not take a field for a prototype', async () => {
    const { api } = await platform('{"__proto__":{"errcode":40013}}');
    expect(Object.hasOwn(await api.call('a', {}), '__proto__')).toBe(true);
  });
});

describe('a refusal', () => {
  it.each([
    [-1, 'later'],
    [40001, 'token'],
    [40014, 'token'],
    [42001, 'token'],
    [45009, 'later'],
    [45011, 'later'],
    [40013, 'no'],
    [40164, 'no'],
    [99999, 'no'],
  ])('%i is worth another try: %s', async (code, retry) => {
    const { api } = await platform(JSON.stringify({ errcode: code, errmsg: 'said rid: 1-2-3' }));
    const error = await refusalOf(api.call('cgi-bin/token', {}));
    expect(error).toMatchObject({ channel: 'wechat', api: 'cgi-bin/token', code, retry });
    expect(error.message).toContain('said rid: 1-2-3');
  });

  it.each([
    ['HTML', '<html></html>', 200, 'malformed', 'no'],
    ['a list', '[]', 200, 'malformed', 'no'],
    ['null', 'null', 200, 'malformed', 'no'],
    ['nothing', '', 200, 'malformed', 'no'],
    ['an errcode that is a text', '{"errcode":"40013"}', 200, 'malformed', 'no'],
    ['a status that no call has', '{"ok":1}', 404, 'malformed', 'no'],
    ['a gateway', 'bad gateway', 502, 'network', 'later'],
  ])('%s', async (_, answer, status, code, retry) => {
    const { api } = await platform(answer, { status });
    expect(await refusalOf(api.call('a', {}))).toMatchObject({ code, retry });
  });

  it('more than 1 MiB is not read', async () => {
    const { api } = await platform(Buffer.alloc(1024 * 1024 + 1, ' '));
    expect(await refusalOf(api.call('a', {}))).toMatchObject({ code: 'malformed' });
  });

  it('a redirect is not followed', async () => {
    const other = await platform('{"ok":1}');
    const { api } = await platform('', { status: 302, headers: { location: other.url } });
    expect(await refusalOf(api.call('a', secretly))).toMatchObject({ code: 'malformed' });
    expect(other.requests).toEqual([]);
  });

  it('no answer within 5 s is given up', async () => {
    const clock = createManualClock();
    const { api, arrived } = await platform('hang', { clock });
    const refusal = refusalOf(api.call('a', secretly));
    await arrived;
    await clock.advance(5_000);
    expect(await refusal).toMatchObject({ code: 'network', retry: 'later' });
  });
});

it('no error gives the secret away, whatever the platform or the network says', async () => {
  const echo = await platform(JSON.stringify({ errcode: 40125, errmsg: `invalid appsecret ${appSecret}` }));
  const gone = await platform('{}');
  await gone.close();
  const html = await platform(appSecret, { status: 500 });
  for (const { api } of [echo, gone, html]) {
    for (const sent of [secretly, { body: secretly.query }]) {
      const error = await refusalOf(api.call('cgi-bin/token', sent));
      expect(JSON.stringify([error, error.message, error.stack, String(error.cause)])).not.toContain(appSecret);
    }
  }
});

it('a token is asked for by the call that voids nobody else’s', async () => {
  const { api, requests } = await platform('{"access_token":"t0ken","expires_in":7200}');
  expect(await fetchToken(api, { appId: 'wx1', appSecret })).toEqual({ token: 't0ken', lifetime: 7_200_000 });
  expect(requests).toMatchObject([{ method: 'POST', url: '/cgi-bin/stable_token' }]);
  expect(JSON.parse(requests[0]?.body ?? '')).toEqual({ grant_type: 'client_credential', appid: 'wx1', secret: appSecret });
});

it.each(['{}', '{"access_token":"","expires_in":7200}', '{"access_token":"t"}', '{"access_token":{},"expires_in":7200}'])(
  'an answer without a token is no token: %s',
  async (answer) => {
    const { api } = await platform(answer);
    expect(await refusalOf(fetchToken(api, { appId: 'wx1', appSecret }))).toMatchObject({ code: 'malformed' });
  },
);

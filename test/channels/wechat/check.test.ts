import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AccountTraits, CheckedAccount } from '../../../server/channels/channel.ts';
import type { ApiCall, WechatApi } from '../../../server/channels/wechat/api.ts';
import { createWechatCheck, wechatCapabilities } from '../../../server/channels/wechat/index.ts';
import { systemClock } from '../../../server/kernel/clock.ts';
import { PlatformError } from '../../../server/kernel/errors.ts';

const verified: AccountTraits = { kind: 'service', isVerified: true, permissions: ['card/create'] };
const account: CheckedAccount = {
  id: 'a1',
  appId: 'wx1',
  appSecret: '0123456789abcdef0123456789abcdef',
  mode: 'safe',
  platform: 'sandbox',
  capabilities: wechatCapabilities(verified),
  knocks: [],
};

const token = async () => ({ access_token: 't', expires_in: 7200 });
const refuse =
  (code: PlatformError['code'], message = 'refused') =>
  async () => {
    throw new PlatformError({ channel: 'wechat', api: 'cgi-bin/stable_token', code, retry: 'no' }, message);
  };

/** A server at our public address. */
async function serve(status: number, body: string): Promise<URL> {
  const server = createServer((_, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => void (await new Promise((resolve) => server.close(resolve))));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

interface Situation {
  call?: WechatApi['call'];
  publicUrl?: URL | undefined;
}

/** The steps by name: outcome, reason and detail. */
async function check(change: Partial<CheckedAccount>, { call = token, publicUrl }: Situation = {}) {
  const { steps } = await createWechatCheck({ api: { call }, clock: systemClock, publicUrl: () => publicUrl })({
    ...account,
    ...change,
  });
  return Object.fromEntries(
    steps.map(({ name, outcome, reason, detail }) => [
      name,
      [outcome, reason, detail].filter((part) => part !== undefined).join(' '),
    ]),
  );
}

describe('outwards', () => {
  it('all is well when a token is given', async () => {
    expect(await check({})).toMatchObject({ token: 'passed', 'address-allowed': 'passed', capabilities: 'passed' });
  });

  it('without an AppSecret nothing is asked', async () => {
    let asked = 0;
    const call = async (_api: string, _sent: ApiCall) => {
      asked++;
      return {};
    };
    expect(await check({ appSecret: undefined }, { call })).toMatchObject({
      token: 'failed no-secret',
      'address-allowed': 'waiting',
    });
    expect(asked).toBe(0);
  });

  it.each([
    [40013, 'failed wrong-app-id'],
    [40001, 'failed wrong-secret'],
    [40125, 'failed wrong-secret'],
    [40243, 'failed secret-frozen'],
    [45009, 'failed quota-used-up'],
    [45011, 'failed too-often'],
    ['network', 'failed unreachable'],
    ['malformed', 'failed refused malformed'],
    [48001, 'failed refused 48001'],
  ] as const)('%s: %s', async (code, outcome) => {
    expect(await check({}, { call: refuse(code) })).toMatchObject({
      token: outcome,
      'address-allowed': 'waiting',
      capabilities: 'passed',
    });
  });

  it.each([
    ['invalid ip 47.96.12.8 ipv6 ::ffff:47.96.12.8, not in whitelist rid: 1-2-3', ' 47.96.12.8'],
    ['invalid ip 2001:db8::1, not in whitelist', ' 2001:db8::1'],
    ['something new', ''],
  ])('an address that is not listed is named: %s', async (message, detail) => {
    expect(await check({}, { call: refuse(40164, message) })).toMatchObject({
      token: 'waiting address-not-listed',
      'address-allowed': `failed address-not-listed${detail}`,
    });
  });

  it('what the account cannot do is told, and fails nothing', async () => {
    const capabilities = wechatCapabilities({ kind: 'subscription', isVerified: true, permissions: [] });
    const { capabilities: told } = await check({ capabilities });
    expect(told).toMatch(/^passed limited /);
    expect(told).toContain('template-messages');
  });

  it('what is no refusal of the platform is thrown', async () => {
    const call = async () => {
      throw new Error('a fault of ours');
    };
    await expect(check({}, { call })).rejects.toThrow('a fault of ours');
  });
});

describe('inwards', () => {
  it('our address is asked for what only we answer', async () => {
    const publicUrl = await serve(200, '{"status":"ok"}');
    expect(await check({}, { publicUrl })).toMatchObject({
      reachable: `passed ${publicUrl.host}`,
      certificate: 'passed not-encrypted',
      knocked: 'waiting nobody-came',
      signature: 'waiting',
    });
  });

  it.each([
    [200, 'It works!', 'HTTP 200'],
    [502, 'Bad Gateway', 'HTTP 502'],
    [301, '', 'HTTP 301'],
  ])('another server there is found out: %i %s', async (status, body, detail) => {
    const publicUrl = await serve(status, body);
    expect(await check({}, { publicUrl })).toMatchObject({ reachable: `failed another-server ${detail}`, knocked: 'waiting' });
  });

  it('the real platform calls on two ports alone', async () => {
    const publicUrl = await serve(200, '{"status":"ok"}');
    expect(await check({ platform: 'real' }, { publicUrl })).toMatchObject({ reachable: `failed wrong-port ${publicUrl.port}` });
  });

  it('without a public address that step waits, and what the platform brought is told all the same', async () => {
    const knocks = [{ outcome: 'callback.wrong-signature', at: 0 }];
    expect(await check({ knocks })).toMatchObject({
      reachable: 'waiting no-public-url',
      certificate: 'waiting',
      knocked: 'passed 1970-01-01T00:00:00.000Z',
      signature: 'failed tokens-differ',
    });
  });

  it('an address that does not open from here fails, unless the platform has found its way', async () => {
    const publicUrl = new URL('http://127.0.0.1:1');
    const answered = [{ outcome: 'answered', at: 1 }];
    expect(await check({}, { publicUrl })).toMatchObject({ reachable: 'failed unreachable ECONNREFUSED', knocked: 'waiting' });
    expect(await check({ knocks: answered }, { publicUrl })).toMatchObject({
      reachable: 'waiting not-from-here ECONNREFUSED',
      answered: 'passed',
    });
  });

  const passed = { signature: 'passed', mode: 'passed', decryption: 'passed', answered: 'passed' };
  const from = (step: keyof typeof passed, outcome: string, rest = 'waiting') => {
    const names = Object.keys(passed);
    return Object.fromEntries(
      names.map((name, place) => [name, place < names.indexOf(step) ? 'passed' : name === step ? outcome : rest]),
    );
  };
  it.each([
    ['answered', passed],
    ['greeted', from('mode', 'waiting no-message-yet', 'waiting no-message-yet')],
    ['callback.wrong-signature', from('signature', 'failed tokens-differ')],
    ['callback.too-old', from('signature', 'failed clocks-differ')],
    ['callback.wrong-mode', from('mode', 'failed modes-differ safe')],
    ['callback.undecipherable', from('decryption', 'failed keys-differ')],
    ['callback.foreign-app', from('decryption', 'failed foreign-app')],
    ['callback.malformed', from('answered', 'failed malformed')],
    ['server.unavailable', from('answered', 'failed server-failed')],
  ])('the latest callback decides: %s', async (outcome, expected) => {
    const knocks = [
      { outcome, at: 3 },
      { outcome: 'answered', at: 2 },
      { outcome: 'callback.wrong-signature', at: 1 },
    ];
    expect(await check({ knocks })).toMatchObject({ knocked: 'passed 1970-01-01T00:00:00.003Z', ...expected });
  });

  it('strangers who sign nothing decide nothing', async () => {
    const strangers = [
      { outcome: 'callback.unsigned', at: 3 },
      { outcome: 'request.too-large', at: 2 },
    ];
    expect(await check({ knocks: strangers })).toMatchObject({ knocked: 'waiting nobody-came' });
    expect(await check({ knocks: [...strangers, { outcome: 'answered', at: 1 }] })).toMatchObject(passed);
  });

  it('in plain mode there is nothing to open', async () => {
    expect(await check({ mode: 'plain', knocks: [{ outcome: 'answered', at: 1 }] })).toMatchObject({
      decryption: 'passed plain-mode',
      answered: 'passed',
    });
  });
});

it('who asks while an account is checked gets that check; other accounts and later checks are their own', async () => {
  const waits: (() => void)[] = [];
  const api = {
    call: () =>
      new Promise<{ access_token: string; expires_in: number }>((resolve) =>
        waits.push(() => resolve({ access_token: 't', expires_in: 1 })),
      ),
  };
  const checkAccount = createWechatCheck({ api, clock: systemClock, publicUrl: () => undefined });
  const [first, second] = [checkAccount(account), checkAccount(account)];
  const other = checkAccount({ ...account, id: 'a2' });
  expect(waits).toHaveLength(2);
  for (const answer of waits) answer();
  expect(await second).toBe(await first);
  expect(await other).not.toBe(await first);
  const later = checkAccount(account);
  waits.at(-1)?.();
  expect(await later).not.toBe(await first);
});

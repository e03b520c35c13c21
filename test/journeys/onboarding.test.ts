import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { AccountCheck, CheckStep } from '../../server/channels/channel.ts';
import { createLog } from '../../server/kernel/log.ts';
import type { OwnedAccount, Page, SandboxState, ServerSettings, ServerVerdict, WireRow } from '../../server/sandbox/contract.ts';
import { type AppStory, startApp } from '../support/app.ts';

let story: AppStory;
const logged: string[] = [];
beforeAll(async () => {
  const log = createLog('debug', { write: (line) => void logged.push(line) });
  story = await startApp({ environment: { MERCHANT_NAME: '半日麦' }, log });
});
afterAll(() => story.close());

it('R27 a merchant goes from nothing to a first answered message in one session', async () => {
  const owner = await signUp();
  const platform = await registerOnPlatform('麦浪面包');

  // Credentials, first with the AppID of another.
  const { appId, originalId, appSecret } = platform.account;
  const traits = { kind: 'service', isVerified: true };
  const profile = { channel: 'wechat', appId, originalId, name: '麦浪面包', traits, mode: 'safe' };
  const added = await owner.post<{ id: string; version: number }>('accounts', profile, 201);
  const account = `accounts/${added.id}`;
  const check = () => owner.post<AccountCheck>(`${account}/checks`, undefined, 200);
  const halt = async () => haltOf(await check());

  expect(await halt()).toEqual({ name: 'token', reason: 'no-secret' });
  await owner.patch(account, { appSecret: otherLetter(appSecret, /[0-9a-f]/) }, added.version);
  expect(await halt()).toEqual({ name: 'token', reason: 'wrong-secret' });
  const { version } = await owner.get<{ version: number }>(account);
  await owner.patch(account, { appSecret }, version);
  expect(stepOf(await check(), 'token')).toMatchObject({ outcome: 'passed' });
  expect(await halt()).toEqual({ name: 'knocked', reason: 'nobody-came' });

  // The white list of the platform.
  await platform.allow([]);
  expect(haltOf(await check())).toEqual({ name: 'address-allowed', reason: 'address-not-listed', detail: '127.0.0.1' });
  await platform.allow(['127.0.0.1']);
  expect(stepOf(await check(), 'address-allowed')).toMatchObject({ outcome: 'passed' });

  // What is pasted into the platform's settings, with one wrong letter in the token.
  const keys = await owner.get<{ token: string; encodingAesKey: string; callbackUrl: string }>(`${account}/keys`);
  const settings: ServerSettings = {
    url: keys.callbackUrl,
    token: keys.token,
    encodingAesKey: keys.encodingAesKey,
    mode: 'safe',
  };
  const refused = await platform.enter({ ...settings, token: otherLetter(keys.token) });
  expect(refused).toMatchObject({ isAccepted: false, row: { kind: 'echostr', status: 401, verdict: 'refused' } });
  expect(refused.account.server).toBeUndefined();
  expect(await halt()).toEqual({ name: 'signature', reason: 'tokens-differ' });

  // Another mode than ours.
  expect(await platform.enter({ ...settings, mode: 'plain' })).toMatchObject({ isAccepted: true });
  expect(await halt()).toEqual({ name: 'mode', reason: 'no-message-yet' });
  await platform.follow('林小满');
  expect(await halt()).toEqual({ name: 'mode', reason: 'modes-differ', detail: 'safe' });

  // One wrong letter in the key. The token alone is proven by the test of the address.
  expect(await platform.enter({ ...settings, encodingAesKey: otherLetter(keys.encodingAesKey) })).toMatchObject({
    isAccepted: true,
  });
  await platform.follow('王一川');
  expect(await halt()).toEqual({ name: 'decryption', reason: 'keys-differ' });
  expect((await owner.get<{ connectedAt?: number }>(account)).connectedAt).toBeUndefined();

  // All is right.
  expect(await platform.enter(settings)).toMatchObject({ isAccepted: true, row: { rule: 'address-echoed' } });
  expect(await platform.follow('陈可')).toContain('这里是半日麦');
  const last = await check();
  expect(last.steps.map(({ name, side, outcome }) => [side, name, outcome])).toEqual([
    ['out', 'token', 'passed'],
    ['out', 'address-allowed', 'passed'],
    ['out', 'capabilities', 'passed'],
    ...['reachable', 'certificate', 'knocked', 'signature', 'mode', 'decryption', 'answered'].map((name) => [
      'in',
      name,
      'passed',
    ]),
  ]);
  expect((await owner.get<{ connectedAt?: number }>(account)).connectedAt).toBeTypeOf('number');
  expect((await owner.answer('GET', `${account}/keys`)).status).toBe(409);

  // What is secret stands nowhere in what is kept or told of it.
  const told = JSON.stringify([await platform.wire(), await owner.get('audit'), logged]);
  for (const secret of [appSecret, keys.token, keys.encodingAesKey]) expect(told).not.toContain(secret);
});

/** The owner, who comes by the link that the start prints. */
async function signUp() {
  const token = new URL(story.ownerLink ?? '').hash.replace('#/link/', '');
  const person = { name: '何晓', login: 'hexiao@mailang.example', password: 'mai-lang-mian-bao-2026', as: 'bearer' };
  const session = await send<{ token: string }>('POST', `${story.url}/api/v1/links/use`, { token, ...person });
  expect(session.status).toBe(201);
  const answer = <Body>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    send<Body>(method, `${story.url}/api/v1/${path}`, body, { authorization: `Bearer ${session.body.token}`, ...headers });
  return {
    answer,
    async get<Body>(path: string) {
      const { status, body } = await answer<Body>('GET', path);
      expect(status).toBe(200);
      return body;
    },
    async post<Body>(path: string, sent: unknown, expected: number) {
      const { status, body } = await answer<Body>('POST', path, sent);
      expect([status, body]).toEqual([expected, expect.anything()]);
      return body;
    },
    async patch(path: string, change: object, version: number) {
      expect((await answer('PATCH', path, change, { 'if-match': `"${version}"` })).status).toBe(200);
    },
  };
}

/** The platform's own page, and the phones of those who could follow. */
async function registerOnPlatform(name: string) {
  const at = (path: string) => `${story.url}/sandbox/api/${path}`;
  const { body: account } = await send<OwnedAccount>('POST', at('accounts'), { name, kind: 'service', isVerified: true });
  const wire = async () => (await send<Page<WireRow>>('GET', at('wire?limit=200'))).body.items;
  const words = async (openid: string) => JSON.stringify((await send('GET', at(`followers/${openid}/messages`))).body);

  return {
    account,
    wire,
    allow: (addresses: string[]) => send('PUT', at(`accounts/${account.appId}/addresses`), { addresses }),
    enter: async (settings: ServerSettings) =>
      (await send<ServerVerdict>('PUT', at(`accounts/${account.appId}/server`), settings)).body,
    /** Follows, and waits for what comes of the first try; gives what is then in the chat. */
    async follow(person: string) {
      const { followers } = (await send<SandboxState>('GET', at('state'))).body;
      const follower = followers.find((one) => one.appId === account.appId && one.name === person);
      if (!follower) throw new Error(`nobody of this account is called ${person}`);
      const { status } = await send('POST', at(`followers/${follower.openid}/follow`), {});
      expect(status).toBe(202);
      await vi.waitFor(async () => expect((await wire()).some(({ openid }) => openid === follower.openid)).toBe(true), {
        timeout: 30_000,
      });
      return words(follower.openid);
    },
  };
}

async function send<Body>(method: string, url: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as Body };
}

function stepOf({ steps }: AccountCheck, name: string): CheckStep | undefined {
  return steps.find((step) => step.name === name);
}

/** The first step that failed, else the first that waits for somebody. */
function haltOf({ steps }: AccountCheck) {
  const halt =
    steps.find(({ outcome }) => outcome === 'failed') ??
    steps.find(({ outcome, reason }) => outcome === 'waiting' && reason !== undefined);
  return halt && { name: halt.name, reason: halt.reason, ...(halt.detail !== undefined && { detail: halt.detail }) };
}

/** The text with its first letter changed into another of the same kind. */
function otherLetter(text: string, kind = /[A-Za-z0-9]/): string {
  const other = [...'abcdef0123456789'].find((letter) => letter !== text[0] && kind.test(letter));
  return `${other}${text.slice(1)}`;
}

import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Listening, openApp } from '../../server/app.ts';
import { type Clock, systemClock } from '../../server/kernel/clock.ts';
import { readConfig } from '../../server/kernel/config.ts';
import { createLog } from '../../server/kernel/log.ts';
import { type Credentials, checkAddress, messageXml, send, unseal } from '../channels/wechat/platform.ts';
import { type Signed, signUp } from '../support/api.ts';
import { ownDatabaseUri, sealingKey } from '../support/app.ts';
import { serviceAccount } from '../support/merchants.ts';

/** Two processes beside the real platform, which start without any account. */
const uri = ownDatabaseUri();
const apps: { listening: Listening; close(): Promise<void> }[] = [];
const lines: string[] = [];
/** The machine's clock, which can be put forward: a process's copies are at most five seconds old. */
let ahead = 0;
const clock: Clock = { now: () => systemClock.now() + ahead, after: systemClock.after };
let house: Signed;
let messageId = 0;

async function startReal(environment: Record<string, string> = {}) {
  const settings = { MONGODB_URI: uri, SECRETS_KEY: sealingKey, SANDBOX: 'off', ...environment };
  const config = readConfig(resolve(import.meta.dirname, '../../config'), 'test', settings);
  const log = createLog('debug', { write: (line: string) => void lines.push(line) });
  const app = await openApp({ config, clock, log });
  const started = { listening: await app.listen(), close: () => app.close() };
  apps.push(started);
  return started.listening;
}

beforeAll(async () => {
  await startReal();
  house = await signUp(await startReal());
});
afterAll(async () => {
  for (const { close } of apps) await close();
});

interface Shown {
  id: string;
  version: number;
  callbackUrl: string;
  connectedAt?: number;
}
type Keys = Required<Pick<Credentials, 'token' | 'encodingAesKey'>>;

const appSecret = '0123456789abcdef0123456789abcdef';
const newAppId = () => `wx${(++messageId).toString(16).padStart(16, '0')}`;

async function addAccount(by: Signed, appId: string): Promise<{ account: Shown; keys: Keys }> {
  const { status, body: account } = await by.owner.post<Shown>('/accounts', { ...serviceAccount, appId, appSecret });
  expect(status).toBe(201);
  return { account, keys: (await by.owner.get<Keys>(`/accounts/${account.id}/keys`)).body };
}

/** What a process answers to a message that the platform signs and seals with these keys: the words, or the code of the refusal. */
async function says({ id }: Shown, appId: string, keys: Keys, process = 0): Promise<string> {
  const platform = { ...serviceAccount, appId, ...keys } as Credentials;
  const xml = messageXml({
    ToUserName: serviceAccount.originalId,
    CreateTime: Math.floor(clock.now() / 1000),
    Content: '帮助',
    MsgId: ++messageId,
  });
  const { query, body } = send(platform, xml, clock.now());
  const response = await fetch(`${baseOf(process)}/wechat/${id}?${new URLSearchParams(query as Record<string, string>)}`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/xml' },
    body: new Uint8Array(body),
  });
  const text = await response.text();
  return response.status === 200 ? unseal(text, platform) : JSON.parse(text).code;
}

const baseOf = (process: number) => apps[process]?.listening.url ?? '';

it('R27: an account that is added is answered in every process, at an address that names our id', async () => {
  const appId = newAppId();
  const { account, keys } = await addAccount(house, appId);
  expect(account.callbackUrl).toBe(`${baseOf(1)}/wechat/${account.id}`);
  for (const process of [0, 1]) expect(await says(account, appId, keys, process)).toContain('你可以');
  const connected = async () => (await house.owner.get<Shown>(`/accounts/${account.id}`)).body.connectedAt !== undefined;
  await expect.poll(connected).toBe(true);
  const read = await house.owner.get(`/accounts/${account.id}/keys`);
  expect([read.status, read.body]).toMatchObject([409, { code: 'request.refused' }]);
});

it('R27: the platform’s test of the address is echoed', async () => {
  const appId = newAppId();
  const { account, keys } = await addAccount(house, appId);
  const { query } = checkAddress({ ...serviceAccount, appId, ...keys } as Credentials, '5927782489442352469', clock.now());
  const response = await fetch(`${account.callbackUrl}?${new URLSearchParams(query as Record<string, string>)}`);
  expect([response.status, await response.text()]).toEqual([200, '5927782489442352469']);
});

it('another merchant who claims the same app id and original id takes no message away', async () => {
  const appId = newAppId();
  const { account, keys } = await addAccount(house, appId);
  const squatter = await house.openMerchant('squatter');
  const foreign = await addAccount(squatter, appId);
  expect(await says(account, appId, keys)).toContain('你可以');
  expect(await says(account, appId, foreign.keys)).toBe('callback.wrong-signature');
  expect(await says(foreign.account, appId, keys)).toBe('callback.wrong-signature');
  const stolen = await squatter.owner.get(`/accounts/${account.id}`);
  expect(stolen.status).toBe(404);
  const twice = await house.owner.post('/accounts', { ...serviceAccount, appId });
  expect([twice.status, twice.body]).toMatchObject([409, { code: 'request.refused' }]);
});

it('keys change without a message lost, in both processes', async () => {
  const appId = newAppId();
  const { account, keys: before } = await addAccount(house, appId);
  for (const process of [0, 1]) expect(await says(account, appId, before, process)).toContain('你可以');
  const path = `/accounts/${account.id}`;
  const { etag } = await house.owner.get(path);
  expect((await house.owner.post(`${path}/keys`, undefined, { 'If-Match': etag })).status).toBe(200);
  const after = (await house.owner.get<Keys>(`${path}/keys`)).body;

  // The platform does not know them yet.
  expect(await says(account, appId, before, 1)).toContain('你可以');
  expect(await says(account, appId, before, 0)).toContain('你可以');
  expect((await house.owner.get(`${path}/keys`)).status).toBe(200);
  // Now it does. In the process where they were made they count at once.
  expect(await says(account, appId, after, 1)).toContain('你可以');
  ahead += 5_000;
  expect(await says(account, appId, after, 0)).toContain('你可以');
  for (const process of [0, 1]) expect(await says(account, appId, before, process)).toContain('你可以');
  expect(await says(account, appId, { ...after, token: 'neither' })).toBe('callback.wrong-signature');
});

it('an account that was removed is answered no more, in any process', async () => {
  const appId = newAppId();
  const { account, keys } = await addAccount(house, appId);
  for (const process of [0, 1]) expect(await says(account, appId, keys, process)).toContain('你可以');
  const { etag } = await house.owner.get(`/accounts/${account.id}`);
  expect((await house.owner.delete(`/accounts/${account.id}`, etag)).status).toBe(204);
  expect(await says(account, appId, keys, 1)).toBe('request.not-found');
  ahead += 5_000;
  expect(await says(account, appId, keys, 0)).toBe('request.not-found');
});

it('no secret of an account stands in a log line or in an answer of the API', async () => {
  const { account, keys } = await addAccount(house, newAppId());
  const path = `/accounts/${account.id}`;
  const { etag } = await house.owner.get(path);
  const answers = [
    await house.owner.get(path),
    await house.owner.get('/accounts'),
    await house.owner.patch(path, { appSecret: 'f'.repeat(32) }, etag),
    await house.owner.patch(path, { appSecret: 'not a secret yet' }, etag),
    await house.owner.post('/accounts', { ...serviceAccount, appSecret: `${appSecret}x` }),
  ].map(({ body }) => JSON.stringify(body));
  expect(lines.length).toBeGreaterThan(0);
  for (const secret of [appSecret, keys.token, keys.encodingAesKey, 'f'.repeat(32), 'not a secret yet'])
    for (const place of [...answers, lines.join('')]) expect(place).not.toContain(secret);
});

it('a sandbox does not start beside a real account, and gives way when it need not', async () => {
  await expect(startReal({ SANDBOX: 'on' })).rejects.toMatchObject({ code: 'config.invalid' });
  const { callbacks } = await startReal({ SANDBOX: 'auto' });
  expect(callbacks).toEqual([]);
});

import { describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../server/kernel/clock.ts';
import type { OwnedAccount, SandboxState, ServerVerdict } from '../../server/sandbox/contract.ts';
import { openRecords } from '../../server/sandbox/records.ts';
import { createManualClock } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';
import { browse } from './browser.ts';
import { listen, replyTo } from './listener.ts';
import { open, openWorld, watchTimers } from './world.ts';

const newAccount = { name: '麦浪', kind: 'subscription', isVerified: false };
const token = 'pasted0token';
const encodingAesKey = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';

/** A page, an account registered on it, and a server that knows these settings and echoes what it is sent. */
async function openRegistered(answer?: Parameters<typeof listen>[1], clock: Clock = systemClock) {
  const world = await openWorld({ clock });
  const page = await browse(world.sandbox);
  const { body } = await page.post('accounts', newAccount);
  const account = body as OwnedAccount;
  const credentials = { appId: account.appId, token, encodingAesKey };
  const server = await listen(
    () => credentials,
    answer ??
      ((received) => (received.method === 'GET' ? { body: received.query.echostr ?? '' } : replyTo(received, '在', credentials))),
  );
  const settings = { url: server.url, token, encodingAesKey, mode: 'safe' };
  return { ...world, page, account, server, settings };
}

test('a new account has credentials of its own, people who could follow it, and no server yet', async () => {
  const { page, account, sandbox } = await openRegistered();
  expect(account).toMatchObject({
    ...newAccount,
    appId: expect.stringMatching(/^wx[0-9a-f]{16}$/),
    addresses: ['127.0.0.1', '::1'],
  });
  expect(account.appSecret).toMatch(/^[0-9a-f]{32}$/);
  expect(account).not.toHaveProperty('server');
  const { accounts, followers } = (await page.get('state')).body as SandboxState;
  expect(accounts.map(({ name, kind, isVerified }) => [name, kind, isVerified])).toEqual([
    ['半日麦', 'service', true],
    ['麦浪', 'subscription', false],
  ]);
  expect(JSON.stringify(accounts)).not.toContain(account.appSecret);
  const people = followers.filter(({ appId }) => appId === account.appId);
  expect(people.map(({ name }) => name)).toEqual(['林小满', '王一川', '陈可']);
  expect(new Set(followers.map(({ openid }) => openid)).size).toBe(followers.length);
  await expect(sandbox.follow(people[0]?.openid ?? '')).rejects.toMatchObject({ code: 'request.refused' });
});

test('the settings are kept once the server echoes; callbacks then go there, and still do after a restart', async () => {
  const { page, account, server, settings, database, sandbox } = await openRegistered();
  const put = await page.put(`accounts/${account.appId}/server`, settings);
  expect(put).toMatchObject({
    status: 200,
    body: { isAccepted: true, row: { rule: 'address-echoed' }, account: { server: settings, callbackUrl: server.url } },
  });
  expect(server.requests[0]).toMatchObject({ method: 'GET', isSigned: true });
  const { followers } = (await page.get('state')).body as SandboxState;
  const person = followers.find(({ appId }) => appId === account.appId)?.openid ?? '';
  await sandbox.follow(person);
  expect(server.requests[1]).toMatchObject({ isSealedAndSigned: true, appId: account.appId });
  await sandbox.close();

  const again = await open(database);
  await again.reconnect();
  expect(await again.say(person, { kind: 'text', text: '在吗' })).toMatchObject({ shown: { content: { text: '在' } } });
  await again.close();
});

test('the followers of two accounts stay apart', async () => {
  const { page, account, settings, sandbox, openid } = await openRegistered();
  await page.put(`accounts/${account.appId}/server`, settings);
  const { followers } = (await page.get('state')).body as SandboxState;
  const other = followers.find((one) => one.appId === account.appId)?.openid ?? '';
  await sandbox.follow(other);
  expect(((await page.get('state')).body as SandboxState).followers.filter(({ isFollowing }) => isFollowing)).toMatchObject([
    { openid: other, appId: account.appId },
  ]);
  expect(await sandbox.chat(openid)).toEqual([]);
});

describe('settings that are not accepted are not kept', () => {
  test.each([
    ['another token', { token: 'pasted0tokem' }, 401, 'wrong-status'],
    ['an address that echoes something else', {}, 200, 'address-not-echoed'],
  ])('%s', async (_, change, status, rule) => {
    const { page, account, settings } = await openRegistered((received) =>
      received.isSigned ? { body: 'hello' } : { status: 401, body: '' },
    );
    const { body } = await page.put(`accounts/${account.appId}/server`, { ...settings, ...change });
    expect(body).toMatchObject({ isAccepted: false, row: { rule, status, verdict: 'refused' } });
    expect((body as ServerVerdict).account).not.toHaveProperty('server');
    const [, kept] = (await page.get('accounts')).body as OwnedAccount[];
    expect(kept).not.toHaveProperty('server');
  });

  test('an address where nobody listens', async () => {
    const { page, account, settings, server } = await openRegistered();
    await server.close();
    expect((await page.put(`accounts/${account.appId}/server`, settings)).body).toMatchObject({
      isAccepted: false,
      row: { rule: 'unreachable' },
    });
  });

  test.each([
    [{ token: 'ab' }],
    [{ token: 'with space' }],
    [{ encodingAesKey: 'short' }],
    [{ encodingAesKey: undefined }],
    [{ url: 'ftp://127.0.0.1/' }],
    [{ url: 'javascript:alert(1)' }],
    [{ mode: 'secret' }],
    [{ appSecret: '0'.repeat(32) }],
  ])('%j is malformed', async (change) => {
    const { page, account, settings, server } = await openRegistered();
    expect((await page.put(`accounts/${account.appId}/server`, { ...settings, ...change })).status).toBe(400);
    expect(server.requests).toEqual([]);
  });
});

test('what is tried again after the settings were changed goes by the new ones', async () => {
  let isAway = false;
  const manual = createManualClock();
  const clock = watchTimers(manual);
  const { page, account, settings, sandbox, server } = await openRegistered(
    (received) => (isAway ? 'break' : { body: received.query.echostr ?? 'success' }),
    clock,
  );
  await page.put(`accounts/${account.appId}/server`, { ...settings, mode: 'plain' });
  const { followers } = (await page.get('state')).body as SandboxState;
  isAway = true;
  const followed = sandbox.follow(followers.find(({ appId }) => appId === account.appId)?.openid ?? '');
  // The test of the address, the first try, the pause behind it.
  await clock.hasSet(3, 5_000);
  isAway = false;
  await page.put(`accounts/${account.appId}/server`, settings);
  await manual.advance(5_000);
  expect((await followed).tries.map(({ rule }) => rule)).toEqual(['unreachable', 'success']);
  const [, first, , second] = server.requests;
  expect(first).not.toHaveProperty('isSealedAndSigned');
  expect(second).toMatchObject({ isSealedAndSigned: true, appId: account.appId });
});

test('the white list takes addresses alone, each once', async () => {
  const { page, account } = await openRegistered();
  const list = `accounts/${account.appId}/addresses`;
  expect(await page.put(list, { addresses: ['10.0.0.7', ' 10.0.0.7', '2001:db8::1'] })).toMatchObject({
    status: 200,
    body: { addresses: ['10.0.0.7', '2001:db8::1'] },
  });
  for (const addresses of [['localhost'], ['10.0.0.0/8'], ['10.0.0.256'], '127.0.0.1', Array(51).fill('10.0.0.1')])
    expect((await page.put(list, { addresses })).status).toBe(400);
  expect((await page.put('accounts/wx0/addresses', { addresses: [] })).status).toBe(404);
});

test('no two accounts have one name, also when both are registered at once', async () => {
  const { page } = await openRegistered();
  const made = await Promise.all(['新店', '新店', '半日麦'].map((name) => page.post('accounts', { ...newAccount, name })));
  expect(made.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  expect(((await page.get('state')).body as SandboxState).accounts).toHaveLength(3);
});

test('an account that was kept before there were AppSecrets is given one, which stays', async () => {
  const database = await openTestDatabase();
  const first = await open(database);
  const {
    appSecret: _,
    addresses: _addresses,
    kind: _kind,
    isVerified: _isVerified,
    ...old
  } = await first.ensureAccount({
    name: '半日麦',
    mode: 'safe',
  });
  await first.close();
  const accounts = database.connection.getClient().db(database.connection.name).collection('accounts');
  await accounts.updateOne({}, { $unset: { appSecret: 1, addresses: 1, kind: 1, isVerified: 1 } } as never);

  const second = await open(database);
  const completed = await second.ensureAccount({ name: '半日麦', mode: 'safe' });
  expect(completed).toMatchObject({ ...old, kind: 'service', isVerified: true, addresses: ['127.0.0.1', '::1'] });
  expect(completed.appSecret).toMatch(/^[0-9a-f]{32}$/);
  await second.close();
  expect((await (await openRecords(database)).accounts())[0]).toEqual(completed);
  await database.close();
});

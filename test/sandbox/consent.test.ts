import { expect, test } from 'vitest';
import type { Follower, Subscription } from '../../server/sandbox/contract.ts';
import { openMessages } from './messages-world.ts';

const answers = [{ templateId: 'x', isAccepted: true }];

test.each([
  ['GET', 'subscriptions', undefined],
  ['POST', 'subscriptions', { place: 'account', answers }],
  ['POST', 'subscriptions/end', { place: 'account', templateId: 'x' }],
  ['PUT', 'settings', { refusesMessages: true }],
])('%s %s of nobody is not found', async (method, path, body) => {
  const { page } = await openMessages();
  const address = `followers/oNobody/${path}`;
  const found = method === 'GET' ? page.get(address) : method === 'PUT' ? page.put(address, body) : page.post(address, body);
  expect((await found).status).toBe(404);
});

test.each([
  ['subscriptions', { place: 'till', answers }],
  ['subscriptions', { place: 'account', answers: [] }],
  ['subscriptions', { place: 'account', answers: [...answers, ...answers, ...answers, ...answers] }],
  ['subscriptions', { place: 'account', answers, scene: 1 }],
  ['subscriptions', { place: 'account', answers: [{ templateId: { $ne: '' }, isAccepted: true }] }],
  ['subscriptions/end', { place: 'one-off', templateId: 'x' }],
  ['subscriptions/end', { place: 'account' }],
])('%s: %o is malformed, and the server hears of nothing', async (path, body) => {
  const { page, openid, server } = await openMessages();
  expect((await page.post(`followers/${openid}/${path}`, body)).status).toBe(400);
  expect(server.requests).toEqual([]);
});

test('where no server is connected nobody can agree to anything, and nothing is kept', async () => {
  const { page, sandbox } = await openMessages();
  const account = await sandbox.ensureAccount({ name: '别家', mode: 'plain' });
  const { openid } = await sandbox.createFollower(account, { name: '顾客' });
  const templates = (await page.get(`followers/${openid}/subscriptions`)).body as Subscription[];
  const agreed = { place: 'account', answers: [{ templateId: templates[0]?.templateId, isAccepted: true }] };
  expect((await page.post(`followers/${openid}/subscriptions`, agreed)).status).toBe(409);
  const after = (await page.get(`followers/${openid}/subscriptions`)).body as Subscription[];
  expect(after[0]?.left).toEqual({ account: 0, 'mini-program': 0 });
});

test('that messages are switched off is told to every page, and stays', async () => {
  const { page, openid } = await openMessages();
  const listening = await page.events();
  const changed = await page.put(`followers/${openid}/settings`, { refusesMessages: true });
  expect(changed.body).toMatchObject({ openid, refusesMessages: true });
  expect(await listening.next()).toMatchObject({ event: 'follower', data: { openid, refusesMessages: true } });
  await listening.leave();
  const { followers } = (await page.get('state')).body as { followers: Follower[] };
  expect(followers.find((one) => one.openid === openid)).toMatchObject({ refusesMessages: true });
});

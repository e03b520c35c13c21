import { expect, test } from 'vitest';
import { openFollowedWorld, openWorld } from './world.ts';

test('an account is made once, with three people who do not follow yet', async () => {
  const { sandbox, account } = await openWorld();
  const [first, second] = await Promise.all(['safe', 'safe'].map(() => sandbox.ensureAccount({ name: '新店', mode: 'safe' })));

  expect(second).toEqual(first);
  expect(first?.appId).toMatch(/^wx[0-9a-f]{16}$/);
  expect(first?.originalId).toMatch(/^gh_[0-9a-f]{12}$/);
  expect(first?.encodingAesKey).toMatch(/^[A-Za-z0-9]{43}$/);
  expect(first?.appId).not.toBe(account.appId);
  expect(await sandbox.ensureAccount({ name: '新店', mode: 'plain' })).toEqual({ ...first, mode: 'plain' });
});

test('what the platform would not let a follower do is refused with its reason', async () => {
  const { sandbox, server, openid } = await openWorld();
  await expect(sandbox.say(openid, { kind: 'text', text: '在吗' })).rejects.toThrow('小满 does not follow the account');
  await expect(sandbox.unfollow(openid)).rejects.toThrow('小满 does not follow the account');
  await sandbox.follow(openid);
  await expect(sandbox.follow(openid)).rejects.toThrow('小满 follows the account already');
  await sandbox.unfollow(openid);
  await expect(sandbox.say(openid, { kind: 'menu', key: 'A' })).rejects.toMatchObject({ code: 'request.refused' });
  await expect(sandbox.follow('nobody')).rejects.toMatchObject({ code: 'request.not-found' });
  expect(server.requests).toHaveLength(2);
});

test('of twenty follows at once one happens', async () => {
  const { sandbox, server, openid } = await openWorld();
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => sandbox.follow(openid)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(server.requests).toHaveLength(1);
  expect(await sandbox.chat(openid)).toHaveLength(1);
});

test.each([
  ['nothing', { kind: 'text', text: '' }],
  ['blanks', { kind: 'text', text: ' \n' }],
  ['a novel', { kind: 'text', text: '长'.repeat(2001) }],
  ['a place off the globe', { kind: 'place', latitude: 91, longitude: 0, label: '?' }],
  ['a place that is no number', { kind: 'place', latitude: Number.NaN, longitude: 0, label: '?' }],
  ['a picture that is a script', { kind: 'image', url: 'javascript:alert(1)' }],
  ['a kind that does not exist', { kind: 'video' }],
  ['more than the kind has', { kind: 'menu', key: 'A', ToUserName: 'x' }],
])('%s cannot be said', async (_, speech) => {
  const { sandbox, server, openid } = await openFollowedWorld();
  await expect(sandbox.say(openid, speech as never)).rejects.toMatchObject({ code: 'request.malformed' });
  expect(server.requests).toHaveLength(1);
});

import { expect, test } from 'vitest';
import { createManualClock } from '../support/clock.ts';
import { type Answer, replyTo } from './listener.ts';
import { open, openFollowedWorld } from './world.ts';

test('a restart keeps credentials, followers and the chat', async () => {
  const world = await openFollowedWorld({ answer: (received, account) => replyTo(received, '在的', account) });
  await world.sandbox.say(world.openid, { kind: 'text', text: '在吗' });
  const chat = await world.sandbox.chat(world.openid);
  await world.sandbox.close();

  const again = await open(world.database);
  expect(await again.ensureAccount({ name: '半日麦', mode: 'plain' })).toEqual(world.account);
  expect(await again.chat(world.openid)).toEqual(chat);
  expect(chat).toMatchObject([
    { content: { notice: 'followed' } },
    { from: 'follower', content: { text: '在吗' }, delivery: 'answered' },
    { from: 'account', content: { text: '在的' } },
  ]);
  await again.connect(world.account, world.server.url);
  await again.say(world.openid, { kind: 'text', text: '又来了' });
  expect((await again.chat(world.openid)).slice(0, 3)).toEqual(chat);
  await again.close();
});

test('a try that a stop breaks off counts as one without an answer, and the next run sends the same message again', async () => {
  const answers: Answer[] = ['hang'];
  const { sandbox, database, account, server, openid } = await openFollowedWorld({
    mode: 'safe',
    answer: (received, credentials) => answers.shift() ?? replyTo(received, '在的', credentials),
  });
  const broken = sandbox.say(openid, { kind: 'text', text: '在吗' });
  broken.catch(() => {});
  await server.received(2);
  await sandbox.close();
  await expect(broken).rejects.toMatchObject({ code: 'server.unavailable' });
  await expect(sandbox.say(openid, { kind: 'text', text: '还在吗' })).rejects.toMatchObject({ code: 'server.unavailable' });

  const again = await open(database);
  await again.connect(account, server.url);
  await server.received(3);
  await again.idle();
  expect(server.requests[2]?.body).toBe(server.requests[1]?.body);
  expect((await again.chat(openid)).slice(-2)).toMatchObject([
    { content: { text: '在吗' }, delivery: 'answered' },
    { content: { text: '在的' } },
  ]);
  await again.close();
});

test('a third try that was broken off is not made up for: the follower sees the outage notice', async () => {
  const clock = createManualClock();
  const { sandbox, database, account, server, openid } = await openFollowedWorld({ clock, answer: () => 'hang' });
  const broken = sandbox.say(openid, { kind: 'text', text: '在吗' });
  broken.catch(() => {});
  for (const count of [2, 3]) {
    await server.received(count);
    await clock.advance(5_000);
  }
  await server.received(4);
  await sandbox.close();

  const again = await open(database, clock);
  await again.connect(account, server.url);
  await again.idle();
  expect(server.requests).toHaveLength(4);
  expect((await again.chat(openid)).at(-1)).toMatchObject({ content: { kind: 'outage' } });
  await again.close();
});

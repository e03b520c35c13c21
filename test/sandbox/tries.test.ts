import { expect, test } from 'vitest';
import { createManualClock } from '../support/clock.ts';
import { type Answer, replyTo } from './listener.ts';
import { openFollowedWorld, openWorld, watchTimers } from './world.ts';

const outage = '该公众号提供的服务出现故障，请稍后再试';

test('a server that never answers gets the same body three times, five seconds apart, and then the follower sees the outage notice', async () => {
  const clock = createManualClock();
  const { sandbox, server, openid } = await openFollowedWorld({ mode: 'safe', clock, answer: () => 'hang' });

  const delivery = sandbox.say(openid, { kind: 'text', text: '在吗' });
  for (const count of [2, 3, 4]) {
    await server.received(count);
    await clock.advance(4_999);
    expect(server.requests).toHaveLength(count);
    await clock.advance(1);
  }

  const { shown, tries } = await delivery;
  expect(shown).toBe('outage');
  expect(tries).toMatchObject([1, 2, 3].map((attempt) => ({ attempt, rule: 'late', milliseconds: 5_000 })));
  const [, ...attempts] = server.requests;
  expect(new Set(attempts.map(({ body }) => body)).size).toBe(1);
  expect(new Set(attempts.map(({ query }) => query.nonce)).size).toBe(3);
  expect(new Set(attempts.map(({ query }) => query.timestamp)).size).toBe(3);
  expect(attempts.every(({ isSigned, isSealedAndSigned }) => isSigned && isSealedAndSigned)).toBe(true);
  expect((await sandbox.chat(openid)).slice(-2)).toMatchObject([
    { from: 'follower', content: { text: '在吗' }, delivery: 'failed' },
    { from: 'system', content: { kind: 'outage', text: outage } },
  ]);
});

test('the second try is answered: the follower sees the reply and no notice', async () => {
  const clock = createManualClock();
  const answers: Answer[] = ['hang'];
  const { sandbox, server, openid } = await openFollowedWorld({
    clock,
    answer: (received, account) => answers.shift() ?? replyTo(received, '在的', account),
  });

  const delivery = sandbox.say(openid, { kind: 'text', text: '在吗' });
  await server.received(2);
  await clock.advance(5_000);

  expect(await delivery).toMatchObject({
    shown: { content: { text: '在的' } },
    tries: [{ rule: 'late' }, { rule: 'reply-shown' }],
  });
  expect((await sandbox.chat(openid)).slice(-2)).toMatchObject([{ delivery: 'answered' }, { from: 'account' }]);
});

test.each<[string, Answer]>([
  ['wrong-status', { status: 503, body: '' }],
  ['wrong-status', { status: 302, body: '', headers: { location: '/elsewhere' } }],
  ['unreachable', 'break'],
])('%s is no answer: the next try comes when five seconds are over', async (rule, answer) => {
  const clock = watchTimers(createManualClock());
  const answers: Answer[] = [answer];
  const { sandbox, server, openid } = await openFollowedWorld({ clock, answer: () => answers.shift() ?? { body: 'success' } });

  const delivery = sandbox.say(openid, { kind: 'text', text: '在吗' });
  // The five seconds of the follow, of this message's first try, and those until its next.
  await clock.hasSet(3, 5_000);
  await clock.advance(4_999);
  expect(server.requests).toHaveLength(2);
  await clock.advance(1);

  expect(await delivery).toMatchObject({ shown: 'nothing', tries: [{ rule }, { rule: 'success' }] });
});

test('a malformed answer is an answer: the notice is shown at once, without another try', async () => {
  const { sandbox, server, openid } = await openFollowedWorld({ answer: () => ({ body: '{"errcode":0}' }) });
  expect(await sandbox.say(openid, { kind: 'text', text: '在吗' })).toMatchObject({
    shown: 'outage',
    tries: [{ rule: 'not-xml' }],
  });
  expect(server.requests).toHaveLength(2);
});

test('an answer that does not end is cut off', async () => {
  const { sandbox, openid } = await openFollowedWorld({ answer: () => ({ body: Buffer.alloc(4 * 1024 * 1024, 'x') }) });
  expect(await sandbox.say(openid, { kind: 'text', text: '在吗' })).toMatchObject({
    shown: 'outage',
    tries: [{ rule: 'too-large' }],
  });
});

test('who has left is shown nothing, not even an outage', async () => {
  const { sandbox, openid } = await openFollowedWorld({ answer: () => ({ body: 'not xml' }) });
  expect(await sandbox.unfollow(openid)).toMatchObject({ shown: 'nothing', tries: [{ verdict: 'refused' }] });
  expect((await sandbox.chat(openid)).at(-1)).toMatchObject({ content: { kind: 'notice', notice: 'unfollowed' } });
});

test('a hundred messages at once are answered each with their own reply', async () => {
  const { sandbox, openid } = await openFollowedWorld({
    mode: 'safe',
    answer: (received, account) => replyTo(received, `答 ${/\[(问 \d+)\]/.exec(received.xml)?.[1]}`, account),
  });
  const numbers = Array.from({ length: 100 }, (_, number) => number);
  const deliveries = await Promise.all(numbers.map((number) => sandbox.say(openid, { kind: 'text', text: `问 ${number}` })));
  expect(deliveries.map(({ shown }) => shown)).toMatchObject(numbers.map((number) => ({ content: { text: `答 问 ${number}` } })));
});

test('before the server is connected nothing can be sent to it', async () => {
  const { sandbox } = await openWorld();
  const other = await sandbox.ensureAccount({ name: '别家', mode: 'safe' });
  const { openid } = await sandbox.createFollower(other, { name: '小满' });
  await expect(sandbox.follow(openid)).rejects.toMatchObject({ code: 'request.refused' });
  await expect(sandbox.checkAddress(other)).rejects.toMatchObject({ code: 'request.refused' });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { type Inbox, openInbox } from '../../server/coordination/inbox.ts';
import type { Database } from '../../server/database/index.ts';
import { createIds } from '../../server/kernel/ids.ts';
import { createLog } from '../../server/kernel/log.ts';
import type { Person } from '../../server/kernel/personal.ts';
import { createManualClock, type ManualClock } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';

interface Message {
  account: { id: string; merchantId: string; channel: string; token?: string };
  key: string;
  openid: string;
  text: string;
}
interface Answer {
  text: string;
}

let database: Database;
let messages = 0;
beforeAll(async () => {
  database = await openTestDatabase();
});

const newMessage = (text = 'hello'): Message => ({
  account: { id: 'a1', merchantId: 'm1', channel: 'wechat' },
  key: `${++messages}:digest`,
  openid: 'ming',
  text,
});

/** An inbox as one process has it. Its work waits until it is let go, unless it is told to answer at once. */
async function openProcess(clock: ManualClock, { waits = false, losesLate = false } = {}) {
  const worked: string[] = [];
  const late: string[] = [];
  const outcomes: string[] = [];
  const gates: (() => void)[] = [];
  const inbox: Inbox<Message, Answer> = await openInbox<Message, Answer>({
    database,
    clock,
    ids: createIds(clock),
    log: createLog('silent'),
    async work({ text }, uniqueNumber) {
      worked.push(uniqueNumber);
      if (waits) await new Promise<void>((resolve) => gates.push(resolve));
      if (text === 'fails') throw new Error('the scene is broken');
      return { text: `${text} ${worked.length}` };
    },
    async onLate(_, answer) {
      if (losesLate) throw new Error('killed before the answer was handed on');
      late.push(answer.text);
    },
    observe: (outcome) => outcomes.push(outcome),
  });
  return { inbox, worked, late, outcomes, gates };
}

const row = (message: Message) =>
  database.connection
    .collection('inbox')
    .findOne({ accountId: message.account.id, merchantId: message.account.merchantId, 'message.key': message.key });

describe('the inbox', () => {
  it('works a message once and gives its repeats the stored answer', async () => {
    const clock = createManualClock();
    const { inbox, worked, outcomes } = await openProcess(clock);
    const message = newMessage();
    expect(await inbox.once(message, clock.now())).toEqual({ text: 'hello 1' });
    expect(await inbox.once(message, clock.now())).toEqual({ text: 'hello 1' });
    expect(worked).toEqual([`m1:a1:${message.key}`]);
    expect(outcomes).toEqual(['answered', 'repeated']);
  });

  it('stores the message before it is worked', async () => {
    const clock = createManualClock();
    const { inbox, gates } = await openProcess(clock, { waits: true });
    const message = newMessage();
    const answer = inbox.once(message, clock.now());
    await expect.poll(() => gates.length).toBe(1);
    expect(await row(message)).toMatchObject({ state: 'received', message });
    gates[0]?.();
    await answer;
    expect(await row(message)).toMatchObject({ state: 'answered', answer: { text: 'hello 1' }, isLate: false });
  });

  it('works a message once when its repeats race, also in two processes', async () => {
    const clock = createManualClock();
    const [one, other] = [await openProcess(clock), await openProcess(clock)];
    const message = newMessage();
    // Received so late on this clock that no machine is too slow to store it in time, however often the clock is pushed meanwhile.
    const receivedAt = clock.now() + 24 * 3_600_000;
    const tries = Array.from({ length: 20 }, (_, index) => (index % 2 ? one : other).inbox.once(message, receivedAt));
    const waiting = Promise.all(tries);
    // Who waits for the other process looks again every 100 ms of this clock.
    let isDone = false;
    waiting.finally(() => {
      isDone = true;
    });
    await expect.poll(() => clock.advance(100).then(() => isDone), { interval: 1 }).toBe(true);
    expect(new Set((await waiting).map((answer) => answer?.text))).toEqual(new Set(['hello 1']));
    expect(one.worked.length + other.worked.length).toBe(1);
  });

  it('keeps many messages that come together apart', async () => {
    const clock = createManualClock();
    const { inbox } = await openProcess(clock);
    const many = Array.from({ length: 300 }, (_, index) => newMessage(`m${index}`));
    const answers = await Promise.all(many.map((message) => inbox.once(message, clock.now())));
    expect(answers.map((answer) => answer?.text.split(' ')[0])).toEqual(many.map(({ text }) => text));
  });

  it('keeps merchants and accounts that share a key apart', async () => {
    const clock = createManualClock();
    const { inbox, worked } = await openProcess(clock);
    const message = newMessage();
    for (const account of [
      { id: 'a1', merchantId: 'm1' },
      { id: 'a1', merchantId: 'm2' },
      { id: 'a2', merchantId: 'm1' },
    ]) {
      await inbox.once({ ...message, account: { ...account, channel: 'wechat' } }, clock.now());
    }
    expect(new Set(worked).size).toBe(3);
  });

  it('does not store what an account holds beside its id', async () => {
    const clock = createManualClock();
    const { inbox } = await openProcess(clock);
    const message = { ...newMessage(), account: { id: 'a1', merchantId: 'm1', channel: 'wechat', token: 'T0KEN' } };
    await inbox.once(message, clock.now());
    expect(JSON.stringify(await row(message))).not.toContain('T0KEN');
  });

  it('answers nothing after 4.5 s, and hands the late answer on when it comes', async () => {
    const clock = createManualClock();
    const { inbox, gates, late, outcomes } = await openProcess(clock, { waits: true });
    const message = newMessage();
    const answer = inbox.once(message, clock.now());
    await expect.poll(() => gates.length).toBe(1);
    await clock.advance(4_500);
    expect(await answer).toBeUndefined();
    gates[0]?.();
    await inbox.idle();
    expect({ late, outcomes }).toEqual({ late: ['hello 1'], outcomes: ['late'] });
    expect(await row(message)).toMatchObject({ state: 'answered', isLate: true });
    // It has been handed on: given to a repeat as well the follower would read it twice.
    expect(await inbox.once(message, clock.now())).toBeUndefined();
    expect(late).toEqual(['hello 1']);
  });

  it('hands on by the sweep what a process that died left, once', async () => {
    const clock = createManualClock();
    const dead = await openProcess(clock, { waits: true, losesLate: true });
    const alive = await openProcess(clock);
    const message = newMessage();
    const answer = dead.inbox.once(message, clock.now());
    await expect.poll(() => dead.gates.length).toBe(1);
    await clock.advance(4_500);
    expect(await answer).toBeUndefined();
    dead.gates[0]?.();
    await dead.inbox.idle();
    expect(await row(message)).toMatchObject({ isLate: true, untoldSince: clock.now() });
    // Whoever made it may still be about to hand it on.
    await clock.advance(4_499);
    await alive.inbox.sweep();
    expect(alive.late).toEqual([]);
    await clock.advance(1);
    expect(await alive.inbox.sweep()).toBe(1);
    expect(await alive.inbox.sweep()).toBe(0);
    expect(alive.late).toEqual(['hello 1']);
    expect(await row(message)).not.toHaveProperty('untoldSince');
  });

  it('hands on no late answer to somebody who was erased meanwhile', async () => {
    const clock = createManualClock();
    const { inbox, gates } = await openProcess(clock, { waits: true, losesLate: true });
    const alive = await openProcess(clock);
    const message = { ...newMessage(), openid: 'erased' };
    const answer = inbox.once(message, clock.now());
    await expect.poll(() => gates.length).toBe(1);
    await clock.advance(4_500);
    expect(await answer).toBeUndefined();
    gates[0]?.();
    await inbox.idle();
    expect(await row(message)).toHaveProperty('untoldSince');
    const person = { merchantId: 'm1', memberId: 'ming', senders: [{ accountId: 'a1', openid: 'erased' }] };
    expect(await inbox.personal(person as unknown as Person).erase()).toBe(true);
    await clock.advance(60_000);
    await alive.inbox.sweep();
    expect(alive.late).toEqual([]);
  });

  it('gives each answer one way, also when the time is over while it is stored', async () => {
    const clock = createManualClock();
    const { inbox, gates, late } = await openProcess(clock, { waits: true });
    const messages = Array.from({ length: 40 }, (_, index) => newMessage(`m${index}`));
    const answers = Promise.all(messages.map((message) => inbox.once(message, clock.now())));
    await expect.poll(() => gates.length).toBe(messages.length);
    await clock.advance(4_499);
    // Their answers are being written while those who wait go.
    for (const open of gates) open();
    await clock.advance(1);
    const inTime = (await answers).flatMap((answer) => answer?.text ?? []);
    await inbox.idle();
    expect([...inTime, ...late].map((text) => text.split(' ')[0]).sort()).toEqual(messages.map(({ text }) => text).sort());
    const rows = await Promise.all(messages.map(row));
    expect(rows.filter((one) => one?.isLate)).toHaveLength(late.length);
  });

  it('does not take for late what the platform’s second try still receives', async () => {
    const clock = createManualClock();
    const { inbox, gates, late, outcomes } = await openProcess(clock, { waits: true });
    const message = newMessage();
    const first = inbox.once(message, clock.now());
    await expect.poll(() => gates.length).toBe(1);
    await clock.advance(4_500);
    expect(await first).toBeUndefined();
    await clock.advance(500);
    const second = inbox.once(message, clock.now());
    gates[0]?.();
    expect(await second).toEqual({ text: 'hello 1' });
    expect({ late, outcomes }).toEqual({ late: [], outcomes: ['repeated', 'answered'] });
  });

  it('lets nobody take over what is still worked on after the deadline', async () => {
    const clock = createManualClock();
    const [slow, other] = [await openProcess(clock, { waits: true }), await openProcess(clock)];
    const message = newMessage();
    const answer = slow.inbox.once(message, clock.now());
    await expect.poll(() => slow.gates.length).toBe(1);
    await clock.advance(4_500);
    await answer;
    const renewed = async () => (await row(message))?.lease.until;
    await expect.poll(renewed).toBe(clock.now() - 500 + 60_000);
    await clock.advance(29_000);
    expect(await other.inbox.sweep()).toBe(0);
    slow.gates[0]?.();
    await slow.inbox.idle();
    expect(other.worked).toEqual([]);
  });

  it('lets the platform’s next try take over from a process that died', async () => {
    const clock = createManualClock();
    const [dead, alive] = [await openProcess(createManualClock(clock.now()), { waits: true }), await openProcess(clock)];
    const message = newMessage();
    dead.inbox.once(message, clock.now());
    await expect.poll(() => dead.gates.length).toBe(1);
    await clock.advance(5_000);
    expect(await alive.inbox.once(message, clock.now())).toEqual({ text: 'hello 1' });

    // The dead one was only slow: what it comes back with changes nothing, and it tells the answer that stands.
    dead.gates[0]?.();
    await dead.inbox.idle();
    expect(await row(message)).toMatchObject({ answer: { text: 'hello 1' }, answeredAt: clock.now() });
    expect(dead.outcomes).toEqual([]);
  });

  it('sweeps what nobody answered, once, and only when the platform has given up on it', async () => {
    const clock = createManualClock();
    const dead = await openProcess(createManualClock(clock.now()), { waits: true });
    const [one, other] = [await openProcess(clock), await openProcess(clock)];
    const message = newMessage();
    dead.inbox.once(message, clock.now());
    await expect.poll(() => dead.gates.length).toBe(1);
    await clock.advance(14_999);
    expect(await one.inbox.sweep()).toBe(0);
    await clock.advance(1);
    const swept = await Promise.all([one.inbox.sweep(), other.inbox.sweep()]);
    expect(swept[0] + swept[1]).toBe(1);
    expect([...one.late, ...other.late]).toEqual(['hello 1']);
    expect(await row(message)).toMatchObject({ state: 'answered', isLate: true });
    dead.gates[0]?.();
  });

  it('acknowledges a message whose work fails, and works it again later', async () => {
    const clock = createManualClock();
    const { inbox, worked, outcomes } = await openProcess(clock);
    const message = newMessage('fails');
    expect(await inbox.once(message, clock.now())).toBeUndefined();
    expect(outcomes).toEqual(['failed']);
    await clock.advance(15_000);
    expect(await inbox.sweep()).toBe(1);
    expect(worked).toHaveLength(2);
    await database.connection.collection('inbox').deleteOne({ 'message.key': message.key });
  });

  it('forgets what was answered long ago, and nothing else', async () => {
    const clock = createManualClock(Date.UTC(2020, 0));
    const { inbox, worked } = await openProcess(clock);
    const [old, failed] = [newMessage(), newMessage('fails')];
    await inbox.once(old, clock.now());
    await inbox.once(failed, clock.now());
    await clock.advance(86_400_000);
    const young = newMessage();
    await inbox.once(young, clock.now());
    // A day after it came, a message whose work fails is given up.
    worked.length = 0;
    await inbox.sweep();
    expect(worked).toEqual([]);
    expect(await inbox.prune(clock.now())).toBe(2);
    expect(await Promise.all([old, failed, young].map(row))).toEqual([null, null, expect.anything()]);
  });
});

describe('an inbox whose database is gone', () => {
  it('says that it could not store the message, so that the platform sends it again', async () => {
    const clock = createManualClock();
    const lost = await openTestDatabase();
    const inbox = await openInbox<Message, Answer>({
      database: lost,
      clock,
      ids: createIds(clock),
      log: createLog('silent'),
      work: async () => ({ text: 'never' }),
      async onLate() {},
    });
    await lost.close();
    await expect(inbox.once(newMessage(), clock.now())).rejects.toMatchObject({
      code: 'server.unavailable',
      rule: { status: 503 },
    });
  });
});

import { describe, expect, it, onTestFinished } from 'vitest';
import type { Id } from '../../server/kernel/ids.ts';
import type { Person } from '../../server/kernel/personal.ts';
import type { Told } from '../../server/messaging/index.ts';
import { createManualClock } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';
import { type Answering, hour, newTold, openOutbox, rowsOf } from './outbox.ts';

async function openWorld(answer?: Answering) {
  const clock = createManualClock();
  const database = await openTestDatabase();
  onTestFinished(() => database.close());
  const start = (how = answer) => openOutbox(database, clock, how);
  return {
    ...(await start()),
    ...{ clock, database, start },
    tellNew: (change?: Partial<Told>) => newTold(clock, change),
    row: async (told: Told) => (await rowsOf(database, told))[0],
  };
}

const personOf = ({ account, openid }: Told): Person => ({
  merchantId: account.merchantId,
  memberId: 'member' as Id<'member'>,
  senders: [{ accountId: account.id, openid }],
});

describe('what is told', () => {
  it('is kept and sent at once, and what came of it is kept', async () => {
    const { messaging, sent, tellNew, row, clock } = await openWorld();
    const told = tellNew();
    await messaging.tell(told);
    await messaging.idle();
    expect(sent).toEqual([{ account: told.account, openid: told.openid, content: { kind: 'text', text: '好了' } }]);
    expect(await row(told)).toMatchObject({ state: 'sent', tries: 1, madeAt: clock.now(), endedAt: clock.now() });
    expect(await messaging.sweep()).toBe(0);
  });

  it('again under the same unique number is told once, also when it races in two processes', async () => {
    const { messaging, sent, tellNew, start, database } = await openWorld();
    const other = await start();
    const told = tellNew();
    await Promise.all(Array.from({ length: 10 }, (_, i) => (i % 2 ? messaging : other.messaging).tell(told)));
    await Promise.all([messaging.idle(), other.messaging.idle()]);
    await Promise.all([messaging.sweep(), other.messaging.sweep()]);
    expect(sent.length + other.sent.length).toBe(1);
    expect(await rowsOf(database, told)).toHaveLength(1);
  });

  it('by two merchants under one unique number is told by both', async () => {
    const { messaging, sent, tellNew } = await openWorld();
    await messaging.tell(tellNew({ uniqueNumber: 'same' }));
    await messaging.tell(tellNew({ uniqueNumber: 'same' }));
    await messaging.idle();
    expect(sent).toHaveLength(2);
  });

  it('holds nothing of an account but its ids', async () => {
    const { messaging, tellNew, row } = await openWorld();
    const told = tellNew();
    await messaging.tell({ ...told, account: { ...told.account, credentials: 'T0KEN' } as Told['account'] });
    await messaging.idle();
    expect(JSON.stringify(await row(told))).not.toContain('T0KEN');
  });

  it('is sent by the sweep when more is told at once than a process sends at once', async () => {
    const { messaging, sent, tellNew } = await openWorld();
    await Promise.all(Array.from({ length: 50 }, () => messaging.tell(tellNew())));
    await messaging.idle();
    await messaging.sweep();
    expect(sent).toHaveLength(50);
    expect(new Set(sent.map(({ openid }) => openid)).size).toBe(50);
  });
});

describe('what the platform', () => {
  it.each(['refused', 'unknown'] as const)('answers with "%s" is not sent again and keeps the reason', async (outcome) => {
    const { messaging, sent, tellNew, row, clock, lines } = await openWorld(() => ({ outcome, reason: 'window-closed' }));
    const told = tellNew();
    await messaging.tell(told);
    await messaging.idle();
    await clock.advance(47 * hour);
    expect(await messaging.sweep()).toBe(0);
    expect(sent).toHaveLength(1);
    expect(await row(told)).toMatchObject({ state: outcome, reason: 'window-closed' });
    expect(lines).toMatchObject([{ level: 'warn', event: `telling.${outcome}`, reason: 'window-closed' }]);
  });

  it('did not take is sent again after 5 s, 10 s, 20 s, until it does', async () => {
    const { messaging, sent, tellNew, row, clock } = await openWorld((_, count) =>
      count < 4 ? { outcome: 'not-taken', reason: 'busy' } : { outcome: 'sent' },
    );
    const told = tellNew();
    await messaging.tell(told);
    await messaging.idle();
    for (const [index, pause] of [5_000, 10_000, 20_000].entries()) {
      expect(await row(told)).toMatchObject({ state: 'waiting', reason: 'busy' });
      await clock.advance(pause - 1);
      expect(await messaging.sweep()).toBe(0);
      await clock.advance(1);
      expect(await messaging.sweep()).toBe(1);
      expect(sent).toHaveLength(index + 2);
    }
    expect(await row(told)).toMatchObject({ state: 'sent', tries: 4 });
    expect(await row(told)).not.toHaveProperty('reason');
  });

  it('does not take until its time is over expires with the last reason, and is not sent any more', async () => {
    const { messaging, sent, tellNew, row, clock } = await openWorld(() => ({ outcome: 'not-taken', reason: 'quota-used-up' }));
    const told = tellNew({ expiresAt: clock.now() + 8_000 });
    await messaging.tell(told);
    await messaging.idle();
    await clock.advance(5_000);
    await messaging.sweep();
    await clock.advance(3_000);
    expect(await messaging.sweep()).toBe(1);
    expect(sent).toHaveLength(2);
    expect(await row(told)).toMatchObject({ state: 'expired', reason: 'quota-used-up', endedAt: clock.now() });
    expect(await messaging.sweep()).toBe(0);
  });

  it('was told while our own code failed may have arrived, and is not sent again', async () => {
    const { messaging, sent, tellNew, row, lines } = await openWorld(() => new Error('broken'));
    const told = tellNew();
    await messaging.tell(told);
    await messaging.idle();
    await messaging.sweep();
    expect(sent).toHaveLength(1);
    expect(await row(told)).toMatchObject({ state: 'unknown', reason: 'failed' });
    expect(lines.map(({ event }) => event)).toEqual(['telling.failed', 'telling.unknown']);
  });
});

describe('what is over before it was sent', () => {
  it('expires unsent', async () => {
    const { messaging, sent, tellNew, row, clock } = await openWorld();
    const told = tellNew({ expiresAt: clock.now() });
    await messaging.tell(told);
    await messaging.idle();
    expect(sent).toEqual([]);
    expect(await row(told)).toMatchObject({ state: 'expired' });
  });
});

describe('a process that was killed', () => {
  it('before it sent leaves what others send', async () => {
    const { database, messaging, sent, tellNew, row, start } = await openWorld();
    const told = tellNew();
    // Its row was written, and nothing after it.
    await messaging.tell(told);
    await messaging.idle();
    const outbox = database.connection.collection('outbox');
    await outbox.updateOne({}, { $set: { state: 'waiting', dueAt: 0, tries: 0 }, $unset: { endedAt: true, lease: true } });
    sent.length = 0;
    const other = await start();
    expect(await Promise.all([messaging.sweep(), other.messaging.sweep()])).toContain(1);
    expect(sent.length + other.sent.length).toBe(1);
    expect(await row(told)).toMatchObject({ state: 'sent', tries: 1 });
  });

  it('between the call and its answer leaves what nobody sends again', async () => {
    const { messaging, sent, tellNew, row, clock, start } = await openWorld(() => undefined);
    const told = tellNew();
    await messaging.tell(told);
    await expect.poll(() => sent.length).toBe(1);
    expect(await row(told)).toMatchObject({ state: 'sending', tries: 1 });
    const other = await start(() => ({ outcome: 'sent' }));
    await clock.advance(119_999);
    expect(await other.messaging.sweep()).toBe(0);
    await clock.advance(1);
    expect(await other.messaging.sweep()).toBe(1);
    expect(other.sent).toEqual([]);
    expect(await row(told)).toMatchObject({ state: 'unknown', reason: 'cut-off', endedAt: clock.now() });
    expect(other.lines).toMatchObject([{ event: 'telling.unknown', reason: 'cut-off' }]);
  });

  it('and was only slow tells in the end what came of it', async () => {
    const answer = Promise.withResolvers<{ outcome: 'sent' }>();
    const { messaging, tellNew, row, clock, start, sent } = await openWorld(() => answer.promise);
    const told = tellNew();
    await messaging.tell(told);
    await expect.poll(() => sent.length).toBe(1);
    await clock.advance(120_000);
    await (await start()).messaging.sweep();
    expect(await row(told)).toMatchObject({ state: 'unknown' });
    answer.resolve({ outcome: 'sent' });
    await messaging.idle();
    expect(await row(told)).toMatchObject({ state: 'sent' });
  });
});

describe('a person', () => {
  it('is given what they were told, and nobody else’s', async () => {
    const { messaging, tellNew, clock } = await openWorld();
    const told = tellNew();
    for (const text of ['一', '二']) {
      await messaging.tell({ ...told, uniqueNumber: text, content: { kind: 'text', text } });
      await clock.advance(1);
    }
    await messaging.tell({ ...told, openid: 'somebody-else', uniqueNumber: '三' });
    await messaging.idle();
    const { room, read } = messaging.personal(personOf(told));
    expect(room).toBe('tellings');
    expect(await read()).toMatchObject([
      { content: { text: '一' }, state: 'sent' },
      { content: { text: '二' }, state: 'sent' },
    ]);
    expect(await messaging.personal(personOf(tellNew())).read()).toBeUndefined();
  });

  it('who is erased leaves ids: what waited is not sent, and what was told is not told again', async () => {
    const { messaging, sent, tellNew, row, clock } = await openWorld(() => ({ outcome: 'not-taken', reason: 'busy' }));
    const told = tellNew();
    await messaging.tell(told);
    await messaging.idle();
    expect(await messaging.personal(personOf(told)).erase()).toBe(true);
    expect(await messaging.personal(personOf(told)).erase()).toBe(false);
    const left = await row(told);
    expect(left).toMatchObject({ state: 'refused', reason: 'erased', uniqueNumber: told.uniqueNumber });
    expect(JSON.stringify(left)).not.toMatch(new RegExp(`${told.openid}"|好了`));
    await messaging.tell(told);
    await messaging.idle();
    await clock.advance(hour);
    expect(await messaging.sweep()).toBe(0);
    expect(sent).toHaveLength(1);
  });

  it('of another merchant with the same openid stays when one is erased', async () => {
    const { messaging, tellNew, row } = await openWorld();
    const [one, other] = [tellNew({ openid: 'same' }), tellNew({ openid: 'same' })];
    await messaging.tell(one);
    await messaging.tell(other);
    await messaging.idle();
    await messaging.personal(personOf(one)).erase();
    expect((await row(one))?.content).toBeUndefined();
    expect((await row(other))?.content).toEqual({ kind: 'text', text: '好了' });
  });
});

it('what ended long ago is forgotten, and what waits is not', async () => {
  const { messaging, tellNew, row, clock } = await openWorld(({ openid }) =>
    openid === 'waits' ? { outcome: 'not-taken', reason: 'busy' } : { outcome: 'sent' },
  );
  const [ended, waits] = [tellNew(), tellNew({ openid: 'waits' })];
  await messaging.tell(ended);
  await messaging.tell(waits);
  await messaging.idle();
  await clock.advance(1);
  expect(await messaging.prune(clock.now())).toBe(1);
  expect(await row(ended)).toBeUndefined();
  expect(await row(waits)).toMatchObject({ state: 'waiting' });
});

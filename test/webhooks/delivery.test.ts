import { randomBytes } from 'node:crypto';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../server/database/index.ts';
import { createVault } from '../../server/kernel/vault.ts';
import { createManualClock, type ManualClock } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';
import { type Behaviour, openReceiver, type Received, type Receiver } from '../support/receiver.ts';
import { by, createShop, openRoom, type Shop, type WebhookRoom } from '../support/webhook-room.ts';

let database: Database;
let clock: ManualClock;
let room: WebhookRoom;
let shop: Shop;
const receivers: Receiver[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  // Signatures name a time that an independent library compares with its own.
  clock = createManualClock(Math.floor(performance.timeOrigin + performance.now()));
  room = await openRoom({ database, clock });
  shop = createShop(room, clock);
});
afterEach(async () => {
  await room.webhooks.close();
  for (const receiver of receivers.splice(0)) await receiver.close();
});

async function receiver(behave?: (received: Received, count: number) => Behaviour | Promise<Behaviour>): Promise<Receiver> {
  const opened = await openReceiver(behave);
  receivers.push(opened);
  return opened;
}

const kindsOf = ({ received }: Receiver) => received.map(({ event }) => event.type);
const positionsOf = ({ received }: Receiver) => received.map(({ event }) => event.position);

test('a follower who follows is told of, signed so that an independent library takes it, once and by ids alone', async () => {
  const till = await receiver();
  const { secret } = await shop.hook(till.url);
  const ming = await room.members.follows(shop.account, 'ming-openid', { at: 5_000, entryCode: 'door', uniqueNumber: 'a' });
  await room.deliver();
  await room.deliver();
  expect(till.received).toHaveLength(1);
  const [told] = till.received;
  const signed = told?.headers as Record<string, string>;
  expect(new StandardWebhook(secret).verify(told?.body ?? '', signed)).toEqual({
    type: 'follower.followed',
    position: 1,
    at: 5_000,
    data: { memberId: ming?.memberId, followerId: ming?.id, accountId: shop.account.id, entryCode: 'door' },
  });
  expect(told?.body).not.toContain('ming-openid');
  expect(signed['content-type']).toBe('application/json');
  const other = new StandardWebhook(Buffer.from('another secret').toString('base64'));
  expect(() => other.verify(told?.body ?? '', signed)).toThrow();
});

test('a webhook is told what it asked for, from when it was made on', async () => {
  const till = await receiver();
  await shop.follows('early');
  await room.deliver();
  await shop.hook(till.url, { kinds: ['follower.unfollowed'] });
  await shop.follows('ming');
  await shop.unfollows('ming');
  await room.deliver();
  expect(kindsOf(till)).toEqual(['follower.unfollowed']);
});

test('another merchant is told nothing of it', async () => {
  const [till, elsewhere] = [await receiver(), await receiver()];
  const other = createShop(room, clock);
  await shop.hook(till.url);
  const { webhook } = await other.hook(elsewhere.url);
  await shop.follows('ming');
  await room.deliver();
  expect(till.received).toHaveLength(1);
  expect(elsewhere.received).toEqual([]);
  await expect(room.webhooks.find(shop.merchantId, webhook.id)).rejects.toThrow('no such webhook');
  await expect(room.webhooks.deliveries(shop.merchantId, webhook.id, { limit: 9 })).rejects.toThrow('no such webhook');
  await expect(room.webhooks.remove(shop.merchantId, webhook.id, 1, by)).rejects.toThrow('no such webhook');
});

test('what failed is tried again later with the same id, and holds up only its own member', async () => {
  const failing = new Set<string>();
  const till = await receiver(({ event }) => (failing.has(event.data.memberId ?? '') ? 500 : 200));
  await shop.hook(till.url);
  const ming = await shop.follows('ming');
  failing.add(ming?.memberId ?? '');
  await room.deliver();
  await shop.unfollows('ming');
  await shop.follows('hua');
  await room.deliver();
  expect(positionsOf(till)).toEqual([1, 3]);
  failing.clear();
  await clock.advance(4_900);
  await room.deliver();
  expect(positionsOf(till)).toEqual([1, 3]);
  await clock.advance(200);
  await room.deliver();
  expect(positionsOf(till)).toEqual([1, 3, 1, 2]);
  expect(till.received[0]?.id).toBe(till.received[2]?.id);
});

test('tries are further and further apart, and after three days the member’s next event goes out', async () => {
  const till = await receiver(({ event }) => (event.position === 1 ? 500 : 200));
  const { webhook } = await shop.hook(till.url);
  await shop.follows('ming');
  await shop.unfollows('ming');
  const waits: number[] = [];
  await room.deliver();
  for (let last = clock.now(); till.received.length < 90 && !positionsOf(till).includes(2); ) {
    const { items } = await room.webhooks.deliveries(shop.merchantId, webhook.id, { limit: 9 });
    const first = items.find(({ position }) => position === 1);
    const { nextTryAt: probeAt } = await room.webhooks.find(shop.merchantId, webhook.id);
    await clock.advance((probeAt ?? first?.nextTryAt ?? 0) - clock.now());
    if (!probeAt) waits.push((clock.now() - last) / 1000);
    last = clock.now();
    await room.deliver();
  }
  expect(waits.slice(0, 9)).toEqual([5, 20, 80, 320, 1280, 5120, 20480, 43200, 43200]);
  const { items } = await room.webhooks.deliveries(shop.merchantId, webhook.id, { limit: 9 });
  expect(items.map(({ position, state }) => [position, state])).toEqual([
    [2, 'delivered'],
    [1, 'given-up'],
  ]);
  expect((items[1]?.endedAt ?? 0) - (items[1]?.madeAt ?? 0)).toBeGreaterThanOrEqual(72 * 3_600_000);
  expect((await room.webhooks.deliveries(shop.merchantId, webhook.id, { limit: 9, state: 'given-up' })).items).toHaveLength(1);
});

test('ten failures in a row break it: one probe a minute, two, four …, and when one is taken all goes out in order', async () => {
  let isDown = true;
  const till = await receiver(() => (isDown ? 503 : 200));
  const { webhook } = await shop.hook(till.url);
  const look = () => room.webhooks.find(shop.merchantId, webhook.id);
  for (let index = 0; index < 30; index++) await shop.follows(`person-${index}`);
  await room.deliver();
  expect(till.received).toHaveLength(10);
  expect(await look()).toMatchObject({ state: 'broken', brokenSince: clock.now(), nextTryAt: clock.now() + 60_000 });
  for (const [pause, count] of [
    [60, 11],
    [120, 12],
    [240, 13],
  ] as const) {
    await clock.advance(pause * 1000 - 1);
    await room.deliver();
    expect(till.received).toHaveLength(count - 1);
    await clock.advance(1);
    await room.deliver();
    expect(till.received).toHaveLength(count);
  }
  isDown = false;
  await clock.advance(480_000);
  await room.deliver();
  expect(positionsOf(till).slice(13)).toHaveLength(30);
  expect(new Set(positionsOf(till).slice(13)).size).toBe(30);
  expect(await look()).toMatchObject({ state: 'active' });
  expect((await look()).brokenSince).toBeUndefined();
});

test('a broken webhook of which nothing waits any more takes new events, and breaks again at their first failure', async () => {
  const till = await receiver(() => 500);
  const { webhook } = await shop.hook(till.url);
  for (let index = 0; index < 10; index++) await shop.follows(`person-${index}`);
  await room.deliver();
  await database.connection.collection('webhookDeliveries').deleteMany({ merchantId: shop.merchantId });
  await clock.advance(60_000);
  await room.deliver();
  expect((await room.webhooks.find(shop.merchantId, webhook.id)).state).toBe('active');
  await shop.follows('ming');
  await room.deliver();
  expect(till.received).toHaveLength(11);
  expect(await room.webhooks.find(shop.merchantId, webhook.id)).toMatchObject({
    state: 'broken',
    nextTryAt: clock.now() + 120_000,
  });
});

test('a receiver that answers 410 is paused, in the audit’s sight, until people set it active', async () => {
  let status = 410;
  const till = await receiver(() => status);
  const { webhook } = await shop.hook(till.url);
  await shop.follows('ming');
  await room.deliver();
  const gone = await room.webhooks.find(shop.merchantId, webhook.id);
  expect(gone).toMatchObject({ state: 'paused', isGone: true, version: 2 });
  await shop.follows('hua');
  await clock.advance(86_400_000);
  await room.deliver();
  expect(till.received).toHaveLength(1);
  expect(
    await database.connection.collection('audit').findOne({ merchantId: shop.merchantId, action: 'webhook.paused' }),
  ).not.toBeNull();

  status = 200;
  await room.webhooks.edit(shop.merchantId, webhook.id, { state: 'active' }, 2, by);
  await room.deliver();
  expect(positionsOf(till).sort()).toEqual([1, 1, 2]);
  expect((await room.webhooks.find(shop.merchantId, webhook.id)).isGone).toBeUndefined();
});

test('one that is paused gets nothing; what happened meanwhile goes out when it is active again', async () => {
  const till = await receiver();
  const { webhook } = await shop.hook(till.url);
  await room.webhooks.edit(shop.merchantId, webhook.id, { state: 'paused' }, 1, by);
  await shop.follows('ming');
  await room.deliver();
  expect(till.received).toEqual([]);
  await room.webhooks.edit(shop.merchantId, webhook.id, { state: 'active' }, 2, by);
  await room.deliver();
  expect(positionsOf(till)).toEqual([1]);
});

test('removed while one is under way, it gets nothing more and leaves nothing that waits', async () => {
  const release = Promise.withResolvers<number>();
  const begun = Promise.withResolvers<void>();
  const till = await receiver(async () => {
    begun.resolve();
    return release.promise;
  });
  const { webhook } = await shop.hook(till.url);
  for (let index = 0; index < 20; index++) await shop.follows(`person-${index}`);
  await room.members.events.place();
  await room.webhooks.sweep();
  await begun.promise;
  await room.webhooks.remove(shop.merchantId, webhook.id, 1, by);
  release.resolve(200);
  await room.deliver();
  expect(till.received).toHaveLength(1);
  const waiting = { merchantId: shop.merchantId, state: 'waiting' };
  expect(await database.connection.collection('webhookDeliveries').countDocuments(waiting)).toBe(0);
});

test('a changed secret signs beside the one before for a day, then alone', async () => {
  const till = await receiver();
  const { webhook, secret: before } = await shop.hook(till.url);
  const { secret: after } = await room.webhooks.renewSecret(shop.merchantId, webhook.id, shop.newId<'secret'>(), by);
  expect(after).not.toBe(before);
  const takes = (secret: string, { body, headers }: Received) => {
    try {
      return Boolean(
        new StandardWebhook(secret).verify(body, { ...headers, 'webhook-timestamp': headers['webhook-timestamp'] } as never),
      );
    } catch {
      return false;
    }
  };
  await shop.follows('ming');
  await room.deliver();
  expect([before, after].map((secret) => till.received[0] && takes(secret, till.received[0]))).toEqual([true, true]);
  expect(String(till.received[0]?.headers['webhook-signature']).split(' ')).toHaveLength(2);
  await clock.advance(86_400_000);
  await shop.follows('hua');
  await room.deliver();
  expect(String(till.received[1]?.headers['webhook-signature']).split(' ')).toHaveLength(1);
});

test('a secret that no key opens any more waits to be renewed, and signs nothing then', async () => {
  const till = await receiver();
  const { webhook } = await shop.hook(till.url);
  const keyless = await openRoom({ database, clock, vault: createVault([randomBytes(32)]) });
  await expect(keyless.webhooks.test(shop.merchantId, webhook.id)).rejects.toThrow(/nothing here opens/);
  const renewed = await keyless.webhooks.renewSecret(shop.merchantId, webhook.id, shop.newId<'secret'>(), by);
  await shop.happens(keyless, 'ming');
  await keyless.deliver();
  // Tests that come after this one open its key no more.
  await keyless.webhooks.remove(shop.merchantId, webhook.id, renewed.webhook.version, by);
  await keyless.webhooks.close();
  const [told] = till.received;
  expect(String(told?.headers['webhook-signature']).split(' ')).toHaveLength(1);
  const verified = new StandardWebhook(renewed.secret).verify(told?.body ?? '', told?.headers as Record<string, string>);
  expect(verified).toMatchObject({ position: told?.event.position });
});

test('a change of secret that is made twice keeps the one before, and a webhook that is made twice is one', async () => {
  const till = await receiver();
  const id = shop.newId<'webhook'>();
  const make = () => room.webhooks.make(shop.merchantId, id, { name: 'till', url: till.url }, by);
  await make();
  const { secret } = await make();
  expect((await room.webhooks.list(shop.merchantId, { limit: 9 })).items).toHaveLength(1);
  const secretId = shop.newId<'secret'>();
  await room.webhooks.renewSecret(shop.merchantId, id, secretId, by);
  await room.webhooks.renewSecret(shop.merchantId, id, secretId, by);
  await shop.follows('ming');
  await room.deliver();
  const [told] = till.received;
  expect(new StandardWebhook(secret).verify(told?.body ?? '', told?.headers as Record<string, string>)).toMatchObject({
    position: 1,
  });
});

test('a replay delivers again from a position or a time, with the ids that the receiver knows', async () => {
  const till = await receiver();
  const { webhook } = await shop.hook(till.url);
  for (const name of ['a', 'b', 'c']) {
    await shop.follows(name);
    await clock.advance(1_000);
  }
  const since = clock.now();
  await shop.follows('d');
  await room.deliver();
  const ids = new Map(till.received.map(({ id, event }) => [event.position, id]));
  expect((await room.webhooks.replay(shop.merchantId, webhook.id, { after: 1 }, by)).position).toBe(1);
  await room.deliver();
  expect(positionsOf(till).slice(4).sort()).toEqual([2, 3, 4]);
  await room.webhooks.replay(shop.merchantId, webhook.id, { since }, by);
  await room.deliver();
  expect(positionsOf(till).slice(7)).toEqual([4]);
  expect(till.received.every(({ id, event }) => ids.get(event.position) === id)).toBe(true);
  // What has not happened yet is not skipped.
  expect((await room.webhooks.replay(shop.merchantId, webhook.id, { after: 99 }, by)).position).toBe(4);
});

test('a receiver that never ends its answer is not listened to for long', async () => {
  let written = 0;
  const till = await receiver(() => (_request, response) => {
    response.writeHead(200);
    const write = () => {
      written += 256;
      if (!response.destroyed) response.write('x'.repeat(256), () => setImmediate(write));
    };
    write();
  });
  await shop.hook(till.url);
  await shop.follows('ming');
  await shop.follows('hua');
  await room.deliver();
  expect(positionsOf(till).sort()).toEqual([1, 2]);
  expect(written).toBeLessThan(10_000_000);
});

test('a receiver that is silent is given up after ten seconds and tried again; one that cuts the line too', async () => {
  const behaviours: Behaviour[] = ['silence', 'cut', 302, 200];
  const heard = Promise.withResolvers<void>();
  const till = await receiver((_, count) => {
    if (count === 1) heard.resolve();
    return behaviours[count - 1] ?? 200;
  });
  const { webhook } = await shop.hook(till.url);
  const last = async () => (await room.webhooks.deliveries(shop.merchantId, webhook.id, { limit: 1 })).items[0];
  await shop.follows('ming');
  await room.members.events.place();
  await room.webhooks.sweep();
  await heard.promise;
  await clock.advance(10_000);
  await room.webhooks.idle();
  expect(await last()).toMatchObject({ state: 'waiting', attempts: 1, last: { failure: 'timed-out', milliseconds: 10_000 } });
  await clock.advance(5_000);
  await room.deliver();
  expect(await last()).toMatchObject({ attempts: 2, last: { failure: 'unreachable' } });
  await clock.advance(20_000);
  await room.deliver();
  // A redirect is no answer: where it leads was not checked.
  expect(await last()).toMatchObject({ attempts: 3, last: { failure: 'status', status: 302 } });
  await clock.advance(80_000);
  await room.deliver();
  expect(await last()).toMatchObject({ state: 'delivered', attempts: 4, last: { status: 200 } });
});

test('twenty receivers that are slow do not keep the others waiting', async () => {
  const end = Promise.withResolvers<number>();
  const slow = await receiver(() => end.promise);
  const quick = await receiver();
  for (let index = 0; index < 20; index++) await shop.hook(slow.url);
  for (let index = 0; index < 4; index++) await shop.hook(quick.url);
  for (let index = 0; index < 10; index++) await shop.follows(`person-${index}`);
  await room.members.events.place();
  await room.webhooks.sweep();
  await expect.poll(() => quick.received.length, { timeout: 20_000 }).toBe(40);
  // Whoever has not answered yet is asked one thing at a time.
  await expect.poll(() => slow.received.length, { timeout: 20_000 }).toBe(20);
  end.resolve(200);
  await room.webhooks.idle();
  await room.deliver();
  expect(slow.received).toHaveLength(200);
  expect(slow.mostAtOnce()).toBeLessThanOrEqual(32);
});

test('one receiver has eight requests under way at most', async () => {
  const till = await receiver(() => new Promise((done) => setImmediate(done, 204)));
  await shop.hook(till.url);
  for (let index = 0; index < 60; index++) await shop.follows(`person-${index}`);
  await room.deliver();
  expect(till.received).toHaveLength(60);
  expect(till.mostAtOnce()).toBeGreaterThan(1);
  expect(till.mostAtOnce()).toBeLessThanOrEqual(8);
});

test('a test sends one event at once and tells how it went, with the first KiB of the answer', async () => {
  const till = await receiver(() => (_request, response) => response.writeHead(418).end('x'.repeat(5_000)));
  const { webhook, secret } = await shop.hook(till.url);
  const tested = await room.webhooks.test(shop.merchantId, webhook.id);
  expect(tested).toEqual({ at: clock.now(), milliseconds: 0, status: 418, failure: 'status', body: 'x'.repeat(1024) });
  const [told] = till.received;
  expect(new StandardWebhook(secret).verify(told?.body ?? '', told?.headers as Record<string, string>)).toMatchObject({
    type: 'webhook.tested',
    data: { webhookId: webhook.id },
  });
  expect((await room.webhooks.deliveries(shop.merchantId, webhook.id, { limit: 9 })).items).toEqual([]);
});

test('deliveries are listed newest first, page by page, and forgotten when they are old', async () => {
  const till = await receiver();
  const { webhook } = await shop.hook(till.url);
  for (let index = 0; index < 5; index++) await shop.follows(`person-${index}`);
  await room.deliver();
  const first = await room.webhooks.deliveries(shop.merchantId, webhook.id, { limit: 3 });
  const second = await room.webhooks.deliveries(shop.merchantId, webhook.id, { limit: 3, cursor: first.next });
  expect([...first.items, ...second.items].map(({ position }) => position)).toEqual([5, 4, 3, 2, 1]);
  expect(second.next).toBeUndefined();
  expect(first.items[0]).toMatchObject({ state: 'delivered', attempts: 1, last: { status: 204, at: clock.now() } });
  await room.webhooks.prune(clock.now() + 1);
  expect((await room.webhooks.deliveries(shop.merchantId, webhook.id, { limit: 3 })).items).toEqual([]);
});

test('secrets and addresses stay out of rows, audit and log', async () => {
  const lines: string[] = [];
  const { createLog } = await import('../../server/kernel/log.ts');
  const loud = await openRoom({ database, clock, log: createLog('debug', { write: (line: string) => void lines.push(line) }) });
  const till = await receiver(({ event }) => (event.position === 1 ? 500 : 200));
  const { secret, webhook } = await shop.hook(till.url);
  const renewed = await loud.webhooks.renewSecret(shop.merchantId, webhook.id, shop.newId<'secret'>(), by);
  await shop.follows('ming');
  await shop.follows('hua');
  await loud.deliver();
  expect(lines.map((line) => JSON.parse(line).event).sort()).toEqual(['webhook.delivered', 'webhook.failed']);
  const audit = await database.connection.collection('audit').find({ merchantId: shop.merchantId }).toArray();
  const rows = await database.connection.collection('webhooks').find({ merchantId: shop.merchantId }).toArray();
  expect(JSON.stringify([lines, audit])).not.toContain('in-the-query');
  for (const hidden of [secret, renewed.secret]) {
    expect(JSON.stringify([lines, audit, rows])).not.toContain(hidden.slice(6));
  }
  await loud.webhooks.close();
});

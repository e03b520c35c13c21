import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type Database, openDatabase } from '../../server/database/index.ts';
import { createManualClock, type ManualClock } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';
import { type Behaviour, openReceiver, type Receiver } from '../support/receiver.ts';
import { createShop, openRoom, type Shop, type WebhookRoom } from '../support/webhook-room.ts';

const silent = { info() {}, warn() {}, error() {} };
let database: Database;
let clock: ManualClock;
const opened: { room: WebhookRoom; database: Database }[] = [];
const receivers: Receiver[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => {
  clock = createManualClock();
});
afterEach(async () => {
  for (const one of opened.splice(0)) {
    await settle(one.room.webhooks.close());
    await one.database.close();
  }
  for (const receiver of receivers.splice(0)) await receiver.close();
});

/** A process of its own: rooms on a connection of their own to the same database. */
async function openProcess() {
  const options = { uri: inject('databaseUri'), dataDir: '', name: database.connection.name, log: silent };
  const own = await openDatabase(options);
  const process = { room: await openRoom({ database: own, clock }), database: own };
  opened.push(process);
  return process;
}

/** As far as others can tell: nothing that it does is written any more, from one moment to the next. */
async function kill(process: { room: WebhookRoom; database: Database }) {
  opened.splice(opened.indexOf(process), 1);
  await process.database.connection.close(true);
  // What it still waits for fails and ends.
  await settle(process.room.webhooks.close());
}

/** Waits while time passes, so that whatever waits for a receiver that is silent goes on. */
async function settle<Result>(work: Promise<Result>): Promise<Result> {
  let isOver = false;
  const ended = work.finally(() => {
    isOver = true;
  });
  ended.catch(() => {});
  while (!isOver) {
    await clock.advance(200);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return ended;
}

/** What was taken, by member: the positions in the order of their answers with 2xx. */
type Taken = Map<string, number[]>;

/** A receiver that behaves as the list says, again and again, until it is told to be good. */
async function openMoody(moods: readonly Behaviour[], taken: Taken) {
  let count = 0;
  const state = { isGood: false };
  const receiver = await openReceiver(({ event }) => {
    const mood = state.isGood ? 200 : (moods[count++ % moods.length] ?? 200);
    const { memberId = '' } = event.data;
    if (mood === 200) taken.set(memberId, [...(taken.get(memberId) ?? []), event.position]);
    return mood;
  });
  receivers.push(receiver);
  return { receiver, beGood: () => Object.assign(state, { isGood: true }) };
}

async function waits(shop: Shop): Promise<boolean> {
  const head = await database.connection.collection('webhooks').findOne({ merchantId: shop.merchantId });
  const waiting = { merchantId: shop.merchantId, state: 'waiting' };
  const count = await database.connection.collection('webhookDeliveries').countDocuments(waiting);
  return count > 0 || head?.dueAt !== undefined;
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('happens' as const), who: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delivers' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('killed' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('passes' as const), seconds: fc.integer({ min: 1, max: 120 }) }) },
);
const mood = fc.oneof(
  { weight: 4, arbitrary: fc.constant(200 as const) },
  { weight: 2, arbitrary: fc.constant(500 as const) },
  { weight: 1, arbitrary: fc.constant('cut' as const) },
  { weight: 1, arbitrary: fc.constant('silence' as const) },
);

test('whatever the receiver does and whenever the process is killed, each event arrives, and a member’s in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 25 }),
      fc.array(mood, { minLength: 1, maxLength: 8 }),
      async (steps, moods) => {
        const taken: Taken = new Map();
        const { receiver, beGood } = await openMoody(moods, taken);
        let process = await openProcess();
        const shop = createShop(process.room, clock);
        await shop.hook(receiver.url);
        let running: Promise<unknown> = Promise.resolve();
        let happened = 0;
        for (const one of steps) {
          if (one.kind === 'happens') {
            happened++;
            await shop.happens(process.room, `person-${one.who}`);
          }
          if (one.kind === 'passes') await clock.advance(one.seconds * 1_000);
          if (one.kind === 'delivers') {
            const { room } = process;
            running = Promise.all([running, settle(room.deliver()).catch(() => {})]);
          }
          if (one.kind === 'killed') {
            await kill(process);
            process = await openProcess();
          }
        }
        await running;
        beGood();
        for (let round = 0; round < 100 && (round === 0 || (await waits(shop))); round++) {
          await clock.advance(60_000);
          await settle(process.room.deliver());
        }
        const events = await process.room.members.events.read(shop.merchantId, { after: 0, limit: 100 });
        expect(events).toHaveLength(happened);
        for (const memberId of new Set(events.map((event) => event.memberId))) {
          const wanted = events.filter((event) => event.memberId === memberId).map(({ position }) => position);
          const first = [...new Set(taken.get(memberId) ?? [])];
          expect(first).toEqual(wanted);
        }
        await kill(process);
      },
    ),
    { numRuns: 12, interruptAfterTimeLimit: 40_000 },
  );
});

test('two processes on one database never send one event at the same moment, and without a failure send it once', async () => {
  const underWay = new Set<string>();
  const doubles: string[] = [];
  const receiver = await openReceiver(async ({ id, path }) => {
    const key = `${path} ${id}`;
    if (underWay.has(key)) doubles.push(key);
    underWay.add(key);
    await new Promise((resolve) => setImmediate(resolve));
    underWay.delete(key);
    return 200;
  });
  receivers.push(receiver);
  const [one, two] = [await openProcess(), await openProcess()];
  const shop = createShop(one.room, clock);
  await shop.hook(receiver.url);
  await shop.hook(receiver.url.replace('hook', 'other'));
  await Promise.all(
    [one, two].map(async ({ room }, process) => {
      for (let index = 0; index < 40; index++) {
        await shop.happens(room, `person-${process}-${index % 8}`);
        if (index % 5 === 0) await room.deliver();
      }
    }),
  );
  await Promise.all([one.room.deliver(), two.room.deliver()]);
  await one.room.deliver();
  await two.room.deliver();
  expect(doubles).toEqual([]);
  const counts = new Map<string, number>();
  for (const { id } of receiver.received) counts.set(id, (counts.get(id) ?? 0) + 1);
  // Each of the two webhooks once.
  expect([...counts.values()].every((count) => count === 2)).toBe(true);
  expect(counts.size).toBe(80);
});

test('the webhook of a process that was killed is taken over when its lease is over', async () => {
  const heard = Promise.withResolvers<void>();
  const receiver = await openReceiver((_, count) => {
    heard.resolve();
    return count === 1 ? 'silence' : 200;
  });
  receivers.push(receiver);
  const [one, two] = [await openProcess(), await openProcess()];
  const shop = createShop(one.room, clock);
  await shop.hook(receiver.url);
  await shop.happens(one.room, 'ming');
  await one.room.members.events.place();
  await one.room.webhooks.sweep();
  await heard.promise;
  opened.splice(opened.indexOf(one), 1);
  await one.database.connection.close(true);
  await clock.advance(29_000);
  await two.room.deliver();
  expect(receiver.received).toHaveLength(1);
  await clock.advance(1_000);
  await two.room.deliver();
  expect(receiver.received).toHaveLength(2);
  await settle(one.room.webhooks.close());
});

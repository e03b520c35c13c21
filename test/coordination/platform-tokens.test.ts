import { randomBytes } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { openPlatformTokens } from '../../server/coordination/platform-tokens.ts';
import { type Clock, systemClock } from '../../server/kernel/clock.ts';
import { createIds } from '../../server/kernel/ids.ts';
import { createVault } from '../../server/kernel/vault.ts';
import { createManualClock } from '../support/clock.ts';
import { openTestDatabase, reopenTestDatabase } from '../support/database.ts';

const owner = { merchantId: 'm1', accountId: 'a1', name: 'access-token' };
const minute = 60_000;
const vault = createVault([randomBytes(32)]);

/** A database, processes on it, and a platform that numbers its tokens. */
async function openHouse(clock: Clock = createManualClock()) {
  const database = await openTestDatabase();
  onTestFinished(() => database.close());
  let asked = 0;
  return {
    database,
    /** Each has an opening of the database of its own. */
    async start(sealing = vault) {
      const own = await reopenTestDatabase(database);
      onTestFinished(() => own.close());
      return openPlatformTokens({ database: own, clock, ids: createIds(clock), vault: sealing });
    },
    async fetch() {
      asked++;
      return { token: `t${asked}`, lifetime: 120 * minute };
    },
    times: () => asked,
  };
}

/** A fetch that ends when it is told to. */
function slowFetch() {
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<{ token: string; lifetime: number }>();
  const fetch = () => {
    begun.resolve();
    return end.promise;
  };
  return {
    fetch,
    begun: begun.promise,
    end: (token: string) => end.resolve({ token, lifetime: 120 * minute }),
    fail: end.reject,
  };
}

it('is fetched once for all who ask at the same time, in two processes, and for those who ask later', async () => {
  const { start, fetch, times } = await openHouse(systemClock);
  const processes = await Promise.all([start(), start()]);
  const held = await Promise.all(Array.from({ length: 50 }, (_, i) => processes[i % 2]?.take(owner, fetch)));
  expect(new Set(held.map((one) => one?.token))).toEqual(new Set(['t1']));
  expect(await (await start()).take(owner, fetch)).toEqual({ token: 't1', version: 1 });
  expect(times()).toBe(1);
});

it('that was refused to 50 callers of two processes is fetched anew once', async () => {
  const { start, fetch, times } = await openHouse(systemClock);
  const processes = await Promise.all([start(), start()]);
  const callers = Array.from({ length: 50 }, (_, i) => processes[i % 2]);
  const old = await Promise.all(callers.map((one) => one?.take(owner, fetch)));
  const fresh = await Promise.all(
    callers.map(async (one, i) => {
      const held = old[i];
      if (held) await one?.refuse(owner, held);
      return one?.take(owner, fetch);
    }),
  );
  expect(new Set(fresh.map((one) => one?.token))).toEqual(new Set(['t2']));
  expect(times()).toBe(2);
});

it('is not taken away by whoever was refused an older one, even of the same text', async () => {
  const { start } = await openHouse();
  const tokens = await start();
  const fetch = async () => ({ token: 'same', lifetime: minute });
  const old = await tokens.take(owner, fetch);
  await tokens.refuse(owner, old);
  const held = await tokens.take(owner, fetch);
  await tokens.refuse(owner, old);
  const never = () => Promise.reject(new Error('fetched without need'));
  expect(await tokens.take(owner, never)).toEqual(held);
});

it('is fetched with the knowledge of which one was refused', async () => {
  const { start } = await openHouse();
  const tokens = await start();
  const seen: boolean[][] = [];
  const fetch = async (wasRefused: (token: string) => boolean) => {
    seen.push(['t', 'other'].map(wasRefused));
    return { token: 't', lifetime: minute };
  };
  await tokens.refuse(owner, await tokens.take(owner, fetch));
  await tokens.take(owner, fetch);
  expect(seen).toEqual([
    [false, false],
    [true, false],
  ]);
});

it('is refreshed from five minutes before its end; while that runs the others use the old one', async () => {
  const clock = createManualClock();
  const { start, fetch } = await openHouse(clock);
  const [one, other] = await Promise.all([start(), start()]);
  await one.take(owner, fetch);
  await clock.advance(115 * minute - 1);
  expect(await other.take(owner, fetch)).toMatchObject({ token: 't1' });
  await clock.advance(1);
  const slow = slowFetch();
  const refreshing = one.take(owner, slow.fetch);
  await slow.begun;
  expect(await other.take(owner, fetch)).toMatchObject({ token: 't1' });
  slow.end('new');
  expect(await refreshing).toMatchObject({ token: 'new' });
  expect(await other.take(owner, fetch)).toMatchObject({ token: 'new' });
});

it('that could not be refreshed early is used as long as it is good, and tried again after a while', async () => {
  const clock = createManualClock();
  const { start, fetch, times } = await openHouse(clock);
  const tokens = await start();
  await tokens.take(owner, fetch);
  await clock.advance(116 * minute);
  const failing = () => Promise.reject(new Error('busy'));
  expect(await tokens.take(owner, failing)).toMatchObject({ token: 't1' });
  await clock.advance(29_999);
  expect(await tokens.take(owner, fetch)).toMatchObject({ token: 't1' });
  expect(times()).toBe(1);
  await clock.advance(1);
  expect(await tokens.take(owner, fetch)).toMatchObject({ token: 't2' });
});

it('that is refused right after its refresh failed is fetched at once', async () => {
  const clock = createManualClock();
  const { start, fetch } = await openHouse(clock);
  const tokens = await start();
  await tokens.take(owner, fetch);
  await clock.advance(116 * minute);
  const held = await tokens.take(owner, () => Promise.reject(new Error('busy')));
  await tokens.refuse(owner, held);
  expect(await tokens.take(owner, fetch)).toMatchObject({ token: 't2' });
});

it('that has ended is used no more: why there is no other is told, and the next who asks tries again', async () => {
  const clock = createManualClock();
  const { start, fetch } = await openHouse(clock);
  const tokens = await start();
  await tokens.take(owner, fetch);
  await clock.advance(120 * minute);
  const failing = () => Promise.reject(new Error('wrong secret'));
  await expect(tokens.take(owner, failing)).rejects.toThrow('wrong secret');
  expect(await tokens.take(owner, fetch)).toMatchObject({ token: 't2' });
});

it('of a process that was held up never overwrites the newer one of another', async () => {
  const clock = createManualClock();
  const { start, fetch } = await openHouse(clock);
  const [one, other] = await Promise.all([start(), start()]);
  const slow = slowFetch();
  const late = one.take(owner, slow.fetch);
  await slow.begun;
  await clock.advance(20_000);
  expect(await other.take(owner, fetch)).toEqual({ token: 't1', version: 1 });
  slow.end('older');
  expect(await late).toEqual({ token: 't1', version: 1 });
});

it('that is refused while another is fetched is not stored again by that fetch', async () => {
  const clock = createManualClock();
  const { start, fetch } = await openHouse(clock);
  const [one, other] = await Promise.all([start(), start()]);
  const old = await one.take(owner, fetch);
  await clock.advance(116 * minute);
  const slow = slowFetch();
  const refreshing = one.take(owner, slow.fetch);
  await slow.begun;
  await other.refuse(owner, old);
  slow.end('t1');
  expect(await refreshing).toEqual(old);
  expect(await other.take(owner, fetch)).toMatchObject({ token: 't2' });
});

it('of one owner is no other’s, nor does it stand in the database as it is', async () => {
  const { start, fetch, database } = await openHouse();
  const tokens = await start();
  const owners = [owner, { ...owner, merchantId: 'm2' }, { ...owner, accountId: 'a2' }, { ...owner, name: 'jsapi-ticket' }];
  const held = [];
  for (const each of owners) held.push((await tokens.take(each, fetch)).token);
  expect(held).toEqual(['t1', 't2', 't3', 't4']);
  const rows = await database.connection.collection('platform-tokens').find().toArray();
  expect(JSON.stringify(rows)).not.toMatch(/"t\d"/);
  await tokens.forget('m1', 'a1');
  expect(await tokens.take({ ...owner, merchantId: 'm2' }, fetch)).toMatchObject({ token: 't2' });
  expect(await tokens.take(owner, fetch)).toMatchObject({ token: 't5' });
});

it('that was sealed with a key that is lost is fetched anew', async () => {
  const { start, fetch } = await openHouse();
  await (await start()).take(owner, fetch);
  const tokens = await start(createVault([randomBytes(32)]));
  expect(await tokens.take(owner, fetch)).toMatchObject({ token: 't2' });
});

it('that another process never brings is not waited for without end', async () => {
  const clock = createManualClock();
  const { start, fetch, database } = await openHouse(clock);
  const tokens = await start();
  await tokens.take(owner, fetch);
  const held = { sealed: '', refreshAt: 0, endsAt: 0 };
  const change = { $unset: held, $set: { lease: { holder: 'x', until: clock.now() + 60 * minute } } };
  await database.connection.collection('platform-tokens').updateMany({}, change);
  const waiting = tokens.take(owner, fetch).catch((error: unknown) => error);
  let error: unknown;
  void waiting.then((settled) => {
    error = settled;
  });
  while (error === undefined) await clock.advance(50);
  expect(error).toMatchObject({ code: 'server.unavailable' });
});

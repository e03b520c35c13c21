import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRateBuckets } from '../../server/coordination/rate-buckets.ts';
import type { Database } from '../../server/database/index.ts';
import { createManualClock } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';

describe('a rate bucket', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  const minute = 60_000;

  it('lets as many through in a window as its rule says, and says when the next begins', async () => {
    const clock = createManualClock();
    const buckets = await openRateBuckets({ database, clock });
    const rule = { limit: 3, per: minute };
    const remaining = [];
    for (let i = 0; i < 3; i++) remaining.push(await buckets.take('window', rule));
    expect(remaining).toEqual([2, 1, 0].map((left) => ({ ok: true, remaining: left, resetAfter: minute })));
    await clock.advance(20_000);
    expect(await buckets.take('window', rule)).toEqual({ ok: false, retryAfter: 40_000 });
    await clock.advance(40_000);
    expect(await buckets.take('window', rule)).toEqual({ ok: true, remaining: 2, resetAfter: minute });
  });

  it('keeps keys apart', async () => {
    const buckets = await openRateBuckets({ database, clock: createManualClock() });
    const rule = { limit: 1, per: minute };
    expect((await buckets.take('one', rule)).ok).toBe(true);
    expect((await buckets.take('other', rule)).ok).toBe(true);
    expect((await buckets.take('one', rule)).ok).toBe(false);
  });

  it.each([1, 7, 200])(
    'is never taken from more often than its limit by many processes at once, by shares of %i',
    async (share) => {
      const clock = createManualClock();
      const processes = await Promise.all([1, 2, 3].map(() => openRateBuckets({ database, clock })));
      const takes = Array.from({ length: 150 }, (_, i) =>
        processes[i % 3]?.take(`race ${share}`, { limit: 50, per: minute, share }),
      );
      expect((await Promise.all(takes)).filter((one) => one?.ok)).toHaveLength(50);
    },
  );

  it('is full for a process that comes later', async () => {
    const clock = createManualClock();
    const first = await openRateBuckets({ database, clock });
    await first.take('later', { limit: 1, per: minute });
    const second = await openRateBuckets({ database, clock });
    expect(await second.take('later', { limit: 1, per: minute })).toEqual({ ok: false, retryAfter: minute });
  });

  it('names nobody in the database, and is forgotten when its window is over', async () => {
    const clock = createManualClock();
    const buckets = await openRateBuckets({ database, clock });
    const rows = database.connection.collection('rate-buckets');
    await rows.deleteMany({});
    await buckets.take('login:lin@example.com', { limit: 1, per: minute });
    expect(JSON.stringify(await rows.find().toArray())).not.toContain('lin@');
    await buckets.prune();
    expect(await rows.countDocuments()).toBe(1);
    await clock.advance(minute);
    await buckets.prune();
    expect(await rows.countDocuments()).toBe(0);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIds } from '../../server/kernel/ids.ts';
import { createManualClock } from '../support/clock.ts';

describe('ids', () => {
  it('sort by the millisecond they were made in', async () => {
    const clock = createManualClock();
    const ids = createIds(clock);
    const earlier = ids();
    await clock.advance(1);
    expect(ids() > earlier).toBe(true);
  });

  it('are 26 characters that need no escaping in a URL', () => {
    expect(createIds(createManualClock())()).toMatch(/^[0-9a-z]{26}$/);
  });

  it('do not repeat within a millisecond', () => {
    const ids = createIds(createManualClock());
    expect(new Set(Array.from({ length: 10_000 }, () => ids())).size).toBe(10_000);
  });

  it('of two makers in one process are never the same', () => {
    const makers = [createIds(createManualClock()), createIds(createManualClock())];
    const made = Array.from({ length: 1_000 }, () => makers.map((make) => make())).flat();
    expect(new Set(made).size).toBe(2_000);
  });

  it('keep the order of any two times', () => {
    const time = fc.integer({ min: 0, max: 2 ** 45 });
    fc.assert(
      fc.property(time, time, (one, other) => {
        const idAt = (at: number) => createIds(createManualClock(at), (bytes) => bytes.fill(0))();
        expect(idAt(one) < idAt(other)).toBe(one < other);
      }),
    );
  });
});

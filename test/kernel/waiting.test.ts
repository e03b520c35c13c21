import { describe, expect, it } from 'vitest';
import { within } from '../../server/kernel/clock.ts';
import { retry } from '../../server/kernel/retry.ts';
import { createSingleFlight } from '../../server/kernel/single-flight.ts';
import { createManualClock } from '../support/clock.ts';

describe('within', () => {
  it('gives the value that comes in time', async () => {
    expect(await within(createManualClock(), 100, Promise.resolve('answer'), () => 'late')).toBe('answer');
  });

  it('gives the late value once the time is over', async () => {
    const clock = createManualClock();
    const answer = within(clock, 100, new Promise<string>(() => {}), () => 'late');
    await clock.advance(100);
    expect(await answer).toBe('late');
  });
});

describe('single flight', () => {
  it('does the work once for all who ask meanwhile, and anew afterwards', async () => {
    let runs = 0;
    const once = createSingleFlight<number>();
    const work = async () => ++runs;
    expect(await Promise.all([once('a', work), once('a', work), once('b', work)])).toEqual([1, 1, 2]);
    expect(await once('a', work)).toBe(3);
  });

  it('shares a failure and does not keep it', async () => {
    const once = createSingleFlight<string>();
    const failing = once('a', () => Promise.reject(new Error('no')));
    await expect(Promise.all([failing, once('a', async () => 'never run')])).rejects.toThrow('no');
    expect(await once('a', async () => 'yes')).toBe('yes');
  });
});

describe('retry', () => {
  const options = { tries: 3, firstDelay: 10, isTransient: (error: unknown) => (error as Error).message === 'busy' };

  it('waits twice as long before each further try', async () => {
    const clock = createManualClock(0);
    const tries: number[] = [];
    const result = retry({ ...options, clock }, async () => {
      tries.push(clock.now());
      if (tries.length < 3) throw new Error('busy');
      return 'done';
    });
    await clock.advance(10);
    await clock.advance(20);
    expect(await result).toBe('done');
    expect(tries).toEqual([0, 10, 30]);
  });

  it('gives up at once on what another try cannot mend, and after its last try', async () => {
    const clock = createManualClock(0);
    await expect(retry({ ...options, clock }, () => Promise.reject(new Error('wrong')))).rejects.toThrow('wrong');
    await expect(retry({ ...options, clock, tries: 1 }, () => Promise.reject(new Error('busy')))).rejects.toThrow('busy');
  });
});

import type { Clock } from '../../server/kernel/clock.ts';

export interface ManualClock extends Clock {
  /** Moves time forward, running every timer on its way in order; each may set another. */
  advance(milliseconds: number): Promise<void>;
}

/** A clock that stands still until it is pushed. `start` is epoch ms. */
export function createManualClock(start = Date.UTC(2026, 6, 15, 2, 0, 0)): ManualClock {
  let now = start;
  let timers: { at: number; run: () => void }[] = [];

  function nextTimer(until: number) {
    return timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
  }

  return {
    now: () => now,
    after(delay, run) {
      const timer = { at: now + delay, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(milliseconds) {
      const until = now + milliseconds;
      // What was begun just now sets its timers before time moves.
      await new Promise((resolve) => setImmediate(resolve));
      for (let timer = nextTimer(until); timer; timer = nextTimer(until)) {
        now = timer.at;
        const due = timer;
        timers = timers.filter((other) => other !== due);
        timer.run();
        // What the timer woke runs before the next one does.
        await new Promise((resolve) => setImmediate(resolve));
      }
      now = until;
    },
  };
}

import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';

/** What the platform does behind an answer: mass sending, publishing. What it was is kept by who asked, so that it goes on at the next start. */
export interface Work {
  /** Does this in so many ms. */
  later(delay: number, run: () => Promise<void>): void;
  /** Begins nothing more, and waits for what is under way. */
  close(): Promise<void>;
}

export function createWork(clock: Clock, log: Log): Work {
  const running = new Set<Promise<void>>();
  const waiting = new Set<() => void>();
  let isClosed = false;

  async function start(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!isClosed) log.error({ error }, 'work.failed');
    }
  }

  return {
    later(delay, run) {
      if (isClosed) return;
      const stop = clock.after(delay, () => {
        waiting.delete(stop);
        const work = start(run);
        running.add(work);
        work.then(() => running.delete(work));
      });
      waiting.add(stop);
    },
    async close() {
      isClosed = true;
      for (const stop of waiting) stop();
      await Promise.all(running);
    },
  };
}

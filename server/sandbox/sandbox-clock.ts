import type { Clock } from '../kernel/clock.ts';

/** The sandbox's own time: that of the machine, pushed forward by as much as somebody wanted. */
export interface SandboxClock extends Clock {
  /** Moves time forward; what was to happen on the way happens at once, in its order. */
  push(milliseconds: number): void;
  /** Sets it to the machine's time again; what is still to happen waits for that. */
  pullBack(): void;
  /** How far it is ahead of the machine's, ms. */
  ahead(): number;
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
  stop: () => void;
}

export function createSandboxClock(wall: Clock, startsAhead = 0): SandboxClock {
  let ahead = startsAhead;
  const timers = new Set<Timer>();
  const now = () => wall.now() + ahead;

  function start(timer: Timer): void {
    timer.stop = wall.after(Math.max(0, timer.at - now()), () => {
      timers.delete(timer);
      timer.run();
    });
  }

  return {
    now,
    ahead: () => ahead,
    after(delay, run) {
      const timer: Timer = { at: now() + delay, run, stop: () => {} };
      timers.add(timer);
      start(timer);
      return () => {
        timers.delete(timer);
        timer.stop();
      };
    },
    pullBack() {
      ahead = 0;
      for (const timer of timers) {
        timer.stop();
        start(timer);
      }
    },
    push(milliseconds) {
      ahead += milliseconds;
      for (const timer of [...timers].sort((a, b) => a.at - b.at)) {
        if (!timers.has(timer)) continue;
        timer.stop();
        if (timer.at > now()) start(timer);
        else {
          timers.delete(timer);
          timer.run();
        }
      }
    },
  };
}

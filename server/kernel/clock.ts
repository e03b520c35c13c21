/** Where time comes from. Times are epoch milliseconds; tests hand in a clock that they push forward. */
export interface Clock {
  now(): number;
  /** Runs once after `delay` milliseconds unless the returned function is called first. */
  after(delay: number, run: () => void): () => void;
}

/** The machine's clock. Its timers do not keep the process alive by themselves. */
export const systemClock: Clock = {
  now: Date.now,
  after(delay, run) {
    const timer = setTimeout(run, delay);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delay` milliseconds of this clock. */
export function sleep(clock: Clock, delay: number): Promise<void> {
  return new Promise((resolve) => clock.after(delay, resolve));
}

/** The promise's value, or `late()`'s if `delay` milliseconds pass first. The promise itself goes on and must be watched by its owner. */
export async function within<T, U>(clock: Clock, delay: number, promise: Promise<T>, late: () => U): Promise<T | U> {
  let stop = () => {};
  const timeout = new Promise<U>((resolve, reject) => {
    stop = clock.after(Math.max(0, delay), () => {
      try {
        resolve(late());
      } catch (error) {
        reject(error);
      }
    });
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    stop();
  }
}

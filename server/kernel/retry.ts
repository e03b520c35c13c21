import { type Clock, sleep } from './clock.ts';

interface RetryOptions {
  clock: Clock;
  /** Tries in all, the first included. */
  tries: number;
  /** Wait before the second try; it doubles from there. */
  firstDelay: number;
  /** Which failures are worth another try. */
  isTransient: (error: unknown) => boolean;
}

/** Runs `work` until it succeeds, fails for good, or has had its tries; then throws its last error. Only for work that may be done twice. */
export async function retry<T>({ clock, tries, firstDelay, isTransient }: RetryOptions, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= tries || !isTransient(error)) throw error;
      await sleep(clock, firstDelay * 2 ** (attempt - 1));
    }
  }
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

const firstRetry = 5 * second;
const longestRetry = 12 * hour;
const growth = 4;
/** A delivery that has failed for so long is given up, so that the member's next one goes out. */
const keepTrying = 72 * hour;

/** After so many failures in a row a webhook counts as broken. */
export const failuresThatBreak = 10;
const firstPause = minute;
const longestPause = hour;

/** When to try again after the `attempts`-th failure (ms from then): 5 s, 20 s, 80 s … 12 h, each up to a fifth more or less. `random` gives 0 to 1. */
export function retryDelay(attempts: number, random: () => number): number {
  const delay = Math.min(longestRetry, firstRetry * growth ** (attempts - 1));
  return Math.round(delay * (0.8 + 0.4 * random()));
}

/** Has it been tried for long enough. */
export const isHopeless = (firstTriedAt: number, now: number): boolean => now - firstTriedAt >= keepTrying;

/** How long a broken webhook is left alone, after the pause before this one. */
export const nextPause = (before: number | undefined): number =>
  before === undefined ? firstPause : Math.min(longestPause, before * 2);

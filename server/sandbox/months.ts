const day = 86_400_000;
/** The platform's days and months are those of China. */
const offset = 8 * 3_600_000;

/** When the day ends where the platform is. Epoch ms, as all here. */
export function endOfDay(now: number): number {
  return (Math.floor((now + offset) / day) + 1) * day - offset;
}

/** When the month ends where the platform is. */
export function endOfMonth(now: number): number {
  const there = new Date(now + offset);
  return Date.UTC(there.getUTCFullYear(), there.getUTCMonth() + 1, 1) - offset;
}

/** The month where the platform is: `2026-08`. */
export function monthOf(now: number): string {
  return new Date(now + offset).toISOString().slice(0, 7);
}

/** The day where the platform is: `2026-08-01`. */
export function dayOf(now: number): string {
  return new Date(now + offset).toISOString().slice(0, 10);
}

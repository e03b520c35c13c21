import type { Database } from '../database/index.ts';
import type { Clock } from '../kernel/clock.ts';
import { type Count, openQuotaRecords, type Span } from './quota-records.ts';

/** How often accounts may do something, and how often they have (wechat.md §3.2). Days begin at midnight in China. */
export interface Quotas {
  /** Counts one use; false when it is beyond the limit of this span. */
  use(appId: string, name: string, limit: number, span?: Span): Promise<boolean>;
  /** How often it was used in the span that runs. */
  used(appId: string, name: string, span?: Span): Promise<number>;
  set(appId: string, name: string, count: number, span?: Span): Promise<void>;
  /** Begins the day anew for all calls of the account. */
  clear(appId: string): Promise<void>;
}

/** How tokens that are renewed by force are counted: no call of its own, which clearing leaves alone. */
export const forcedRefresh = 'forced refresh';

const minute = 60_000;
const day = 24 * 60 * minute;
const platformOffset = 8 * 60 * minute;

export async function openQuotas({ database, clock }: { database: Database; clock: Clock }): Promise<Quotas> {
  const records = await openQuotaRecords(database);
  const countOf = (appId: string, name: string, span: Span): Count => ({
    appId,
    name,
    span,
    number: numberOf(span, clock.now()),
  });

  return {
    use: async (appId, name, limit, span = 'day') => (await records.count(countOf(appId, name, span))) <= limit,
    used: (appId, name, span = 'day') => records.counted(countOf(appId, name, span)),
    set: (appId, name, count, span = 'day') => records.set(countOf(appId, name, span), count),
    clear: (appId) => records.clear({ appId, span: 'day' }, [forcedRefresh]),
  };
}

function numberOf(span: Span, now: number): number {
  const there = now + platformOffset;
  if (span === 'minute') return Math.floor(there / minute);
  if (span === 'day') return Math.floor(there / day);
  const date = new Date(there);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

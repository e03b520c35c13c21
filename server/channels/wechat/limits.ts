import type { Clock } from '../../kernel/clock.ts';
import { PlatformError } from '../../kernel/errors.ts';
import { type CallName, calls } from './calls/index.ts';
import type { CallRow } from './calls/row.ts';

/** Counts what must not happen too often, for all processes. */
export interface Buckets {
  take(key: string, rule: { limit: number; per: number }): Promise<{ ok: true } | { ok: false; retryAfter: number }>;
  empty(key: string): Promise<void>;
}

/** Keeps calls within what the table says of them, so that what the platform would refuse is not sent. */
export interface CallLimits {
  /** Counts one call; throws a PlatformError like the platform's own when there is none left in this minute or day. */
  count(name: string, appId: string): Promise<void>;
  /** Some calls, once they are answered, let the platform count anew. */
  answered(name: string, appId: string, sent: object): Promise<void>;
}

interface Window {
  readonly key: string;
  readonly limit: number | undefined;
  readonly per: number;
  readonly code: number;
  readonly reason: string;
}

const minute = 60_000;
const day = 86_400_000;
/** The platform's days begin at midnight in China. */
const platformOffset = 8 * 3_600_000;

export function createCallLimits({ buckets, clock }: { buckets: Buckets; clock: Clock }): CallLimits {
  function windowsOf(name: string, appId: string): Window[] {
    const { limits }: CallRow<object, unknown> = calls[name as CallName];
    const keyOf = (span: string, index: number) => `wechat ${appId} ${name} ${span} ${Math.floor(index)}`;
    const now = clock.now();
    return [
      { key: keyOf('minute', now / minute), limit: limits.minute, per: minute, code: 45011, reason: 'too-fast' },
      { key: keyOf('day', (now + platformOffset) / day), limit: limits.day, per: day, code: 45009, reason: 'quota-used-up' },
    ];
  }

  async function beginAnew(names: readonly string[], appId: string): Promise<void> {
    const windows = names.filter((name) => name in calls).flatMap((name) => windowsOf(name, appId));
    for (const { key, limit, per } of windows) if (limit !== undefined && per === day) await buckets.empty(key);
  }

  return {
    async count(name, appId) {
      for (const { key, limit, per, code, reason } of windowsOf(name, appId)) {
        if (limit === undefined || (await buckets.take(key, { limit, per })).ok) continue;
        const words = `WeChat's ${name} was not called: the account has had its ${limit} in ${per === day ? 'a day' : 'a minute'}`;
        throw new PlatformError({ channel: 'wechat', api: name, code, retry: 'later', reason }, words);
      }
    },
    async answered(name, appId, sent) {
      if (name === 'cgi-bin/clear_quota' || name === 'cgi-bin/clear_quota/v2') await beginAnew(Object.keys(calls), appId);
      if (name === 'cgi-bin/openapi/quota/clear' && 'cgi_path' in sent)
        await beginAnew([String(sent.cgi_path).replace(/^\//, '')], appId);
    },
  };
}

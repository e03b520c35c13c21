import type { Context } from 'koa';
import type { RateBuckets, RateRule } from '../coordination/rate-buckets.ts';
import { detailedFault } from '../kernel/errors.ts';
import { networkOf } from '../kernel/network.ts';
import type { Caller } from '../merchants/index.ts';

const minute = 60_000;

/**
 * How many calls a minute, by who calls. People click: ten a second is more than any page of ours asks for. Programs go through lists, and
 * a page has 200 items. Who is not signed in has little to ask. Each process takes a tenth at a time, so that one call in many writes.
 */
export const callLimits = {
  staff: { limit: 600, per: minute, share: 60 },
  key: { limit: 1_200, per: minute, share: 120 },
  nobody: { limit: 120, per: minute, share: 12 },
} as const satisfies Record<Caller['kind'] | 'nobody', RateRule>;

/** Counts a call, tells in the answer's headers how many are left (draft-ietf-httpapi-ratelimit-headers), and throws `request.too-many` at the limit. */
export async function countCall(ctx: Context, buckets: Pick<RateBuckets, 'take'>, caller: Caller | undefined): Promise<void> {
  const kind = caller?.kind ?? 'nobody';
  const rule = callLimits[kind];
  const who = caller ? `${caller.merchantId}:${caller.id}` : networkOf(ctx.state.address);
  const taken = await buckets.take(`calls:${kind}:${who}`, rule);
  const [remaining, wait] = taken.ok ? [taken.remaining, taken.resetAfter] : [0, taken.retryAfter];
  ctx.set('RateLimit-Policy', `"${kind}";q=${rule.limit};w=${rule.per / 1_000}`);
  ctx.set('RateLimit', `"${kind}";r=${remaining};t=${Math.ceil(wait / 1_000)}`);
  if (!taken.ok)
    throw detailedFault('request.too-many', `At most ${rule.limit} calls a minute: wait, then go on.`, { retryAfter: wait });
}

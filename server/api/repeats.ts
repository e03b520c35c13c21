import type { Context } from 'koa';
import type { NamedRequest, NamedWork, StoredAnswers } from '../coordination/stored-answers.ts';
import { detailedFault, Fault, type FaultCode, type FaultDetails, fault } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Caller } from '../merchants/index.ts';
import type { Input } from './input.ts';
import type { Route } from './route.ts';

/** An answer as it leaves: its body is JSON already. */
export interface Settled {
  readonly status: number;
  readonly body?: string;
  readonly version?: number;
}

/** What is kept of a request's end: its answer, or how it was refused. */
type Ending = { answer: Settled } | { refusal: { code: FaultCode; message: string; details: FaultDetails } };

/** Refusals that say nothing about the request itself: a repeat may fare better. */
const passing = new Set([401, 429]);

/** Are answers of this row kept for a repeat. */
export const isKept = ({ method, isRepeatable }: Route): boolean => method === 'POST' && isRepeatable !== false;

/** The caller's name for this request (`Idempotency-Key`), where the row takes one. Throws `request.malformed` for one that is no visible ASCII. */
export function keyOf(ctx: Context, route: Route): string | undefined {
  const key = ctx.get('idempotency-key');
  if (!isKept(route) || key === '') return undefined;
  if (!/^[\x21-\x7e]{1,200}$/.test(key))
    throw fault('request.malformed', 'An Idempotency-Key is 1 to 200 visible ASCII characters.');
  return key;
}

/** The request by the name that its caller gave it. */
export function nameRequest(ctx: Context, key: string, caller: Caller | undefined, { sentBody, version }: Input): NamedRequest {
  const scope = caller ? `${caller.merchantId}:${caller.kind}:${caller.id}` : `nobody:${ctx.state.address}`;
  // Whose role or stores have changed since is not told what they might no longer ask for.
  const rights = caller?.kind === 'staff' ? [caller.role, caller.storeIds] : null;
  return { scope, key, content: JSON.stringify([ctx.method, ctx.path, ctx.querystring, version, sentBody ?? null, rights]) };
}

/**
 * Works a request once and gives its repeats the stored answer, a refusal too: its caller named one request, not one that may end differently.
 * What the server failed at is worked again.
 */
export async function answerOnce(
  ctx: Context,
  answers: Pick<StoredAnswers, 'begin'>,
  request: NamedRequest,
  work: (ids: Ids) => Promise<Settled>,
): Promise<Settled> {
  const found = await answers.begin(request);
  if (found.state === 'mine') return settle(found.work, work);
  if (found.state === 'other')
    throw fault('request.repeated-differently', 'This Idempotency-Key stands for another request: choose a new one.');
  if (found.state === 'running')
    throw detailedFault('request.refused', 'The request of this Idempotency-Key is still worked on: ask again in a moment.', {
      retryAfter: 1_000,
    });
  ctx.set('Idempotent-Replayed', 'true');
  const ending = JSON.parse(found.answer) as Ending;
  if ('answer' in ending) return ending.answer;
  throw detailedFault(ending.refusal.code, ending.refusal.message, ending.refusal.details);
}

async function settle(named: NamedWork, work: (ids: Ids) => Promise<Settled>): Promise<Settled> {
  const store = (ending: Ending) => named.answer(JSON.stringify(ending));
  try {
    const answer = await work(named.ids);
    await store({ answer });
    return answer;
  } catch (error) {
    if (error instanceof Fault && error.rule.status < 500 && !passing.has(error.rule.status))
      await store({ refusal: { code: error.code, message: error.message, details: error.details } });
    else await named.giveUp();
    throw error;
  }
}

import type { Middleware } from 'koa';
import type { Clock } from '../kernel/clock.ts';
import { fault } from '../kernel/errors.ts';
import { readRawBody } from '../kernel/raw-body.ts';
import type { CallbackRequest, CallbackResponse } from '../wire/callback.ts';

/** Answers the callbacks of one account. */
export type Callback = (request: CallbackRequest) => Promise<CallbackResponse>;

/** The largest message a platform sends is a few KiB; compatible mode makes it three times as long (wechat.md §2). */
const largestBody = 128 * 1024;
const xmlTypes = /^\s*(text|application)\/xml\s*(;|$)/i;

/** The edge of the platforms' callbacks: each path is one account's. Bodies are read raw, since the signature is over the bytes that came. */
export function answerCallbacks(callbacks: ReadonlyMap<string, Callback>, clock: Clock): Middleware {
  return async function callback(ctx, next) {
    const answer = callbacks.get(ctx.path);
    if (!answer) return next();
    const { method } = ctx;
    if (method !== 'POST' && method !== 'GET') {
      ctx.set('Allow', 'GET, POST');
      throw fault('request.method-not-allowed', 'a callback is a GET (address check) or a POST (message)');
    }
    if (method === 'POST') checkType(ctx.get('content-type'));
    const body = method === 'POST' ? await readRawBody(ctx.req, largestBody) : Buffer.alloc(0);
    const response = await answer({ method, query: firstValues(ctx.querystring), body, receivedAt: clock.now() });
    ctx.status = response.status;
    ctx.set('Content-Type', response.type);
    // The test of the address echoes what it was given.
    if (method === 'GET') ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.body = response.body;
  };
}

function checkType(type: string) {
  if (type && !xmlTypes.test(type)) throw fault('request.unsupported-type', 'a message is text/xml; set the push format to XML');
}

/** The first value of each parameter: a repeated one must not turn into a list. */
function firstValues(querystring: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(querystring)) values[name] ??= value;
  return values;
}

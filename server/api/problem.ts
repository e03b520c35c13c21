import type { Context, Middleware } from 'koa';
import { asFault, type Fault } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';

/** The one place that turns what was thrown into an HTTP answer: problem details (RFC 9457) with a stable code and the request's id. */
export function answerFaults(log: Log): Middleware {
  return async function faults(ctx, next) {
    try {
      await next();
      if (ctx.status === 404 && !ctx.body) answer(ctx, 404, 'request.not-found', `There is nothing at ${ctx.path}.`);
    } catch (error) {
      const fault = asFault(error);
      report(log, ctx, fault);
      answer(
        ctx,
        fault.rule.status,
        fault.code,
        fault.rule.shown ? fault.message : 'The server could not do this now. Try again.',
      );
      if (fault.rule.status === 503) ctx.set('Retry-After', '1');
    }
  };
}

function answer(ctx: Context, status: number, code: string, detail: string) {
  ctx.status = status;
  ctx.type = 'application/problem+json';
  // The request may have been refused before its body was read: what is left of it must not be taken for the next request.
  if (!ctx.req.complete) ctx.set('Connection', 'close');
  ctx.body = JSON.stringify({ type: 'about:blank', title: code, status, code, detail, instance: ctx.state.requestId });
}

function report(log: Log, ctx: Context, fault: Fault) {
  const fields = {
    requestId: ctx.state.requestId,
    method: ctx.method,
    path: ctx.path,
    code: fault.code,
    status: fault.rule.status,
  };
  if (fault.rule.reported) log.error({ ...fields, error: fault }, 'request.failed');
  else log.warn(fields, 'request.refused');
}

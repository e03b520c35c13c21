import type { Context, Middleware } from 'koa';
import { asFault, type Fault, type FieldFault, fault } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { apiPrefix } from './route.ts';
import { languageOf, titles } from './titles.ts';

/** Where each kind of problem is explained: its `type` is this with its code. */
export const problemsPath = `${apiPrefix}/problems/`;

/** The one place that turns what was thrown into an HTTP answer: problem details (RFC 9457) with a stable code and the request's id. */
export function answerFaults(log: Log): Middleware {
  return async function faults(ctx, next) {
    try {
      await next();
      if (ctx.status === 404 && !ctx.body) answer(ctx, fault('request.not-found', `There is nothing at ${ctx.path}.`));
    } catch (error) {
      const fault = asFault(error);
      report(log, ctx, fault);
      answer(ctx, fault);
    }
  };
}

function answer(ctx: Context, { code, message, rule, details }: Fault) {
  const language = languageOf(ctx);
  const retryAfter = details.retryAfter ?? (rule.status === 503 ? 1_000 : undefined);
  ctx.status = rule.status;
  ctx.type = 'application/problem+json';
  ctx.set('Content-Language', language);
  if (retryAfter !== undefined) ctx.set('Retry-After', String(Math.max(1, Math.ceil(retryAfter / 1_000))));
  // The request may have been refused before its body was read: what is left of it must not be taken for the next request.
  if (!ctx.req.complete) ctx.set('Connection', 'close');
  ctx.body = JSON.stringify({
    type: problemsPath + code,
    title: titles[code][language],
    status: rule.status,
    code,
    detail: rule.shown ? message : 'The server could not do this now. Try again.',
    instance: ctx.state.requestId,
    ...(details.fields ? { errors: details.fields.map(withPointer) } : {}),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}

/** A fault in the body also names its place as RFC 9457 does, by a JSON pointer (RFC 6901). */
function withPointer(field: FieldFault) {
  const [where, ...keys] = field.path.split('.');
  if (where !== 'body') return field;
  return { ...field, pointer: `#${keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}` };
}

function report(log: Log, ctx: Context, fault: Fault) {
  const fields = {
    requestId: ctx.state.requestId,
    address: ctx.state.address,
    method: ctx.method,
    path: ctx.path,
    code: fault.code,
    status: fault.rule.status,
  };
  if (fault.rule.reported) log.error({ ...fields, error: fault }, 'request.failed');
  else log.warn(fields, 'request.refused');
}

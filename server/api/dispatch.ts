import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { z } from 'zod';
import { detailedFault, type FieldFault, fault } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import { readJson } from '../kernel/json-body.ts';
import { callerMay } from '../merchants/index.ts';
import { byOf, cookieName, type Doors, findCaller, refuseForeignOrigin } from './caller.ts';
import type { Allow, Answer, ApiRequest, CallerOf, Route } from './route.ts';

export const apiPrefix = '/api/v1';
const largestBody = 64 * 1024;
const longestAgent = 200;

interface DispatchOptions {
  routes: readonly Route[];
  doors: Doors;
  ids: Ids;
  /** Where browsers reach us, when it is known: decides on secure cookies and on foreign origins. */
  publicUrl?: URL | undefined;
}

/** Answers every row of the API: who calls, may they, what do they send, do it, answer what the row says. */
export function dispatchRoutes(options: DispatchOptions): Middleware {
  const router = new Router({ prefix: apiPrefix });
  for (const route of options.routes) {
    router.register(route.path.replace(/\{(\w+)\}/g, ':$1'), [route.method], (ctx) => answerRoute(ctx, route, options));
  }
  const dispatch = router.routes() as unknown as Middleware;
  const allowed = router.allowedMethods({
    throw: true,
    methodNotAllowed: () => fault('request.method-not-allowed', 'There is something at this address, but not for this method.'),
    notImplemented: () => fault('request.method-not-allowed', 'There is no such method.'),
  }) as unknown as Middleware;

  return async function api(ctx, next) {
    if (ctx.path !== apiPrefix && !ctx.path.startsWith(`${apiPrefix}/`)) return next();
    ctx.set('Cache-Control', 'no-store');
    await allowed(ctx, () =>
      dispatch(ctx, async () => {
        if (!(ctx as { matched?: unknown[] }).matched?.length)
          throw fault('request.not-found', 'The API has nothing at this address.');
      }),
    );
  };
}

async function answerRoute(ctx: Context & { params: Record<string, string> }, route: Route, options: DispatchOptions) {
  const isSecure = options.publicUrl?.protocol === 'https:';
  if (ctx.method !== 'GET') refuseForeignOrigin(ctx, options.publicUrl?.host);
  const caller = checkAllowed(await findCaller(ctx, options.doors, isSecure), route.allow);
  const address = ctx.req.socket.remoteAddress ?? '';
  const faults: FieldFault[] = [];
  const params = read(route.params, ctx.params, 'path', faults);
  const query = read(route.query, queryOf(ctx), 'query', faults);
  const body = route.body && read(route.body, await readJson(ctx.req, route.largestBody ?? largestBody), 'body', faults);
  if (faults.length > 0)
    throw detailedFault('request.invalid', 'The request has fields that cannot be used.', { fields: faults });
  const request: ApiRequest<Allow, unknown, unknown, unknown> = {
    caller: caller as CallerOf<Allow>,
    by: byOf(caller, address, ctx.state.requestId),
    params,
    query,
    body,
    version: route.isConditional ? versionOf(ctx) : 0,
    language: ctx.acceptsLanguages('zh', 'en') === 'en' ? 'en' : 'zh',
    address,
    agent: ctx.get('user-agent').slice(0, longestAgent),
    newId: options.ids,
  };
  send(ctx, route, await route.handle(request as never), isSecure);
}

function checkAllowed(caller: Awaited<ReturnType<typeof findCaller>>, allow: Allow) {
  if (allow === 'anyone') return caller;
  if (!caller) throw fault('request.unauthenticated', 'Sign in, or send an API key as a bearer token.');
  const may = allow === 'staff' ? caller.kind === 'staff' : callerMay(caller, allow);
  if (!may)
    throw fault(
      'request.forbidden',
      `This needs ${allow === 'staff' ? 'somebody who is signed in' : `the permission ${allow}`}.`,
    );
  return caller;
}

function read(schema: z.ZodType<unknown> | undefined, value: unknown, where: string, faults: FieldFault[]): unknown {
  if (!schema) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const { path, code, message } of result.error.issues) faults.push({ path: [where, ...path].join('.'), code, message });
  return undefined;
}

/** The first value of each parameter; an object without a prototype, so that no name is special. */
function queryOf(ctx: Context): Record<string, string> {
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(ctx.querystring)) values[name] ??= value;
  return values;
}

function versionOf(ctx: Context): number {
  const header = ctx.get('if-match');
  if (!header)
    throw fault('request.unconditional', 'Send If-Match with the ETag that you read, so that nobody is overwritten unseen.');
  const version = /^"(\d{1,15})"$/.exec(header)?.[1];
  if (version === undefined) throw fault('request.stale', 'If-Match is none of our ETags: read it anew.');
  return Number(version);
}

function send(ctx: Context, route: Route, answer: Answer, isSecure: boolean) {
  ctx.status = answer.status;
  if ('stream' in answer) {
    ctx.type = route.answers[200]?.type ?? 'application/octet-stream';
    ctx.attachment(answer.fileName);
    ctx.body = answer.stream;
    return;
  }
  if (answer.session) setSession(ctx, answer.session, isSecure);
  if (answer.version !== undefined) ctx.set('ETag', `"${answer.version}"`);
  const schema = route.answers[answer.status]?.schema;
  ctx.body = schema ? schema.parse(answer.body) : null;
}

function setSession(ctx: Context, session: NonNullable<Extract<Answer, { body?: unknown }>['session']>, isSecure: boolean) {
  const [value, expires] = session === 'over' ? ['', new Date(0)] : [session.token, new Date(session.expiresAt)];
  ctx.cookies.set(cookieName(isSecure), value, {
    httpOnly: true,
    sameSite: 'strict',
    secure: isSecure,
    expires,
    path: '/',
    overwrite: true,
  });
}

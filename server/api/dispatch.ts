import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { RateBuckets } from '../coordination/rate-buckets.ts';
import type { StoredAnswers } from '../coordination/stored-answers.ts';
import { fault } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import { type Caller, callerMay } from '../merchants/index.ts';
import { byOf, cookieName, type Doors, findCaller, refuseForeignOrigin } from './caller.ts';
import { readInput } from './input.ts';
import { countCall } from './limits.ts';
import { answerOnce, isKept, keyOf, nameRequest, type Settled } from './repeats.ts';
import { type Allow, type Answer, type ApiRequest, apiPrefix, type CallerOf, type Route } from './route.ts';
import { languageOf } from './titles.ts';

const longestAgent = 200;

export interface DispatchOptions {
  routes: readonly Route[];
  doors: Doors;
  ids: Ids;
  /** Counts calls, for all processes. */
  buckets: Pick<RateBuckets, 'take'>;
  /** Keeps answers for repeats. */
  answers: Pick<StoredAnswers, 'begin'>;
  /** Where browsers reach us, when it is known: decides on secure cookies and on foreign origins. */
  publicUrl?: URL | undefined;
}

type RouteContext = Context & { params: Record<string, string> };

/** Answers every row of the API: who calls, may they, what do they send, do it (once, if they named it), answer what the row says. */
export function dispatchRoutes(options: DispatchOptions): Middleware {
  const router = new Router({ prefix: apiPrefix });
  for (const route of options.routes) {
    router.register(route.path.replace(/\{(\w+)\}/g, ':$1'), [route.method], (ctx) => answerRoute(ctx, route, options));
  }
  const dispatch = router.routes() as unknown as Middleware;
  const allowed = router.allowedMethods() as unknown as Middleware;

  return async function api(ctx, next) {
    if (ctx.path !== apiPrefix && !ctx.path.startsWith(`${apiPrefix}/`)) return next();
    ctx.set('Cache-Control', 'no-store');
    await allowed(ctx, () => dispatch(ctx, async () => {}));
    if (ctx.status === 405 || ctx.status === 501)
      throw fault('request.method-not-allowed', 'There is something at this address, but not for this method.');
    if (!(ctx as { matched?: unknown[] }).matched?.length)
      throw fault('request.not-found', 'The API has nothing at this address.');
  };
}

async function answerRoute(ctx: RouteContext, route: Route, options: DispatchOptions) {
  const isSecure = options.publicUrl?.protocol === 'https:';
  if (route.method !== 'GET') refuseForeignOrigin(ctx, options.publicUrl?.host);
  const caller = checkAllowed(await admit(ctx, options, isSecure), route.allow);
  const key = keyOf(ctx, route);
  const language = languageOf(ctx);
  const input = await readInput(ctx, route, language);
  const request: Omit<ApiRequest<Allow, unknown, unknown, unknown>, 'newId'> = {
    ...{ params: input.params, query: input.query, body: input.body, version: input.version, language },
    caller: caller as CallerOf<Allow>,
    by: byOf(caller, ctx.state.address, ctx.state.requestId),
    address: ctx.state.address,
    agent: ctx.get('user-agent').slice(0, longestAgent),
  };
  const work = (newId: Ids): Promise<Answer> => route.handle({ ...request, newId } as never);
  if (key === undefined) return send(ctx, route, await work(options.ids), isSecure);
  const named = nameRequest(ctx, key, caller, input);
  sendSettled(ctx, await answerOnce(ctx, options.answers, named, async (ids) => settle(route, await work(ids))));
}

/** Who calls, counted: those whose token opens nothing as nobody of their address. */
async function admit(ctx: Context, { doors, buckets }: DispatchOptions, isSecure: boolean): Promise<Caller | undefined> {
  let caller: Caller | undefined;
  try {
    caller = await findCaller(ctx, doors, isSecure);
  } catch (error) {
    await countCall(ctx, buckets, undefined);
    throw error;
  }
  await countCall(ctx, buckets, caller);
  return caller;
}

function checkAllowed(caller: Caller | undefined, allow: Allow): Caller | undefined {
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

function send(ctx: Context, route: Route, answer: Answer, isSecure: boolean) {
  if ('stream' in answer) {
    ctx.status = answer.status;
    ctx.type = route.answers[200]?.type ?? 'application/octet-stream';
    ctx.attachment(answer.fileName);
    ctx.body = answer.stream;
    return;
  }
  if (answer.session) setSession(ctx, answer.session, isSecure);
  sendSettled(ctx, settle(route, answer));
}

/** The answer held to what the row says of its status; a stream is none that could be kept. */
function settle(route: Route, answer: Answer): Settled {
  if ('stream' in answer || route.answers[answer.status] === undefined)
    throw new Error(`${route.method} ${route.path} answered what its row does not say`);
  if (answer.session && isKept(route)) throw new Error(`${route.path} hands out a session, which is not kept for a repeat`);
  const schema = route.answers[answer.status]?.schema;
  const body: unknown = schema?.parse(answer.body);
  const version = answer.version ?? (body as { version?: number } | undefined)?.version;
  return {
    status: answer.status,
    ...(schema ? { body: JSON.stringify(body) } : {}),
    ...(version === undefined ? {} : { version }),
  };
}

function sendSettled(ctx: Context, { status, body, version }: Settled) {
  ctx.status = status;
  if (version !== undefined) ctx.set('ETag', `"${version}"`);
  // What a row without a body was sent all the same must not be taken for the next request.
  if (!ctx.req.complete && ctx.method !== 'GET') ctx.set('Connection', 'close');
  // Koa makes a 204 of every answer without a body that is not an empty one.
  ctx.body = body ?? (status === 204 ? null : '');
  if (body === undefined) ctx.remove('Content-Type');
  else ctx.type = 'application/json';
}

function setSession(ctx: Context, session: NonNullable<Extract<Answer, { body?: unknown }>['session']>, isSecure: boolean) {
  const [value, expires] = session === 'over' ? ['', new Date(0)] : [session.token, new Date(session.expiresAt)];
  // It goes over HTTPS to the proxy in front; from there to here it need not.
  ctx.cookies.secure = isSecure;
  ctx.cookies.set(cookieName(isSecure), value, {
    httpOnly: true,
    sameSite: 'strict',
    secure: isSecure,
    expires,
    path: '/',
    overwrite: true,
  });
}

import Router from '@koa/router';
import type { Middleware } from 'koa';
import { z } from 'zod';
import type { Clock } from '../kernel/clock.ts';
import { fault } from '../kernel/errors.ts';
import { readJson } from '../kernel/json-body.ts';
import { firstValues } from '../kernel/query.ts';
import type { CodeRecords } from './calls/code-records.ts';
import type { MenuRecords } from './calls/menu-records.ts';
import type { Calls } from './calls.ts';
import type {
  FollowRequest,
  Message,
  NewFollower,
  OwnedAccount,
  Page,
  SandboxState,
  ServerVerdict,
  WireRow,
} from './contract.ts';
import type { Line } from './courier.ts';
import type { Events } from './events.ts';
import { checkHost, hostname, mayEnter } from './guard.ts';
import type { MediaRecords } from './media-records.ts';
import { type Owner, publicAccount } from './owner.ts';
import { answerBegun, openidOf, phoneRoutes } from './phone-routes.ts';
import { followerOf, type Platform, refuseUnknown } from './platform.ts';
import type { Records } from './records.ts';
import { type ScriptParts, scriptRoutes } from './script.ts';
import { entryCodeSchema, nameSchema, parse, parseSpeech } from './speech.ts';
import type { TemplateRecords } from './template-records.ts';

interface RoutesOptions {
  records: Records;
  events: Events;
  platform: Platform;
  owner: Owner;
  calls: Calls;
  /** By app id: the accounts that are connected. */
  lines: ReadonlyMap<string, Line>;
  templates: TemplateRecords;
  media: MediaRecords;
  menus: MenuRecords;
  codes: CodeRecords;
  clock: Clock;
  script: ScriptParts;
}

const prefix = '/sandbox/api';
/** Bytes of a request's body. */
const largestBody = 64 * 1024;

const newFollowerSchema = z.strictObject({
  name: nameSchema,
  appId: z.string().max(64).optional(),
}) satisfies z.ZodType<NewFollower>;
const followSchema = z.strictObject({ entryCode: entryCodeSchema.optional() }) satisfies z.ZodType<FollowRequest>;
const unfollowSchema = z.strictObject({});
const chatQuerySchema = z.strictObject({
  before: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const wireQuerySchema = chatQuerySchema.extend({
  find: z
    .string()
    .trim()
    .max(100)
    .transform((text) => text || undefined)
    .optional(),
  kind: z.string().max(64).optional(),
  direction: z.enum(['callback', 'call']).optional(),
  verdict: z.enum(['accepted', 'acknowledged', 'refused']).optional(),
});

/** The HTTP side of the sandbox: the page's, as `contract.ts` has it, and the platform's own calls. Whatever is elsewhere goes on to the next middleware. */
export function sandboxRoutes(options: RoutesOptions): Middleware {
  const router = new Router({ prefix });
  const { lines, calls } = options;
  readRoutes(router, options);
  eventRoutes(router, options);
  stepRoutes(router, options);
  phoneRoutes(router, options);
  ownerRoutes(router, options);
  scriptRoutes(router, options.script);
  const route = router.routes() as unknown as Middleware;

  return async function sandbox(ctx, next) {
    const isCall = calls.isCall(ctx.path);
    if (!isCall && ctx.path !== prefix && !ctx.path.startsWith(`${prefix}/`)) return next();
    checkHost(
      ctx.req,
      [...lines.values()].map(({ url }) => hostname(url)),
    );
    ctx.set('Cache-Control', 'no-store');
    if (isCall) return calls.answer(ctx);
    await route(ctx, async () => {
      throw fault('request.not-found', 'The sandbox has nothing at this address, or not for this method.');
    });
  };
}

function readRoutes(router: Router, { records, events, lines, clock }: RoutesOptions): void {
  router.get('/state', async (ctx) => {
    // The cursor comes first: what happens meanwhile is told twice rather than never.
    const cursor = events.cursor();
    const accounts = (await records.accounts()).map((account) => publicAccount(account, lines.get(account.appId)));
    const followers = (await records.followers()).map(followerOf);
    ctx.body = { accounts, followers, cursor, now: clock.now() } satisfies SandboxState;
  });

  router.get('/followers/:openid/messages', async (ctx) => {
    const { before, limit } = parse(chatQuerySchema, firstValues(ctx.querystring), 'query');
    const openid = openidOf(ctx);
    if (!(await records.findFollower(openid))) refuseUnknown(openid);
    const { items, hasMore } = pageOf(await records.messages(openid, limit + 1, before), limit);
    ctx.body = { items: items.reverse(), hasMore } satisfies Page<Message>;
  });

  router.get('/wire', async (ctx) => {
    const query = parse(wireQuerySchema, firstValues(ctx.querystring), 'query');
    const rows = await records.wireRows({ ...query, limit: query.limit + 1 });
    ctx.body = pageOf(rows, query.limit) satisfies Page<WireRow>;
  });

  router.get('/wire/:id', async (ctx) => {
    const detail = await records.wireDetail(ctx.params.id ?? '');
    if (!detail) throw fault('request.not-found', 'The wire log has no such row, or no longer.');
    ctx.body = detail;
  });
}

function eventRoutes(router: Router, { events }: RoutesOptions): void {
  router.get('/events', (ctx) => {
    const after = ctx.get('last-event-id') || firstValues(ctx.querystring).after;
    ctx.body = events.stream(after);
    ctx.type = 'text/event-stream';
    ctx.set('Cache-Control', 'no-store, no-transform');
    ctx.set('X-Accel-Buffering', 'no');
    ctx.req.socket.setTimeout(0);
    ctx.flushHeaders();
  });
}

function stepRoutes(router: Router, { records, platform }: RoutesOptions): void {
  router.post('/followers', async (ctx) => {
    const { name, appId } = parse(newFollowerSchema, await readJson(ctx.req, largestBody), 'follower');
    const accounts = await records.accounts();
    const account = appId === undefined ? accounts[0] : accounts.find((one) => one.appId === appId);
    if (!account) throw fault('request.not-found', 'The sandbox has no such account.');
    ctx.status = 201;
    ctx.body = await platform.createFollower(account, { name });
  });

  router.post('/followers/:openid/follow', async (ctx) => {
    const how = parse(followSchema, await readJson(ctx.req, largestBody), 'follow');
    answerBegun(ctx, await platform.follow(openidOf(ctx), how));
  });

  router.post('/followers/:openid/unfollow', async (ctx) => {
    parse(unfollowSchema, await readJson(ctx.req, largestBody), 'unfollow');
    answerBegun(ctx, await platform.unfollow(openidOf(ctx)));
  });

  router.post('/followers/:openid/messages', async (ctx) => {
    const speech = parseSpeech(await readJson(ctx.req, largestBody));
    answerBegun(ctx, await platform.say(openidOf(ctx), speech));
  });
}

function ownerRoutes(router: Router, { owner, lines }: RoutesOptions): void {
  router.get('/accounts', async (ctx) => {
    ctx.body = (await owner.accounts()) satisfies OwnedAccount[];
  });

  router.post('/accounts', async (ctx) => {
    const added: OwnedAccount = await owner.add(await readJson(ctx.req, largestBody));
    ctx.status = 201;
    ctx.body = added;
  });

  router.put('/accounts/:appId/server', async (ctx) => {
    const allowed = mayEnter(
      ctx.req,
      [...lines.values()].map(({ url }) => url),
    );
    const verdict: ServerVerdict = await owner.changeServer(
      ctx.params.appId ?? '',
      await readJson(ctx.req, largestBody),
      allowed,
    );
    ctx.body = verdict;
  });

  router.put('/accounts/:appId/addresses', async (ctx) => {
    const changed: OwnedAccount = await owner.changeAddresses(ctx.params.appId ?? '', await readJson(ctx.req, largestBody));
    ctx.body = changed;
  });
}

/** One more than the limit was asked for: whether it came says whether there are more. */
function pageOf<Item>(found: Item[], limit: number): Page<Item> {
  return { items: found.slice(0, limit), hasMore: found.length > limit };
}

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import Koa from 'koa';
import type { Database } from '../../server/database/index.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { asFault } from '../../server/kernel/errors.ts';
import { createIds } from '../../server/kernel/ids.ts';
import { createLog } from '../../server/kernel/log.ts';
import { readRawBody } from '../../server/kernel/raw-body.ts';
import { openSandbox, type Sandbox, type SandboxAccount } from '../../server/sandbox/index.ts';
import { openTestDatabase } from './database.ts';

/** The platform in a process that is not the server's, so that it stays when the server is killed. */
export interface WechatPlatform {
  readonly url: string;
  readonly sandbox: Sandbox;
  readonly database: Database;
  /** The most calls for the token of one account that were ever under way at once. */
  mostTokenCallsAtOnce(): number;
  /** How often each message of customer service came that was not plainly refused: by openid and text, with a space between. */
  readonly taken: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

export async function openWechatPlatform(): Promise<WechatPlatform> {
  const database = await openTestDatabase();
  const ids = createIds(systemClock);
  const sandbox = await openSandbox({ database, clock: systemClock, log: createLog('silent'), ids, random: randomBytes });
  const calls = watchCalls();
  const koa = new Koa();
  koa.silent = true;
  koa.use(calls.middleware);
  koa.use(async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const { message, rule } = asFault(error);
      ctx.status = rule.status;
      ctx.body = { detail: message };
    }
  });
  koa.use(sandbox.routes);
  const server = koa.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    ...{ url: addressOf(server), sandbox, database, mostTokenCallsAtOnce: calls.most, taken: calls.taken },
    async close() {
      await sandbox.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await database.close();
    },
  };
}

/** The environment of a server whose account is this one of the platform. */
export const environmentOf = (platform: WechatPlatform, account: SandboxAccount): Record<string, string> => ({
  WECHAT_API_URL: platform.url,
  WECHAT_APP_ID: account.appId,
  WECHAT_APP_SECRET: account.appSecret,
  WECHAT_ORIGINAL_ID: account.originalId,
  WECHAT_TOKEN: account.token,
  WECHAT_ENCODING_AES_KEY: account.encodingAesKey,
  WECHAT_MODE: account.mode,
  WECHAT_KIND: account.kind,
  WECHAT_VERIFIED: account.isVerified ? 'yes' : 'no',
});

export const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Looks on at the calls before the platform judges them. */
function watchCalls() {
  const asking = new Map<string, number>();
  const taken = new Map<string, number>();
  let most = 0;

  /** From the call's arrival until it is answered or the caller has gone. */
  function noteToken(ctx: Koa.Context, { appid }: { appid: string }): void {
    const now = (asking.get(appid) ?? 0) + 1;
    asking.set(appid, now);
    most = Math.max(most, now);
    ctx.res.once('close', () => asking.set(appid, (asking.get(appid) ?? 0) - 1));
  }

  function noteMessage(ctx: Koa.Context, { touser, text }: { touser: string; text: { content: string } }): void {
    const key = `${touser} ${text.content}`;
    if (!isRefusal(ctx.body)) taken.set(key, (taken.get(key) ?? 0) + 1);
  }

  const middleware: Koa.Middleware = async (ctx, next) => {
    const isToken = ctx.path === '/cgi-bin/stable_token';
    if (!isToken && ctx.path !== '/cgi-bin/message/custom/send') return next();
    const bytes = await readRawBody(ctx.req, 64 * 1024);
    const { socket, headers } = ctx.req;
    // What was read here is read once more by the platform.
    ctx.req = Object.assign(Readable.from([bytes]), { socket, headers }) as unknown as IncomingMessage;
    const sent = JSON.parse(bytes.toString('utf8'));
    if (isToken) noteToken(ctx, sent);
    await next();
    if (!isToken) noteMessage(ctx, sent);
  };
  return { middleware, most: () => most, taken };
}

/** Does the answer say for certain that nothing was done. */
function isRefusal(body: unknown): boolean {
  try {
    return JSON.parse(String(body)).errcode !== 0;
  } catch {
    return false;
  }
}

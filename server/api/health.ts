import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { type Clock, within } from '../kernel/clock.ts';
import { fault } from '../kernel/errors.ts';
import type { Metrics } from './metrics.ts';

/** A supervisor asks again soon: a database that has not answered by then is not ready. */
const longestPing = 2_000;

interface HealthOptions {
  clock: Clock;
  /** Resolves when the database answers; rejects when it does not. */
  pingDatabase: () => Promise<unknown>;
  metrics: Metrics;
}

/** What a supervisor asks: `/healthz` (the process lives), `/readyz` (it can take messages), `/metrics` (Prometheus text, for this machine only). */
export function healthRoutes({ clock, pingDatabase, metrics }: HealthOptions): Middleware {
  const router = new Router();
  router.get('/healthz', (ctx) => {
    ctx.body = { status: 'ok' };
  });
  router.get('/readyz', async (ctx) => {
    try {
      await within(clock, longestPing, pingDatabase(), () => {
        throw new Error(`no answer within ${longestPing} ms`);
      });
    } catch (error) {
      throw fault('server.unavailable', 'the database does not answer', error);
    }
    ctx.body = { status: 'ready' };
  });
  router.get('/metrics', async (ctx) => {
    if (!isLocal(ctx)) throw fault('request.not-found', 'metrics are given to this machine only');
    ctx.type = metrics.contentType;
    ctx.body = await metrics.text();
  });
  // The router's own context type asks for more than it needs to be mounted.
  return router.routes() as unknown as Middleware;
}

/** From this machine and not through a proxy on it. */
function isLocal(ctx: Context): boolean {
  const peer = ctx.req.socket.remoteAddress ?? '';
  return /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(peer) && !ctx.get('x-forwarded-for') && !ctx.get('forwarded');
}

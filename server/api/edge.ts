import { createServer, type Server } from 'node:http';
import Koa, { type Middleware } from 'koa';
import type { Clock } from '../kernel/clock.ts';
import { fault } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { networkOf } from '../kernel/network.ts';
import type { Proxies } from './address.ts';
import { answerFaults } from './problem.ts';

/** The listening HTTP server. */
export interface Edge {
  /** Listens; gives the address as a URL without a path. */
  listen(port: number, host: string): Promise<string>;
  /** Takes no new requests, lets those under way finish, then closes. */
  close(): Promise<void>;
}

const longestHeaders = 10_000;
const longestRequest = 30_000;
/** Each may hold a body of the largest size before anything about it is known. */
const mostConnections = 1_000;
/** What one network may hold of them: who sends nothing on all of its own must not keep out the others. Proxies bring everybody's. */
const mostOfNetwork = 100;
const timeoutsAreLookedForEvery = 2_000;
/** Longer than the slowest answer; what has not even been asked by then is cut off. */
const longestFarewell = 6_000;

interface EdgeOptions {
  clock: Clock;
  ids: Ids;
  log: Log;
  proxies: Proxies;
  /** Sees every request with the status that it was answered with. */
  timeRequests: Middleware;
  middlewares: Middleware[];
}

/** Koa behind node:http. `middlewares` run in their order, inside the request's id and address and the answering of faults. */
export function createEdge({ clock, ids, log, proxies, timeRequests, middlewares }: EdgeOptions): Edge {
  const koa = new Koa();
  koa.silent = true;
  let isStopping = false;
  koa.use(giveRequestId(ids, proxies));
  koa.use((ctx, next) => {
    if (isStopping) ctx.set('Connection', 'close');
    return next();
  });
  koa.use(timeRequests);
  koa.use(answerFaults(log));
  for (const middleware of middlewares) koa.use(middleware);
  const server = createServer(
    { headersTimeout: longestHeaders, requestTimeout: longestRequest, connectionsCheckingInterval: timeoutsAreLookedForEvery },
    koa.callback(),
  );
  server.maxConnections = mostConnections;
  shareConnections(server, proxies);

  return {
    async listen(port, host) {
      await new Promise<void>((resolve, reject) => {
        const refuse = (error: NodeJS.ErrnoException) => reject(cannotListen(port, host, error));
        server.once('error', refuse);
        server.listen({ port, host }, () => {
          server.off('error', refuse);
          resolve();
        });
      });
      return urlOf(server);
    },
    async close() {
      // Connections that carry no request are closed at once; the others after their answer.
      isStopping = true;
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        // Node no longer times requests out once it is closing: one that never ends would keep the process for ever.
        clock.after(longestFarewell, () => server.closeAllConnections());
      });
    },
  };
}

/** What pages and other answers to browsers carry; callbacks are answered before this. */
export const securityHeaders: Middleware = (ctx, next) => {
  ctx.set({
    'Content-Security-Policy':
      "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  });
  return next();
};

function shareConnections(server: Server, { isTrusted }: Proxies) {
  const open = new Map<string, number>();
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    if (isTrusted(address)) return;
    const network = networkOf(address);
    const held = (open.get(network) ?? 0) + 1;
    open.set(network, held);
    socket.once('close', () => {
      const left = (open.get(network) ?? 1) - 1;
      if (left === 0) open.delete(network);
      else open.set(network, left);
    });
    if (held > mostOfNetwork) socket.destroy();
  });
}

/** Where a request comes from, and its id: the caller's own when it is a plain word, so that it can be followed through a proxy. */
function giveRequestId(ids: Ids, { addressOf }: Proxies): Middleware {
  return (ctx, next) => {
    ctx.state.address = addressOf(ctx.req);
    const given = ctx.get('x-request-id');
    ctx.state.requestId = /^[\w-]{8,64}$/.test(given) ? given : ids<'request'>();
    ctx.set('X-Request-Id', ctx.state.requestId);
    return next();
  };
}

function cannotListen(port: number, host: string, error: NodeJS.ErrnoException) {
  const why = error.code === 'EADDRINUSE' ? 'another process listens there' : error.message;
  return fault(
    'server.cannot-start',
    `Port ${port} on ${host} cannot be taken (${why}): choose another with PORT or HOST.`,
    error,
  );
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a TCP port');
  // Who listens everywhere is reached here by loopback: 0.0.0.0 is no address to click on.
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[address.address] ?? address.address;
  const host = address.family === 'IPv6' ? `[${reachable}]` : reachable;
  return `http://${host}:${address.port}`;
}

import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readProxies } from '../../server/api/address.ts';
import { createEdge, type Edge, securityHeaders } from '../../server/api/edge.ts';
import { createMetrics } from '../../server/api/metrics.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { createIds } from '../../server/kernel/ids.ts';
import { createLog } from '../../server/kernel/log.ts';
import { readRawBody } from '../../server/kernel/raw-body.ts';
import { type AppStory, startApp } from '../support/app.ts';
import { createManualClock } from '../support/clock.ts';

describe('what a supervisor asks', () => {
  let story: AppStory;
  beforeAll(async () => {
    story = await startApp();
  });
  afterAll(() => story.close());

  it('whether the process lives and can take messages', async () => {
    for (const path of ['/healthz', '/readyz']) expect((await fetch(story.url + path)).status, path).toBe(200);
  });

  it('figures, which count messages by what became of them', async () => {
    const ming = await story.follower('小明');
    await ming.follows();
    await ming.sends('帮助');
    const text = await (await fetch(`${story.url}/metrics`)).text();
    expect(text).toContain('inbound_messages_total{outcome="answered"} 2');
    expect(text).toMatch(/http_request_duration_seconds_count\{status="2xx"\} [1-9]/);
    await fetch(story.callbackUrl, { method: 'POST' });
    const later = await (await fetch(`${story.url}/metrics`)).text();
    expect(later).toContain('http_request_duration_seconds_count{status="4xx"} 1');
  });

  it('figures, which are not for who comes through a proxy', async () => {
    for (const header of ['X-Forwarded-For', 'Forwarded']) {
      expect((await fetch(`${story.url}/metrics`, { headers: { [header]: '203.0.113.9' } })).status).toBe(404);
    }
  });

  it('pages that no other site can frame, sniff or feed with scripts', async () => {
    const { headers } = await fetch(`${story.url}/healthz`);
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('and hears 404 as problem details where there is nothing', async () => {
    const response = await fetch(`${story.url}/%00/../etc/passwd`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'request.not-found', instance: response.headers.get('x-request-id') });
  });
});

describe('connections', () => {
  it('are shared: one network that is no proxy holds a hundred at most, and gives way when it lets go', async () => {
    const [clock, log] = [systemClock, createLog('silent')];
    const edge = createEdge({
      ...{ clock, log, ids: createIds(clock), timeRequests: createMetrics().timeRequests, middlewares: [] },
      proxies: readProxies('192.0.2.1'),
    });
    const { hostname, port } = new URL(await edge.listen(0, '127.0.0.1'));
    const open = () => connect(Number(port), hostname);
    const silent = Array.from({ length: 100 }, open);
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    const refused = open();
    refused.on('error', () => {});
    await once(refused, 'close');
    expect(silent.filter(({ destroyed }) => destroyed)).toEqual([]);
    for (const socket of silent) socket.destroy();
    // Which of the two ends hears of a close first is not ours to say.
    await vi.waitFor(async () => expect((await fetch(`http://${hostname}:${port}/`)).status).toBe(404), { timeout: 30_000 });
    await edge.close();
  });
});

describe('readiness', () => {
  it('ends with the database', async () => {
    const story = await startApp();
    const { url } = story;
    await story.close();
    await expect(fetch(`${url}/readyz`)).rejects.toThrow();
  });
});

describe('the edge', () => {
  const quiet = {
    clock: systemClock,
    ids: createIds(systemClock),
    log: createLog('silent'),
    proxies: readProxies('127.0.0.1'),
    timeRequests: createMetrics().timeRequests,
  };

  async function listening(edge: Edge): Promise<URL> {
    return new URL(await edge.listen(0, '127.0.0.1'));
  }

  it('finishes what runs before it closes, and takes nothing new', async () => {
    let finish = () => {};
    const arrived = Promise.withResolvers<void>();
    const edge = createEdge({
      ...quiet,
      middlewares: [
        async (ctx) => {
          const answered = new Promise<void>((resolve) => {
            finish = resolve;
          });
          arrived.resolve();
          await answered;
          ctx.body = 'done';
        },
      ],
    });
    const url = await listening(edge);
    const response = fetch(url);
    await arrived.promise;
    const closed = edge.close();
    await expect(fetch(url)).rejects.toThrow();
    finish();
    expect(await (await response).text()).toBe('done');
    await closed;
  });

  it('cuts off, when it closes, who never finishes asking', async () => {
    const clock = createManualClock();
    const edge = createEdge({ ...quiet, clock, middlewares: [(ctx) => readRawBody(ctx.req, 100).then(() => {})] });
    const url = await listening(edge);
    const hanging = request(url, { method: 'POST', headers: { 'Content-Length': 10 } });
    hanging.on('error', () => {});
    hanging.write('12');
    await once(hanging, 'socket');
    await expect.poll(() => fetch(url).then(({ status }) => status)).toBe(404);
    const closed = edge.close();
    await clock.advance(6_000);
    await closed;
  });

  it('says what to do when its port is taken', async () => {
    const first = createEdge({ ...quiet, middlewares: [] });
    const { port } = await listening(first);
    await expect(createEdge({ ...quiet, middlewares: [] }).listen(Number(port), '127.0.0.1')).rejects.toThrow(
      `Port ${port} on 127.0.0.1 cannot be taken (another process listens there): choose another with PORT or HOST.`,
    );
    await first.close();
  });

  it('does not tell the caller what broke inside', async () => {
    const edge = createEdge({
      ...quiet,
      middlewares: [
        securityHeaders,
        () => {
          throw new Error('password is hunter2');
        },
      ],
    });
    const response = await fetch(await listening(edge));
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('hunter2');
    await edge.close();
  });

  it('survives a caller who hangs up in the middle of a request', async () => {
    const edge = createEdge({
      ...quiet,
      middlewares: [
        (ctx) => {
          ctx.body = 'here';
        },
      ],
    });
    const url = await listening(edge);
    const hanging = request(url, { method: 'POST', headers: { 'Content-Length': 100 } });
    hanging.on('error', () => {});
    hanging.write('half');
    hanging.flushHeaders();
    await once(hanging, 'socket');
    hanging.destroy();
    expect(await (await fetch(url)).text()).toBe('here');
    await edge.close();
  });
});

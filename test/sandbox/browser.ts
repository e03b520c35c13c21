import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { onTestFinished } from 'vitest';
import { asFault } from '../../server/kernel/errors.ts';
import type { Sandbox } from '../../server/sandbox/index.ts';

/** What a server-sent event brought. */
export interface ServerSentEvent {
  id: string;
  event: string;
  data: unknown;
}

/** The sandbox behind HTTP, as a page of a browser reaches it. */
export async function browse(sandbox: Sandbox) {
  const koa = new Koa();
  koa.silent = true;
  koa.use(async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const { code, message, rule } = asFault(error);
      ctx.status = rule.status;
      ctx.body = { code, detail: message };
    }
  });
  koa.use(sandbox.routes);
  koa.use((ctx) => {
    ctx.body = 'something else';
  });
  const server = koa.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/sandbox/api`;
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function send(method: string, path: string, body: unknown, type = 'application/json') {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${url}/${path}`, { method, headers: { 'content-type': type }, body: text });
    return { status: response.status, body: (response.status === 204 ? undefined : await response.json()) as never };
  }

  return {
    port,
    async get(path: string) {
      const response = await fetch(`${url}/${path}`);
      return { status: response.status, body: (await response.json()) as never };
    },
    post: (path: string, body: unknown, type?: string) => send('POST', path, body, type),
    put: (path: string, body: unknown) => send('PUT', path, body),
    /** A call of the server to the platform, as its path and query say. */
    async call(path: string, body?: object | string, method = body === undefined ? 'GET' : 'POST') {
      const text = typeof body === 'object' ? JSON.stringify(body) : body;
      const response = await fetch(`http://127.0.0.1:${port}/${path}`, { method, ...(text !== undefined && { body: text }) });
      return { status: response.status, body: (await response.json()) as never };
    },
    /** Any request, with headers that fetch would not send. A path that begins with a slash is not the page's own. */
    async raw(method: string, path: string, headers: Record<string, string>) {
      const sent = request({
        host: '127.0.0.1',
        port,
        method,
        path: path.startsWith('/') ? path : `/sandbox/api/${path}`,
        headers,
      }).end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    },
    events: (query = '', lastEventId?: string) => listenToEvents(`${url}/events${query}`, lastEventId),
  };
}

async function listenToEvents(url: string, lastEventId: string | undefined) {
  const response = await fetch(url, { headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId } });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) throw new Error('an event stream has a body');
  let text = '';
  return {
    type: response.headers.get('content-type'),
    /** The next event; undefined when the stream has ended. */
    async next(): Promise<ServerSentEvent | undefined> {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end === -1) {
          const { value, done } = await reader.read();
          if (done) return undefined;
          text += value;
          continue;
        }
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
        if (field('event')) return { id: field('id'), event: field('event'), data: JSON.parse(field('data')) };
      }
    },
    leave: () => reader.cancel(),
  };
}

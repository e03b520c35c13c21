import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as a webhook's receiver got it. */
export interface Received {
  readonly id: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body, read. */
  readonly event: { type: string; position: number; at: number; data: Record<string, string> };
}

/** How a receiver answers: a status, nothing ever, a cut connection, or by hand. */
export type Behaviour = number | 'silence' | 'cut' | ((request: IncomingMessage, response: ServerResponse) => void);

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** The most requests that were under way at once. */
  readonly mostAtOnce: () => number;
  close(): Promise<void>;
}

/** A program of a merchant that listens for events, on a port of its own. */
export async function openReceiver(
  behave: (received: Received, count: number) => Behaviour | Promise<Behaviour> = () => 204,
): Promise<Receiver> {
  const received: Received[] = [];
  let atOnce = 0;
  let most = 0;
  const server = createServer(async (request, response) => {
    most = Math.max(most, ++atOnce);
    response.once('close', () => atOnce--);
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const one = {
      id: String(request.headers['webhook-id']),
      path: request.url ?? '',
      headers: request.headers,
      body,
      event: JSON.parse(body),
    };
    received.push(one);
    const behaviour = await behave(one, received.length);
    if (behaviour === 'silence') return;
    if (behaviour === 'cut') request.socket.destroy();
    else if (typeof behaviour === 'function') behaviour(request, response);
    else response.writeHead(behaviour).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=in-the-query`,
    received,
    mostAtOnce: () => most,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

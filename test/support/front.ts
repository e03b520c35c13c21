import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One address before several processes, each of which gets the next request, as a proxy in front of them does it. */
export interface Front {
  readonly url: string;
  /** How many answers there were of each status; a process that was not there counts as 0. */
  readonly statuses: ReadonlyMap<number, number>;
  close(): Promise<void>;
}

/** `servers` gives where they are now: another port after every restart. */
export async function openFront(servers: () => readonly string[]): Promise<Front> {
  const statuses = new Map<number, number>();
  const count = (status: number) => void statuses.set(status, (statuses.get(status) ?? 0) + 1);
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const list = servers();
    const base = list[turn++ % list.length] ?? '';
    const options = { method: incoming.method, headers: incoming.headers };
    const passed = request(new URL(incoming.url ?? '/', base), options, (answer) => {
      count(answer.statusCode ?? 0);
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      answer.once('error', () => outgoing.destroy());
    });
    passed.once('error', () => {
      count(0);
      outgoing.destroy();
    });
    incoming.pipe(passed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    statuses,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

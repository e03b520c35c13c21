import { connect, createServer, type Socket } from 'node:net';

/** A fixed address before a database that is killed and comes back on another port. */
export type Relay = {
  readonly uri: string;
  /**
   * Waits for the next command whose bytes hold `marker`, lets the database work it, and swallows the answer: what the client
   * sees is a broken connection. `onAnswered` runs in between, when the write is durable and nobody knows.
   */
  swallowAnswer(marker: string, onAnswered: () => Promise<void>): void;
  close(): Promise<void>;
};

/** Listens on a port of its own; `target` gives the URI to pass on to, asked anew for every connection. */
export async function startRelay(target: () => string): Promise<Relay> {
  const sockets = new Set<Socket>();
  let trap: { marker: string; onAnswered: () => Promise<void> } | undefined;

  const server = createServer((client) => {
    const { hostname, port } = new URL(target());
    const upstream = connect(Number(port), hostname);
    let trapped: typeof trap;
    for (const [socket, other] of [[client, upstream] as const, [upstream, client] as const]) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (trap && chunk.includes(trap.marker)) {
        trapped = trap;
        trap = undefined;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (!trapped) client.write(chunk);
      else void trapped.onAnswered().finally(() => client.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('the relay has no port');

  return {
    uri: `mongodb://127.0.0.1:${address.port}/?directConnection=true`,
    swallowAnswer(marker, onAnswered) {
      trap = { marker, onAnswered };
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

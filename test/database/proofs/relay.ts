import { connect, createServer, type Socket } from 'node:net';
import type { DatabaseProcess } from '../../support/database-process.ts';

type Trap = { marker: string; onAnswered: () => Promise<void> };

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

/**
 * Listens on a port of its own and passes each connection on to `database`. While that is down, new connections wait for it:
 * accepted and closed again they would look like a server that fails, not like one that is being started.
 */
export async function startRelay(database: DatabaseProcess): Promise<Relay> {
  const clients = new Set<Socket>();
  let trap: Trap | undefined;
  const spring = (chunk: Buffer): Trap | undefined => {
    const sprung = trap && chunk.includes(trap.marker) ? trap : undefined;
    if (sprung) trap = undefined;
    return sprung;
  };
  /** Reset, not ended: a driver (7.8) that writes to a connection between its end and its close waits for the answer for ever. */
  const closeAll = () => {
    for (const client of clients) client.resetAndDestroy();
  };
  const server = createServer({ pauseOnConnect: true }, async (client) => {
    clients.add(client);
    client.on('error', () => client.destroy());
    client.on('close', () => clients.delete(client));
    const { hostname, port } = new URL(await database.whenListening());
    if (!client.destroyed) join(client, connect(Number(port), hostname), spring, closeAll);
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
      closeAll();
      await closed;
    },
  };
}

/** Passes bytes both ways, until the database has answered a trapped command or ends the connection itself: then all are closed. */
function join(client: Socket, upstream: Socket, spring: (chunk: Buffer) => Trap | undefined, closeAll: () => void): void {
  let trapped: Trap | undefined;
  client.on('data', (chunk) => {
    trapped ??= spring(chunk);
    upstream.write(chunk);
  });
  upstream.on('data', (chunk) => {
    if (!trapped) client.write(chunk);
    else void trapped.onAnswered().finally(closeAll);
  });
  client.on('close', () => upstream.destroy());
  upstream.on('error', closeAll);
  upstream.on('end', closeAll);
  client.resume();
}

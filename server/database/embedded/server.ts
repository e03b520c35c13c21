import { createServer, type Server, type Socket } from 'node:net';
import type { Engine, Logger } from './commands/context.ts';
import { serveConnection } from './connection.ts';
import { createCursors } from './cursors.ts';
import { liveView } from './execute.ts';
import { createFailpoint } from './failpoint.ts';
import { createQueue, type Queue } from './queue.ts';
import { loadSessions } from './session.ts';
import { openSql } from './sql.ts';
import { openStore } from './store.ts';
import { deleteExpired } from './ttl.ts';
import { createSnapshots } from './txn.ts';

/** Where to listen: a Unix socket's path, or a port on loopback (0 for any). */
export type Listening = { path: string } | { port: number };

export type DatabaseServer = {
  /** Begins to listen and gives the URI. Fails with the system's error, after which another place may be tried. */
  listen(where: Listening): Promise<string>;
  /** Ends what runs, closes all connections and the file. */
  close(): Promise<void>;
};

const EXPIRY_MS = 1_000;
const TTL_MS = 60_000;

/** Serves one database file over MongoDB's wire protocol. Opens the file, but not yet a socket. */
export function createDatabaseServer({
  file,
  log,
  testCommands,
}: {
  file: string;
  log: Logger;
  testCommands: boolean;
}): DatabaseServer {
  const store = openStore(file);
  const engine: Engine = {
    store,
    sessions: loadSessions(store),
    snapshots: createSnapshots(() => openSql(file)),
    cursors: createCursors(),
    failpoint: createFailpoint(testCommands),
    log,
    address: '',
    startedAt: Date.now(),
    commits: 0,
  };
  const queue = createQueue(engine);
  const timers = startUpkeep(engine, queue);
  const sockets = new Set<Socket>();
  let lastConnection = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveConnection(socket, ++lastConnection, queue, log);
  });
  return {
    async listen(where) {
      await startListening(server, where);
      const address = server.address();
      engine.address = 'path' in where ? where.path : `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
      return `mongodb://${encodeURIComponent(engine.address).replace('%3A', ':')}/?directConnection=true`;
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      queue.stop();
      for (const socket of sockets) socket.destroySoon();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
      for (const { transaction } of engine.sessions.all()) transaction?.abort();
      engine.snapshots.close();
      store.close();
    },
  };
}

function startUpkeep(engine: Engine, queue: Queue): NodeJS.Timeout[] {
  const expire = () => {
    engine.cursors.expire(Date.now());
    engine.sessions.expire(Date.now());
  };
  const deleteOld = () => {
    const deleted = deleteExpired(engine.store, liveView(engine.store), Date.now());
    if (deleted) engine.log.info({ deleted }, 'documents.expired');
  };
  return [
    setInterval(() => queue.pushTask(expire), EXPIRY_MS).unref(),
    setInterval(() => queue.pushTask(deleteOld), TTL_MS).unref(),
  ];
}

function startListening(server: Server, where: Listening): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen('path' in where ? { path: where.path } : { port: where.port, host: '127.0.0.1' }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

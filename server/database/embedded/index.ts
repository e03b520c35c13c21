import { realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { getCompileCacheDir } from 'node:module';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { fault } from '../../kernel/errors.ts';
import type { Logger } from './commands/context.ts';
import type { Listening } from './server.ts';
import type { WorkerMessage, WorkerOptions } from './worker.ts';

/** A running embedded database: a MongoDB URI for any driver of this machine's user, until it is closed. */
export type EmbeddedDatabase = { uri: string; close(): Promise<void> };

type Running = { started: Promise<Thread>; users: number; stopping?: Promise<void> };
type Thread = { uri: string; stop(): Promise<void> };

/** One server a folder in this process: it cannot be opened twice, so whoever asks again shares it. */
const running = new Map<string, Running>();

/**
 * Serves the folder's database from a worker thread, over a Unix socket inside the folder (0700) where that can be, else on
 * loopback. Throws when another process holds the folder.
 */
export async function startEmbedded({ folder, log }: { folder: string; log: Logger }): Promise<EmbeddedDatabase> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const key = realpathSync(folder);
  for (let last = running.get(key); last?.stopping; last = running.get(key)) await last.stopping;
  const shared: Running = running.get(key) ?? { started: startThread(key, log), users: 0 };
  running.set(key, shared);
  shared.users++;
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    shared.users--;
    if (!shared.users) shared.stopping = stop(key, shared);
    await shared.stopping;
  };
  try {
    return { uri: (await shared.started).uri, close };
  } catch (error) {
    if (running.get(key) === shared) running.delete(key);
    throw error;
  }
}

async function stop(key: string, { started }: Running): Promise<void> {
  try {
    await (await started).stop();
  } finally {
    running.delete(key);
  }
}

/** The longest path of a Unix socket that every system takes (macOS: 104 bytes with the final zero). */
const MAX_SOCKET_PATH_BYTES = 103;

function placesIn(folder: string): Listening[] {
  const path = join(folder, 'socket', 'db.sock');
  const canUseSocket = process.platform !== 'win32' && Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES;
  return [...(canUseSocket ? [{ path }] : []), { port: 0 }];
}

function startThread(folder: string, log: Logger): Promise<Thread> {
  const workerData: WorkerOptions = { folder, places: placesIn(folder) };
  // A thread does not inherit the process's cache of compiled code; without it, it strips types anew, which takes 15 MB.
  // The cache's directory without its last part, which names the version of Node.
  const cache = getCompileCacheDir();
  const env = cache ? { ...process.env, NODE_COMPILE_CACHE: dirname(cache) } : process.env;
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData, execArgv: [], name: 'database', env });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  return new Promise((resolve, reject) => {
    worker.on('error', (error) => {
      log.error({ folder, error }, 'database.failed');
      reject(error);
    });
    worker.on('message', (message: WorkerMessage) => {
      switch (message.kind) {
        case 'ready':
          log.info({ folder, uri: message.uri }, 'database.opened');
          resolve({
            uri: message.uri,
            async stop() {
              worker.postMessage('stop');
              await exited;
            },
          });
          return;
        case 'failed':
          reject(fault('server.cannot-start', message.message));
          return;
        case 'log':
          log[message.level](message.fields, message.event);
      }
    });
  });
}

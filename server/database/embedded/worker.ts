import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { holdFolder } from './folder.ts';
import { createDatabaseServer, type DatabaseServer, type Listening } from './server.ts';

/** What the thread is started with: the data folder, and places to listen at, the best first. */
export type WorkerOptions = { folder: string; places: Listening[] };

/** What the thread tells: it is ready, or it cannot begin, or a line for the log. */
export type WorkerMessage =
  | { kind: 'ready'; uri: string }
  | { kind: 'failed'; message: string }
  | { kind: 'log'; level: 'info' | 'warn' | 'error'; fields: object; event: string };

if (!parentPort) throw new Error('The embedded database runs in a worker thread.');
const port = parentPort;
const post = (message: WorkerMessage) => port.postMessage(message);

// Errors do not survive the way between threads with their class, but with message and stack.
const log = (level: 'info' | 'warn' | 'error') => (fields: object, event: string) => post({ kind: 'log', level, fields, event });

try {
  const { folder, places } = workerData as WorkerOptions;
  const held = holdFolder(folder);
  const server = createDatabaseServer({
    file: held.databaseFile,
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    testCommands: false,
  });
  const uri = await listenSomewhere(server, places);
  port.once('message', async () => {
    await server.close();
    held.release();
    port.close();
  });
  post({ kind: 'ready', uri });
} catch (error) {
  post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  port.close();
}

/** Not every file system takes a socket, and a path may be too long for one: then the next place is tried. */
async function listenSomewhere(server: DatabaseServer, places: Listening[]): Promise<string> {
  let failure: unknown;
  for (const place of places) {
    try {
      if ('path' in place) {
        mkdirSync(dirname(place.path), { recursive: true, mode: 0o700 });
        // What a killed process left; the folder's lock says that nobody listens there.
        rmSync(place.path, { force: true });
      }
      return await server.listen(place);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SERVE = new URL('../../server/database/embedded/serve.ts', import.meta.url).pathname;

/** An embedded database in a process of its own, so that a test can kill it as a power cut of the process would. */
export type DatabaseProcess = {
  /** Where it listens now; another one after every restart. */
  readonly uri: string;
  readonly folder: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** The URI, at once while it runs, else after the next restart. */
  whenListening(): Promise<string>;
  /** SIGKILL: no handler of the process runs. Answers once the process is gone. */
  kill(): Promise<void>;
  /** Starts again on the same folder; the process must have been killed. */
  restart(): Promise<void>;
  /** Kills the process, if it runs, and removes the folder, if it was made here. */
  remove(): Promise<void>;
};

/** Starts `npm run db` on `folder` (a new temporary one when left out) and waits for the line that says where it listens. */
export async function startDatabaseProcess(options: { folder?: string; testCommands?: boolean } = {}): Promise<DatabaseProcess> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'service-window-db-')));
  const start = () => launch(folder, options.testCommands ?? false);
  let running = await start();
  let listening = Promise.withResolvers<string>();
  listening.resolve(running.uri);
  return {
    folder,
    get uri() {
      return running.uri;
    },
    get pid() {
      if (running.child.pid === undefined) throw new Error('the database process was not started');
      return running.child.pid;
    },
    whenListening: () => listening.promise,
    kill() {
      listening = Promise.withResolvers();
      return end(running.child);
    },
    async restart() {
      running = await start();
      listening.resolve(running.uri);
    },
    async remove() {
      await end(running.child);
      if (!options.folder) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function launch(folder: string, testCommands: boolean): Promise<{ child: ChildProcess; uri: string }> {
  const child = spawn(process.execPath, [SERVE, '--port', '0', '--data', folder, ...(testCommands ? ['--test-commands'] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  child.once('exit', () => process.off('exit', killWithUs));
  return { child, uri: await announcedUri(child) };
}

async function announcedUri(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the output of the database process is not piped');
  for await (const line of createInterface({ input: child.stdout })) {
    const announced = uriOf(line);
    if (announced) {
      child.stdout.resume();
      return announced;
    }
  }
  throw new Error(`the database process ended before it listened`);
}

function uriOf(line: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return parsed && typeof parsed === 'object' && 'uri' in parsed && typeof parsed.uri === 'string' ? parsed.uri : undefined;
  } catch {
    return undefined;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

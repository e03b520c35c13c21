import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const root = resolve(import.meta.dirname, '../..');

/** The whole server in a process of its own, started as `npm start` does, so that a test can kill it. */
export interface ServerProcess {
  /** Where it listens now; another port after every restart. */
  readonly url: string;
  /** SIGKILL: none of its own code runs any more. Resolves once it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves to its exit code. */
  stop(): Promise<number | null>;
  /** Starts again with the same environment; the process must have ended. */
  restart(): Promise<void>;
}

/** Starts the server on a free port with these environment variables and waits until it listens. */
export async function startServerProcess(environment: Record<string, string>): Promise<ServerProcess> {
  let { child, url } = await launch(environment);
  async function end(signal: 'SIGKILL' | 'SIGTERM') {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
    return child.exitCode;
  }
  return {
    get url() {
      return url;
    },
    async kill() {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
    async restart() {
      ({ child, url } = await launch(environment));
    },
  };
}

async function launch(environment: Record<string, string>): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ['--import', './check-node.mjs', 'server/main.ts'], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', LOG_LEVEL: 'info', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  child.once('exit', () => process.off('exit', killWithUs));
  let complaints = '';
  child.stderr.on('data', (data) => {
    complaints += data;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = listeningAt(line);
    if (url) {
      child.stdout.resume();
      return { child, url };
    }
  }
  throw new Error(`the server ended before it listened: ${complaints}`);
}

function listeningAt(line: string): string | undefined {
  try {
    const { event, url } = JSON.parse(line);
    return event === 'server.listening' ? url : undefined;
  } catch {
    return undefined;
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const root = resolve(import.meta.dirname, '../..');

/** The whole server in a process of its own, started as `npm start` does, so that a test can kill it. */
export interface ServerProcess {
  /** Where it listens now; another port after every restart. */
  readonly url: string;
  /** Where the platform of the configured account sends its callbacks now. */
  readonly callbackUrl: string;
  /** The one-time link that this start printed for an owner; waits for it. */
  readonly ownerLink: Promise<string>;
  /** SIGKILL: none of its own code runs any more. Resolves once it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves to its exit code. */
  stop(): Promise<number | null>;
  /** Starts again with the same environment; the process must have ended. */
  restart(): Promise<void>;
}

interface ProcessOptions {
  /** What is run instead of the server's own main. */
  entry?: string;
  /** Gets each line of the log. */
  hear?: (line: string) => void;
}

/** Starts the server on a free port with these environment variables and waits until it listens. */
export async function startServerProcess(
  environment: Record<string, string>,
  options: ProcessOptions = {},
): Promise<ServerProcess> {
  let { child, url, callbackUrl, ownerLink } = await launch(environment, options);
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
    get callbackUrl() {
      return callbackUrl;
    },
    get ownerLink() {
      return ownerLink;
    },
    async kill() {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
    async restart() {
      ({ child, url, callbackUrl, ownerLink } = await launch(environment, options));
    },
  };
}

interface Listening {
  url: string;
  callbackUrl: string;
}

async function launch(
  environment: Record<string, string>,
  { entry = 'server/main.ts', hear = () => {} }: ProcessOptions,
): Promise<Listening & { child: ChildProcess; ownerLink: Promise<string> }> {
  const child = spawn(process.execPath, ['--import', './check-node.mjs', entry], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', LOG_LEVEL: 'info', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  child.once('exit', () => process.off('exit', killWithUs));
  let complaints = '';
  const printed = Promise.withResolvers<string>();
  child.stderr.on('data', (data) => {
    complaints += data;
    const link = /^ {2}Owner +(\S+)/m.exec(complaints)?.[1];
    if (link) printed.resolve(link);
  });
  const listens = new Promise<Listening | undefined>((resolve) => {
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      hear(line);
      const listening = listeningAt(line);
      if (listening) resolve(listening);
    });
    lines.on('close', () => resolve(undefined));
  });
  const listening = await listens;
  if (listening) return { child, ...listening, ownerLink: printed.promise };
  throw new Error(`the server ended before it listened: ${complaints}`);
}

function listeningAt(line: string): Listening | undefined {
  try {
    const { event, url, callbacks } = JSON.parse(line);
    return event === 'server.listening' ? { url, callbackUrl: callbacks[0] ?? '' } : undefined;
  } catch {
    return undefined;
  }
}

import { resolve } from 'node:path';
import { type App, type Listening, openApp } from './app.ts';
import { systemClock } from './kernel/clock.ts';
import { type Config, readConfig } from './kernel/config.ts';
import { asFault } from './kernel/errors.ts';
import { createLog } from './kernel/log.ts';

const root = resolve(import.meta.dirname, '..');

/** Longer than the slowest answer: what still runs after this is ended, and the platform sends it again. */
const longestStop = 10_000;
const parentLookEvery = 200;

/** A signal may come before the start is over. */
let isStopping = false;

await start().catch((error) => {
  const { code, message, cause } = asFault(error);
  process.stderr.write(code === 'server.failed' && cause instanceof Error ? `${cause.stack}\n` : `${message}\n`);
  process.exit(1);
});

async function start() {
  const config = readConfig(resolve(root, 'config'), process.env.NODE_ENV ?? 'production', process.env);
  const log = createLog(config['log.level']);
  const app = await openApp({
    config,
    clock: systemClock,
    log,
    pages: { root, node: process.execPath, environment: process.env },
  });
  const stop = () => void stopGracefully(app);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  if (process.env.npm_lifecycle_event) stopWithParent(stop);
  const listening = await app.listen();
  // Not among the log's lines on standard output.
  process.stderr.write(welcome(config, listening, app.sandbox !== undefined));
  if (!(await listening.pages)) process.stderr.write('The pages could not be built; /sandbox/ says why.\n');
}

async function stopGracefully(app: App) {
  // Who asks twice does not want to wait.
  if (isStopping) process.exit(1);
  isStopping = true;
  setTimeout(() => process.exit(1), longestStop).unref();
  try {
    await app.close();
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${asFault(error).message}\n`);
    process.exit(1);
  }
}

/** Under npm a signal ends the shell between npm and us, and never reaches us: that the shell is gone says the same. */
function stopWithParent(stop: () => void) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop();
  }, parentLookEvery);
  watch.unref();
}

/** What a person reads who has just started it: where to click, and what goes where. */
function welcome(config: Config, { url, callbacks, ownerLink }: Listening, hasSandbox: boolean): string {
  const data = config['database.uri'] ? 'MongoDB at MONGODB_URI' : resolve(config['data.directory']);
  return [
    '',
    '  服务窗 Service Window',
    ...(hasSandbox ? [`  Open      ${url}/sandbox/    a phone to try it with, and the wire beside it`] : []),
    ...(ownerLink ? [`  Owner     ${ownerLink}    opens the console, once`] : []),
    ...callbacks.map(({ name, mode, url: callback }) => `  Callback  ${callback}    ${name}, ${mode} mode`),
    `  Data      ${data}`,
    '',
    '',
  ].join('\n');
}

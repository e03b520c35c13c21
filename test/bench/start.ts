import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

export interface StartFigures {
  /** From the command to the first answer of the sandbox's page, in seconds; the median of three starts. */
  readonly seconds: number;
  /** Resident memory of the server ten seconds later, in MB. */
  readonly megabytes: number;
}

const root = resolve(import.meta.dirname, '../..');

/** Starts `npm start` as a newcomer does, on an empty data folder, the pages being built already. */
export async function benchStart(): Promise<StartFigures> {
  await startOnce();
  const starts = [];
  for (let time = 0; time < 3; time++) starts.push(await startOnce());
  const [, median] = starts.sort((a, b) => a.seconds - b.seconds);
  if (!median) throw new Error('nothing was started');
  return median;
}

async function startOnce(): Promise<StartFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'service-window-bench-'));
  const begun = performance.now();
  // A group of its own, so that npm's child ends with it.
  const child = spawn('npm', ['start'], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', DATA_DIR: folder, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const gone = once(child, 'exit');
  try {
    const url = await listeningAt(child.stdout);
    while (!(await isReady(url))) await wait(20);
    const seconds = (performance.now() - begun) / 1000;
    await wait(10_000);
    return { seconds, megabytes: await residentMegabytes(url) };
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    await gone;
    await rm(folder, { recursive: true, force: true });
  }
}

async function listeningAt(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const url = /"url":"([^"]+)".*"event":"server\.listening"/.exec(line)?.[1];
    if (!url) continue;
    output.resume();
    return url;
  }
  throw new Error('npm start ended before the server listened');
}

/** While the pages are built, a page that says so stands in for them. */
async function isReady(url: string): Promise<boolean> {
  return (await fetch(`${url}/sandbox/`)).status === 200;
}

async function residentMegabytes(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]) / 1e6;
}

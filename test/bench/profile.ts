import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One part of one thread's work. */
export interface Share {
  readonly thread: 'main' | 'database';
  readonly part: string;
  /** Of the time in which the thread was not idle; 0 to 1. */
  readonly share: number;
}

interface ProfileNode {
  id: number;
  children?: number[];
  callFrame: { functionName: string; url: string };
}

interface Profile {
  nodes: ProfileNode[];
  samples: number[];
  timeDeltas: number[];
}

/** Where code stands tells what it is for; the first that fits. */
const parts: [string, RegExp][] = [
  ['verify, open, parse, compose, seal', /server\/(wire|channels)\/|internal\/crypto|node:crypto/],
  ['embedded database', /server\/database\/embedded|node:sqlite/],
  ['inbox, members, conversation', /server\/(coordination|members|merchants|conversation|texts|kernel)\//],
  ['driver and BSON', /node_modules\/(mongoose|mongodb|bson)\/|internal\/timers|node:timers/],
  ['HTTP edge: Koa, our middleware', /node_modules\/(koa|@koa|koa-\w+|http-\w+)|server\/api\/|node_modules\/(prom-client|pino)/],
  [
    'HTTP and sockets of Node',
    /node:(_http|net|internal\/(http|stream|net|url|streams)|stream|events|buffer|internal\/buffer|url|querystring)/,
  ],
];

/** Reads the profiles that a process left in a folder, one a thread, and gives what each thread's time went into, larger parts first. */
export async function sharesOf(folder: string): Promise<Share[]> {
  const shares: Share[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const profile: Profile = JSON.parse(await readFile(join(folder, name), 'utf8'));
    const urls = profile.nodes.map(({ callFrame }) => callFrame.url).join('\n');
    // Named by process and thread: CPU.<date>.<time>.<process>.<thread>.<number>.cpuprofile
    const isMain = name.split('.').at(-3) === '0';
    if (isMain || urls.includes('database/embedded')) shares.push(...sharesOfThread(isMain ? 'main' : 'database', profile));
  }
  return shares;
}

function sharesOfThread(thread: Share['thread'], profile: Profile): Share[] {
  const partOf = partOfNodes(profile.nodes);
  const times = new Map<string, number>();
  let total = 0;
  for (const [index, id] of profile.samples.entries()) {
    const part = partOf.get(id) ?? 'other';
    const time = profile.timeDeltas[index] ?? 0;
    if (part === '(idle)') continue;
    times.set(part, (times.get(part) ?? 0) + time);
    total += time;
  }
  return [...times]
    .map(([part, time]) => ({ thread, part, share: time / total }))
    .filter(({ share }) => share >= 0.005)
    .sort((a, b) => b.share - a.share);
}

/** Native code has no place of its own: it counts as its caller's. */
function partOfNodes(nodes: readonly ProfileNode[]): Map<number, string> {
  const partOf = new Map<number, string>();
  // Parents stand before their children.
  for (const { id, children = [], callFrame } of nodes) {
    const { url, functionName } = callFrame;
    const own =
      functionName === '(idle)' ? functionName : functionName === '(garbage collector)' ? 'garbage collection' : placeOf(url);
    const part = own ?? partOf.get(id) ?? 'other';
    partOf.set(id, part);
    for (const child of children) partOf.set(child, part);
  }
  return partOf;
}

function placeOf(url: string): string | undefined {
  return parts.find(([, place]) => place.test(url))?.[0];
}

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Context, Middleware } from 'koa';
import type { Clock } from '../kernel/clock.ts';
import { fault } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { type Build, filesUnder, fingerprint } from './page-build.ts';
import { renderWaitingPage, type Waiting, waitingPagePolicy } from './waiting-page.ts';

export interface Pages {
  /** Serves the built pages; passes on what is none of them. */
  readonly middleware: Middleware;
  /** Resolves to whether there are pages to serve, once a build that was needed has ended. */
  readonly settled: Promise<boolean>;
  /** Ends a running build. */
  close(): Promise<void>;
}

type PagesState = Waiting | { kind: 'ready'; files: ReadonlyMap<string, PageFile> };

interface PageFile {
  type: string;
  body: Buffer;
  /** The same, compressed, where that pays. */
  gzipped?: Buffer;
  etag: string;
  /** Its name changes with its content, so that a reader may keep it for good. */
  isHashed: boolean;
}

interface PagesOptions {
  /** The pages that are shown, by the folders that they are built into; `/` leads to the first. What else a build holds is not served. */
  entries: readonly [string, ...string[]];
  /** Where builds are kept, each in a folder named after the fingerprint of its sources. */
  directory: string;
  /** The files and folders that a build is made from. Where none exists, as in an image without sources, any build that is there will do. */
  sources: readonly string[];
  build: Build;
  clock: Clock;
  log: Log;
}

/**
 * The console's pages. A build that is missing or older than its sources is made in the background while the server answers everything else;
 * until then a page says how far it is. Built files are held in memory: a request never touches the disk, so no path can lead out of it.
 */
export async function openPages(options: PagesOptions): Promise<Pages> {
  const { directory, sources, entries, clock, log } = options;
  const stop = new AbortController();
  const print = await fingerprint(sources);
  const current = print ?? (await newestBuild(directory));
  const files = current === undefined ? undefined : await readBuild(join(directory, current));
  let state: PagesState = files ? { kind: 'ready', files } : { kind: 'building', startedAt: clock.now(), progress: '' };

  async function build(): Promise<boolean> {
    try {
      const report = (progress: string) => {
        if (state.kind === 'building') state = { ...state, progress };
      };
      const startedAt = clock.now();
      state = { kind: 'ready', files: await makeBuild(options, print, report, stop.signal) };
      log.info({ milliseconds: clock.now() - startedAt }, 'pages.built');
      return true;
    } catch (error) {
      state = { kind: 'failed', output: error instanceof Error ? error.message : String(error) };
      if (!stop.signal.aborted) log.error({ error }, 'pages.build-failed');
      return false;
    }
  }

  const settled = files ? Promise.resolve(true) : build();
  return {
    middleware: (context, next) => (serves(context.path) ? answer(context, state, entries[0], clock.now()) : next()),
    settled,
    async close() {
      stop.abort();
      await settled;
    },
  };

  function serves(path: string): boolean {
    if (path === '/') return true;
    const entry = entries.find((name) => path === `/${name}` || path === `/${name}/`);
    if (entry !== undefined) return true;
    // A page that is not shown is not there, though the build holds it.
    return state.kind === 'ready' && state.files.has(path) && !path.endsWith('/');
  }
}

function answer(context: Context, state: PagesState, first: string, now: number): void {
  if (context.method !== 'GET' && context.method !== 'HEAD') {
    context.set('Allow', 'GET, HEAD');
    throw fault('request.method-not-allowed', 'a page is read by GET or HEAD');
  }
  const file = state.kind === 'ready' ? state.files.get(context.path) : undefined;
  if (file) sendFile(context, file);
  else if (!context.path.endsWith('/') || context.path === '/') sendOn(context, first);
  else if (state.kind !== 'ready') sendWaitingPage(context, state, now);
  else throw fault('request.not-found', 'the build holds no such page');
}

function sendWaitingPage(context: Context, state: Waiting, now: number): void {
  // 503 so that a probe or a proxy does not take the waiting page for the page itself.
  context.status = 503;
  if (state.kind === 'building') context.set('Retry-After', '1');
  context.set({ 'Cache-Control': 'no-store', 'Content-Security-Policy': waitingPagePolicy });
  context.type = 'text/html; charset=utf-8';
  context.body = renderWaitingPage(state, now, context.acceptsLanguages('zh', 'en') === 'en' ? 'en' : 'zh');
}

/** From `/` to the first page, from `/console` to `/console/`. */
function sendOn(context: Context, first: string): void {
  const isStart = context.path === '/';
  // What `/` leads to may change.
  context.status = isStart ? 302 : 308;
  // Relative, so that it holds behind a proxy that serves us under a path of its own.
  context.set('Location', `${isStart ? first : context.path.slice(1)}/${context.search}`);
  context.body = '';
}

function sendFile(context: Context, file: PageFile): void {
  const packed = file.gzipped && context.acceptsEncodings('gzip', 'identity') === 'gzip' ? file.gzipped : undefined;
  context.vary('Accept-Encoding');
  context.set('Cache-Control', file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
  context.set('ETag', packed ? `"${file.etag}-gzip"` : `"${file.etag}"`);
  context.status = 200;
  if (context.fresh) {
    context.status = 304;
    return;
  }
  if (packed) context.set('Content-Encoding', 'gzip');
  context.type = file.type;
  context.body = packed ?? file.body;
}

/** Builds beside the others and moves the result into place in one step: a build that was cut short is never taken for a whole one. */
async function makeBuild(
  { directory, build, clock }: PagesOptions,
  print: string | undefined,
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, PageFile>> {
  if (print === undefined) throw new Error('There are neither built pages nor the sources to build them from.');
  const workshop = join(directory, `${unfinished}${randomUUID()}`);
  await mkdir(workshop, { recursive: true });
  try {
    // Closed while the folder was made: a build begun now would never hear of it.
    signal.throwIfAborted();
    await build(workshop, report, signal);
    const files = await readBuild(workshop);
    if (!files) throw new Error('The build ended well but left no pages.');
    // It fails where another process was first with the same build, which is as good.
    await rename(workshop, join(directory, print)).catch(() => undefined);
    await tidy(directory, print, clock.now());
    return files;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

async function readBuild(folder: string): Promise<ReadonlyMap<string, PageFile> | undefined> {
  const paths = await filesUnder(folder);
  if (paths.length === 0) return undefined;
  const files = await Promise.all(paths.map(async (path) => [urlPath(relative(folder, path)), await readPage(path)] as const));
  return new Map(files);
}

function urlPath(name: string): string {
  return `/${name.split(sep).join('/')}`.replace(/\/index\.html$/, '/');
}

async function readPage(path: string): Promise<PageFile> {
  const body = await readFile(path);
  const type = mediaTypes[extname(path)] ?? 'application/octet-stream';
  const gzipped = type.includes('utf-8') || type.includes('svg') ? await promisify(gzip)(body, { level: 9 }) : undefined;
  return {
    type,
    body,
    // Under a tenth saved is not worth the reader's unpacking.
    ...(gzipped && gzipped.length < body.length * 0.9 ? { gzipped } : {}),
    etag: createHash('sha256').update(body).digest('base64url').slice(0, 22),
    isHashed: /[/\\]assets[/\\][^/\\]+-[\w-]{8}\.\w+$/.test(path),
  };
}

async function newestBuild(directory: string): Promise<string | undefined> {
  const names = (await readdir(directory).catch(() => [])).filter((name) => !name.startsWith(unfinished));
  const dated = await Promise.all(names.map(async (name) => ({ name, madeAt: (await stat(join(directory, name))).mtimeMs })));
  return dated.sort((a, b) => b.madeAt - a.madeAt)[0]?.name;
}

/** Removes the builds that this one replaces, and what killed builds left. Another process's running build is young and stays. */
async function tidy(directory: string, kept: string, now: number): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const isRunning =
      name.startsWith(unfinished) && now - ((await stat(path).catch(() => undefined))?.mtimeMs ?? now) < longestBuild;
    if (name !== kept && !isRunning) await rm(path, { recursive: true, force: true });
  }
}

const unfinished = 'building-';
const longestBuild = 600_000;

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

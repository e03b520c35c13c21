import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import Koa from 'koa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Build, createViteBuild } from '../../server/api/page-build.ts';
import { openPages, type Pages } from '../../server/api/pages.ts';
import { asFault } from '../../server/kernel/errors.ts';
import { createLog } from '../../server/kernel/log.ts';
import { createManualClock } from '../support/clock.ts';

const script = `console.log(${JSON.stringify('page '.repeat(200))})`;
let folder: string;
let cleanups: (() => Promise<unknown>)[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'service-window-pages-'));
  cleanups = [() => rm(folder, { recursive: true, force: true })];
  await write('sources/page.tsx', 'export const page = 1;');
});

afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

describe('a build', () => {
  test('is made when there is none, and the page appears', async () => {
    const { pages, get } = await open();
    expect(await pages.settled).toBe(true);
    expect((await get('/sandbox/')).text).toContain('<title>沙箱</title>');
  });

  test('is not made again while its sources stay the same', async () => {
    await (await open()).pages.settled;
    const second = await open({ build: async () => Promise.reject(new Error('must not be called')) });
    expect(await second.pages.settled).toBe(true);
    expect((await second.get('/sandbox/')).status).toBe(200);
  });

  test('is made again after a source changed, and replaces the old one', async () => {
    await (await open()).pages.settled;
    await write('sources/page.tsx', 'export const page = 2;');
    const second = await open({ build: writePages('<title>new</title>') });
    expect(await second.pages.settled).toBe(true);
    expect((await second.get('/sandbox/')).text).toContain('<title>new</title>');
    expect(await readdir(join(folder, 'dist'))).toHaveLength(1);
  });

  test('is taken as it is where its sources were not delivered', async () => {
    await (await open()).pages.settled;
    await rm(join(folder, 'sources'), { recursive: true });
    const second = await open({ build: async () => Promise.reject(new Error('must not be called')) });
    expect((await second.get('/sandbox/')).status).toBe(200);
  });

  test('that was cut short is not taken for a whole one', async () => {
    const halfway = Promise.withResolvers<void>();
    const first = await open({
      build: async (into, _report, signal) => {
        await writePages()(into, () => {}, signal);
        halfway.resolve();
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    });
    await halfway.promise;
    await first.pages.close();
    const second = await open({ build: writePages('<title>whole</title>') });
    await second.pages.settled;
    expect((await second.get('/sandbox/')).text).toContain('<title>whole</title>');
  });

  test('may be made by two processes at once', async () => {
    const both = await Promise.all([open(), open()]);
    expect(await Promise.all(both.map(({ pages }) => pages.settled))).toEqual([true, true]);
    expect(await readdir(join(folder, 'dist'))).toHaveLength(1);
  });
});

describe('while the build runs', () => {
  test('the page says how far it is and asks again by itself', async () => {
    const goOn = Promise.withResolvers<void>();
    const reported = Promise.withResolvers<void>();
    const { pages, get, clock } = await open({
      build: async (into, report, signal) => {
        report('42 <modules> transformed');
        reported.resolve();
        await goOn.promise;
        await writePages()(into, report, signal);
      },
    });
    await reported.promise;
    await clock.advance(3000);
    const waiting = await get('/sandbox/', { 'accept-language': 'en-GB,en;q=0.9' });
    expect(waiting).toMatchObject({ status: 503, headers: { 'retry-after': '1', 'cache-control': 'no-store' } });
    expect(waiting.text).toContain('http-equiv="refresh"');
    const script = /<script>(.*)<\/script>/.exec(waiting.text)?.[1] ?? '';
    expect(script).toContain('location.reload()');
    const digest = createHash('sha256').update(script).digest('base64');
    expect(waiting.headers['content-security-policy']).toContain(`script-src 'sha256-${digest}'`);
    expect(waiting.text).toContain('42 &lt;modules&gt; transformed');
    expect(waiting.text).toContain('3 s so far');
    expect((await get('/sandbox/', { 'accept-language': 'zh-CN' })).text).toContain('正在准备页面');
    goOn.resolve();
    await pages.settled;
    expect((await get('/sandbox/')).status).toBe(200);
  });

  test('what is no page is left to the rest of the server', async () => {
    const { get } = await open({
      build: (_into, _report, signal) => new Promise((_, reject) => signal.addEventListener('abort', reject)),
    });
    expect((await get('/healthz')).text).toBe('the rest of the server');
    expect((await get('/sandbox/api/state')).text).toBe('the rest of the server');
  });
});

describe('a build that failed', () => {
  test('says why and what to do, and no longer asks again', async () => {
    const { pages, get } = await open({ build: async () => Promise.reject(new Error('Could not resolve "./missing.tsx"')) });
    expect(await pages.settled).toBe(false);
    const { status, text } = await get('/sandbox/', { 'accept-language': 'en' });
    expect(status).toBe(503);
    expect(text).toContain('Could not resolve &quot;./missing.tsx&quot;');
    expect(text).toContain('npm start');
    expect(text).not.toContain('http-equiv="refresh"');
  });

  test('is also one that left nothing', async () => {
    const { pages } = await open({ build: async () => {} });
    expect(await pages.settled).toBe(false);
  });

  test('leaves nothing behind', async () => {
    const { pages } = await open({
      build: async (into, report, signal) => {
        await writePages()(into, report, signal);
        throw new Error('late');
      },
    });
    await pages.settled;
    expect(await readdir(join(folder, 'dist'))).toEqual([]);
  });
});

describe('a built file', () => {
  test('whose name holds its hash may be kept for good; the page itself is asked for each time', async () => {
    const { get } = await opened();
    expect((await get('/assets/sandbox-Bq1_xa3d.js')).headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'text/javascript; charset=utf-8',
    });
    expect((await get('/sandbox/')).headers).toMatchObject({
      'cache-control': 'no-cache',
      'content-type': 'text/html; charset=utf-8',
    });
  });

  test('is not sent again to who has it', async () => {
    const { get } = await opened();
    const { etag } = (await get('/sandbox/')).headers;
    expect(etag).toBeDefined();
    expect(await get('/sandbox/', { 'if-none-match': String(etag) })).toMatchObject({ status: 304, text: '' });
    expect(await get('/sandbox/', { 'if-none-match': '"another"' })).toMatchObject({ status: 200 });
  });

  test('is compressed where that pays and the reader can unpack it', async () => {
    const { get } = await opened();
    const packed = await get('/assets/sandbox-Bq1_xa3d.js', { 'accept-encoding': 'gzip, br' });
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    expect(gunzipSync(packed.bytes).toString()).toBe(script);
    const plain = await get('/assets/sandbox-Bq1_xa3d.js', { 'accept-encoding': 'gzip;q=0' });
    expect(plain.headers).not.toHaveProperty('content-encoding');
    expect(plain.text).toBe(script);
    expect(plain.headers.etag).not.toBe(packed.headers.etag);
    expect((await get('/assets/dot-0123abcd.png', { 'accept-encoding': 'gzip' })).headers).not.toHaveProperty('content-encoding');
  });

  test('answers HEAD with the same headers and no body', async () => {
    const { get, send } = await opened();
    const whole = await get('/sandbox/');
    const head = await send('HEAD', '/sandbox/');
    expect(head.text).toBe('');
    expect(head.headers['content-length']).toBe(whole.headers['content-length']);
    expect(head.headers.etag).toBe(whole.headers.etag);
  });
});

describe('a request for something else', () => {
  test('without the closing slash is sent on, its query kept', async () => {
    const { get } = await opened();
    expect(await get('/sandbox?theme=dark')).toMatchObject({ status: 308, headers: { location: 'sandbox/?theme=dark' } });
  });

  test('at the first address is sent on to the first page', async () => {
    const { get } = await opened();
    expect(await get('/?theme=dark')).toMatchObject({ status: 302, headers: { location: 'sandbox/?theme=dark' } });
    const { pages, get: getConsole } = await open({ entries: ['console'] });
    await pages.settled;
    expect(await getConsole('/')).toMatchObject({ status: 302, headers: { location: 'console/' } });
    expect((await getConsole('/console/')).text).toContain('后台');
  });

  test.each(['/sandbox', '/sandbox/'])('finds no page that is built but not shown: %s', async (path) => {
    const { pages, get } = await open({ entries: ['console'] });
    await pages.settled;
    expect((await get(path)).text).toBe('the rest of the server');
  });

  test('by another method is refused', async () => {
    const { send } = await opened();
    expect(await send('POST', '/sandbox/')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  test.each([
    '/../sources/page.tsx',
    '/assets/../../sources/page.tsx',
    '/assets/..%2f..%2fsources/page.tsx',
    '/sandbox/%2e%2e/',
    '/sandbox/index.html',
    '//etc/passwd',
    '/assets/',
    '/assets/%00',
  ])('reaches no file outside the build: %s', async (path) => {
    const { get } = await opened();
    expect((await get(path)).text).toBe('the rest of the server');
  });
});

describe('the build by a child process', () => {
  const run = (source: string, report: (line: string) => void = () => {}, signal = new AbortController().signal) =>
    write('fake.mjs', source).then((vite) =>
      createViteBuild({ node: process.execPath, vite, folder, environment: { PATH: process.env.PATH } })(
        join(folder, 'out'),
        report,
        signal,
      ),
    );

  test('hands on each line, and is told where to put the pages', async () => {
    const lines: string[] = [];
    await run(`console.log('building…\\n\\n  ' + process.argv.slice(2).join(' '));`, (line) => lines.push(line));
    expect(lines).toEqual(['building…', `build --outDir ${join(folder, 'out')} --emptyOutDir`]);
  });

  test('rejects with what it said when it fails', async () => {
    await expect(run(`console.error('no such module'); process.exit(2);`)).rejects.toThrow('no such module');
    await expect(run('process.exit(3);')).rejects.toThrow('code 3');
  });

  test('ends when the server stops', async () => {
    const stop = new AbortController();
    const running = run(`console.log('up'); setInterval(() => {}, 1000);`, () => stop.abort(), stop.signal);
    await expect(running).rejects.toThrow(/abort/i);
  });

  test('rejects when there is no such program', async () => {
    const build = createViteBuild({ node: join(folder, 'no-node'), vite: 'vite.js', folder, environment: {} });
    await expect(build(join(folder, 'out'), () => {}, new AbortController().signal)).rejects.toThrow('ENOENT');
  });
});

interface OpenOptions {
  build?: Build;
  entries?: [string, ...string[]];
}

function writePages(page = '<title>沙箱</title>'): Build {
  return async (into) => {
    const files = {
      'sandbox/index.html': page,
      'console/index.html': '<title>后台</title>',
      'assets/sandbox-Bq1_xa3d.js': script,
      'assets/dot-0123abcd.png': 'png',
    };
    for (const [name, content] of Object.entries(files)) await writeAt(join(into, name), content);
  };
}

async function open({ build = writePages(), entries = ['sandbox', 'console'] }: OpenOptions = {}) {
  const clock = createManualClock();
  const log = createLog('silent', new Writable({ write: (_chunk, _encoding, done) => done() }));
  const sources = [join(folder, 'sources')];
  const pages = await openPages({ directory: join(folder, 'dist'), sources, entries, build, clock, log });
  const send = await serve(pages);
  cleanups.push(() => pages.close());
  return { pages, clock, send, get: (path: string, headers?: Record<string, string>) => send('GET', path, headers) };
}

async function opened() {
  const all = await open();
  await all.pages.settled;
  return all;
}

/** Serves the pages before the rest of a server and gives a client that sends paths as they are, dots and all. */
async function serve(pages: Pages) {
  const app = new Koa();
  app.use(async (context, next) => {
    try {
      await next();
    } catch (error) {
      context.status = asFault(error).rule.status;
      context.body = asFault(error).code;
    }
  });
  app.use(pages.middleware);
  app.use((context) => {
    context.body = 'the rest of the server';
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  return (method: string, path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number | undefined; headers: Record<string, unknown>; bytes: Buffer; text: string }>(
      (resolve, reject) => {
        const outgoing = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk) => chunks.push(chunk));
          response.on('end', () => {
            const bytes = Buffer.concat(chunks);
            resolve({ status: response.statusCode, headers: response.headers, bytes, text: bytes.toString() });
          });
        });
        outgoing.on('error', reject).end();
      },
    );
}

async function write(name: string, content: string): Promise<string> {
  return writeAt(join(folder, name), content);
}

async function writeAt(path: string, content: string): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
  return path;
}

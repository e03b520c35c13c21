import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Context, Middleware } from 'koa';
import { fault } from '../kernel/errors.ts';
import type { Language } from '../texts/index.ts';
import { describeApi } from './openapi.ts';
import { problemsPath } from './problem.ts';
import { renderReference } from './reference-page.ts';
import type { Route } from './route.ts';
import { languageOf, titles } from './titles.ts';

interface Sheet {
  readonly type: string;
  readonly plain: Buffer;
  readonly packed: Buffer;
  readonly etag: string;
}

/** `/api/openapi.json`, the page to read it at `/api/`, and the addresses that problems have as their type. Each is made once, when it is first wanted. */
export function serveReference(routes: readonly Route[]): Middleware {
  const sheets = new Map<string, Promise<Sheet>>();
  function sheet(name: string, type: string, make: () => string): Promise<Sheet> {
    const made = sheets.get(name) ?? makeSheet(type, make());
    sheets.set(name, made);
    return made;
  }

  return async function reference(ctx, next) {
    const { path } = ctx;
    if (path !== '/api' && path !== '/api/' && path !== '/api/openapi.json' && !path.startsWith(problemsPath)) return next();
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
      ctx.set('Allow', 'GET, HEAD');
      throw fault('request.method-not-allowed', 'The reference is read by GET or HEAD.');
    }
    if (path === '/api/') {
      const language = wantedLanguage(ctx);
      ctx.vary('Accept-Language');
      const page = () => renderReference(describeApi(routes), language);
      send(ctx, await sheet(language, 'text/html; charset=utf-8', page));
    } else if (path === '/api/openapi.json') {
      send(ctx, await sheet('document', 'application/json', () => JSON.stringify(describeApi(routes))));
    } else sendOn(ctx);
  };
}

async function makeSheet(type: string, text: string): Promise<Sheet> {
  const plain = Buffer.from(text);
  const etag = createHash('sha256').update(plain).digest('base64url').slice(0, 22);
  return { type, plain, packed: await promisify(gzip)(plain), etag };
}

function send(ctx: Context, { type, plain, packed, etag }: Sheet) {
  const isPacked = ctx.acceptsEncodings('gzip', 'identity') === 'gzip';
  ctx.vary('Accept-Encoding');
  ctx.set('Cache-Control', 'no-cache');
  ctx.set('ETag', isPacked ? `"${etag}-gzip"` : `"${etag}"`);
  ctx.status = 200;
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  if (isPacked) ctx.set('Content-Encoding', 'gzip');
  ctx.type = type;
  ctx.body = isPacked ? packed : plain;
}

/** A problem's own address leads to its line on the page; relative, so that it holds behind a proxy that serves us under a path of its own. */
function sendOn(ctx: Context) {
  const isProblem = ctx.path.startsWith(problemsPath);
  const code = ctx.path.slice(problemsPath.length);
  if (isProblem && !Object.hasOwn(titles, code)) throw fault('request.not-found', 'There is no such kind of problem.');
  ctx.status = isProblem ? 302 : 308;
  ctx.set('Location', isProblem ? `../../#${code}` : 'api/');
  ctx.body = '';
}

function wantedLanguage(ctx: Context): Language {
  const { language } = ctx.query;
  return language === 'zh' || language === 'en' ? language : languageOf(ctx);
}

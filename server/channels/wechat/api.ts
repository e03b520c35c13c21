import { readAnswerBody } from '../../kernel/answer-body.ts';
import type { Clock } from '../../kernel/clock.ts';
import { PlatformError } from '../../kernel/errors.ts';
import { type ApiAnswer, readAnswer } from './answer.ts';
import { readCode } from './error-codes.ts';

export type { ApiAnswer } from './answer.ts';

/** A file that goes up or comes down. */
export interface ApiFile {
  /** Empty when the platform gave none. */
  readonly name: string;
  /** Media type, such as `image/jpeg`. */
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a call sends: with a file it is a form, with a body a POST of JSON, with neither a GET. */
export interface ApiCall {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly form?: { readonly media: ApiFile; readonly fields?: Readonly<Record<string, string>> };
  /** Codes with which an answer counts as one. */
  readonly accepts?: readonly number[];
  /** The longest answer that is read, in bytes: 1 MiB unless said otherwise. */
  readonly mostBytes?: number;
}

/** Calls of the platform's server API by name (`cgi-bin/token`). */
export interface WechatApi {
  /** Resolves to what the platform answered; a refusal, no answer within 5 s (60 s for a file) and one that makes no sense are thrown as a PlatformError. */
  call(api: string, sent: ApiCall): Promise<ApiAnswer>;
  /** The same for a call that may answer a file of at most 20 MiB. A refusal is JSON with the status 200 here too. */
  load(api: string, sent: ApiCall): Promise<ApiFile | ApiAnswer>;
}

const patience = 5_000;
const filePatience = 60_000;
const mebibyte = 1024 * 1024;
const largestFile = 20 * mebibyte;

interface Exchanged {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer<ArrayBuffer>;
}

/** The platform's server API at an address, asked anew for each call: the sandbox's is known only once we listen. */
export function createWechatApi({ baseUrl, clock }: { baseUrl: () => string; clock: Clock }): WechatApi {
  async function exchange(api: string, sent: ApiCall, limit: { bytes: number; wait: number }): Promise<Exchanged> {
    const url = new URL(`/${api}`, baseUrl());
    for (const [name, value] of Object.entries(sent.query ?? {})) url.searchParams.set(name, value);
    const late = new AbortController();
    const stopTimer = clock.after(limit.wait, () => late.abort());
    try {
      const response = await fetch(url, { redirect: 'manual', signal: late.signal, ...written(sent) });
      const { bytes, isWhole } = await readAnswerBody(response.body, limit.bytes);
      if (!isWhole) throw refusal(api, 'malformed', 'no', `answered more than ${limit.bytes} bytes`);
      return { status: response.status, headers: response.headers, bytes: bytes as Buffer<ArrayBuffer> };
    } catch (error) {
      if (error instanceof PlatformError) throw error;
      // Not the error itself: the address in it would give the secret away.
      const why = late.signal.aborted ? `${limit.wait} ms are over` : reasonOf(error);
      throw refusal(api, 'network', 'later', `did not answer: ${why}`, neverSent.has(why) ? notReached : undefined);
    } finally {
      stopTimer();
    }
  }

  /** The object of an answer that is JSON, unless it refuses. */
  function judge(api: string, sent: ApiCall, { status, bytes }: Exchanged): ApiAnswer {
    const answer = readAnswer(bytes.toString('utf8'));
    if (!answer) throw refusal(api, 'malformed', 'no', `answered HTTP ${status} without a JSON object`);
    const { errcode: code = 0, errmsg } = answer;
    // Many calls that succeed have no errcode at all.
    if (code === 0) return answer;
    if (typeof code !== 'number') throw refusal(api, 'malformed', 'no', 'answered an errcode that is no number');
    if (sent.accepts?.includes(code)) return answer;
    const { reason, retry } = readCode(code);
    const words = `refused with ${code}: ${withoutSecrets(String(errmsg ?? ''), sent)}`;
    throw new PlatformError({ channel: 'wechat', api, code, retry, reason }, `WeChat's ${api} ${words}`);
  }

  function checkStatus(api: string, { status }: Exchanged): void {
    if (status >= 500) throw refusal(api, 'network', 'later', `answered HTTP ${status}`);
    if (status !== 200) throw refusal(api, 'malformed', 'no', `answered HTTP ${status}`);
  }

  return {
    async call(api, sent) {
      const wait = sent.form ? filePatience : patience;
      const exchanged = await exchange(api, sent, { bytes: sent.mostBytes ?? mebibyte, wait });
      checkStatus(api, exchanged);
      return judge(api, sent, exchanged);
    },
    async load(api, sent) {
      const exchanged = await exchange(api, sent, { bytes: largestFile, wait: filePatience });
      checkStatus(api, exchanged);
      const { headers, bytes } = exchanged;
      const type = headers.get('content-type')?.split(';')[0]?.trim() ?? '';
      // No picture, voice or film begins with a brace; the type that is named has been wrong.
      const isFile = bytes.length > 0 && bytes[0] !== brace && type !== 'application/json';
      return isFile ? { name: nameOf(headers), type, bytes } : judge(api, sent, exchanged);
    },
  };
}

const brace = '{'.charCodeAt(0);

/** How a call is written into the request. */
function written({ body, form }: ApiCall): RequestInit {
  if (form) {
    const parts = new FormData();
    parts.set('media', new Blob([form.media.bytes], { type: form.media.type }), form.media.name);
    for (const [name, value] of Object.entries(form.fields ?? {})) parts.set(name, value);
    return { method: 'POST', body: parts };
  }
  if (!body) return {};
  // Chinese goes as it is: the platform shows escapes literally.
  return { method: 'POST', headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}

/** The reason of a failure on the network before which nothing of the call was sent. */
export const notReached = 'not-reached';
/** Failures of looking the platform up and of connecting to it. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

function refusal(
  api: string,
  code: PlatformError['code'],
  retry: PlatformError['retry'],
  what: string,
  reason?: string,
): PlatformError {
  return new PlatformError({ channel: 'wechat', api, code, retry, reason }, `WeChat's ${api} ${what}`);
}

/** The platform's words, should they repeat a secret that was sent. */
function withoutSecrets(words: string, { query, body }: ApiCall): string {
  const secrets = Object.entries({ ...query, ...body }).flatMap(([name, value]) =>
    /secret|token/i.test(name) && typeof value === 'string' && value !== '' ? [value] : [],
  );
  return secrets.reduce((text, secret) => text.replaceAll(secret, '***'), words).slice(0, 300);
}

/** fetch says only "fetch failed"; the code of its cause names what happened and no address. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'the connection failed';
}

function nameOf(headers: Headers): string {
  return /filename="([^"]*)"/.exec(headers.get('content-disposition') ?? '')?.[1] ?? '';
}

import { readAnswerBody } from '../../kernel/answer-body.ts';
import type { Clock } from '../../kernel/clock.ts';
import { PlatformError } from '../../kernel/errors.ts';

/** What a call answered: fields as they came, but whole numbers that JavaScript cannot hold are strings of their digits. */
export type ApiAnswer = Readonly<Record<string, unknown>>;

/** What a call sends: with a body it is a POST of JSON, without one a GET. */
export interface ApiCall {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** Calls of the platform's server API by name (`cgi-bin/token`). */
export interface WechatApi {
  /** Resolves to what the platform answered; a refusal, no answer within 5 s and one that makes no sense are thrown as a PlatformError. */
  call(api: string, sent: ApiCall): Promise<ApiAnswer>;
}

const patience = 5_000;
const largestAnswer = 1024 * 1024;
/** Codes after which another try makes sense (wechat.md §0); all others are for good. */
const retries: Readonly<Record<number, PlatformError['retry']>> = {
  [-1]: 'later',
  40001: 'token',
  40014: 'token',
  42001: 'token',
  45009: 'later',
  45011: 'later',
};

/** The platform's server API at an address, asked anew for each call: the sandbox's is known only once we listen. */
export function createWechatApi({ baseUrl, clock }: { baseUrl: () => string; clock: Clock }): WechatApi {
  async function exchange(api: string, { query = {}, body }: ApiCall): Promise<{ status: number; text: string }> {
    const url = new URL(`/${api}`, baseUrl());
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const late = new AbortController();
    const stopTimer = clock.after(patience, () => late.abort());
    try {
      const response = await fetch(url, {
        redirect: 'manual',
        signal: late.signal,
        // Chinese goes as it is: the platform shows escapes literally.
        ...(body && {
          method: 'POST',
          headers: { 'content-type': 'application/json; charset=utf-8' },
          body: JSON.stringify(body),
        }),
      });
      const { bytes, isWhole } = await readAnswerBody(response.body, largestAnswer);
      if (!isWhole) throw refusal(api, 'malformed', 'no', `answered more than ${largestAnswer} bytes`);
      return { status: response.status, text: bytes.toString('utf8') };
    } catch (error) {
      if (error instanceof PlatformError) throw error;
      // Not the error itself: the address in it would give the secret away.
      throw refusal(
        api,
        'network',
        'later',
        `did not answer: ${late.signal.aborted ? `${patience} ms are over` : reasonOf(error)}`,
      );
    } finally {
      stopTimer();
    }
  }

  return {
    async call(api, sent) {
      const { status, text } = await exchange(api, sent);
      if (status >= 500) throw refusal(api, 'network', 'later', `answered HTTP ${status}`);
      const answer = status === 200 ? readAnswer(text) : undefined;
      if (!answer) throw refusal(api, 'malformed', 'no', `answered HTTP ${status} without a JSON object`);
      const { errcode: code = 0, errmsg } = answer;
      // Many calls that succeed have no errcode at all.
      if (code === 0) return answer;
      if (typeof code !== 'number') throw refusal(api, 'malformed', 'no', 'answered an errcode that is no number');
      throw refusal(api, code, retries[code] ?? 'no', `refused with ${code}: ${withoutSecrets(String(errmsg ?? ''), sent)}`);
    },
  };
}

function refusal(api: string, code: PlatformError['code'], retry: PlatformError['retry'], what: string): PlatformError {
  return new PlatformError({ channel: 'wechat', api, code, retry }, `WeChat's ${api} ${what}`);
}

/** The JSON object of an answer; undefined for anything else. */
function readAnswer(text: string): ApiAnswer | undefined {
  try {
    // Names of people have come with raw control characters in them, which JSON does not allow.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out.
    const value = parseExact(text.replace(/[\u0000-\u001f]/g, ''), keepDigits);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ApiAnswer) : undefined;
  } catch {
    return undefined;
  }
}

/** JSON.parse as it is today: its reviver is told how a number was written, which TypeScript does not know yet. */
const parseExact = JSON.parse as (
  text: string,
  revive: (name: string, value: unknown, written: { source?: string }) => unknown,
) => unknown;

/** Ids of messages have 64 bits. */
function keepDigits(_: string, value: unknown, { source = '' }: { source?: string }): unknown {
  return typeof value === 'number' && /^-?\d+$/.test(source) && !Number.isSafeInteger(value) ? source : value;
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

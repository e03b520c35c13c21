import type { Context } from 'koa';
import type { Clock } from '../kernel/clock.ts';
import { readRawBody } from '../kernel/raw-body.ts';
import { makeCallId, type Random } from './accounts.ts';
import { type Call, CallRefusal, type CallRow, callTable } from './call-table.ts';
import type { CallRule, Check, WireDetail } from './contract.ts';
import type { Events } from './events.ts';
import type { Records } from './records.ts';
import { ruleOf } from './rules.ts';
import type { Tokens } from './tokens.ts';
import { withoutDetail } from './wire-log.ts';

/** The calls that the server makes to the platform, under the platform's own paths. */
export interface Calls {
  /** Is it the address of a call. */
  isCall(path: string): boolean;
  /** Answers as the platform does: status 200, and what is wrong as `errcode`. Each call is a row of the wire log. */
  answer(ctx: Context): Promise<void>;
}

interface CallsOptions {
  records: Records;
  tokens: Tokens;
  events: Events;
  clock: Clock;
  random: Random;
}

const largestBody = 64 * 1024;

/** How a call went. */
interface Judged {
  readonly answer: object;
  readonly rule: CallRule;
  readonly section: string;
  readonly checks: readonly Check[];
  readonly appId: string;
}

/** A call with what of it the wire log keeps. */
interface Arrived {
  readonly name: string;
  readonly method: string;
  readonly call: Omit<Call, 'body'>;
  readonly text: string;
}

export function createCalls({ records, tokens, events, clock, random }: CallsOptions): Calls {
  async function judge({ name, method, call, text }: Arrived): Promise<Judged> {
    const checks: Check[] = [];
    let appId = '';
    const row = callTable.get(name);
    const desk = {
      tokens,
      findAccount: records.findAccount,
      pass: (check: Check['name']) => void checks.push({ name: check, passed: true }),
      name: (account: { appId: string }) => {
        appId = account.appId;
      },
    };
    try {
      const known = checkCall(row, method);
      desk.pass('method');
      const body = method === 'POST' ? readObject(text) : {};
      if (method === 'POST') desk.pass('body');
      const answer = await known.answer({ ...call, body }, desk);
      return { answer, rule: 'call-answered', section: known.section, checks, appId };
    } catch (error) {
      if (!(error instanceof CallRefusal)) throw error;
      const { check, rule, code, message } = error;
      checks.push({ name: check, passed: false });
      const answer = { errcode: code, errmsg: `${message} rid: ${makeCallId(random)}` };
      return { answer, rule, section: ruleOf(rule).section, checks, appId };
    }
  }

  async function keep(arrived: Arrived, judged: Judged, startedAt: number): Promise<void> {
    const detail = describeCall(records.nextWireId(), arrived, judged, { startedAt, milliseconds: clock.now() - startedAt });
    await records.endTry(detail);
    events.publish('wire', withoutDetail(detail));
  }

  return {
    isCall: (path) => path.startsWith('/cgi-bin/'),

    async answer(ctx) {
      const startedAt = clock.now();
      const query = firstValues(ctx.querystring);
      const address = (ctx.req.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
      const text = ctx.method === 'POST' ? (await readRawBody(ctx.req, largestBody)).toString('utf8') : '';
      const arrived = { name: ctx.path.slice(1), method: ctx.method, call: { query, address }, text };
      const judged = await judge(arrived);
      await keep(arrived, judged, startedAt);
      ctx.body = judged.answer;
    },
  };
}

/** The first value of each parameter. */
function firstValues(querystring: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(querystring)) values[name] ??= value;
  return values;
}

function checkCall(row: CallRow | undefined, method: string): CallRow {
  if (!row) throw new CallRefusal('method', 'unknown-call', 40066, 'invalid url');
  if (row.method === method) return row;
  const [code, message] =
    row.method === 'GET' ? ([43001, 'require GET method'] as const) : ([43002, 'require POST method'] as const);
  throw new CallRefusal('method', 'wrong-method', code, message);
}

function readObject(text: string): Record<string, unknown> {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CallRefusal('body', 'malformed-call', 47001, 'data format error');
  return value as Record<string, unknown>;
}

function describeCall(
  id: string,
  { name, method, call, text }: Arrived,
  { answer, rule, section, checks, appId }: Judged,
  { startedAt, milliseconds }: { startedAt: number; milliseconds: number },
): WireDetail {
  const refusal = 'errcode' in answer && 'errmsg' in answer ? `${answer.errcode} ${answer.errmsg}` : undefined;
  return {
    id,
    at: startedAt,
    direction: 'call',
    kind: name.slice(0, 64),
    appId,
    ...(refusal !== undefined && { excerpt: refusal.slice(0, 80), why: refusal }),
    attempt: 1,
    status: 200,
    milliseconds,
    verdict: ruleOf(rule).verdict,
    rule,
    section,
    request: {
      method: method === 'POST' ? 'POST' : 'GET',
      path: `/${name}`.slice(0, 200),
      query: masked(call.query) as Record<string, string>,
      headers: {},
      body: text === '' ? '' : maskedText(text),
    },
    answer: {
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(masked(answer)),
      isCut: false,
    },
    checks: [...checks],
  };
}

/** What is no JSON is not shown: a secret could stand anywhere in it. */
function maskedText(text: string): string {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null ? JSON.stringify(masked(value)) : '***';
}

/** Secrets and tokens are masked, by their names. */
function masked(value: object): object {
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, /secret|token/i.test(name) ? '***' : field]));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

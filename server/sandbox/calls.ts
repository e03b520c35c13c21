import type { Context } from 'koa';
import type { Clock } from '../kernel/clock.ts';
import { readRawBody } from '../kernel/raw-body.ts';
import { makeCallId, type Random, type SandboxAccount } from './accounts.ts';
import type { CallTable } from './call-table.ts';
import { type Call, type CallAnswer, CallRefusal, type CallRow, isFileAnswer, ordinaryQuota } from './calls/row.ts';
import { refuseQuota } from './calls/tokens.ts';
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
  table: CallTable;
  records: Records;
  tokens: Tokens;
  events: Events;
  clock: Clock;
  random: Random;
}

const largestBody = 64 * 1024;
const prefixes = /^\/(cgi-bin|sns|wxa|datacube|customservice)\//;

/** How a call went. */
interface Judged {
  readonly answer: CallAnswer;
  readonly rule: CallRule;
  readonly section: string;
  readonly checks: readonly Check[];
  readonly appId: string;
}

/** A call with what of it the wire log keeps. */
interface Arrived {
  readonly name: string;
  readonly method: string;
  readonly row: CallRow | undefined;
  readonly call: Omit<Call, 'body'>;
}

export function createCalls({ table, records, tokens, events, clock, random }: CallsOptions): Calls {
  async function judge({ name, method, row, call }: Arrived): Promise<Judged> {
    const checks: Check[] = [];
    let appId = '';
    const desk = {
      pass: (check: Check['name']) => void checks.push({ name: check, passed: true }),
      name: (account: SandboxAccount) => {
        appId = account.appId;
      },
    };
    const readBody = (known: CallRow) => {
      if (known.method === 'GET' || known.form === 'bytes') return {};
      const body = readObject(call.bytes);
      desk.pass('body');
      return body;
    };
    try {
      const known = checkMethod(row, method);
      desk.pass('method');
      const answer =
        known.opens === 'itself'
          ? await known.answer({ ...call, body: readBody(known) }, desk)
          : await known.answer({ ...call, account: await admit(name, known, call, desk), body: readBody(known) }, desk);
      return { answer, rule: 'call-answered', section: known.section, checks, appId };
    } catch (error) {
      if (!(error instanceof CallRefusal)) throw error;
      const { check, rule, code, message } = error;
      checks.push({ name: check, passed: false });
      const answer = { errcode: code, errmsg: `${message} rid: ${makeCallId(random)}` };
      const { section } = ruleOf(rule);
      return { answer, rule, section: section === '0' && row ? row.section : section, checks, appId };
    }
  }

  /** Whose call it is: its token, what the account may do, and how often. */
  async function admit(
    name: string,
    { needs = {}, quota = ordinaryQuota }: Extract<CallRow, { opens: 'token' }>,
    { query }: Omit<Call, 'body'>,
    desk: { pass(check: Check['name']): void; name(account: SandboxAccount): void },
  ): Promise<SandboxAccount> {
    const account = await ownerOf(query.access_token);
    desk.name(account);
    desk.pass('token');
    const { kind = account.kind, isVerified = account.isVerified } = needs;
    if (kind !== account.kind || isVerified !== account.isVerified)
      throw new CallRefusal('granted', 'not-granted', 48001, 'api unauthorized');
    desk.pass('granted');
    if (!(await tokens.mayCall(account.appId, name, quota))) refuseQuota();
    desk.pass('quota');
    return account;
  }

  async function ownerOf(token: string | undefined): Promise<SandboxAccount> {
    if (!token) throw new CallRefusal('token', 'no-token', 41001, 'access_token missing');
    const owner = await tokens.whose(token);
    if (owner === 'over') throw new CallRefusal('token', 'token-over', 42001, 'access_token expired');
    const account = typeof owner === 'object' ? await records.findAccount(owner.appId) : undefined;
    if (account) return account;
    throw new CallRefusal('token', 'wrong-token', 40001, 'invalid credential, access_token is invalid or not latest');
  }

  async function keep(arrived: Arrived, judged: Judged): Promise<void> {
    const detail = describeCall(records.nextWireId(), arrived, judged, clock.now() - arrived.call.now);
    await records.endTry(detail);
    events.publish('wire', withoutDetail(detail));
  }

  return {
    isCall: (path) => prefixes.test(path),

    async answer(ctx) {
      const now = clock.now();
      const name = ctx.path.slice(1);
      const row = table.get(name);
      const query = firstValues(ctx.querystring);
      const address = (ctx.req.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
      const bytes = ctx.method === 'POST' ? await readRawBody(ctx.req, row?.largestBody ?? largestBody) : Buffer.alloc(0);
      const call = { query, address, bytes, contentType: ctx.get('content-type'), now };
      const arrived = { name, method: ctx.method, row, call };
      const judged = await judge(arrived);
      await keep(arrived, judged);
      writeAnswer(ctx, judged.answer);
    },
  };
}

function writeAnswer(ctx: Context, answer: CallAnswer): void {
  if (isFileAnswer(answer)) {
    const { type, bytes, name } = answer.file;
    ctx.type = type;
    if (name !== undefined) ctx.set('Content-disposition', `attachment; filename="${name}"`);
    ctx.body = Buffer.from(bytes);
  } else {
    ctx.type = 'application/json; charset=utf-8';
    ctx.body = writeJson(answer);
  }
}

/** The first value of each parameter. */
function firstValues(querystring: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(querystring)) values[name] ??= value;
  return values;
}

function checkMethod(row: CallRow | undefined, method: string): CallRow {
  if (!row) throw new CallRefusal('method', 'unknown-call', 40066, 'invalid url');
  if (row.method === method) return row;
  const [code, message] =
    row.method === 'GET' ? ([43001, 'require GET method'] as const) : ([43002, 'require POST method'] as const);
  throw new CallRefusal('method', 'wrong-method', code, message);
}

function readObject(bytes: Buffer): Record<string, unknown> {
  if (bytes.length === 0) throw new CallRefusal('body', 'malformed-call', 44002, 'empty post data');
  const value = parseJson(bytes.toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CallRefusal('body', 'malformed-call', 47001, 'data format error');
  return value as Record<string, unknown>;
}

function describeCall(
  id: string,
  { name, method, row, call }: Arrived,
  { answer, rule, section, checks, appId }: Judged,
  milliseconds: number,
): WireDetail {
  const refusal = 'errcode' in answer && answer.errcode !== 0 ? `${answer.errcode} ${answer.errmsg}` : undefined;
  return {
    id,
    at: call.now,
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
      body: shownBody(row, call.bytes),
    },
    answer: shownAnswer(answer),
    checks: [...checks],
  };
}

function shownBody(row: CallRow | undefined, bytes: Buffer): string {
  if (bytes.length === 0) return '';
  return row?.form === 'bytes' ? `(${bytes.length} bytes)` : maskedText(bytes.toString('utf8'));
}

function shownAnswer(answer: CallAnswer): NonNullable<WireDetail['answer']> {
  if (isFileAnswer(answer)) {
    const { type, bytes } = answer.file;
    return { headers: { 'content-type': type }, body: `(${bytes.length} bytes)`, isCut: false };
  }
  const text = writeJson(masked(answer));
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return { headers, body: text.slice(0, longestText), isCut: text.length > longestText };
}

/** Characters of an answer that the log keeps. */
const longestText = 16 * 1024;

/** What is no JSON is not shown: a secret could stand anywhere in it. */
function maskedText(text: string): string {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null ? JSON.stringify(masked(value)) : '***';
}

/** Secrets and tokens are masked, by their names. */
function masked(value: object): object {
  const hidden = /secret|token|session_key/i;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, hidden.test(name) ? '***' : field]));
}

/** A bigint is written as a bare number, however long. */
function writeJson(value: object): string {
  return JSON.stringify(value, (_, field: unknown) => (typeof field === 'bigint' ? rawJson(String(field)) : field));
}

const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

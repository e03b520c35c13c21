import type { Context } from 'koa';
import type { Clock } from '../kernel/clock.ts';
import { plainAddress } from '../kernel/network.ts';
import { firstValues } from '../kernel/query.ts';
import { readRawBody } from '../kernel/raw-body.ts';
import { makeCallId, type SandboxAccount } from './accounts.ts';
import { type Arrived, describeCall, type Judged, masked, maskedText, writeJson } from './call-log.ts';
import type { CallParts, CallTable } from './call-table.ts';
import {
  type AccountRow,
  type CallAnswer,
  type CallDesk,
  CallRefusal,
  type CallRow,
  isFileAnswer,
  ordinaryQuota,
} from './calls/row.ts';
import { refuseQuota } from './calls/tokens.ts';
import type { Check } from './contract.ts';
import type { CallFault, Faults } from './faults.ts';
import { ruleOf } from './rules.ts';
import { withoutDetail } from './wire-log.ts';

/** The calls that the server makes to the platform, under the platform's own paths. */
export interface Calls {
  /** Is it the address of a call. */
  isCall(path: string): boolean;
  /** Answers as the platform does: status 200, and what is wrong as `errcode`. Each call is a row of the wire log. */
  answer(ctx: Context): Promise<void>;
}

interface CallsOptions extends Pick<CallParts, 'records' | 'tokens' | 'quotas' | 'rids' | 'events' | 'clock' | 'random'> {
  table: CallTable;
  faults: Faults;
  /** The machine's clock, for what is to last. */
  wall: Clock;
}

const largestBody = 64 * 1024;
const prefixes = /^\/(cgi-bin|sns|wxa|wxaapi|datacube|customservice|connect)\//;
/** How long a call that is never answered stays open unless the caller leaves first. */
const longestSilence = 120_000;

export function createCalls(options: CallsOptions): Calls {
  const { table, records, rids, faults, events, clock, wall, random } = options;

  async function judge(arrived: Arrived, fault: CallFault | undefined): Promise<Judged> {
    const { name, method, row, call } = arrived;
    const checks: Check[] = [];
    let appId = '';
    const desk: CallDesk = {
      pass: (check) => void checks.push({ name: check, passed: true }),
      name: (account) => {
        appId = account.appId;
      },
    };
    try {
      const known = checkMethod(row, method);
      desk.pass('method');
      const answer = await answerOf(name, known, call, desk, fault);
      return { answer, rule: 'call-answered', section: known.section, checks, appId };
    } catch (error) {
      if (!(error instanceof CallRefusal)) throw error;
      const { check, rule, code, message } = error;
      checks.push({ name: check, passed: false });
      const rid = makeCallId(random);
      const { section } = ruleOf(rule);
      const answer = { errcode: code, errmsg: `${message} rid: ${rid}` };
      return { answer, rule, section: section === '0' && row ? row.section : section, checks, appId, rid };
    }
  }

  async function answerOf(
    name: string,
    row: CallRow,
    call: Arrived['call'],
    desk: CallDesk,
    fault: CallFault | undefined,
  ): Promise<CallAnswer> {
    const account = row.opens === 'token' ? await ownerOf(call.query.access_token) : undefined;
    if (account) {
      desk.name(account);
      desk.pass('token');
    }
    await strike(account, fault);
    if (row.opens === 'itself') return row.answer({ ...call, body: readBody(row, call.bytes, desk) }, desk);
    if (!account) throw new Error('a call that a token opens has an account');
    await admit(name, row, account, desk);
    return row.answer({ ...call, account, body: readBody(row, call.bytes, desk) }, desk);
  }

  async function strike(account: SandboxAccount | undefined, fault: CallFault | undefined): Promise<void> {
    if (fault === 'busy') throw new CallRefusal('fault', 'fault-chosen', -1, 'system error');
    if (fault === 'used-up') throw new CallRefusal('fault', 'fault-chosen', 45009, 'reach max api daily quota limit');
    if (fault === 'too-fast')
      throw new CallRefusal('fault', 'fault-chosen', 45011, 'api minute-quota reach limit must slower retry next minute');
    if (fault === 'token-refused') throw new CallRefusal('fault', 'fault-chosen', 40014, 'invalid access_token');
    if (fault !== 'token-gone' || !account) return;
    await options.tokens.end(account.appId);
    throw new CallRefusal('fault', 'fault-chosen', 40001, 'invalid credential, access_token is invalid or not latest');
  }

  async function ownerOf(token: string | undefined): Promise<SandboxAccount> {
    if (!token) throw new CallRefusal('token', 'no-token', 41001, 'access_token missing');
    const owner = await options.tokens.whose(token);
    if (owner === 'over') throw new CallRefusal('token', 'token-over', 42001, 'access_token expired');
    const account = typeof owner === 'object' ? await records.findAccount(owner.appId) : undefined;
    if (account) return account;
    throw new CallRefusal('token', 'wrong-token', 40001, 'invalid credential, access_token is invalid or not latest');
  }

  /** May the account make this call, and how often. */
  async function admit(name: string, row: AccountRow, account: SandboxAccount, desk: CallDesk): Promise<void> {
    const { needs = {}, quota = ordinaryQuota, perMinute } = row;
    const { kind = account.kind, isVerified = account.isVerified } = needs;
    if (kind !== account.kind || isVerified !== account.isVerified)
      throw new CallRefusal('granted', 'not-granted', 48001, 'api unauthorized');
    desk.pass('granted');
    if (quota === 'none') return;
    if (perMinute !== undefined && !(await options.quotas.use(account.appId, name, perMinute, 'minute')))
      throw new CallRefusal('quota', 'quota-used-up', 45009, 'reach max api minute frequency limit');
    if (!(await options.quotas.use(account.appId, name, quota))) refuseQuota();
    desk.pass('quota');
  }

  async function keep(arrived: Arrived, judged: Judged, fault?: CallFault): Promise<void> {
    const milliseconds = clock.now() - arrived.call.now;
    const detail = describeCall(records.nextWireId(), arrived, judged, { milliseconds, fault });
    await records.endTry(detail);
    events.publish('wire', withoutDetail(detail));
    if (judged.rid === undefined) return;
    const { name, call } = arrived;
    await rids.add({
      _id: judged.rid,
      appId: judged.appId,
      at: call.now,
      milliseconds,
      url: `/${name}?${new URLSearchParams(masked(call.query) as Record<string, string>)}`,
      body: arrived.row?.form === 'bytes' ? '' : maskedText(call.bytes.toString('utf8')),
      answer: writeJson(judged.answer),
    });
  }

  async function wait(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => void wall.after(milliseconds, resolve));
  }

  return {
    isCall: (path) => prefixes.test(path),

    async answer(ctx) {
      const arrived = await read(ctx, table, clock.now());
      const struck = arrived.row && faults.ofCall(arrived.name);
      if (struck?.fault === 'slow') await wait(struck.lasts);
      if (struck?.fault === 'down') {
        await keep(arrived, { answer: {}, rule: 'fault-chosen', section: '0', checks: [], appId: '' }, 'down');
        ctx.status = 502;
        ctx.type = 'html';
        ctx.body = '<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>';
        return;
      }
      const judged = await judge(arrived, struck?.fault);
      if (struck?.fault === 'twice') await keep(arrived, await judge(arrived, undefined), 'twice');
      await keep(arrived, judged, struck?.fault);
      writeAnswer(ctx, judged.answer, struck?.fault);
      if (struck?.fault === 'lost') stopLater(ctx, wall);
    },
  };
}

async function read(ctx: Context, table: CallTable, now: number): Promise<Arrived> {
  const name = ctx.path.slice(1);
  const row = table.get(name);
  const query = firstValues(ctx.querystring);
  const address = plainAddress(ctx.req.socket.remoteAddress ?? '');
  const bytes = ctx.method === 'POST' ? await readRawBody(ctx.req, row?.largestBody ?? largestBody) : Buffer.alloc(0);
  return { name, method: ctx.method, row, call: { query, address, bytes, contentType: ctx.get('content-type'), now } };
}

function writeAnswer(ctx: Context, answer: CallAnswer, fault: CallFault | undefined): void {
  if (fault === 'lost' || fault === 'cut') {
    ctx.respond = false;
    if (fault === 'cut') ctx.req.socket.destroy();
  } else if (isFileAnswer(answer)) {
    const { type, bytes, name } = answer.file;
    ctx.status = answer.status ?? 200;
    ctx.type = type;
    if (answer.location !== undefined) ctx.set('Location', answer.location);
    if (name !== undefined) ctx.set('Content-disposition', `attachment; filename="${encodeURIComponent(name)}"`);
    ctx.body = Buffer.from(bytes);
  } else {
    const text = writeJson(answer);
    ctx.type = 'application/json; charset=utf-8';
    ctx.body = fault === 'broken-json' ? text.slice(0, Math.ceil(text.length / 2)) : text;
  }
}

/** Nobody waits for ever: neither the caller nor this process when it ends. */
function stopLater(ctx: Context, wall: Clock): void {
  const { socket } = ctx.req;
  const stopTimer = wall.after(longestSilence, () => socket.destroy());
  socket.once('close', stopTimer);
}

function checkMethod(row: CallRow | undefined, method: string): CallRow {
  if (!row) throw new CallRefusal('method', 'unknown-call', 40066, 'invalid url');
  if (row.method === method || (row.method === 'GET or POST' && /^(GET|POST)$/.test(method))) return row;
  const [code, message] =
    row.method === 'GET' ? ([43001, 'require GET method'] as const) : ([43002, 'require POST method'] as const);
  throw new CallRefusal('method', 'wrong-method', code, message);
}

function readBody(row: CallRow, bytes: Buffer, desk: CallDesk): Record<string, unknown> {
  if (row.method === 'GET' || row.form === 'bytes') return {};
  if (bytes.length === 0) throw new CallRefusal('body', 'malformed-call', 44002, 'empty post data');
  const value = parseJson(bytes.toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CallRefusal('body', 'malformed-call', 47001, 'data format error');
  desk.pass('body');
  return value as Record<string, unknown>;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

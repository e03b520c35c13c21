import { type Call, type CallAnswer, type CallRow, isFileAnswer } from './calls/row.ts';
import type { CallRule, Check, WireDetail } from './contract.ts';
import type { CallFault } from './faults.ts';
import { ruleOf } from './rules.ts';

/** A call with what of it the wire log keeps. */
export interface Arrived {
  /** Its path without the slash at its beginning. */
  readonly name: string;
  readonly method: string;
  /** Absent when there is no such call. */
  readonly row: CallRow | undefined;
  readonly call: Omit<Call, 'body'>;
}

/** How a call went. */
export interface Judged {
  readonly answer: CallAnswer;
  readonly rule: CallRule;
  readonly section: string;
  readonly checks: readonly Check[];
  /** Empty when it is nobody's. */
  readonly appId: string;
  /** The id by which a refusal can be looked up. */
  readonly rid?: string;
}

/** A call as a row of the wire log. Secrets and tokens are masked. */
export function describeCall(
  id: string,
  { name, method, row, call }: Arrived,
  { answer, rule, section, checks, appId }: Judged,
  { milliseconds, fault }: { milliseconds: number; fault?: CallFault | undefined },
): WireDetail {
  const said = 'errcode' in answer && answer.errcode !== 0 ? `${answer.errcode} ${answer.errmsg}` : undefined;
  const why = said ?? (fault && `By choice: ${fault}.`);
  const isUnanswered = fault === 'lost' || fault === 'cut';
  const decided = isUnanswered || fault === 'broken-json' ? 'fault-chosen' : rule;
  return {
    id,
    at: call.now,
    direction: 'call',
    kind: name.slice(0, 64),
    appId,
    ...(said !== undefined && { excerpt: said.slice(0, 80) }),
    ...(why !== undefined && { why }),
    attempt: 1,
    ...(!isUnanswered && { status: fault === 'down' ? 502 : statusOf(answer) }),
    milliseconds,
    verdict: ruleOf(decided).verdict,
    rule: decided,
    ...(fault && { fault }),
    section,
    request: {
      method: method === 'POST' ? 'POST' : 'GET',
      path: `/${name}`.slice(0, 200),
      query: masked(call.query) as Record<string, string>,
      headers: {},
      body: shownBody(row, call.bytes),
    },
    ...(!isUnanswered && { answer: shownAnswer(answer) }),
    checks: [...checks],
  };
}

function statusOf(answer: CallAnswer): number {
  return isFileAnswer(answer) ? (answer.status ?? 200) : 200;
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
export function maskedText(text: string): string {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null ? JSON.stringify(masked(value)) : '***';
}

/** Secrets and tokens are masked, by their names. */
export function masked(value: object): object {
  const hidden = /secret|token|session_key/i;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, hidden.test(name) ? '***' : field]));
}

/** JSON; a bigint is written as a bare number, however long. */
export function writeJson(value: object): string {
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

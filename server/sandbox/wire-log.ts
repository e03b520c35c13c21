import type { WireDetail, WireRow } from './contract.ts';
import type { Outcome, Sent } from './exchange.ts';
import type { Judgement } from './judgement.ts';
import { ruleOf } from './rules.ts';

/** One try, as it went. */
export interface Try {
  readonly sent: Sent;
  /** Absent when it is not known what came back. */
  readonly outcome?: Outcome;
  readonly judgement: Judgement;
  readonly attempt: number;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly milliseconds: number;
}

/** What a try was for. */
export interface Purpose {
  readonly appId: string;
  readonly kind: string;
  readonly openid?: string;
  readonly followerName?: string;
  readonly excerpt?: string;
  /** The delivery's id. */
  readonly _id?: string;
  /** The message's XML before it was sealed. */
  readonly decoded?: string;
}

/** Characters of a text that the log keeps. */
const longestText = 16 * 1024;

/** A try as a row of the wire log, with everything that went over the wire. */
export function describeTry(
  id: string,
  purpose: Purpose,
  { sent, outcome, judgement, attempt, startedAt, milliseconds }: Try,
): WireDetail {
  const { appId, kind, openid, followerName, excerpt, _id: deliveryId, decoded } = purpose;
  const { verdict, section } = ruleOf(judgement.rule);
  const answer = outcome && 'body' in outcome ? outcome : undefined;
  return withoutUndefined({
    id,
    at: startedAt,
    direction: 'callback',
    kind,
    appId,
    openid,
    followerName,
    excerpt: excerpt === undefined ? undefined : cut(excerpt, 80),
    deliveryId,
    attempt,
    status: answer?.status,
    milliseconds,
    verdict,
    rule: judgement.rule,
    fault: judgement.fault,
    section,
    request: withoutUndefined({
      method: sent.method,
      path: sent.url.pathname,
      query: Object.fromEntries(sent.url.searchParams),
      headers: sent.headers,
      body: cut(sent.body, longestText),
      decoded: decoded === undefined ? undefined : cut(decoded, longestText),
    }),
    answer: answer && describeAnswer(answer, judgement.decoded),
    checks: [...judgement.checks],
    why: judgement.why,
  });
}

/** The row as lists and events carry it. */
export function withoutDetail({ request: _, answer: _answer, checks: _checks, why: _why, ...row }: WireDetail): WireRow {
  return row;
}

function describeAnswer({ headers, body, kind }: Extract<Outcome, { status: number }>, decoded: string | undefined) {
  const text = body.toString('utf8');
  return withoutUndefined({
    headers,
    body: cut(text, longestText),
    isCut: kind === 'too-large' || text.length > longestText,
    decoded: decoded === undefined ? undefined : cut(decoded, longestText),
  });
}

function cut(text: string, length: number): string {
  // Not between the halves of a surrogate pair.
  return text.length <= length ? text : text.slice(0, length).toWellFormed();
}

/** The database would keep an undefined field as null. */
function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}

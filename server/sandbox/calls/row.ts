import type { SandboxAccount } from '../accounts.ts';
import type { AccountKind, CallCheck, CallRule } from '../contract.ts';

/** A call of the server, as far as it was read. */
export interface Call {
  readonly query: Readonly<Record<string, string>>;
  /** The JSON of a POST; empty on a GET and where the row takes the bytes as they are. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What came, as it came. */
  readonly bytes: Buffer;
  readonly contentType: string;
  /** Whence it came. */
  readonly address: string;
  /** The sandbox's time when it came, epoch ms. */
  readonly now: number;
}

/** A call whose access_token was good: it is this account's. */
export interface AccountCall extends Call {
  readonly account: SandboxAccount;
}

/**
 * What is answered: an object as JSON, in which a bigint is written as a bare number (64-bit ids, wechat.md §0), or a file.
 * `ok` is the answer of the calls that only say that they have done it.
 */
export type CallAnswer = Readonly<Record<string, unknown>> | FileAnswer;

/** Bytes instead of JSON; made by `fileAnswer`. */
export interface FileAnswer {
  readonly file: { readonly type: string; readonly bytes: Uint8Array; readonly name?: string };
  /** 200 where nothing is said. */
  readonly status?: 302 | 404;
  /** Where a browser is sent on to. */
  readonly location?: string;
}

interface RowTraits {
  readonly method: 'GET' | 'POST' | 'GET or POST';
  /** Section of the platform's facts (wechat.md). */
  readonly section: string;
  /** A POST is JSON unless it says `bytes`: multipart forms, and bodies that may be missing. */
  readonly form?: 'json' | 'bytes';
  /** Bytes of the body; 64 KiB where nothing is said. */
  readonly largestBody?: number;
}

/** A call that the account's access_token opens. Token, grant, quotas and the body's form are checked before it is asked. */
export interface AccountRow extends RowTraits {
  readonly opens: 'token';
  /** Calls a day; `ordinaryQuota` where nothing is said; `none` where they are not counted. */
  readonly quota?: number | 'none';
  /** Calls a minute, where the platform says a number. */
  readonly perMinute?: number;
  /** Who may make it; all others are refused with 48001. */
  readonly needs?: { readonly kind?: AccountKind; readonly isVerified?: true };
  /** What is answered; throws a CallRefusal (`refuse`). */
  answer(call: AccountCall, desk: CallDesk): Promise<CallAnswer>;
}

/** A call without an access_token: the row itself says whose it is. */
export interface OpenRow extends RowTraits {
  readonly opens: 'itself';
  answer(call: Call, desk: CallDesk): Promise<CallAnswer>;
}

/** One call that the platform answers. */
export type CallRow = AccountRow | OpenRow;

/** Calls by their path without the slash at its beginning (`cgi-bin/user/get`). */
export type CallRows = Readonly<Record<string, CallRow>>;

/** Calls that a token opens, each and every one. */
export type AccountRows = Readonly<Record<string, AccountRow>>;

/** What each row has at hand for the wire log. */
export interface CallDesk {
  /** Notes a check that was passed. */
  pass(name: CallCheck): void;
  /** Tells the wire log whose call it is. */
  name(account: SandboxAccount): void;
}

/** What most calls may be made a day. */
export const ordinaryQuota = 100_000;

/** The answer of a call that only says that it was done. */
export const ok = { errcode: 0, errmsg: 'ok' } as const;

/** What the platform answers instead. */
export class CallRefusal extends Error {
  override readonly name = 'CallRefusal';
  readonly check: CallCheck;
  readonly rule: CallRule;
  readonly code: number;

  constructor(check: CallCheck, rule: CallRule, code: number, message: string) {
    super(message);
    this.check = check;
    this.rule = rule;
    this.code = code;
  }
}

/** Refuses a call for what it asks: its fields, or how things stand. */
export function refuse(rule: GeneralRule, code: number, message: string): never {
  throw new CallRefusal(checkOf[rule], rule, code, message);
}

export function fileAnswer(type: string, bytes: Uint8Array, name?: string): FileAnswer {
  return { file: { type, bytes, ...(name !== undefined && { name }) } };
}

/** A page for a browser, or the way on to another. */
export function pageAnswer(html: string, more: Pick<FileAnswer, 'status' | 'location'> = {}): FileAnswer {
  return { ...fileAnswer('text/html; charset=utf-8', Buffer.from(html)), ...more };
}

export function isFileAnswer(answer: CallAnswer): answer is FileAnswer {
  return 'file' in answer && typeof answer.file === 'object';
}

/** The rules that any row may refuse by; their section is the row's. */
export type GeneralRule = keyof typeof checkOf;

const checkOf = {
  'value-missing': 'fields',
  'value-wrong': 'fields',
  'limit-passed': 'fields',
  'not-granted': 'granted',
  'nothing-there': 'state',
  'used-already': 'state',
  'out-of-time': 'state',
  'not-to-this-person': 'state',
  'too-fast': 'state',
} as const satisfies Partial<Record<CallRule, CallCheck>>;

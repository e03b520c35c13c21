import { BlockList, isIPv4 } from 'node:net';
import type { SandboxAccount } from './accounts.ts';
import type { CallCheck, CallRule } from './contract.ts';
import type { Issued, Tokens } from './tokens.ts';

/** A call of the server, as far as it was read. */
export interface Call {
  readonly query: Readonly<Record<string, string>>;
  /** The JSON of a POST; empty on a GET. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Whence it came. */
  readonly address: string;
}

/** One call that the platform answers. */
export interface CallRow {
  readonly method: 'GET' | 'POST';
  /** Section of the platform's facts (wechat.md). */
  readonly section: string;
  /** What the answer holds beside `errcode` and `errmsg`; throws a CallRefusal. */
  answer(call: Call, desk: CallDesk): Promise<object>;
}

/** What the rows have at hand; each check is noted for the wire log. */
export interface CallDesk {
  readonly tokens: Tokens;
  findAccount(appId: string): Promise<SandboxAccount | undefined>;
  pass(name: CallCheck): void;
  /** Tells the wire log whose call it is. */
  name(account: SandboxAccount): void;
}

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

/** Every call there is, by its path: a further one is one row. */
export const callTable: ReadonlyMap<string, CallRow> = new Map<string, CallRow>([
  [
    'cgi-bin/token',
    {
      method: 'GET',
      section: '3.1',
      async answer({ query, address }, desk) {
        const { appId } = await checkGrant(query, address, desk);
        await checkQuota(appId, 'token', 2_000, desk);
        return answerToken(await desk.tokens.issue(appId));
      },
    },
  ],
  [
    'cgi-bin/stable_token',
    {
      method: 'POST',
      section: '3.1',
      async answer({ body, address }, desk) {
        const { appId } = await checkGrant(body, address, desk);
        await checkQuota(appId, 'stable_token', 500_000, desk);
        const issued = await desk.tokens.issueStable(appId, body.force_refresh === true);
        return answerToken(issued ?? refuseQuota());
      },
    },
  ],
  [
    'cgi-bin/getcallbackip',
    {
      method: 'GET',
      section: '1.2',
      async answer({ query }, desk) {
        await checkToken(query, desk);
        return { ip_list: ['127.0.0.1'] };
      },
    },
  ],
]);

/** Who asks for a token, and may they: the checks of both token calls. */
async function checkGrant(given: Call['body'], address: string, desk: CallDesk): Promise<SandboxAccount> {
  const { grant_type: grant, appid: appId, secret } = given;
  if (grant !== 'client_credential') throw new CallRefusal('grant', 'wrong-grant', 40002, 'invalid grant_type');
  desk.pass('grant');
  if (typeof appId !== 'string' || appId === '') throw new CallRefusal('app-id', 'no-app-id', 41002, 'appid missing');
  if (typeof secret !== 'string' || secret === '') throw new CallRefusal('secret', 'no-secret', 41004, 'appsecret missing');
  const account = await desk.findAccount(appId);
  if (!account) throw new CallRefusal('app-id', 'unknown-app', 40013, 'invalid appid');
  desk.name(account);
  desk.pass('app-id');
  if (!/^[0-9a-f]{32}$/.test(secret)) throw new CallRefusal('secret', 'wrong-secret', 40125, 'invalid appsecret');
  if (secret !== account.appSecret)
    throw new CallRefusal('secret', 'wrong-secret', 40001, 'invalid credential, access_token is invalid or not latest');
  desk.pass('secret');
  if (!isListed(address, account.addresses)) {
    const both = isIPv4(address) ? `${address} ipv6 ::ffff:${address}` : `${address} ipv6 ${address}`;
    throw new CallRefusal('address', 'address-not-allowed', 40164, `invalid ip ${both}, not in whitelist`);
  }
  desk.pass('address');
  return account;
}

/** Whose token it is that the call brings. */
async function checkToken({ access_token: token }: Call['query'], desk: CallDesk): Promise<SandboxAccount> {
  if (!token) throw new CallRefusal('token', 'no-token', 41001, 'access_token missing');
  const owner = await desk.tokens.whose(token);
  if (owner === 'over') throw new CallRefusal('token', 'token-over', 42001, 'access_token expired');
  const account = typeof owner === 'object' ? await desk.findAccount(owner.appId) : undefined;
  if (!account) throw new CallRefusal('token', 'wrong-token', 40001, 'invalid credential, access_token is invalid or not latest');
  desk.name(account);
  desk.pass('token');
  return account;
}

async function checkQuota(appId: string, name: string, quota: number, { tokens, pass }: CallDesk): Promise<void> {
  if (!(await tokens.mayCall(appId, name, quota))) refuseQuota();
  pass('quota');
}

function refuseQuota(): never {
  throw new CallRefusal('quota', 'quota-used-up', 45009, 'reach max api daily quota limit');
}

function answerToken({ token, seconds }: Issued): object {
  return { access_token: token, expires_in: seconds };
}

/** However it is written: an IPv6 address has many spellings. */
function isListed(address: string, list: readonly string[]): boolean {
  const allowed = new BlockList();
  for (const one of list) allowed.addAddress(one, isIPv4(one) ? 'ipv4' : 'ipv6');
  return address !== '' && allowed.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

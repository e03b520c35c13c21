import type { Clock } from '../../kernel/clock.ts';
import { fault, PlatformError } from '../../kernel/errors.ts';
import { retry } from '../../kernel/retry.ts';
import type { Capability } from '../channel.ts';
import type { ApiAnswer, ApiCall, ApiFile, WechatApi } from './api.ts';
import { type AnswerOf, type CallName, calls, type SentBy } from './calls/index.ts';
import type { CallRow, Proof } from './calls/row.ts';
import { type Buckets, createCallLimits } from './limits.ts';
import { fetchToken, tokenCall } from './token.ts';

/** An account with what its calls are proved by. */
export interface CallingAccount {
  readonly id: string;
  readonly merchantId: string;
  readonly appId: string;
  readonly appSecret?: string | undefined;
  /** Throws the fault `account.incapable` for what the platform does not let the account do. */
  require(capability: Capability): void;
}

/** The calls of one account. */
export interface WechatCaller {
  /**
   * Makes a call of the table and resolves to what it answers. A token that the platform refuses is replaced once; where it does no harm
   * a busy platform is tried three times. Throws a PlatformError with the reason, or `account.incapable` before anything is sent.
   */
  call<Name extends CallName>(name: Name, ...sent: Sending<SentBy<Name>>): Promise<AnswerOf<Name>>;
  /** What web pages are signed with, kept for all processes until shortly before its end. */
  ticket(type: 'jsapi' | 'wx_card'): Promise<string>;
}

/** A call that needs nothing is made without. */
type Sending<Sent> = object extends Sent ? [sent?: Sent] : [sent: Sent];

export interface WechatClient {
  /** The account is opened anew for each call, so that what was changed holds at once. */
  of(accountId: string): WechatCaller;
}

/** Where tokens are kept for all processes. */
interface Tokens {
  take(owner: TokenOwner, fetch: FetchToken): Promise<HeldToken>;
  refuse(owner: TokenOwner, held: HeldToken): Promise<void>;
}
interface TokenOwner {
  readonly merchantId: string;
  readonly accountId: string;
  readonly name: string;
}
interface HeldToken {
  readonly token: string;
  readonly version: number;
}
type FetchToken = (wasRefused: (token: string) => boolean) => Promise<{ readonly token: string; readonly lifetime: number }>;

interface WechatClientOptions {
  api: WechatApi;
  tokens: Tokens;
  buckets: Buckets;
  clock: Clock;
  /** Undefined when there is no such account. */
  accountOf(accountId: string): Promise<CallingAccount | undefined>;
}

const tries = 3;
const firstDelay = 300;

/** The platform's calls for all accounts. */
export function createWechatClient({ api, tokens, buckets, clock, accountOf }: WechatClientOptions): WechatClient {
  const limits = createCallLimits({ buckets, clock });

  async function open(accountId: string): Promise<CallingAccount> {
    const account = await accountOf(accountId);
    if (!account) throw fault('request.not-found', 'There is no such account.');
    return account;
  }

  /** One token for all callers; when it is given again what was refused, it makes the platform give another. */
  const fetcher =
    (account: CallingAccount): FetchToken =>
    async (wasRefused) => {
      const proof = { appId: account.appId, appSecret: secretOf(account) };
      // To ask for a token does no harm, whatever the call for which it is asked.
      const patiently = { clock, tries, firstDelay, isTransient: (error: unknown) => isTransient(error, tokenCall) };
      const token = await retry(patiently, () => fetchToken(api, proof));
      if (!wasRefused(token.token)) return token;
      // How often that may be done is limited: then the old one is tried once more.
      return fetchToken(api, { ...proof, isForced: true }).catch(() => token);
    };

  async function withToken<Answer>(account: CallingAccount, use: (token: string) => Promise<Answer>): Promise<Answer> {
    const owner = ownerOf(account, 'access-token');
    const held = await tokens.take(owner, fetcher(account));
    try {
      return await use(held.token);
    } catch (error) {
      if (!(error instanceof PlatformError) || error.retry !== 'token') throw error;
      await tokens.refuse(owner, held);
      return use((await tokens.take(owner, fetcher(account))).token);
    }
  }

  async function exchange(name: string, row: CallRow<unknown, unknown>, written: ApiCall): Promise<unknown> {
    const answer = row.givesFile ? await api.load(name, written) : await api.call(name, written);
    return readAnswer(name, row, answer);
  }

  async function run(name: string, accountId: string, sent: object): Promise<unknown> {
    const account = await open(accountId);
    const row: CallRow<unknown, unknown> = calls[name as CallName];
    if (row.needs) account.require(row.needs);
    const attempt = async () => {
      await limits.count(name, account.appId);
      const written = write(row, sent, account);
      if (!row.proofs.includes('access_token')) return exchange(name, row, written);
      return withToken(account, (token) => exchange(name, row, { ...written, query: { access_token: token, ...written.query } }));
    };
    const patiently = { clock, tries, firstDelay, isTransient: (error: unknown) => isTransient(error, name) };
    const mayRepeat = typeof row.mayRepeat === 'boolean' ? row.mayRepeat : row.mayRepeat in sent;
    const answer = await (mayRepeat ? retry(patiently, attempt) : attempt());
    await limits.answered(name, account.appId, sent);
    return answer;
  }

  return {
    of: (accountId) => ({
      call: (name, ...[sent]) => run(name, accountId, sent ?? {}) as Promise<AnswerOf<typeof name>>,
      async ticket(type) {
        const fetch = async () => {
          const { ticket, expires_in } = (await run('cgi-bin/ticket/getticket', accountId, {
            type,
          })) as AnswerOf<'cgi-bin/ticket/getticket'>;
          return { token: ticket, lifetime: expires_in * 1000 };
        };
        return (await tokens.take(ownerOf(await open(accountId), `${type}-ticket`), fetch)).token;
      },
    }),
  };
}

const ownerOf = ({ merchantId, id }: CallingAccount, name: string): TokenOwner => ({ merchantId, accountId: id, name });

/** The network, a busy platform and calls that come too fast: it was not done, or it does no harm to do it again. */
function isTransient(error: unknown, name: string): boolean {
  if (!(error instanceof PlatformError) || error.api !== name) return false;
  return error.code === 'network' || error.code === -1 || error.code === 45011;
}

function secretOf({ appSecret }: CallingAccount): string {
  if (appSecret === undefined)
    throw fault('request.refused', 'The account has no AppSecret yet: enter it in the settings of the account.');
  return appSecret;
}

/** A call as its row says that it travels. */
function write(row: CallRow<unknown, unknown>, sent: object, account: CallingAccount): ApiCall {
  const values = { ...proofsOf(row.proofs, account), ...row.fixed, ...sent };
  const reading = { accepts: row.doneBefore, ...(row.mostBytes !== undefined && { mostBytes: row.mostBytes }) };
  if (row.way === 'query') return { ...reading, query: asQuery(values) };
  if (row.way === 'json') return { ...reading, body: values };
  const { media, description, ...query } = values as unknown as { media: ApiFile; description?: object };
  const fields = description && { description: JSON.stringify(description) };
  return { ...reading, query: asQuery(query), form: { media, ...(fields && { fields }) } };
}

function proofsOf(proofs: readonly Proof[], account: CallingAccount): Record<string, string> {
  const values: Record<string, string> = {};
  for (const proof of proofs) {
    if (proof === 'appid') values[proof] = account.appId;
    else if (proof !== 'access_token') values[proof] = secretOf(account);
  }
  return values;
}

function asQuery(values: object): Record<string, string> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

/** What of an answer is known of; one that lacks something is none. Only the names of what is wrong are told. */
function readAnswer(name: string, { answer }: CallRow<unknown, unknown>, given: ApiFile | ApiAnswer): unknown {
  const read = answer.safeParse(given);
  if (read.success) return read.data;
  const wrong = [...new Set(read.error.issues.map(({ path }) => path.join('.') || 'all of it'))].slice(0, 5).join(', ');
  throw new PlatformError(
    { channel: 'wechat', api: name, code: 'malformed', retry: 'no' },
    `WeChat's ${name} answered something else than it should: ${wrong}`,
  );
}

import type { Context, Middleware } from 'koa';
import type { Clock } from '../kernel/clock.ts';
import { asFault, fault } from '../kernel/errors.ts';
import type { Id } from '../kernel/ids.ts';
import { firstValues } from '../kernel/query.ts';
import { readRawBody } from '../kernel/raw-body.ts';
import type { Accounts, OpenedAccount } from '../merchants/index.ts';
import type { CallbackRequest, CallbackResponse } from '../wire/callback.ts';

/** Answers the callbacks of one account. */
export type Callback = (request: CallbackRequest) => Promise<CallbackResponse>;

type Channel = OpenedAccount['channel'];

interface CallbackOptions {
  accounts: Pick<Accounts, 'open' | 'knocked'>;
  /** Makes the callback of an account as it is now, for each channel. */
  channels: Readonly<Record<Channel, (account: OpenedAccount) => Callback>>;
  clock: Clock;
}

/** The path of an account's callbacks. It names our id and nothing that another merchant could claim as well. */
export const callbackPath = ({ channel, id }: Pick<OpenedAccount, 'channel' | 'id'>): string => `/${channel}/${id}`;

const paths = /^\/([a-z0-9]+)\/([0-9a-z]{26})$/;
/** The largest message a platform sends is a few KiB; compatible mode makes it three times as long (wechat.md §2). */
const largestBody = 128 * 1024;
const xmlTypes = /^\s*(text|application)\/xml\s*(;|$)/i;

/** The edge of the platforms' callbacks. Bodies are read raw, since the signature is over the bytes that came. */
export function answerCallbacks({ accounts, channels, clock }: CallbackOptions): Middleware {
  const answerAs = createAnswering(channels);

  return async function callback(ctx, next) {
    const [, channel = '', id = ''] = paths.exec(ctx.path) ?? [];
    if (!Object.hasOwn(channels, channel)) return next();
    const account = await accounts.open(channel as Channel, id as Id<'account'>);
    if (!account) return next();
    try {
      const request = await readRequest(ctx, clock);
      const { response, isCurrent } = await answerAs(account, request);
      // The test of an address proves the token and nothing of the key.
      if (isCurrent) accounts.knocked(account, ctx.method === 'GET' ? 'greeted' : 'answered');
      ctx.status = response.status;
      ctx.set('Content-Type', response.type);
      // The test of the address echoes what it was given.
      if (ctx.method === 'GET') ctx.set('X-Content-Type-Options', 'nosniff');
      ctx.body = response.body;
    } catch (error) {
      accounts.knocked(account, asFault(error).code);
      throw error;
    }
  };
}

/** The callbacks of an account: with the keys that it has, and with those before them as long as the platform uses these. */
interface Answering {
  readonly current: Callback;
  readonly previous?: Callback;
}

function createAnswering(channels: CallbackOptions['channels']) {
  // An account is the same object until it changes: then its callbacks are made anew.
  const made = new WeakMap<OpenedAccount, Answering>();

  return async function answerAs(account: OpenedAccount, request: CallbackRequest) {
    let answering = made.get(account);
    if (!answering) {
      answering = makeAnswering(account, channels[account.channel]);
      made.set(account, answering);
    }
    const { current, previous } = answering;
    try {
      return { response: await current(request), isCurrent: true };
    } catch (error) {
      // The signature is looked at before anything is done.
      if (!previous || asFault(error).code !== 'callback.wrong-signature') throw error;
      return { response: await previous(request), isCurrent: false };
    }
  };
}

function makeAnswering(account: OpenedAccount, make: (account: OpenedAccount) => Callback): Answering {
  const { previousToken, previousEncodingAesKey } = account.credentials;
  if (previousToken === undefined) return { current: make(account) };
  const key = previousEncodingAesKey === undefined ? {} : { encodingAesKey: previousEncodingAesKey };
  return { current: make(account), previous: make({ ...account, credentials: { token: previousToken, ...key } }) };
}

async function readRequest(ctx: Context, clock: Clock): Promise<CallbackRequest> {
  const { method } = ctx;
  if (method !== 'POST' && method !== 'GET') {
    ctx.set('Allow', 'GET, POST');
    throw fault('request.method-not-allowed', 'a callback is a GET (address check) or a POST (message)');
  }
  if (method === 'POST') checkType(ctx.get('content-type'));
  const body = method === 'POST' ? await readRawBody(ctx.req, largestBody) : Buffer.alloc(0);
  return { method, query: firstValues(ctx.querystring), body, receivedAt: clock.now() };
}

function checkType(type: string) {
  if (type && !xmlTypes.test(type)) throw fault('request.unsupported-type', 'a message is text/xml; set the push format to XML');
}

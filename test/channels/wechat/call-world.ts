import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Capability } from '../../../server/channels/channel.ts';
import { createWechatApi } from '../../../server/channels/wechat/api.ts';
import { createWechatClient } from '../../../server/channels/wechat/client.ts';
import { openPlatformTokens } from '../../../server/coordination/platform-tokens.ts';
import { openRateBuckets } from '../../../server/coordination/rate-buckets.ts';
import type { Database } from '../../../server/database/index.ts';
import { type Clock, systemClock } from '../../../server/kernel/clock.ts';
import { fault, PlatformError } from '../../../server/kernel/errors.ts';
import { createIds } from '../../../server/kernel/ids.ts';
import { createVault } from '../../../server/kernel/vault.ts';
import { openTestDatabase, reopenTestDatabase } from '../../support/database.ts';

/** A call as it came over the wire. */
export interface Wired {
  readonly name: string;
  readonly method: string;
  readonly query: Readonly<Record<string, string>>;
  readonly type: string;
  readonly text: string;
  /** The JSON of a body; undefined for anything else. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

export type Answering = object | string | Buffer | { readonly status: number } | 'cut';

interface CallWorldOptions {
  /** What the platform answers; undefined leaves it to the usual: a new token for each who asks, `ok` for the rest. */
  readonly answer?: (wired: Wired) => Answering | undefined;
  readonly clock?: Clock;
  readonly hasNoSecret?: boolean;
  readonly refused?: readonly Capability[];
}

export const appSecret = '0123456789abcdef0123456789abcdef';
/** The machine's clock, on which short waits are over at once: those before another try, and for another process. */
export const hastyClock: Clock = {
  now: systemClock.now,
  after: (delay, run) => systemClock.after(delay < 5_000 ? 0 : delay, run),
};
const vault = createVault([randomBytes(32)]);

/** Processes of ours on one database, before a platform that says what it is told to. */
export async function openCallWorld({ answer = () => undefined, clock = hastyClock, ...of }: CallWorldOptions = {}) {
  const database = await openTestDatabase();
  const platform = await listen(answer);
  onTestFinished(() => database.close());
  const parts = { database, clock, baseUrl: () => platform.url };
  const account = { id: 'a1', merchantId: 'm1', appId: 'wx1', ...(!of.hasNoSecret && { appSecret }), refused: of.refused ?? [] };
  const start = () => startProcess({ ...parts, account });
  const client = await start();
  return { ...platform, database, client, wechat: client.of('a1'), start };
}

interface ProcessParts {
  database: Database;
  clock?: Clock;
  baseUrl: () => string;
  account: { id: string; merchantId: string; appId: string; appSecret?: string; refused?: readonly Capability[] };
}

/** One process with an opening of its own of a database that others may share. */
export async function startProcess({ database: shared, clock = hastyClock, baseUrl, account }: ProcessParts) {
  const database = await reopenTestDatabase(shared);
  onTestFinished(() => database.close());
  return createWechatClient({
    api: createWechatApi({ baseUrl, clock }),
    tokens: await openPlatformTokens({ database, clock, ids: createIds(clock), vault }),
    buckets: await openRateBuckets({ database, clock }),
    clock,
    async accountOf(id) {
      if (id !== account.id) return undefined;
      return {
        ...account,
        require(capability) {
          if (account.refused?.includes(capability)) throw fault('account.incapable', `no ${capability}`);
        },
      };
    },
  });
}

async function listen(answer: (wired: Wired) => Answering | undefined) {
  const wired: Wired[] = [];
  let tokens = 0;
  function usual(name: string): object {
    return name === 'cgi-bin/stable_token' ? { access_token: `t${++tokens}`, expires_in: 7200 } : { errcode: 0, errmsg: 'ok' };
  }
  const server = createServer(async (request, response) => {
    const one = await read(request);
    wired.push(one);
    const given = answer(one) ?? usual(one.name);
    if (given === 'cut') response.destroy();
    else if (Buffer.isBuffer(given)) response.writeHead(200, { 'content-type': 'image/jpeg' }).end(given);
    else if (typeof given === 'string') response.writeHead(200).end(given);
    else if ('status' in given) response.writeHead(given.status as number).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(given));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    wired,
    /** The calls by this name, in their order. */
    named: (name: string) => wired.filter((one) => one.name === name),
  };
}

async function read(request: IncomingMessage): Promise<Wired> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? '', 'http://platform');
  const text = Buffer.concat(chunks).toString('utf8');
  const type = request.headers['content-type'] ?? '';
  return {
    name: url.pathname.slice(1),
    method: request.method ?? '',
    query: Object.fromEntries(url.searchParams),
    type,
    text,
    body: type.startsWith('application/json') ? JSON.parse(text) : undefined,
  };
}

/** The PlatformError with which a call fails. */
export async function refusalOf(call: Promise<unknown>): Promise<PlatformError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PlatformError)) throw new Error(`no PlatformError was thrown but ${error}`);
  return error;
}

import { randomBytes, randomFillSync } from 'node:crypto';
import { resolve } from 'node:path';
import { createAddressReader } from './api/address.ts';
import { answerCallbacks } from './api/callbacks.ts';
import { createEdge, securityHeaders } from './api/edge.ts';
import { healthRoutes } from './api/health.ts';
import { createMetrics } from './api/metrics.ts';
import { consolePages, type PageProject } from './api/page-build.ts';
import { openPages } from './api/pages.ts';
import type { Inbound, Reply } from './channels/channel.ts';
import { createWechatCallback, type WechatAccount } from './channels/wechat/index.ts';
import { createConversation } from './conversation/index.ts';
import { openInbox } from './coordination/inbox.ts';
import { createJobs } from './coordination/jobs.ts';
import { openRateBuckets } from './coordination/rate-buckets.ts';
import { openDatabase } from './database/index.ts';
import type { Clock } from './kernel/clock.ts';
import { type Config, databaseName, hasRealAccount } from './kernel/config.ts';
import { createIds } from './kernel/ids.ts';
import type { Log } from './kernel/log.ts';
import { openMembers } from './members/index.ts';
import { openMerchants } from './merchants/index.ts';
import { openSandbox, type Sandbox } from './sandbox/index.ts';
import { openTexts } from './texts/index.ts';

interface AppOptions {
  config: Config;
  clock: Clock;
  log: Log;
  /** Where the project's files are and what builds its pages; an app without them answers all the rest. */
  pages?: PageProject;
}

/** The whole server, opened and not yet listening. */
export interface App {
  /** The platforms' side of the wire; absent beside a real account. */
  readonly sandbox?: Sandbox;
  /** Listens, connects the sandbox and starts the jobs. */
  listen(): Promise<Listening>;
  /** Finishes what runs, then closes everything. */
  close(): Promise<void>;
}

export interface Listening {
  /** Where the server is, as a URL without a path. */
  readonly url: string;
  /** Where each account's platform sends its callbacks. */
  readonly callbacks: readonly { readonly name: string; readonly url: string; readonly mode: string }[];
  /** Resolves to whether there are pages to serve, once a build that was needed has ended. */
  readonly pages: Promise<boolean>;
}

const sweepEvery = 5_000;
const pruneEvery = 3_600_000;
const day = 86_400_000;
const templates = resolve(import.meta.dirname, '../templates');

/** Wires the rooms together; read from top to bottom it is the architecture. */
export async function openApp({ config, clock, log, pages: from }: AppOptions): Promise<App> {
  const ids = createIds(clock);
  const metrics = createMetrics();
  const texts = await openTexts(templates);
  const databaseOptions = { uri: config['database.uri'], dataDir: config['data.directory'], log };
  const database = await openDatabase({ ...databaseOptions, name: databaseName(config) });

  const buckets = await openRateBuckets({ database, clock });
  const merchants = await openMerchants({ database, clock, ids });
  const members = await openMembers({ database, clock, ids });
  const conversation = createConversation({ texts, members, merchants, log });
  const inbox = await openInbox<Inbound, Reply>({
    database,
    clock,
    ids,
    log,
    work: conversation.answer,
    onLate: ({ account }, _, inboxId) => log.warn({ accountId: account.id, inboxId }, 'reply.came-late'),
    observe: metrics.countMessage,
  });

  const sandboxDatabase = hasRealAccount(config)
    ? undefined
    : await openDatabase({ ...databaseOptions, name: `${databaseName(config)}-sandbox` });
  const sandbox = sandboxDatabase && (await openSandbox({ database: sandboxDatabase, clock, log, ids, random: randomBytes }));
  const credentials = sandbox
    ? await sandbox.ensureAccount({ name: config['merchant.name'], mode: config['wechat.mode'] })
    : realAccount(config);

  const merchant = await merchants.ensureMerchant({
    slug: sandbox ? 'demo' : 'main',
    name: config['merchant.name'],
    zone: config['merchant.zone'],
    language: config['merchant.language'],
  });
  const { appId, originalId, name } = credentials;
  const stored = await merchants.ensureAccount(merchant.id, { channel: 'wechat', appId, originalId, name });
  const account: WechatAccount = { ...credentials, id: stored.id, merchantId: merchant.id, channel: 'wechat' };
  const callbacks = new Map([
    [
      `/wechat/${originalId}`,
      createWechatCallback(account, {
        once: inbox.once,
        clock,
        random: randomFillSync,
        maxAgeMs: config['callback.maxAgeSeconds'] * 1000,
      }),
    ],
  ]);

  const pages =
    from && (await openPages({ ...consolePages(from), entries: sandbox ? ['sandbox', 'console'] : ['console'], clock, log }));
  const edge = createEdge({
    clock,
    ids,
    log,
    addressOf: createAddressReader(config['http.trustedProxies']),
    timeRequests: metrics.timeRequests,
    middlewares: [
      answerCallbacks(callbacks, clock),
      securityHeaders,
      healthRoutes({ clock, pingDatabase: () => database.connection.asPromise().then(({ db }) => db?.admin().ping()), metrics }),
      ...(sandbox ? [sandbox.routes] : []),
      ...(pages ? [pages.middleware] : []),
    ],
  });

  const jobs = createJobs({ database, log });
  jobs.every('sweep inbox', sweepEvery, async () => void (await inbox.sweep()));
  jobs.every('prune buckets', pruneEvery, buckets.prune);
  jobs.every('prune inbox', pruneEvery, async () => void (await inbox.prune(clock.now() - config['inbox.keepDays'] * day)));

  return {
    ...(sandbox ? { sandbox } : {}),
    async listen() {
      const url = await edge.listen(config['http.port'], config['http.host']);
      await jobs.start();
      const addresses = [...callbacks.keys()].map((path) => ({ name, url: `${url}${path}`, mode: account.mode }));
      for (const { url: callbackUrl } of addresses) await sandbox?.connect(account, callbackUrl);
      log.info({ url }, 'server.listening');
      return { url, callbacks: addresses, pages: pages?.settled ?? Promise.resolve(true) };
    },
    async close() {
      await sandbox?.close();
      await edge.close();
      await jobs.close();
      await inbox.idle();
      await pages?.close();
      await sandboxDatabase?.close();
      await database.close();
    },
  };
}

function realAccount(config: Config) {
  const { 'wechat.appId': appId, 'wechat.originalId': originalId, 'wechat.token': token } = config;
  if (!appId || !originalId || !token)
    throw new Error('a real account is configured in part: the configuration lets this through');
  const keys = {
    ...(config['wechat.encodingAesKey'] ? { encodingAesKey: config['wechat.encodingAesKey'] } : {}),
    ...(config['wechat.previousEncodingAesKey'] ? { previousEncodingAesKey: config['wechat.previousEncodingAesKey'] } : {}),
  };
  return { appId, originalId, token, name: config['merchant.name'], mode: config['wechat.mode'], ...keys };
}

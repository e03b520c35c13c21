import { randomBytes, randomFillSync } from 'node:crypto';
import { join, resolve } from 'node:path';
import { createAddressReader } from './api/address.ts';
import { answerCallbacks, callbackPath } from './api/callbacks.ts';
import { createEdge, securityHeaders } from './api/edge.ts';
import { healthRoutes } from './api/health.ts';
import { createMetrics } from './api/metrics.ts';
import { consolePages, type PageProject } from './api/page-build.ts';
import { openPages } from './api/pages.ts';
import type { Inbound, Reply } from './channels/channel.ts';
import { createWechatCallback, wechatCapabilities } from './channels/wechat/index.ts';
import { createConversation } from './conversation/index.ts';
import { openInbox } from './coordination/inbox.ts';
import { createJobs } from './coordination/jobs.ts';
import { openRateBuckets } from './coordination/rate-buckets.ts';
import { openDatabase } from './database/index.ts';
import type { Clock } from './kernel/clock.ts';
import { type Config, databaseName, hasRealAccount, maySandbox } from './kernel/config.ts';
import { createIds } from './kernel/ids.ts';
import { openKeyFile } from './kernel/key-file.ts';
import type { Log } from './kernel/log.ts';
import { createVault } from './kernel/vault.ts';
import { openMembers } from './members/index.ts';
import { houseSlugs, openMerchants } from './merchants/index.ts';
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
  /** Where the platform of the account that the configuration (or the sandbox) names sends its callbacks. */
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

  const vault = createVault(sealingKeys(config));
  const buckets = await openRateBuckets({ database, clock });
  const merchants = await openMerchants({
    ...{ database, clock, ids, log, vault, random: randomBytes, buckets },
    sandbox: maySandbox(config) ? config['sandbox.mode'] : 'off',
    capabilities: { wechat: wechatCapabilities },
  });
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

  const sandboxDatabase =
    merchants.platform === 'sandbox'
      ? await openDatabase({ ...databaseOptions, name: `${databaseName(config)}-sandbox` })
      : undefined;
  const sandbox = sandboxDatabase && (await openSandbox({ database: sandboxDatabase, clock, log, ids, random: randomBytes }));

  const merchant = await merchants.ensureMerchant({
    slug: houseSlugs[merchants.platform],
    name: config['merchant.name'],
    zone: config['merchant.zone'],
    language: config['merchant.language'],
  });
  const given = sandbox ? await sandboxAccount(sandbox, config) : configuredAccount(config);
  const account = given && (await merchants.accounts.ensure(merchant.id, given));
  await merchants.accounts.reseal();
  await merchants.sessions.reseal();

  const pages =
    from && (await openPages({ ...consolePages(from), entries: sandbox ? ['sandbox', 'console'] : ['console'], clock, log }));
  const publicUrl = config['http.publicUrl'] ? new URL(config['http.publicUrl']) : undefined;
  const edge = createEdge({
    clock,
    ids,
    log,
    addressOf: createAddressReader(config['http.trustedProxies']),
    timeRequests: metrics.timeRequests,
    middlewares: [
      answerCallbacks({
        accounts: merchants.accounts,
        channels: {
          wechat: ({ id, merchantId, appId, originalId, mode, credentials }) =>
            createWechatCallback(
              { id, merchantId, channel: 'wechat', appId, originalId, mode, ...credentials },
              { once: inbox.once, clock, random: randomFillSync, maxAgeMs: config['callback.maxAgeSeconds'] * 1000 },
            ),
        },
        clock,
      }),
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
      const base = sandbox ? url : (publicUrl?.origin ?? url);
      const callbacks = account ? [{ name: account.name, url: `${base}${callbackPath(account)}`, mode: account.mode }] : [];
      for (const { url: callbackUrl } of callbacks) if (account) await sandbox?.connect(account, callbackUrl);
      log.info({ url, callbacks: callbacks.map(({ url: callbackUrl }) => callbackUrl) }, 'server.listening');
      return { url, callbacks, pages: pages?.settled ?? Promise.resolve(true) };
    },
    async close() {
      await sandbox?.close();
      await edge.close();
      await jobs.close();
      await inbox.idle();
      await merchants.accounts.idle();
      await pages?.close();
      await sandboxDatabase?.close();
      await database.close();
    },
  };
}

/** The newest first. Without one in the configuration there is one beside the embedded database. */
function sealingKeys(config: Config): Uint8Array[] {
  const key = config['secrets.key'];
  const previous = config['secrets.previousKey'];
  const newest = key ? Buffer.from(key, 'base64') : openKeyFile(join(config['data.directory'], 'secrets.key'));
  return previous ? [newest, Buffer.from(previous, 'base64')] : [newest];
}

async function sandboxAccount(sandbox: Sandbox, config: Config) {
  const wanted = { name: config['merchant.name'], mode: config['wechat.mode'] };
  const { appId, originalId, name, mode, kind, isVerified, token, encodingAesKey, appSecret } =
    await sandbox.ensureAccount(wanted);
  return {
    ...{ channel: 'wechat' as const, appId, originalId, name, mode, traits: { kind, isVerified, permissions: [] } },
    credentials: { token, encodingAesKey, appSecret },
    keptIn: 'the sandbox, on its page /sandbox/',
  };
}

function configuredAccount(config: Config) {
  if (!hasRealAccount(config)) return undefined;
  const { 'wechat.appId': appId, 'wechat.originalId': originalId, 'wechat.token': token } = config;
  if (!appId || !originalId || !token)
    throw new Error('a real account is configured in part: the configuration lets this through');
  const secrets = {
    encodingAesKey: config['wechat.encodingAesKey'],
    previousEncodingAesKey: config['wechat.previousEncodingAesKey'],
    appSecret: config['wechat.appSecret'],
  };
  const given = Object.fromEntries(Object.entries(secrets).filter(([, secret]) => secret !== undefined));
  const traits = { kind: config['wechat.kind'], isVerified: config['wechat.verified'] === 'yes', permissions: [] };
  return {
    ...{ channel: 'wechat' as const, appId, originalId, name: config['merchant.name'], mode: config['wechat.mode'], traits },
    credentials: { token, ...given },
    keptIn: 'the configuration (MERCHANT_NAME and the variables that begin with WECHAT_)',
  };
}

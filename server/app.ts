import { randomBytes, randomFillSync } from 'node:crypto';
import { join, resolve } from 'node:path';
import { createAddressReader } from './api/address.ts';
import { answerCallbacks, callbackPath } from './api/callbacks.ts';
import { dispatchRoutes } from './api/dispatch.ts';
import { createEdge, securityHeaders } from './api/edge.ts';
import { healthRoutes } from './api/health.ts';
import { createMetrics } from './api/metrics.ts';
import { consolePages, type PageProject } from './api/page-build.ts';
import { openPages } from './api/pages.ts';
import { serveReference } from './api/reference.ts';
import { accountRoutes } from './api/routes/accounts.ts';
import { auditRoutes } from './api/routes/audit.ts';
import { checkRoutes } from './api/routes/checks.ts';
import { eventRoutes } from './api/routes/events.ts';
import { keyRoutes } from './api/routes/keys.ts';
import { memberRoutes } from './api/routes/members.ts';
import { merchantRoutes } from './api/routes/merchant.ts';
import { ownSessionRoutes } from './api/routes/own-session.ts';
import { sessionRoutes } from './api/routes/sessions.ts';
import { staffRoutes } from './api/routes/staff.ts';
import { webhookRoutes } from './api/routes/webhooks.ts';
import type { Inbound, Reply } from './channels/channel.ts';
import { createWechatApi, createWechatCallback, createWechatCheck, wechatCapabilities } from './channels/wechat/index.ts';
import { createConversation } from './conversation/index.ts';
import { openInbox } from './coordination/inbox.ts';
import { createJobs } from './coordination/jobs.ts';
import { openRateBuckets } from './coordination/rate-buckets.ts';
import { openStoredAnswers } from './coordination/stored-answers.ts';
import { openDatabase } from './database/index.ts';
import type { Clock } from './kernel/clock.ts';
import { type Config, databaseName, hasRealAccount, maySandbox } from './kernel/config.ts';
import { createIds } from './kernel/ids.ts';
import { openKeyFile } from './kernel/key-file.ts';
import type { Log } from './kernel/log.ts';
import { createVault } from './kernel/vault.ts';
import { openDossier, openMembers } from './members/index.ts';
import { houseSlugs, type MerchantAccount, openMerchants } from './merchants/index.ts';
import { openSandbox, type Sandbox } from './sandbox/index.ts';
import { openTexts } from './texts/index.ts';
import { openWebhooks } from './webhooks/index.ts';

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
  /** Signs the owner in, once: while the house has no owner, or when the configuration asks for it. */
  readonly ownerLink?: string;
  /** Resolves to whether there are pages to serve, once a build that was needed has ended. */
  readonly pages: Promise<boolean>;
}

const tellEvery = 1_000;
const sweepEvery = 5_000;
const finishEvery = 60_000;
const pruneEvery = 3_600_000;
const day = 86_400_000;
const deliveriesKeptFor = 30 * day;
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
  const answers = await openStoredAnswers({ database, clock, ids, vault });
  const merchants = await openMerchants({
    ...{ database, clock, ids, log, vault, random: randomBytes, buckets },
    sandbox: maySandbox(config) ? config['sandbox.mode'] : 'off',
    capabilities: { wechat: wechatCapabilities },
  });
  const members = await openMembers({ database, clock, ids });
  const webhooks = await openWebhooks({
    ...{ database, clock, ids, log, vault, events: members.events, appendAudit: merchants.appendAudit },
    allowPrivate: config['webhooks.allowPrivate'] === 'on',
    observe: metrics.countDelivery,
  });
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
  const dossier = await openDossier({
    ...{ database, clock, log, members },
    audit: { append: merchants.appendAudit },
    rooms: [members.personal, inbox.personal, merchants.audit.personal],
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

  // The port is known once the server listens, and nobody asks before.
  let listeningAt = '';
  const publicUrl = config['http.publicUrl'] ? new URL(config['http.publicUrl']) : undefined;
  const publicAddress = () => publicUrl?.origin ?? listeningAt;
  // The sandbox calls from here.
  const callbackUrl = (of: MerchantAccount) => `${sandbox ? listeningAt : publicAddress()}${callbackPath(of)}`;
  const linkUrl = (token: string) => `${publicAddress()}/console/#/link/${token}`;
  const wechatApi = createWechatApi({ baseUrl: () => (sandbox ? listeningAt : config['wechat.apiUrl']), clock });
  const checkWechat = createWechatCheck({
    ...{ api: wechatApi, clock },
    publicUrl: () => publicUrl ?? (sandbox ? new URL(listeningAt) : undefined),
  });
  const routes = [
    ...sessionRoutes({ ...merchants, merchants, hasSandbox: sandbox !== undefined }),
    ...ownSessionRoutes({ ...merchants, merchants }),
    ...staffRoutes({ ...merchants, linkUrl }),
    ...keyRoutes(merchants),
    ...merchantRoutes({ merchants, ownerLink: (of) => merchants.staff.ownerLink(of, false), linkUrl }),
    ...accountRoutes({ ...merchants, callbackUrl }),
    ...auditRoutes({ audit: merchants.audit, merchants }),
    ...memberRoutes({ ...merchants, members, merchants, dossier, texts, clock }),
    ...checkRoutes({ ...merchants, checks: { wechat: checkWechat } }),
    ...eventRoutes(members),
    ...webhookRoutes({ webhooks }),
  ];

  const pages =
    from && (await openPages({ ...consolePages(from), entries: sandbox ? ['sandbox', 'console'] : ['console'], clock, log }));
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
      serveReference(routes),
      dispatchRoutes({
        ...{ routes, ids, buckets, answers, publicUrl },
        doors: { findSession: merchants.sessions.find, findKey: merchants.keys.find },
      }),
      ...(sandbox ? [sandbox.routes] : []),
      ...(pages ? [pages.middleware] : []),
    ],
  });

  const jobs = createJobs({ database, log });
  jobs.every('sweep inbox', sweepEvery, async () => void (await inbox.sweep()));
  jobs.every('tell events', tellEvery, () => members.events.place().then(webhooks.sweep));
  jobs.every('finish erasures', finishEvery, async () => void (await dossier.finish()));
  jobs.every('prune buckets', pruneEvery, buckets.prune);
  jobs.every('prune sessions', pruneEvery, merchants.sessions.prune);
  jobs.every('prune answers', pruneEvery, answers.prune);
  jobs.every('prune deliveries', pruneEvery, async () => void (await webhooks.prune(clock.now() - deliveriesKeptFor)));
  jobs.every('prune inbox', pruneEvery, async () => void (await inbox.prune(clock.now() - config['inbox.keepDays'] * day)));

  return {
    ...(sandbox ? { sandbox } : {}),
    async listen() {
      listeningAt = await edge.listen(config['http.port'], config['http.host']);
      await jobs.start();
      const callbacks = account ? [{ name: account.name, url: callbackUrl(account), mode: account.mode }] : [];
      for (const { url } of callbacks) if (account) await sandbox?.connect(account, url);
      await sandbox?.reconnect();
      const token = await merchants.staff.ownerLink(merchant.id, config['owner.link'] === 'on');
      log.info({ url: listeningAt, callbacks: callbacks.map(({ url }) => url) }, 'server.listening');
      return {
        ...{ url: listeningAt, callbacks, pages: pages?.settled ?? Promise.resolve(true) },
        ...(token === undefined ? {} : { ownerLink: linkUrl(token) }),
      };
    },
    async close() {
      await sandbox?.close();
      await edge.close();
      await jobs.close();
      await inbox.idle();
      await members.events.idle();
      await webhooks.close();
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

import { randomBytes, randomFillSync } from 'node:crypto';
import { join, resolve } from 'node:path';
import { type Addresses, createAddresses } from './addresses.ts';
import { readProxies } from './api/address.ts';
import { answerCallbacks } from './api/callbacks.ts';
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
import type { Capability, Inbound, Reply } from './channels/channel.ts';
import {
  createWechatApi,
  createWechatCallback,
  createWechatCheck,
  createWechatClient,
  tellFollower,
  wechatCapabilities,
} from './channels/wechat/index.ts';
import { type ConversationScene, createConversation } from './conversation/index.ts';
import { openInbox } from './coordination/inbox.ts';
import { createJobs } from './coordination/jobs.ts';
import { openPlatformTokens } from './coordination/platform-tokens.ts';
import { openRateBuckets } from './coordination/rate-buckets.ts';
import { openStoredAnswers } from './coordination/stored-answers.ts';
import { type Database, openDatabase } from './database/index.ts';
import { type House, openHouse } from './house.ts';
import type { Clock } from './kernel/clock.ts';
import { type Config, databaseName, maySandbox } from './kernel/config.ts';
import { createIds } from './kernel/ids.ts';
import { openKeyFile } from './kernel/key-file.ts';
import type { Log } from './kernel/log.ts';
import { createVault } from './kernel/vault.ts';
import { openDossier, openMembers } from './members/index.ts';
import { type MerchantAccount, type Merchants, openMerchants } from './merchants/index.ts';
import { openMessaging } from './messaging/index.ts';
import type { Sandbox } from './sandbox/index.ts';
import { openTexts } from './texts/index.ts';
import { openWebhooks } from './webhooks/index.ts';

interface AppOptions {
  config: Config;
  clock: Clock;
  log: Log;
  /** Where the project's files are and what builds its pages; an app without them answers all the rest. */
  pages?: PageProject;
  /** Instead of the house's own. */
  scenes?: readonly ConversationScene[];
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
/** The platform lets an account write to who has just written for so long (wechat.md §7); later it reaches nobody. */
const windowLasts = 48 * 3_600_000;
const finishEvery = 60_000;
const pruneEvery = 3_600_000;
const day = 86_400_000;
const deliveriesKeptFor = 30 * day;
const templates = resolve(import.meta.dirname, '../templates');

/** Wires the rooms together; read from top to bottom it is the architecture. */
export async function openApp({ pages: from, scenes, ...options }: AppOptions): Promise<App> {
  const base = await openBase(options);
  const merchants = await openHolders(base);
  const addresses = createAddresses(base.config, merchants.platform === 'sandbox');
  const rooms = await openRooms(base, merchants, addresses, scenes);
  const house = await openHouse({ ...base, ...rooms });
  const routes = listRoutes(base, rooms, house, addresses);

  const { clock, ids, log, config, metrics } = base;
  const { sandbox, merchant, account } = house;
  const entries = sandbox ? (['sandbox', 'console'] as const) : (['console'] as const);
  const pages = from && (await openPages({ ...consolePages(from), entries, clock, log }));
  const edge = createEdge({
    ...{ clock, ids, log, timeRequests: metrics.timeRequests },
    proxies: readProxies(config['http.trustedProxies']),
    middlewares: [
      answerPlatforms(base, rooms),
      securityHeaders,
      healthRoutes({ clock, pingDatabase: () => ping(base.database), metrics }),
      serveReference(routes),
      answerApi(base, rooms, routes, addresses),
      ...(sandbox ? [sandbox.routes] : []),
      ...(pages ? [pages.middleware] : []),
    ],
  });
  const jobs = scheduleJobs(base, rooms);

  return {
    ...(sandbox ? { sandbox } : {}),
    async listen() {
      const url = await edge.listen(config['http.port'], config['http.host']);
      addresses.listensAt(url);
      await jobs.start();
      const callbacks = account ? [{ name: account.name, url: addresses.callbackUrl(account), mode: account.mode }] : [];
      for (const callback of callbacks) if (account) await sandbox?.connect(account, callback.url);
      await sandbox?.reconnect();
      const token = await rooms.merchants.staff.ownerLink(merchant.id, config['owner.link'] === 'on');
      log.info({ url, callbacks: callbacks.map((callback) => callback.url) }, 'server.listening');
      return {
        ...{ url, callbacks, pages: pages?.settled ?? Promise.resolve(true) },
        ...(token === undefined ? {} : { ownerLink: addresses.linkUrl(token) }),
      };
    },
    async close() {
      await sandbox?.close();
      await edge.close();
      await jobs.close();
      await rooms.inbox.idle();
      await rooms.messaging.idle();
      await rooms.members.events.close();
      await rooms.webhooks.close();
      await rooms.merchants.accounts.idle();
      await pages?.close();
      await house.sandboxDatabase?.close();
      await base.database.close();
    },
  };
}

type Base = Awaited<ReturnType<typeof openBase>>;
type Rooms = Awaited<ReturnType<typeof openRooms>>;

/** What every room stands on. */
async function openBase({ config, clock, log }: Pick<AppOptions, 'config' | 'clock' | 'log'>) {
  const ids = createIds(clock);
  const metrics = createMetrics();
  const texts = await openTexts(templates);
  const openNamed = (name: string) => openDatabase({ uri: config['database.uri'], dataDir: config['data.directory'], name, log });
  const database = await openNamed(databaseName(config));
  const vault = createVault(sealingKeys(config));
  const buckets = await openRateBuckets({ database, clock });
  const answers = await openStoredAnswers({ database, clock, ids, vault });
  const tokens = await openPlatformTokens({ database, clock, ids, vault });
  return { config, clock, log, ids, metrics, texts, openNamed, database, vault, buckets, answers, tokens };
}

/** Whose accounts they are, which decides over the platform. */
function openHolders({ config, clock, log, ids, database, vault, buckets }: Base): Promise<Merchants> {
  return openMerchants({
    ...{ database, clock, ids, log, vault, random: randomBytes, buckets },
    sandbox: maySandbox(config) ? config['sandbox.mode'] : 'off',
    capabilities: { wechat: wechatCapabilities },
  });
}

/** The rest of the domain, from left to right: each room knows only those before it. */
async function openRooms(base: Base, merchants: Merchants, addresses: Addresses, scenes: AppOptions['scenes']) {
  const { config, clock, log, ids, metrics, texts, database, vault } = base;
  const members = await openMembers({ database, clock, ids });
  const webhooks = await openWebhooks({
    ...{ database, clock, ids, log, vault, events: members.events, appendAudit: merchants.appendAudit },
    allowPrivate: config['webhooks.allowPrivate'] === 'on',
    observe: metrics.countDelivery,
  });
  const wechat = createClient(base, merchants, addresses);
  const messaging = await openMessaging({
    ...{ database, clock, ids, log },
    send: ({ account, openid, content }) => tellFollower(wechat, { accountId: account.id, openid, content }),
  });
  const conversation = createConversation({ texts, members, merchants, log, ...(scenes && { scenes }) });
  const inbox = await openInbox<Inbound, Reply>({
    ...{ database, clock, ids, log },
    work: conversation.answer,
    async onLate({ account, openid, sentAt }, content, uniqueNumber) {
      log.warn({ accountId: account.id, inboxId: uniqueNumber }, 'reply.came-late');
      if (content.kind === 'none') return;
      await messaging.tell({ account, openid, purpose: 'service', content, uniqueNumber, expiresAt: sentAt + windowLasts });
    },
    observe: metrics.countMessage,
  });
  const dossier = await openDossier({
    ...{ database, clock, log, members },
    audit: { append: merchants.appendAudit },
    rooms: [members.personal, inbox.personal, messaging.personal, merchants.audit.personal],
  });
  return { merchants, members, messaging, webhooks, inbox, dossier };
}

/** The calls of all accounts on WeChat. */
function createClient({ clock, tokens, buckets }: Base, { accounts }: Merchants, { wechatApi }: Addresses) {
  return createWechatClient({
    ...{ api: createWechatApi({ baseUrl: wechatApi, clock }), tokens, buckets, clock },
    async accountOf(accountId) {
      const account = await accounts.open('wechat', accountId as MerchantAccount['id']);
      if (!account) return undefined;
      const { id, merchantId, appId, credentials } = account;
      const require = (capability: Capability) => accounts.requireCapability(account, capability);
      return { id, merchantId, appId, appSecret: credentials.appSecret, require };
    },
  });
}

function listRoutes({ clock, texts }: Base, rooms: Rooms, { sandbox }: House, { callbackUrl, linkUrl, ...addresses }: Addresses) {
  const { merchants, members, webhooks, dossier } = rooms;
  const api = createWechatApi({ baseUrl: addresses.wechatApi, clock });
  const checkWechat = createWechatCheck({ api, clock, publicUrl: addresses.reachedAt });
  return [
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
}

function answerPlatforms({ clock, config }: Base, { merchants, inbox }: Rooms) {
  const maxAgeMs = config['callback.maxAgeSeconds'] * 1000;
  return answerCallbacks({
    accounts: merchants.accounts,
    channels: {
      wechat: ({ id, merchantId, appId, originalId, mode, credentials }) =>
        createWechatCallback(
          { id, merchantId, channel: 'wechat', appId, originalId, mode, ...credentials },
          { once: inbox.once, clock, random: randomFillSync, maxAgeMs },
        ),
    },
    clock,
  });
}

function answerApi(
  { ids, buckets, answers }: Base,
  { merchants: { sessions, keys } }: Rooms,
  routes: ReturnType<typeof listRoutes>,
  { publicUrl }: Addresses,
) {
  const doors = { findSession: sessions.find, findKey: keys.find };
  return dispatchRoutes({ routes, doors, ids, buckets, answers, publicUrl });
}

function scheduleJobs({ database, clock, log, config, buckets, answers }: Base, rooms: Rooms) {
  const { merchants, members, messaging, webhooks, inbox, dossier } = rooms;
  const jobs = createJobs({ database, log });
  jobs.every('sweep inbox', sweepEvery, async () => void (await inbox.sweep()));
  jobs.every('sweep outbox', sweepEvery, async () => void (await messaging.sweep()));
  jobs.every('tell events', tellEvery, () => members.events.place().then(webhooks.sweep));
  jobs.every('finish erasures', finishEvery, async () => void (await dossier.finish()));
  jobs.every('prune buckets', pruneEvery, buckets.prune);
  jobs.every('prune sessions', pruneEvery, merchants.sessions.prune);
  jobs.every('prune answers', pruneEvery, answers.prune);
  jobs.every('prune deliveries', pruneEvery, async () => void (await webhooks.prune(clock.now() - deliveriesKeptFor)));
  const messagesKeptFor = config['inbox.keepDays'] * day;
  jobs.every('prune inbox', pruneEvery, async () => void (await inbox.prune(clock.now() - messagesKeptFor)));
  jobs.every('prune outbox', pruneEvery, async () => void (await messaging.prune(clock.now() - messagesKeptFor)));
  return jobs;
}

const ping = ({ connection }: Database) => connection.asPromise().then(({ db }) => db?.admin().ping());

/** The newest first. Without one in the configuration there is one beside the embedded database. */
function sealingKeys(config: Config): Uint8Array[] {
  const key = config['secrets.key'];
  const previous = config['secrets.previousKey'];
  const newest = key ? Buffer.from(key, 'base64') : openKeyFile(join(config['data.directory'], 'secrets.key'));
  return previous ? [newest, Buffer.from(previous, 'base64')] : [newest];
}

import type { Middleware } from 'koa';
import type { Database } from '../database/index.ts';
import type { Clock } from '../kernel/clock.ts';
import { fault } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import { makeAccount, makeTraits, type SandboxAccount } from './accounts.ts';
import { openCallTable } from './call-table.ts';
import { openCodeRecords } from './calls/code-records.ts';
import { openLoginRecords } from './calls/login-records.ts';
import { openMenuRecords } from './calls/menu-records.ts';
import { openPeopleRecords } from './calls/people-records.ts';
import { openRidRecords } from './calls/rid-records.ts';
import { createCalls } from './calls.ts';
import type { AccountKind, Follower, Message, Mode, Speech, WireRow } from './contract.ts';
import { createCourier, type Delivery, type Line } from './courier.ts';
import { createEvents } from './events.ts';
import { createFaults, noFaults } from './faults.ts';
import { openMediaRecords } from './media-records.ts';
import { openOutcomeRecords } from './outcome-records.ts';
import { createOwner } from './owner.ts';
import { createPlatform, firstFollowersOf } from './platform.ts';
import { createPost } from './post.ts';
import { openQuotas } from './quotas.ts';
import { openRecords } from './records.ts';
import { sandboxRoutes } from './routes.ts';
import { createSandboxClock } from './sandbox-clock.ts';
import { openSettingsRecords } from './settings-records.ts';
import { openTemplateRecords } from './template-records.ts';
import { openTokens } from './tokens.ts';
import { createWork } from './work.ts';

export type { SandboxAccount } from './accounts.ts';
export type { Delivery } from './courier.ts';

/** The official accounts' side of the wire: their followers, what these do, and the callbacks that tell the server of it. */
export interface Sandbox {
  /** The account of this name, made once with its first followers, who do not follow yet; its credentials stay the same over restarts. */
  ensureAccount(wanted: {
    name: string;
    mode: Mode;
    /** A verified service account where nothing is said. */
    kind?: AccountKind;
    isVerified?: boolean;
    followers?: readonly string[];
  }): Promise<SandboxAccount>;
  /** Tells where the account's callbacks go, and goes on with those that an earlier run left undone. */
  connect(account: Pick<SandboxAccount, 'appId'>, callbackUrl: string | URL): Promise<void>;
  /** Goes on with the accounts that were connected on the sandbox's page, each to the address that was entered there. */
  reconnect(): Promise<void>;
  /** Has the platform test the address (a GET with an echostr). The row's verdict says whether it is accepted. */
  checkAddress(account: Pick<SandboxAccount, 'appId'>): Promise<WireRow>;
  createFollower(account: Pick<SandboxAccount, 'appId'>, person: { name: string }): Promise<Follower>;
  /** Follows, by an entry code or without. Refused with `request.refused` for who follows already. */
  follow(openid: string, how?: { entryCode?: string }): Promise<Delivery>;
  unfollow(openid: string): Promise<Delivery>;
  /** Does something in the chat; resolves when the callback has been answered or given up. Refused with `request.refused` for who does not follow. */
  say(openid: string, speech: Speech): Promise<Delivery>;
  /** The last 200 lines of a follower's chat, oldest first. */
  chat(openid: string): Promise<Message[]>;
  /** Resolves when no callback is under way. */
  idle(): Promise<void>;
  /** What the page talks to, under `/sandbox/api`, and the platform's own calls, under `/cgi-bin`. */
  readonly routes: Middleware;
  /** Begins nothing more, ends the event streams; deliveries under way go on at the next start. */
  close(): Promise<void>;
}

const chatLength = 200;

interface SandboxOptions {
  /** A database of the sandbox's own, which the caller closes after the sandbox. */
  database: Database;
  clock: Clock;
  log: Log;
  ids: Ids;
  random: Random;
}

/** Opens the sandbox on what its database keeps. One process at a time. */
export async function openSandbox({ database, clock: wall, log, ids, random }: SandboxOptions): Promise<Sandbox> {
  const records = await openRecords(database);
  const settings = openSettingsRecords(database);
  const clock = createSandboxClock(wall, (await settings.find('clock'))?.ahead);
  const faults = createFaults((await settings.find('faults')) ?? noFaults);
  const events = createEvents(wall, ids<'start'>());
  const lines = new Map<string, Line>();
  const courier = createCourier({ records, events, lines, faults, clock, wall, log, random });
  const quotas = await openQuotas({ database, clock });
  const tokens = await openTokens({ database, quotas, clock, random });
  const rids = await openRidRecords(database);
  let isClosing = false;
  await records.completeAccounts(() => makeTraits(random));

  function lineOf(appId: string): Line | undefined {
    if (isClosing) throw fault('server.unavailable', 'The sandbox is closing.');
    return lines.get(appId);
  }
  const codes = await openCodeRecords(database);
  const menus = await openMenuRecords(database);
  const platform = createPlatform({ records, events, courier, lineOf, codes, clock, ids, random });
  const owner = createOwner({ records, events, courier, lines, clock, random });
  const post = createPost({ records, events, courier, lineOf, clock, ids, random });
  const work = createWork(clock, log);
  const callbackOf = (appId: string) => lines.get(appId)?.url;
  const made = { database, records, tokens, quotas, rids, platform, post, work, events, clock, random };
  const table = await openCallTable({ ...made, callbackOf });
  const templates = await openTemplateRecords(database);
  const media = await openMediaRecords(database);
  const script = {
    ...{ records, settings, owner, tokens, quotas, faults, events, table, clock, random },
    people: await openPeopleRecords(database),
    logins: await openLoginRecords(database),
    outcomes: openOutcomeRecords(database),
  };
  const calls = createCalls({ table, records, tokens, quotas, rids, faults, events, clock, wall, random });

  async function connect(appId: string, callbackUrl: string | URL): Promise<void> {
    const account = await records.findAccount(appId);
    if (!account) throw fault('request.not-found', `The sandbox has no account with the app id ${appId}.`);
    const line = { account, url: new URL(callbackUrl) };
    lines.set(appId, line);
    await courier.resume(line);
  }

  return {
    async ensureAccount({ followers, ...wanted }) {
      const account = makeAccount(wanted, random);
      const now = clock.now();
      return records.keepAccount(account, wanted, now, firstFollowersOf(account, now, random, followers));
    },

    connect: ({ appId }, callbackUrl) => connect(appId, callbackUrl),
    async reconnect() {
      for (const { appId, url } of await records.connections()) if (!lines.has(appId)) await connect(appId, url);
    },

    async checkAddress({ appId }) {
      const line = lineOf(appId);
      if (!line) throw fault('request.refused', 'The account has no callback address yet: connect it first.');
      return courier.checkAddress(line);
    },

    createFollower: platform.createFollower,
    follow: async (openid, how) => (await platform.follow(openid, how)).done,
    unfollow: async (openid) => (await platform.unfollow(openid)).done,
    say: async (openid, speech) => (await platform.say(openid, speech)).done,
    chat: async (openid) => (await records.messages(openid, chatLength)).reverse(),
    idle: courier.idle,
    routes: sandboxRoutes({ records, events, platform, owner, calls, lines, templates, media, menus, codes, clock, script }),

    async close() {
      isClosing = true;
      events.close();
      await work.close();
      await courier.close();
    },
  };
}

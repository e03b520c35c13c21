import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { inject } from 'vitest';
import { type App, type Listening, openApp } from '../../server/app.ts';
import type { ConversationScene } from '../../server/conversation/index.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { type Config, readConfig } from '../../server/kernel/config.ts';
import { createLog, type Log } from '../../server/kernel/log.ts';
import type { Delivery, Sandbox, SandboxAccount } from '../../server/sandbox/index.ts';

/** A person with a phone, who reaches the server by the platform's callbacks alone. */
export interface FollowerActor {
  readonly openid: string;
  /** Each resolves to the words that the follower then reads, 'nothing', or 'outage'. */
  follows(how?: { entryCode?: string }): Promise<string>;
  unfollows(): Promise<string>;
  sends(text: string): Promise<string>;
}

export interface AppStory {
  readonly app: App;
  readonly url: string;
  readonly callbackUrl: string;
  /** Signs the owner in, once; absent when the house has one. */
  readonly ownerLink?: string;
  readonly account: SandboxAccount;
  readonly sandbox: Sandbox;
  readonly config: Config;
  follower(name: string): Promise<FollowerActor>;
  close(): Promise<void>;
}

interface AppStoryOptions {
  /** Environment variables as an operator would set them. */
  environment?: Record<string, string>;
  log?: Log;
  /** Instead of the house's own. */
  scenes?: readonly ConversationScene[];
}

/** What seals credentials in the databases of tests, as a SECRETS_KEY. */
export const sealingKey = Buffer.alloc(32, 7).toString('base64');

/** A database of its own on the run's server, as a MONGODB_URI. */
export function ownDatabaseUri(): string {
  const uri = new URL(inject('databaseUri'));
  uri.pathname = `/story-${randomUUID()}`;
  return uri.href;
}

/** The real app, listening on a free port, with a database of its own unless the environment names one. */
export async function startApp({
  environment = {},
  log = createLog('silent'),
  ...more
}: AppStoryOptions = {}): Promise<AppStory> {
  const config = readConfig(resolve(import.meta.dirname, '../../config'), 'test', {
    MONGODB_URI: ownDatabaseUri(),
    SECRETS_KEY: sealingKey,
    ...environment,
  });
  const app = await openApp({ config, clock: systemClock, log, ...more });
  const listening = await app.listen();
  return tellStory(app, listening, config);
}

async function tellStory(app: App, { url, callbacks, ownerLink }: Listening, config: Config): Promise<AppStory> {
  const { sandbox } = app;
  const callbackUrl = callbacks[0]?.url;
  if (!sandbox || !callbackUrl) throw new Error('a story needs the sandbox');
  const account = await sandbox.ensureAccount({ name: config['merchant.name'], mode: config['wechat.mode'] });
  return {
    app,
    url,
    callbackUrl,
    ...(ownerLink === undefined ? {} : { ownerLink }),
    account,
    sandbox,
    config,
    async follower(name) {
      const { openid } = await sandbox.createFollower(account, { name });
      return actFollower(sandbox, openid);
    },
    close: () => app.close(),
  };
}

/** The follower with this openid, who may have been there before. */
export function actFollower(sandbox: Sandbox, openid: string): FollowerActor {
  return {
    openid,
    follows: async (how) => wordsOf(await sandbox.follow(openid, how)),
    unfollows: async () => wordsOf(await sandbox.unfollow(openid)),
    sends: async (text) => wordsOf(await sandbox.say(openid, { kind: 'text', text })),
  };
}

function wordsOf({ shown }: Delivery): string {
  if (typeof shown === 'string') return shown;
  if (shown.content.kind !== 'text') throw new Error(`the follower was shown ${shown.content.kind}, not a text`);
  return shown.content.text;
}

import { randomBytes } from 'node:crypto';
import type { Database } from './database/index.ts';
import type { Clock } from './kernel/clock.ts';
import { type Config, databaseName, hasRealAccount } from './kernel/config.ts';
import type { Ids } from './kernel/ids.ts';
import type { Log } from './kernel/log.ts';
import { houseSlugs, type Merchant, type Merchants, type OpenedAccount } from './merchants/index.ts';
import { openSandbox, type Sandbox } from './sandbox/index.ts';

interface HouseParts {
  config: Config;
  clock: Clock;
  log: Log;
  ids: Ids;
  merchants: Merchants;
  /** Opens a database of this name beside the server's own. */
  openNamed(name: string): Promise<Database>;
}

/** What this server has before anybody has made anything. */
export interface House {
  readonly merchant: Merchant;
  /** The account that the configuration or the sandbox names, if one does. */
  readonly account: OpenedAccount | undefined;
  readonly sandbox: Sandbox | undefined;
  /** To be closed after the sandbox. */
  readonly sandboxDatabase: Database | undefined;
}

/** The house's own merchant with its account, made on first start; and the sandbox, where there may be one. */
export async function openHouse({ config, clock, log, ids, merchants, openNamed }: HouseParts): Promise<House> {
  const isTrial = merchants.platform === 'sandbox';
  const sandboxDatabase = isTrial ? await openNamed(`${databaseName(config)}-sandbox`) : undefined;
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
  return { sandbox, sandboxDatabase, merchant, account };
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

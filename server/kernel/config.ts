import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fault } from './errors.ts';
import { logLevels } from './log.ts';

const port = z.coerce.number().int().min(0).max(65_535);
const aesKey = z.string().regex(/^[A-Za-z0-9]{43}$/, 'must be the 43 letters and digits of the EncodingAESKey');
const sealingKey = z
  .string()
  .refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in base64: openssl rand -base64 32');
const addressRange = /^[0-9a-fA-F:.]+(\/\d{1,3})?$/;
const publicUrl = z.url({ protocol: /^https?$/ }).refine((url) => URL.canParse(url) && new URL(url).pathname === '/', {
  message: 'must be an address without a path, such as https://shop.example.com',
});
const zone = z.string().refine(isTimeZone, 'must be a time zone such as Asia/Shanghai');

/** Every key there is: one row a key. `env` names the environment variable that overrides the files. config/README.md says what each means. */
const rows = {
  'http.host': { env: 'HOST', schema: z.string().min(1) },
  'http.port': { env: 'PORT', schema: port },
  'http.publicUrl': { env: 'PUBLIC_URL', schema: publicUrl.optional() },
  'http.trustedProxies': {
    env: 'TRUSTED_PROXIES',
    schema: z
      .string()
      .refine(
        (list) => list.split(',').every((one) => addressRange.test(one.trim())),
        'must be addresses or ranges, with commas between',
      ),
  },
  'data.directory': { env: 'DATA_DIR', schema: z.string().min(1) },
  'database.uri': {
    env: 'MONGODB_URI',
    schema: z
      .string()
      .regex(/^mongodb(\+srv)?:\/\//, 'must be a mongodb:// URI')
      .optional(),
  },
  'secrets.key': { env: 'SECRETS_KEY', schema: sealingKey.optional() },
  'secrets.previousKey': { env: 'SECRETS_PREVIOUS_KEY', schema: sealingKey.optional() },
  'owner.link': { env: 'OWNER_LINK', schema: z.enum(['auto', 'on']) },
  'webhooks.allowPrivate': { env: 'WEBHOOKS_ALLOW_PRIVATE', schema: z.enum(['on', 'off']) },
  'log.level': { env: 'LOG_LEVEL', schema: z.enum(logLevels) },
  'callback.maxAgeSeconds': { env: 'CALLBACK_MAX_AGE_SECONDS', schema: z.coerce.number().int().min(30).max(86_400) },
  'inbox.keepDays': { env: 'INBOX_KEEP_DAYS', schema: z.coerce.number().int().min(2).max(3_650) },
  'sandbox.mode': { env: 'SANDBOX', schema: z.enum(['auto', 'on', 'off']) },
  'merchant.name': { env: 'MERCHANT_NAME', schema: z.string().min(1).max(60) },
  'merchant.language': { env: 'MERCHANT_LANGUAGE', schema: z.enum(['zh', 'en']) },
  'merchant.zone': { env: 'MERCHANT_ZONE', schema: zone },
  'wechat.appId': {
    env: 'WECHAT_APP_ID',
    schema: z
      .string()
      .regex(/^wx[0-9a-f]{16}$/, 'must be wx and 16 hex digits')
      .optional(),
  },
  'wechat.originalId': {
    env: 'WECHAT_ORIGINAL_ID',
    schema: z
      .string()
      .regex(/^gh_\w+$/, 'must begin with gh_')
      .optional(),
  },
  'wechat.token': {
    env: 'WECHAT_TOKEN',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9]{3,32}$/, 'must be 3 to 32 letters and digits')
      .optional(),
  },
  'wechat.appSecret': {
    env: 'WECHAT_APP_SECRET',
    schema: z
      .string()
      .regex(/^[0-9a-f]{32}$/, 'must be 32 hex digits')
      .optional(),
  },
  'wechat.kind': { env: 'WECHAT_KIND', schema: z.enum(['service', 'subscription']) },
  'wechat.verified': { env: 'WECHAT_VERIFIED', schema: z.enum(['yes', 'no']) },
  'wechat.apiUrl': { env: 'WECHAT_API_URL', schema: z.url({ protocol: /^https?$/ }) },
  'wechat.mode': { env: 'WECHAT_MODE', schema: z.enum(['plain', 'compatible', 'safe']) },
  'wechat.encodingAesKey': { env: 'WECHAT_ENCODING_AES_KEY', schema: aesKey.optional() },
  'wechat.previousEncodingAesKey': { env: 'WECHAT_PREVIOUS_ENCODING_AES_KEY', schema: aesKey.optional() },
} as const satisfies Record<string, { env: string; schema: z.ZodType }>;

export type ConfigKey = keyof typeof rows;

/** The whole configuration, validated and frozen, by key as in config/README.md. */
export type Config = { readonly [Key in ConfigKey]: z.output<(typeof rows)[Key]['schema']> };

/** Key and environment variable of every row, for the documentation's test. */
export const configKeys: readonly { key: ConfigKey; env: string }[] = Object.entries(rows).map(([key, { env }]) => ({
  key: key as ConfigKey,
  env,
}));

/**
 * Reads `directory`/default.json, over it `directory`/`profile`.json, over it the environment. Throws one `config.invalid` fault that
 * lists everything that is wrong.
 */
export function readConfig(
  directory: string,
  profile: string,
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  const given: Record<string, unknown> = { ...readFile(directory, 'default'), ...readFile(directory, profile) };
  const faults = Object.keys(given)
    .filter((key) => !Object.hasOwn(rows, key))
    .map((key) => `${key}: no such key; config/README.md lists them`);
  const config: Record<string, unknown> = {};
  for (const [key, { env, schema }] of Object.entries(rows)) {
    // An empty variable is how shells and compose files say "not set".
    const value = environment[env] || given[key];
    const result = schema.safeParse(value);
    if (result.success) config[key] = result.data;
    else
      faults.push(
        `${key} (${env}): ${value === undefined ? 'is missing' : result.error.issues.map(({ message }) => message).join('; ')}`,
      );
  }
  faults.push(...contradictions(config as Config));
  if (faults.length > 0) throw fault('config.invalid', `The configuration cannot be used:\n  ${faults.join('\n  ')}`);
  return Object.freeze(config) as Config;
}

/** Is a real account configured: then the sandbox must not run. */
export const hasRealAccount = (config: Config): boolean => config['wechat.appId'] !== undefined;

/** May the sandbox run, as far as the configuration tells; an account of the real platform that is stored forbids it too. */
export const maySandbox = (config: Config): boolean => config['sandbox.mode'] !== 'off' && !hasRealAccount(config);

/** The database's name: the one in its URI, else the product's. */
export const databaseName = (config: Config): string =>
  /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(config['database.uri'] ?? '')?.[1] ?? 'service-window';

function contradictions(config: Config): string[] {
  const faults: string[] = [];
  const real = ['wechat.appId', 'wechat.originalId', 'wechat.token'] as const;
  const set = real.filter((key) => config[key] !== undefined);
  if (set.length > 0) {
    for (const key of real) if (!set.includes(key)) faults.push(`${key} (${rows[key].env}): is missing beside ${set.join(', ')}`);
    if (config['wechat.mode'] !== 'plain' && !config['wechat.encodingAesKey']) {
      faults.push(`wechat.encodingAesKey (WECHAT_ENCODING_AES_KEY): is missing; mode ${config['wechat.mode']} needs it`);
    }
    if (config['sandbox.mode'] === 'on')
      faults.push('sandbox.mode (SANDBOX): must not be on beside real credentials; remove one of them');
  }
  if (config['database.uri'] && !config['secrets.key'])
    faults.push(
      'secrets.key (SECRETS_KEY): is missing beside database.uri: a key file is for one machine, and all processes on one MongoDB ' +
        'must share the key. Make one with: openssl rand -base64 32',
    );
  if (set.length === 0 && config['sandbox.mode'] === 'auto' && !isLoopback(config['http.host'])) {
    faults.push(
      `http.host (HOST): ${config['http.host']} opens the sandbox to others, who could act as any follower: ` +
        'set SANDBOX=off to connect a real account, or SANDBOX=on if that is what you want',
    );
  }
  return faults;
}

function readFile(directory: string, name: string): Record<string, unknown> {
  const path = join(directory, `${name}.json`);
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw fault('config.invalid', `${path} cannot be read as JSON: ${error instanceof Error ? error.message : error}`, error);
  }
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

import { z } from 'zod';
import { fault } from '../../kernel/errors.ts';
import type { Accounts, MerchantAccount } from '../../merchants/index.ts';
import { type Answer, type Route, route } from '../route.ts';
import { idSchema, pageQuery, pageSchema, textSchema, timeSchema } from '../schemas.ts';

interface AccountRoutesParts {
  accounts: Accounts;
  /** Where the platform sends the account's callbacks, as a whole URL. */
  callbackUrl(account: MerchantAccount): string;
}

const mostPermissions = 50;

const channel = z.enum(['wechat']);
const appId = z.string().regex(/^wx[0-9a-f]{16}$/, 'must be wx and 16 hex digits');
const originalId = z.string().regex(/^gh_\w{1,29}$/, 'must begin with gh_');
const name = textSchema(60);
const mode = z.enum(['plain', 'compatible', 'safe']);
const appSecret = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hex digits');
const permission = z
  .string()
  .regex(/^[a-z0-9]+([/_][a-z0-9]+)*$/, 'must be a name such as menu/create')
  .max(60);
const traits = z.strictObject({
  kind: z.enum(['subscription', 'service']),
  isVerified: z.boolean(),
  permissions: z.array(permission).max(mostPermissions).default([]),
});

const accountSchema = z
  .object({
    id: idSchema('account'),
    channel,
    appId: z.string(),
    originalId: z.string(),
    name: z.string(),
    traits: z.object({ kind: z.enum(['subscription', 'service']), isVerified: z.boolean(), permissions: z.array(z.string()) }),
    mode,
    source: z.enum(['configuration', 'console']),
    platform: z.enum(['real', 'sandbox']),
    hasAppSecret: z.boolean(),
    connectedAt: timeSchema.optional(),
    madeAt: timeSchema,
    version: z.int(),
  })
  .meta({ id: 'Account' });

const abilitySchema = z.discriminatedUnion('can', [
  z.object({ can: z.literal(true), permission: z.string() }),
  z.object({
    can: z.literal(false),
    permission: z.string(),
    reason: z.enum(['needs-service-account', 'needs-verification', 'needs-permission']),
  }),
]);
const detailSchema = accountSchema
  .extend({ callbackUrl: z.url(), capabilities: z.record(z.string(), abilitySchema) })
  .meta({ id: 'AccountDetail' });
const keysSchema = z.object({ token: z.string(), encodingAesKey: z.string().optional(), callbackUrl: z.url() });

const accountPath = z.object({ accountId: idSchema('account') });

/** A merchant's accounts on the platforms, and what is pasted into the platforms' settings. */
export function accountRoutes(parts: AccountRoutesParts): readonly Route[] {
  return [...listRoutes(parts), ...editRoutes(parts), ...keyRoutes(parts)];
}

function listRoutes({ accounts, ...parts }: AccountRoutesParts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/accounts',
      summary: 'Lists the accounts of the merchant, the oldest first.',
      allow: 'account.read',
      query: pageQuery,
      answers: { 200: { says: 'One page of the accounts.', schema: pageSchema(accountSchema) } },
      handle: async ({ caller, query }) => ({ status: 200, body: await accounts.list(caller.merchantId, query) }),
    }),
    route({
      method: 'GET',
      path: '/accounts/{accountId}',
      summary: 'Reads an account, with the address of its callbacks and what the platform lets it do.',
      allow: 'account.read',
      params: accountPath,
      answers: { 200: { says: 'The account.', schema: detailSchema } },
      refusals: ['request.not-found'],
      async handle({ caller, params }) {
        const account = await accounts.find(caller.merchantId, params.accountId);
        if (!account) throw unknown();
        return tell(200, account, { accounts, ...parts });
      },
    }),
    route({
      method: 'POST',
      path: '/accounts',
      summary: 'Adds an account. Its token and key are made here, to be pasted into the platform’s settings.',
      allow: 'account.edit',
      body: z.strictObject({ channel, appId, originalId, name, traits, mode, appSecret: appSecret.optional() }),
      answers: { 201: { says: 'The account.', schema: detailSchema } },
      refusals: ['request.refused'],
      handle: async ({ caller, body, by, newId }) =>
        tell(201, await accounts.add(caller.merchantId, newId(), body, by), { accounts, ...parts }),
    }),
  ];
}

function editRoutes({ accounts, ...parts }: AccountRoutesParts): readonly Route[] {
  return [
    route({
      method: 'PATCH',
      path: '/accounts/{accountId}',
      summary: 'Changes what the merchant says about an account. An account of the configuration is changed there.',
      allow: 'account.edit',
      params: accountPath,
      body: z.strictObject({
        name: name.optional(),
        originalId: originalId.optional(),
        traits: traits.optional(),
        mode: mode.optional(),
        appSecret: appSecret.optional(),
      }),
      isConditional: true,
      answers: { 200: { says: 'The account from now on.', schema: detailSchema } },
      refusals: ['request.not-found', 'request.refused'],
      handle: async ({ caller, params, body, version, by }) =>
        tell(200, await accounts.edit(caller.merchantId, params.accountId, body, version, by), { accounts, ...parts }),
    }),
    route({
      method: 'DELETE',
      path: '/accounts/{accountId}',
      summary: 'Removes an account: its credentials are forgotten and its callbacks answered no more. Members stay.',
      allow: 'account.edit',
      params: accountPath,
      isConditional: true,
      answers: { 204: { says: 'It is removed.' } },
      refusals: ['request.not-found', 'request.refused'],
      async handle({ caller, params, version, by }) {
        await accounts.remove(caller.merchantId, params.accountId, version, by);
        return { status: 204 };
      },
    }),
  ];
}

function keyRoutes({ accounts, callbackUrl }: AccountRoutesParts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/accounts/{accountId}/keys',
      summary:
        'Reads the token and the key to paste into the platform’s settings, until the platform has used them. The audit keeps who looked.',
      allow: 'account.edit',
      params: accountPath,
      answers: { 200: { says: 'What to paste.', schema: keysSchema } },
      refusals: ['request.not-found', 'request.refused'],
      async handle({ caller, params, by }) {
        const account = await accounts.find(caller.merchantId, params.accountId);
        if (!account) throw unknown();
        const keys = await accounts.readKeys(caller.merchantId, account.id, by);
        return { status: 200, body: { ...keys, callbackUrl: callbackUrl(account) }, version: account.version };
      },
    }),
    route({
      method: 'POST',
      path: '/accounts/{accountId}/keys',
      summary: 'Makes a new token and key. The platform is answered with those before until it uses the new ones.',
      allow: 'account.edit',
      params: accountPath,
      isConditional: true,
      answers: { 200: { says: 'The account; its new keys can be read.', schema: detailSchema } },
      refusals: ['request.not-found', 'request.refused'],
      handle: async ({ caller, params, version, by }) =>
        tell(200, await accounts.renewKeys(caller.merchantId, params.accountId, version, by), { accounts, callbackUrl }),
    }),
  ];
}

function tell(status: 200 | 201, account: MerchantAccount, { accounts, callbackUrl }: AccountRoutesParts): Answer {
  const capabilities = accounts.capabilitiesOf(account);
  return { status, body: { ...account, callbackUrl: callbackUrl(account), capabilities }, version: account.version };
}

function unknown() {
  return fault('request.not-found', 'The merchant has no such account.');
}

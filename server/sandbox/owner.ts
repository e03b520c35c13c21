import { isIP } from 'node:net';
import { z } from 'zod';
import type { Clock } from '../kernel/clock.ts';
import { fault } from '../kernel/errors.ts';
import type { Random } from '../kernel/random.ts';
import { makeAccount, type SandboxAccount } from './accounts.ts';
import type { Account, AddressList, NewAccount, OwnedAccount, ServerSettings, ServerVerdict } from './contract.ts';
import type { Courier, Line } from './courier.ts';
import type { Events } from './events.ts';
import { firstFollowersOf, followerOf } from './platform.ts';
import type { Records } from './records.ts';
import { nameSchema, parse } from './speech.ts';

/** What the owner of an account does on the platform's own page. Values come unchecked; what is wrong with one is the fault `request.malformed`. */
export interface Owner {
  /** All accounts, the oldest first. */
  accounts(): Promise<OwnedAccount[]>;
  /** Registers an account, with people who could follow it. A name that is taken is refused with `request.refused`. */
  add(value: unknown): Promise<OwnedAccount>;
  /** Tests the address with these settings, and keeps them only when the server echoes as it should. One that may not be entered is refused with `request.refused`. */
  changeServer(appId: string, value: unknown, mayEnter: (url: URL) => boolean): Promise<ServerVerdict>;
  changeAddresses(appId: string, value: unknown): Promise<OwnedAccount>;
  /** What the platform itself would change: whether it is verified, and as what it is registered. */
  changeTraits(appId: string, traits: Partial<Pick<SandboxAccount, 'kind' | 'isVerified'>>): Promise<Account>;
}

const newAccountSchema = z.strictObject({
  name: nameSchema,
  kind: z.enum(['subscription', 'service']),
  isVerified: z.boolean(),
}) satisfies z.ZodType<NewAccount>;

const serverSchema = z
  .strictObject({
    url: z
      .string()
      .trim()
      .max(1024)
      .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), 'is not an http(s) address'),
    token: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9]{3,32}$/, 'has 3 to 32 letters and digits'),
    encodingAesKey: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9]{43}$/, 'has 43 letters and digits')
      .optional(),
    mode: z.enum(['plain', 'compatible', 'safe']),
  })
  .refine(({ mode, encodingAesKey }) => mode === 'plain' || encodingAesKey !== undefined, {
    path: ['encodingAesKey'],
    message: 'is needed in this mode',
  }) satisfies z.ZodType<ServerSettings>;

const addressesSchema = z.strictObject({
  addresses: z
    .array(
      z
        .string()
        .trim()
        .refine((text) => isIP(text) !== 0, 'is no IPv4 or IPv6 address'),
    )
    .max(50),
}) satisfies z.ZodType<AddressList>;

interface OwnerOptions {
  records: Records;
  events: Events;
  courier: Courier;
  /** By app id: the accounts that are connected. What is accepted is written here. */
  lines: Map<string, Line>;
  clock: Clock;
  random: Random;
}

export function createOwner({ records, events, courier, lines, clock, random }: OwnerOptions): Owner {
  const owned = (account: SandboxAccount) => ownedOf(account, lines.get(account.appId));

  async function find(appId: string): Promise<SandboxAccount> {
    return (await records.findAccount(appId)) ?? refuseUnknown();
  }

  /** An account that has changed, as callbacks are signed and sealed from now on. */
  function take(account: SandboxAccount, url: URL | undefined): OwnedAccount {
    if (url) lines.set(account.appId, { account, url });
    const changed = owned(account);
    events.publish('account', publicOf(changed));
    return changed;
  }

  return {
    accounts: async () => (await records.accounts()).map(owned),

    async add(value) {
      const account = makeAccount({ ...parse(newAccountSchema, value, 'account'), mode: 'plain' }, random);
      const now = clock.now();
      const first = firstFollowersOf(account, now, random);
      if (!(await records.addAccount(account, now, first)))
        throw fault('request.refused', `There is an account named ${account.name}.`);
      const added = take(account, undefined);
      for (const follower of first) events.publish('follower', followerOf(follower));
      return added;
    },

    async changeServer(appId, value, mayEnter) {
      const settings = parse(serverSchema, value, 'server configuration');
      const account = await find(appId);
      const url = new URL(settings.url);
      if (!mayEnter(url)) throw fault('request.refused', 'From another machine only addresses of this server can be entered.');
      const row = await courier.checkAddress({ account: { ...account, ...settings }, url });
      if (row.verdict !== 'accepted') return { isAccepted: false, account: owned(account), row };
      const changed = (await records.changeServer(appId, settings)) ?? refuseUnknown();
      return { isAccepted: true, account: take(changed, url), row };
    },

    async changeAddresses(appId, value) {
      const { addresses } = parse(addressesSchema, value, 'white list');
      const account = (await records.changeAddresses(appId, [...new Set(addresses)])) ?? refuseUnknown();
      return take(account, lines.get(appId)?.url);
    },

    async changeTraits(appId, traits) {
      const account = (await records.changeTraits(appId, traits)) ?? refuseUnknown();
      return publicOf(take(account, lines.get(appId)?.url));
    },
  };
}

/** The account as its followers see it; `line` is where its callbacks go. */
export function publicAccount(account: SandboxAccount, line: Line | undefined): Account {
  const { appId, originalId, name, kind, isVerified, mode } = account;
  return { appId, originalId, name, kind, isVerified, mode, ...(line && { callbackUrl: line.url.href }) };
}

function ownedOf(account: SandboxAccount, line: Line | undefined): OwnedAccount {
  const { appSecret, addresses, token, encodingAesKey, mode } = account;
  const server = line && { url: line.url.href, token, encodingAesKey, mode };
  return { ...publicAccount(account, line), appSecret, addresses: [...addresses], ...(server && { server }) };
}

function publicOf({ appSecret: _, addresses: _addresses, server: _server, ...account }: OwnedAccount): Account {
  return account;
}

function refuseUnknown(): never {
  throw fault('request.not-found', 'The sandbox has no such account.');
}

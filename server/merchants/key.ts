import type { Database } from '../database/index.ts';
import type { Clock } from '../kernel/clock.ts';
import { digestOf } from '../kernel/digest.ts';
import { detailedFault, fault } from '../kernel/errors.ts';
import type { Id } from '../kernel/ids.ts';
import type { Page, PageQuery } from '../kernel/page.ts';
import type { Random } from '../kernel/random.ts';
import type { AppendAudit } from './audit-records.ts';
import type { By, KeyCaller } from './caller.ts';
import { openKeyRecords } from './key-records.ts';
import { type Permission, scopeNames } from './permissions.ts';
import { openLinkRecords } from './staff/link-records.ts';
import { makeToken } from './staff/secret-token.ts';
import type { FindMerchants } from './staff/session.ts';

/** An API key without its secret. */
export interface ApiKey {
  readonly id: Id<'key'>;
  readonly name: string;
  readonly scopes: readonly Permission[];
  /** The beginning of the key, for people to recognise it by. */
  readonly hint: string;
  readonly madeAt: number;
  readonly expiresAt?: number;
  /** To the minute. */
  readonly lastUsedAt?: number;
  readonly version: number;
}

export interface Keys {
  list(merchantId: Id<'merchant'>, query: PageQuery): Promise<Page<ApiKey>>;
  /** Makes a key; its secret (`swk_…`) is given this once and stored as a digest. `request.invalid` for scopes that no key may have and for an expiry in the past. */
  make(
    merchantId: Id<'merchant'>,
    id: Id<'key'>,
    wanted: Pick<ApiKey, 'name' | 'scopes' | 'expiresAt'>,
    by: By,
  ): Promise<{ key: ApiKey; secret: string }>;
  /** The key opens nothing from now on, in any process; nor do the links that it made. */
  revoke(merchantId: Id<'merchant'>, id: Id<'key'>, by: By): Promise<void>;
  /** Whose key this is; undefined when it is unknown, over or revoked. */
  find(secret: string): Promise<KeyCaller | undefined>;
}

interface KeyParts {
  database: Database;
  clock: Clock;
  random: Random;
  audit: { append: AppendAudit };
  merchants: Pick<FindMerchants, 'merchantOf'>;
}

/** How exactly the last use of a key is known: more often it is not written. */
const useIsWrittenEvery = 60_000;
const hintLength = 8;

/** The API keys in this database. */
export async function openKeys({ database, clock, random, audit: { append }, merchants }: KeyParts): Promise<Keys> {
  const records = await openKeyRecords(database);
  const links = await openLinkRecords(database);
  return {
    list: records.list,

    async make(merchantId, id, { name, scopes, expiresAt }, by) {
      const madeAt = clock.now();
      checkScopes(scopes);
      if (expiresAt !== undefined && expiresAt <= madeAt) throw unusable('expiresAt', 'A key expires in the future.');
      const secret = makeToken(random, 'swk_');
      const ends = expiresAt === undefined ? {} : { expiresAt };
      const key: ApiKey = {
        id,
        name,
        scopes: [...new Set(scopes)],
        hint: secret.slice(0, hintLength),
        madeAt,
        ...ends,
        version: 1,
      };
      await database.transact(async (transaction) => {
        if (!(await records.put(transaction, merchantId, key, digestOf(secret)))) return;
        const after = { scopes: key.scopes, hint: key.hint, ...ends };
        await append(transaction, merchantId, { by, action: 'key.made', subject: { kind: 'key', id, name }, after });
      });
      return { key, secret };
    },

    async revoke(merchantId, id, by) {
      await database.transact(async (transaction) => {
        const key = await records.remove(transaction, merchantId, id);
        if (!key) throw fault('request.not-found', 'There is no such key.');
        await links.removeMadeBy(transaction, merchantId, id);
        const subject = { kind: 'key', id, name: key.name };
        await append(transaction, merchantId, {
          by,
          action: 'key.revoked',
          subject,
          before: { scopes: key.scopes, hint: key.hint },
        });
      });
    },

    async find(secret) {
      const now = clock.now();
      const key = secret.startsWith('swk_') ? await records.findByDigest(digestOf(secret), now) : undefined;
      if (!key || !(await merchants.merchantOf(key.merchantId))) return undefined;
      const { merchantId, id, name, scopes, lastUsedAt = 0 } = key;
      if (now - lastUsedAt >= useIsWrittenEvery) await records.touch(merchantId, id, now);
      return { kind: 'key', merchantId, id, name, scopes };
    },
  };
}

function checkScopes(scopes: readonly Permission[]): void {
  if (scopes.length === 0) throw unusable('scopes', 'A key without a scope opens nothing: name at least one.');
  const foreign = scopes.filter((scope) => !scopeNames.includes(scope));
  if (foreign.length > 0) throw unusable('scopes', `No key may ${foreign.join(', ')}: choose among ${scopeNames.join(', ')}.`);
}

const unusable = (field: string, message: string) =>
  detailedFault('request.invalid', message, { fields: [{ path: `body.${field}`, code: `${field}.unusable`, message }] });

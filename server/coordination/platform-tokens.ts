import type { Database } from '../database/index.ts';
import { type Clock, sleep } from '../kernel/clock.ts';
import { digestOf } from '../kernel/digest.ts';
import { fault } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import { createSingleFlight } from '../kernel/single-flight.ts';
import type { Vault } from '../kernel/vault.ts';
import { grantLease, type Lease } from './lease.ts';
import { openPlatformTokenRecords, type TokenOwner, type TokenRow } from './platform-token-records.ts';

export type { TokenOwner } from './platform-token-records.ts';

/** A token that may be used now. The version tells it from another time that the same text was stored. */
export interface HeldToken {
  readonly token: string;
  readonly version: number;
}

/** Asks the platform for a token. `wasRefused` tells the one that it refused last: to be given that again is no help. */
export type FetchToken = (wasRefused: (token: string) => boolean) => Promise<{
  readonly token: string;
  /** For how many ms it is good from the moment it was asked for. */
  readonly lifetime: number;
}>;

/** The tokens by which the platforms let us call, one of each for all processes of a database. */
export interface PlatformTokens {
  /**
   * The token that is stored, or one that is fetched now, by one process: the others wait for it, or use the old one while it is still
   * good. What the fetch throws is thrown to all who waited in its process; `server.unavailable` when another's takes too long.
   */
  take(owner: TokenOwner, fetch: FetchToken): Promise<HeldToken>;
  /** The platform refused this token: the next take fetches another, unless that has been done already. */
  refuse(owner: TokenOwner, held: HeldToken): Promise<void>;
  /** Forgets all tokens of an account that is no more. */
  forget(merchantId: string, accountId: string): Promise<void>;
}

interface PlatformTokensOptions {
  database: Database;
  clock: Clock;
  ids: Ids;
  vault: Vault;
}

/** Longer than a fetch takes, which may be three calls of 5 s: what is still held then belonged to a process that was killed. */
const leaseLasts = 20_000;
const waitsFor = 25_000;
const lookEvery = 50;
/** The platform hands out the next one from five minutes before the end of the old one (wechat.md §3.1). */
const early = 300_000;
/** After a refresh that failed while the old token is still good. */
const backOff = 30_000;

/** Tokens in this database's collection `platform-tokens`, sealed. */
export async function openPlatformTokens({ database, clock, ids, vault }: PlatformTokensOptions): Promise<PlatformTokens> {
  const records = await openPlatformTokenRecords(database);
  const once = createSingleFlight<HeldToken | undefined>();

  /** What no key opens any more is as good as none: another is fetched. */
  function open(owner: TokenOwner, { sealed, version }: Pick<TokenRow, 'sealed' | 'version'>): HeldToken | undefined {
    if (sealed === undefined) return undefined;
    try {
      return { token: vault.open(sealed, contextOf(owner)), version };
    } catch {
      return undefined;
    }
  }

  /** Fetches another token than the row's; undefined when somebody else does, or the row was changed meanwhile. */
  async function refresh(owner: TokenOwner, row: TokenRow | null, isUrgent: boolean, fetch: FetchToken) {
    const askedAt = clock.now();
    const lease = grantLease(ids, askedAt, leaseLasts);
    const version = row?.version ?? 0;
    if (!(await records.take(owner.merchantId, owner, lease, { version, now: askedAt }))) return undefined;
    try {
      return await fetchAndStore(owner, { lease, version, refused: row?.refused, askedAt }, fetch);
    } catch (error) {
      await records.release(owner.merchantId, owner, lease, isUrgent ? undefined : clock.now() + backOff);
      if (isUrgent) throw error;
      return undefined;
    }
  }

  async function fetchAndStore(owner: TokenOwner, taken: Taken, fetch: FetchToken): Promise<HeldToken | undefined> {
    const { lease, version, refused, askedAt } = taken;
    const { token, lifetime } = await fetch((one) => digestOf(one) === refused);
    const endsAt = askedAt + lifetime;
    const stored = { sealed: vault.seal(token, contextOf(owner)), refreshAt: endsAt - Math.min(early, lifetime / 2), endsAt };
    if (await records.store(owner.merchantId, owner, lease, version, stored)) return { token, version: version + 1 };
    await records.release(owner.merchantId, owner, lease);
    return undefined;
  }

  return {
    async take(owner, fetch) {
      for (const givesUpAt = clock.now() + waitsFor; ; ) {
        const row = await records.find(owner.merchantId, owner);
        const now = clock.now();
        const { refreshAt = 0, endsAt = 0, lease, version = 0 } = row ?? {};
        const usable = row && endsAt > now ? open(owner, row) : undefined;
        const isBeingFetched = lease !== undefined && lease.until > now;
        if (usable && (refreshAt > now || isBeingFetched)) return usable;
        // In this process those share a fetch who saw the same version: one that was begun earlier may bring what has been refused since.
        const flight = `${contextOf(owner)}:${version}`;
        const fresh = isBeingFetched ? undefined : await once(flight, () => refresh(owner, row, !usable, fetch));
        const held = fresh ?? usable;
        if (held) return held;
        if (isBeingFetched) await sleep(clock, lookEvery);
        if (clock.now() >= givesUpAt)
          throw fault(
            'server.unavailable',
            `Another process has not fetched the ${owner.name} of the account in ${waitsFor} ms.`,
          );
      }
    },
    refuse: (owner, { token, version }) => records.refuse(owner.merchantId, owner, version, digestOf(token)),
    forget: records.forget,
  };
}

interface Taken {
  lease: Lease;
  version: number;
  refused: string | undefined;
  askedAt: number;
}

const contextOf = ({ merchantId, accountId, name }: TokenOwner): string => `platform-token:${merchantId}:${accountId}:${name}`;

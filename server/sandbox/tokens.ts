import type { Database } from '../database/index.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import { createSingleFlight } from '../kernel/single-flight.ts';
import { makeAccessToken } from './accounts.ts';
import { forcedRefresh, type Quotas } from './quotas.ts';
import { openTokenRecords, type TokenRecord } from './token-records.ts';

/** A token as the platform hands it out. */
export interface Issued {
  readonly token: string;
  /** How long it still works, whole seconds. */
  readonly seconds: number;
}

/** The platform's access_tokens (wechat.md §3.1). */
export interface Tokens {
  /** A new token; the one before it works for five more minutes. */
  issue(appId: string): Promise<Issued>;
  /** The same token as long as it is good; when forced, a new one at once, at most every 30 s and 20 times a day, else undefined. */
  issueStable(appId: string, isForced: boolean): Promise<Issued | undefined>;
  /** Whose token it is, or why it opens nothing. */
  whose(token: string): Promise<{ appId: string } | 'unknown' | 'replaced' | 'over'>;
  /** The account's ticket of this kind: the same one for two hours (wechat.md §3.3). */
  ticket(appId: string, kind: 'jsapi' | 'wx_card'): Promise<Issued>;
  /** Voids every access_token of the account at once. */
  end(appId: string): Promise<void>;
}

const lifetime = 7_200_000;
const overlap = 300_000;
const shortestRefresh = 30_000;
const refreshesADay = 20;
const day = 86_400_000;

export async function openTokens(parts: { database: Database; quotas: Quotas; clock: Clock; random: Random }): Promise<Tokens> {
  const { quotas, clock, random } = parts;
  const records = await openTokenRecords(parts.database);
  const once = createSingleFlight<Issued | undefined>();

  async function add(appId: string, call: TokenRecord['call'], overlapEnds: number): Promise<Issued> {
    const now = clock.now();
    const token = { _id: makeAccessToken(random), appId, call, madeAt: now, expiresAt: now + lifetime };
    await records.add(token, overlapEnds, now - day);
    return issued(token);
  }

  function issued({ _id, expiresAt }: TokenRecord): Issued {
    return { token: _id, seconds: Math.floor((expiresAt - clock.now()) / 1000) };
  }

  async function refresh(appId: string, isForced: boolean): Promise<Issued | undefined> {
    const now = clock.now();
    const newest = await records.newest(appId, 'stable');
    const rest = newest ? newest.expiresAt - now : 0;
    if (!isForced) return newest && rest > overlap ? issued(newest) : add(appId, 'stable', now + overlap);
    if (newest && rest > 0 && now - newest.madeAt < shortestRefresh) return issued(newest);
    if (!(await quotas.use(appId, forcedRefresh, refreshesADay))) return undefined;
    return add(appId, 'stable', now);
  }

  return {
    issue: (appId) => add(appId, 'token', clock.now() + overlap),
    issueStable: (appId, isForced) => once(`${appId} ${isForced}`, () => refresh(appId, isForced)),
    async whose(token) {
      const found = await records.find(token);
      if (!found || found.call === 'jsapi' || found.call === 'wx_card') return 'unknown';
      if (found.expiresAt > clock.now()) return { appId: found.appId };
      return found.isReplaced ? 'replaced' : 'over';
    },
    async ticket(appId, kind) {
      const found = await once(`${appId} ${kind}`, async () => {
        const newest = await records.newest(appId, kind);
        return newest && newest.expiresAt > clock.now() ? issued(newest) : add(appId, kind, clock.now());
      });
      if (!found) throw new Error('a ticket is always given');
      return found;
    },
    end: (appId) => records.end(appId, clock.now()),
  };
}

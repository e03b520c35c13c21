import type { RateBuckets } from '../../coordination/rate-buckets.ts';
import type { Database } from '../../database/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import { digestOf } from '../../kernel/digest.ts';
import { fault } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import type { Random } from '../../kernel/random.ts';
import type { Vault } from '../../kernel/vault.ts';
import type { AppendAudit } from '../audit-records.ts';
import type { StaffCaller } from '../caller.ts';
import { createAttempts } from './attempts.ts';
import { openLinkRecords } from './link-records.ts';
import { createLinkUse } from './link-use.ts';
import { createOneTimeCodes } from './one-time-code.ts';
import { createOwnSecrets } from './own-secrets.ts';
import type { Passwords } from './password.ts';
import type { FindMerchants, Sessions } from './session.ts';
import { openSessionRecords } from './session-records.ts';
import { createSignIn, type SignInParts } from './sign-in.ts';
import { openStaffRecords } from './staff-records.ts';

interface SessionParts {
  database: Database;
  clock: Clock;
  ids: Ids;
  log: Log;
  random: Random;
  vault: Vault;
  audit: { append: AppendAudit };
  buckets: RateBuckets;
  passwords: Passwords;
  merchants: FindMerchants;
}

/** How exactly the last use of a session is known: more often it is not written. */
const useIsWrittenEvery = 60_000;

/** The sessions in this database, and the ways to open one. */
export async function openSessions({
  database,
  log,
  audit: { append },
  vault,
  buckets,
  ...rest
}: SessionParts): Promise<Sessions> {
  const staff = await openStaffRecords(database);
  const sessions = await openSessionRecords(database);
  const links = await openLinkRecords(database);
  const { transact } = database;
  const { clock, merchants } = rest;
  const attempts = createAttempts(buckets);
  const codes = createOneTimeCodes({ vault, random: rest.random });
  const parts: SignInParts = { transact, append, attempts, codes, staff, sessions, ...rest };

  async function noteUse({ merchantId, id, sessionId }: StaffCaller, now: number) {
    await Promise.all([sessions.touch(merchantId, sessionId, now), staff.touch(merchantId, id, now)]);
  }

  /** What no key opens any more stays: recovery codes still open, and the codes can be begun anew. */
  function resealed(staffId: StaffCaller['id'], sealed: string): string | undefined {
    try {
      return codes.resealed(staffId, sealed);
    } catch (error) {
      log.warn({ staffId, error }, 'code.not-resealed');
      return undefined;
    }
  }

  return {
    ...createSignIn(parts),
    ...createLinkUse({ ...parts, links }),
    ...createOwnSecrets({ ...parts, links }),

    async find(token) {
      const now = clock.now();
      const session = token.startsWith('sws_') ? await sessions.findByDigest(digestOf(token), now) : undefined;
      if (!session) return undefined;
      const { merchantId, staffId } = session;
      const [found, merchant] = await Promise.all([staff.find(merchantId, staffId), merchants.merchantOf(merchantId)]);
      if (!found || !merchant) return undefined;
      const { name, role, storeIds } = found.staff;
      const rights = { name, role, storeIds, isHouse: merchant.isHouse };
      const caller: StaffCaller = { kind: 'staff', merchantId, id: staffId, sessionId: session.id, ...rights };
      if (now - session.lastUsedAt >= useIsWrittenEvery) await noteUse(caller, now);
      return caller;
    },

    present: ({ merchantId, id, sessionId }) => sessions.find(merchantId, id, sessionId, clock.now()),
    list: ({ merchantId, id }) => sessions.list(merchantId, id, clock.now()),

    async end({ merchantId, id: staffId, name }, id, by) {
      await transact(async (transaction) => {
        if (!(await sessions.remove(transaction, merchantId, staffId, id)))
          throw fault('request.not-found', 'You have no session of this id.');
        const subject = { kind: 'staff', id: staffId, name };
        await append(transaction, merchantId, { by, action: 'session.ended', subject, before: { sessionId: id } });
      });
    },

    async endOthers({ merchantId, id: staffId, sessionId, name }, by) {
      await transact(async (transaction) => {
        const ended = await sessions.removeAll(transaction, merchantId, staffId, sessionId);
        if (ended === 0) return;
        const subject = { kind: 'staff', id: staffId, name };
        await append(transaction, merchantId, { by, action: 'session.others-ended', subject, before: { sessions: ended } });
      });
    },

    reseal: () => staff.resealCodes(resealed),

    async prune() {
      await Promise.all([sessions.prune(clock.now()), links.prune(clock.now())]);
    },
  };
}

import type { Session as Transaction } from '../../database/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import { digestOf } from '../../kernel/digest.ts';
import { detailedFault, type Fault, fault } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Random } from '../../kernel/random.ts';
import type { AppendAudit } from '../audit-records.ts';
import type { By } from '../caller.ts';
import type { Attempt, Attempts } from './attempts.ts';
import { normalizeLogin } from './login.ts';
import type { OneTimeCodes } from './one-time-code.ts';
import type { Passwords } from './password.ts';
import { makeToken } from './secret-token.ts';
import type { FindMerchants, OpenedSession, Place, Sessions, SigningMerchant } from './session.ts';
import type { SessionRecords } from './session-records.ts';
import { type StaffMember, subjectOf } from './staff.ts';
import type { Proof, SecretsChange, StaffRecords, StaffWithSecrets } from './staff-records.ts';

/** What signing in is made of. */
export interface SignInParts {
  transact<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  clock: Clock;
  ids: Ids;
  random: Random;
  append: AppendAudit;
  merchants: FindMerchants;
  attempts: Attempts;
  passwords: Passwords;
  codes: OneTimeCodes;
  staff: StaffRecords;
  sessions: SessionRecords;
}

/** However often it is used, a session is over after this. */
const longestSession = 30 * 86_400_000;
const longestAgent = 200;

/** Signing in by password. */
export function createSignIn(parts: SignInParts): Pick<Sessions, 'signIn'> {
  const { transact, merchants, passwords, staff } = parts;

  async function tellRefused(merchant: SigningMerchant, found: StaffWithSecrets | undefined, action: string, by: By) {
    // The same write for a login that nobody has: how long it takes tells nothing. What was typed may be a password, and is not kept.
    const subject = found ? subjectOf(found.staff) : { kind: 'staff', id: 'unknown' };
    await transact((transaction) => parts.append(transaction, merchant.id, { by, action, subject }));
  }

  async function beginOrRefuse(merchant: SigningMerchant | undefined, slug: string, login: string, place: Place, by: By) {
    const attempt = await parts.attempts.begin(place.address, { merchant: merchant?.id ?? slug, login });
    if (attempt.ok) return attempt;
    if (merchant && attempt.isNews)
      await tellRefused(merchant, await staff.findByLogin(merchant.id, login), 'session.throttled', by);
    throw attempt.fault;
  }

  return {
    async signIn(slug, given, place, by) {
      passwords.checkRoom();
      const merchant = await (slug === undefined ? merchants.only() : merchants.findBySlug(slug));
      if (!merchant && slug === undefined) throw unnamedMerchant();
      const login = normalizeLogin(given.login);
      const attempt = await beginOrRefuse(merchant, slug ?? '', login, place, by);
      const found = merchant && (await staff.findByLogin(merchant.id, login));
      const { isRight, isOutdated } = await orTakenBack(attempt, passwords.verify(given.password, found?.password));
      const code = found && isRight ? readCode(parts, found, given.code) : undefined;
      if (code === 'needed') {
        await attempt.takeBack();
        throw codeNeeded();
      }
      const opened =
        merchant && found && code
          ? await openSession(parts, found.staff, place, by, {
              proof: { password: found.password, code },
              change: isOutdated ? { password: await passwords.hash(given.password) } : {},
            })
          : undefined;
      if (!opened) {
        if (merchant) await tellRefused(merchant, found, 'session.refused', by);
        throw wrong();
      }
      await attempt.takeBack();
      return opened;
    },
  };

  function unnamedMerchant(): Fault {
    const message = 'There is more than one merchant here: say which, by its short name.';
    return detailedFault('request.invalid', message, { fields: [{ path: 'body.merchant', code: 'merchant.unnamed', message }] });
  }
}

/** Opens a session if the proof still holds, and makes the change that it allows; undefined when it does not. */
async function openSession(
  parts: SignInParts,
  { id, merchantId }: StaffMember,
  place: Place,
  by: By,
  { proof, change }: { proof: Proof; change: SecretsChange },
): Promise<OpenedSession | undefined> {
  return parts.transact(async (transaction) => {
    if (!(await parts.staff.prove(transaction, merchantId, id, proof, { ...change, lastSeenAt: parts.clock.now() })))
      return undefined;
    const found = await parts.staff.find(merchantId, id, transaction);
    return found && writeSession(parts, transaction, found.staff, place, by);
  });
}

/** Writes a session whose token was never seen before, so that nobody can have fixed it beforehand. */
export async function writeSession(
  parts: SignInParts,
  transaction: Transaction,
  staff: StaffMember,
  { address, agent }: Place,
  by: By,
): Promise<OpenedSession> {
  const token = makeToken(parts.random, 'sws_');
  const madeAt = parts.clock.now();
  const expiresAt = madeAt + longestSession;
  const plainAgent = agent.replace(/\p{C}/gu, '').slice(0, longestAgent);
  const { merchantId, id: staffId } = staff;
  const session = { id: parts.ids<'session'>(), madeAt, lastUsedAt: madeAt, expiresAt, address, agent: plainAgent };
  await parts.sessions.insert(transaction, { ...session, merchantId, staffId }, digestOf(token));
  await parts.append(transaction, merchantId, {
    by: { ...by, actor: { kind: 'staff', id: staffId, name: staff.name } },
    action: 'session.opened',
    subject: subjectOf(staff),
    after: { sessionId: session.id, agent: plainAgent },
  });
  return { token, expiresAt, staff };
}

/** What the code that was typed proves: `needed` when one is asked for and none came, undefined when it is wrong. */
export function readCode(
  { codes, clock }: Pick<SignInParts, 'codes' | 'clock'>,
  { staff, code }: StaffWithSecrets,
  given: string | undefined,
): Proof['code'] | 'needed' | undefined {
  if (!code) return 'none';
  if (given === undefined) return 'needed';
  const typed = codes.read(staff.id, code.sealed, given, clock.now());
  return typed && { sealed: code.sealed, typed };
}

/** The work's result; when it fails before anything was tried, the try did not count. */
export async function orTakenBack<Result>(attempt: Attempt & { ok: true }, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    await attempt.takeBack();
    throw error;
  }
}

export const codeNeeded = (): Fault =>
  fault('session.code-needed', 'Type the code of your authenticator app, or one of the recovery codes.');
/** One answer for all that may be wrong: which of them it is would tell who is on the staff. */
export const wrong = (): Fault => fault('session.refused', 'The login, the password or the code is wrong.');

import { fault } from '../../kernel/errors.ts';
import type { StaffCaller } from '../caller.ts';
import type { LinkRecords } from './link-records.ts';
import { targetOf } from './link-use.ts';
import { checkPassword } from './password.ts';
import type { Sessions } from './session.ts';
import { codeNeeded, orTakenBack, readCode, type SignInParts, wrong } from './sign-in.ts';
import { subjectOf } from './staff.ts';
import type { StaffWithSecrets } from './staff-records.ts';

/** What somebody who is signed in changes about how they prove who they are. */
export function createOwnSecrets(
  parts: SignInParts & { links: LinkRecords },
): Pick<Sessions, 'changePassword' | 'beginCode' | 'confirmCode' | 'stopCode'> {
  const { transact, clock, append, merchants, attempts, passwords, codes, staff, sessions, links } = parts;

  async function findSelf(caller: StaffCaller) {
    const found = await staff.find(caller.merchantId, caller.id);
    const merchant = await merchants.merchantOf(caller.merchantId);
    if (!found || !merchant) throw fault('request.unauthenticated', 'This session is over: sign in again.');
    return { found, merchant };
  }

  /** Somebody who sits down at another's open screen guesses no better than a stranger. */
  async function beginAttempt(found: StaffWithSecrets, address: string | undefined) {
    const attempt = await attempts.begin(address ?? '', targetOf(found));
    if (!attempt.ok) throw attempt.fault;
    return attempt;
  }

  /** A session alone changes nothing of this: whoever found one open would keep out whose it is. Gives the try, to be taken back. */
  async function provePassword(found: StaffWithSecrets, present: string | undefined, address: string | undefined) {
    const attempt = await beginAttempt(found, address);
    if (found.password === undefined) return attempt;
    const { isRight } = await orTakenBack(attempt, passwords.verify(present ?? '', found.password));
    if (!isRight) throw wrong();
    return attempt;
  }

  return {
    async changePassword(caller, given, by) {
      const { found, merchant } = await findSelf(caller);
      checkPassword(given.password, { login: found.staff.login, merchantName: merchant.name });
      const attempt = await provePassword(found, given.present, by.address);
      const password = await orTakenBack(attempt, passwords.hash(given.password));
      await transact(async (transaction) => {
        const { merchantId, id, sessionId } = caller;
        if (!(await staff.prove(transaction, merchantId, id, { password: found.password, code: 'waived' }, { password })))
          throw wrong();
        await sessions.removeAll(transaction, merchantId, id, sessionId);
        // A link that was sent to choose a new password has had its day.
        await links.removeOf(transaction, merchantId, id);
        await append(transaction, merchantId, { by, action: 'password.changed', subject: subjectOf(found.staff) });
      });
      await attempt.takeBack();
    },

    async beginCode(caller, present, by) {
      const { found, merchant } = await findSelf(caller);
      const attempt = await provePassword(found, present, by.address);
      await attempt.takeBack();
      const { sealed, url } = codes.begin(caller.id, merchant.name, found.staff.login);
      if (!(await staff.setPendingCode(caller.merchantId, caller.id, sealed)))
        throw fault('request.refused', 'A code is asked for already: stop that first.');
      return { url };
    },

    async confirmCode(caller, code, by) {
      const { found } = await findSelf(caller);
      const { pendingCode: sealed } = found;
      if (sealed === undefined || found.code) throw fault('request.refused', 'Nothing waits for its first code: begin again.');
      const attempt = await beginAttempt(found, by.address);
      const typed = codes.read(caller.id, sealed, code, clock.now());
      if (typed?.kind !== 'timed') throw wrong();
      const recovery = codes.makeRecovery();
      await transact(async (transaction) => {
        const change = { code: { sealed, lastStep: typed.step, recovery: recovery.digests } };
        const proof = { code: 'none', pendingCode: sealed } as const;
        if (!(await staff.prove(transaction, caller.merchantId, caller.id, proof, change))) throw wrong();
        await append(transaction, caller.merchantId, { by, action: 'code.started', subject: subjectOf(found.staff) });
      });
      await attempt.takeBack();
      return { recoveryCodes: recovery.codes };
    },

    async stopCode(caller, given, by) {
      const { found } = await findSelf(caller);
      const attempt = await beginAttempt(found, by.address);
      const code = readCode(parts, found, given);
      if (code === 'none') {
        await attempt.takeBack();
        throw fault('request.refused', 'No code is asked for.');
      }
      if (code === 'needed') throw codeNeeded();
      if (!code) throw wrong();
      await transact(async (transaction) => {
        if (!(await staff.prove(transaction, caller.merchantId, caller.id, { code }, { code: 'stop' }))) throw wrong();
        await append(transaction, caller.merchantId, { by, action: 'code.stopped', subject: subjectOf(found.staff) });
      });
      await attempt.takeBack();
    },
  };
}

import { Secret, TOTP } from 'otpauth';
import { digestOf } from '../../kernel/digest.ts';
import type { Id } from '../../kernel/ids.ts';
import type { Random } from '../../kernel/random.ts';
import type { Vault } from '../../kernel/vault.ts';

/** What a code that somebody typed turned out to be: one of the app's, with the step of time that it belongs to, or maybe a recovery code. */
export type TypedCode =
  | { readonly kind: 'timed'; readonly step: number }
  | { readonly kind: 'recovery'; readonly digest: string };

export interface OneTimeCodes {
  /** A new secret, sealed for this member of the staff, and the otpauth URL that an authenticator app reads. */
  begin(staffId: Id<'staff'>, merchantName: string, login: string): { sealed: string; url: string };
  /** Which step the code belongs to, one step of 30 s earlier or later included; undefined when it belongs to none. A text that is no six digits is taken for a recovery code. */
  read(staffId: Id<'staff'>, sealed: string, code: string, now: number): TypedCode | undefined;
  /** The same secret sealed with the newest key; undefined when it is, or when no key opens it. */
  resealed(staffId: Id<'staff'>, sealed: string): string | undefined;
  /** Ten recovery codes of 80 bits, and what is stored of them. */
  makeRecovery(): { codes: readonly string[]; digests: readonly string[] };
}

/** RFC 6238 with what all authenticator apps support: SHA-1, six digits, 30 seconds. */
const rules = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
const secretLength = 20;
const recoveryCodes = 10;
/** Without letters that are taken for digits: who types them means the digits. */
const recoveryAlphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** One-time codes whose secrets are sealed in the vault: each for one member of the staff. */
export function createOneTimeCodes({ vault, random }: { vault: Vault; random: Random }): OneTimeCodes {
  const contextOf = (staffId: Id<'staff'>) => `staff:${staffId}:code`;
  return {
    begin(staffId, merchantName, login) {
      const secret = new Secret({ buffer: Uint8Array.from(random(secretLength)).buffer });
      const url = new TOTP({ ...rules, issuer: merchantName, label: login, secret }).toString();
      return { sealed: vault.seal(secret.base32, contextOf(staffId)), url };
    },
    read(staffId, sealed, code, now) {
      const typed = code.normalize('NFKC').replace(/[\s-]/g, '').toLowerCase();
      if (!/^\d{6}$/.test(typed)) return { kind: 'recovery', digest: digestOf(typed.replaceAll('o', '0').replace(/[il]/g, '1')) };
      const secret = Secret.fromBase32(vault.open(sealed, contextOf(staffId)));
      const delta = TOTP.validate({ ...rules, token: typed, secret, timestamp: now, window: 1 });
      if (delta === null) return undefined;
      return { kind: 'timed', step: TOTP.counter({ period: rules.period, timestamp: now }) + delta };
    },
    resealed(staffId, sealed) {
      if (vault.isCurrent(sealed)) return undefined;
      try {
        return vault.seal(vault.open(sealed, contextOf(staffId)), contextOf(staffId));
      } catch {
        // Its key is lost. The house opens all the same: a recovery code or the operator's link lets its owner in.
        return undefined;
      }
    },
    makeRecovery() {
      const plain = Array.from({ length: recoveryCodes }, () =>
        [...random(16)].map((byte) => recoveryAlphabet[byte & 31]).join(''),
      );
      return { codes: plain.map((code) => code.replace(/(.{4})(?!$)/g, '$1-')), digests: plain.map(digestOf) };
    },
  };
}

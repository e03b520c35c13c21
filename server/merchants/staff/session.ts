import type { Id } from '../../kernel/ids.ts';
import type { By, StaffCaller } from '../caller.ts';
import type { Merchant } from '../merchant.ts';
import type { Link, StaffMember } from './staff.ts';

/** What signing in must know of a merchant. */
export type SigningMerchant = Pick<Merchant, 'id' | 'slug' | 'name' | 'isHouse'>;

/** How the merchant is found whose staff signs in. */
export interface FindMerchants {
  /** Undefined also for a merchant of the sandbox beside real accounts. */
  merchantOf(merchantId: Id<'merchant'>): Promise<SigningMerchant | undefined>;
  findBySlug(slug: string): Promise<SigningMerchant | undefined>;
  /** The merchant, where there is exactly one. */
  only(): Promise<SigningMerchant | undefined>;
}

/** Where somebody signs in from. */
export interface Place {
  /** Network address. */
  readonly address: string;
  /** What the browser says it is. */
  readonly agent: string;
}

/** A session as its owner sees it. */
export interface Session {
  readonly id: string;
  readonly madeAt: number;
  /** To the minute; after seven days without a use it is over. */
  readonly lastUsedAt: number;
  /** When it is over even if it is used: thirty days after it was opened. */
  readonly expiresAt: number;
  readonly address: string;
  readonly agent: string;
}

/** A session just opened; the token is given this once and stored as a digest. */
export interface OpenedSession {
  readonly token: string;
  readonly expiresAt: number;
  readonly staff: StaffMember;
}

export interface Sessions {
  /**
   * Signs in by password. A wrong login and a wrong password are one answer, `session.refused`, and take as long; `session.code-needed` asks for
   * the one-time code (or a recovery code); `request.too-many` after ten wrong tries in a quarter of an hour on a login, thirty from an address.
   */
  signIn(
    merchantSlug: string | undefined,
    given: { login: string; password: string; code?: string },
    place: Place,
    by: By,
  ): Promise<OpenedSession>;
  /** What a link is for, without using it up; `link.over` for one that is used, expired or unknown. */
  look(token: string, place: Place): Promise<Link & { merchantName: string; login?: string }>;
  /** Uses a link up: to join, with a name and a login and a password; to enter, with a new password or without. Of two who race one is refused. */
  useLink(
    token: string,
    given: { name?: string; login?: string; password?: string; code?: string },
    place: Place,
    by: By,
  ): Promise<OpenedSession>;
  /** Who has this token, as stored now; undefined when it is unknown, over or revoked. */
  find(token: string): Promise<StaffCaller | undefined>;
  /** The caller's present session. */
  present(caller: StaffCaller): Promise<Session | undefined>;
  /** The caller's sessions, the last used first; of very many the first ones. */
  list(caller: StaffCaller): Promise<readonly Session[]>;
  /** Ends one session of the caller's, or all others. */
  end(caller: StaffCaller, id: string, by: By): Promise<void>;
  endOthers(caller: StaffCaller, by: By): Promise<void>;
  /** Chooses a new password; the present one must be known where there is one, else `session.refused`. All other sessions and the links to sign in end. */
  changePassword(caller: StaffCaller, given: { present?: string; password: string }, by: By): Promise<void>;
  /** Begins asking for one-time codes (RFC 6238) of who knows the present password: gives the otpauth URL; nothing changes before a code of it was shown. */
  beginCode(caller: StaffCaller, present: string | undefined, by: By): Promise<{ url: string }>;
  /** From now on a code is asked for; gives ten recovery codes, once. */
  confirmCode(caller: StaffCaller, code: string, by: By): Promise<{ recoveryCodes: readonly string[] }>;
  /** Asks for no code any more; wants one last. */
  stopCode(caller: StaffCaller, code: string, by: By): Promise<void>;
  /** Seals secrets anew that an older key sealed, so that it can go. */
  reseal(): Promise<void>;
  /** Forgets sessions and links that are over. */
  prune(): Promise<void>;
}

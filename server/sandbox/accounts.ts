import { pick, type Random } from '../kernel/random.ts';
import type { AccountKind, Mode } from './contract.ts';

/** An official account of the sandbox with its credentials, as its operator would see them on the platform's own page. */
export interface SandboxAccount {
  readonly appId: string;
  readonly originalId: string;
  readonly name: string;
  readonly kind: AccountKind;
  readonly isVerified: boolean;
  readonly appSecret: string;
  /** The white list: whence tokens may be asked for. */
  readonly addresses: readonly string[];
  readonly mode: Mode;
  readonly token: string;
  /** 43 letters and digits, of which AES takes 32 bytes (wechat.md §2). */
  readonly encodingAesKey: string;
}

const hex = '0123456789abcdef';
const lettersAndDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** What an account has that was kept before there were AppSecrets, and what a new one has unless it is told otherwise. */
export function makeTraits(random: Random): Pick<SandboxAccount, 'kind' | 'isVerified' | 'appSecret' | 'addresses'> {
  // This machine's own, so that a first try works at once.
  const addresses = ['127.0.0.1', '::1'];
  return { kind: 'service', isVerified: true, appSecret: pick(hex, 32, random), addresses };
}

/** New credentials, in the shapes that the platform gives them. */
export function makeAccount(
  given: Pick<SandboxAccount, 'name' | 'mode'> & Partial<Pick<SandboxAccount, 'kind' | 'isVerified'>>,
  random: Random,
): SandboxAccount {
  return {
    appId: `wx${pick(hex, 16, random)}`,
    originalId: `gh_${pick(hex, 12, random)}`,
    ...makeTraits(random),
    ...given,
    token: pick(lettersAndDigits, 32, random),
    encodingAesKey: pick(lettersAndDigits, 43, random),
  };
}

/** A follower's id on an account: 28 characters that begin with `o`. */
export function makeOpenid(random: Random): string {
  return `o${pick(`${lettersAndDigits}_-`, 27, random)}`;
}

/** An id of media or a ticket, as long as the platform's own. */
export function makeMediaId(random: Random): string {
  return pick(`${lettersAndDigits}_-`, 64, random);
}

/** An access_token, as long as the platform's own. */
export function makeAccessToken(random: Random): string {
  return `86_${pick(`${lettersAndDigits}_-`, 133, random)}`;
}

/** A ticket of a QR code: it has to be encoded in an address. */
export function makeTicket(random: Random): string {
  return `gQ${pick(lettersAndDigits, 90, random)}==`;
}

/** A key that stands for a longer text. */
export function makeShortKey(random: Random): string {
  return pick(lettersAndDigits, 15, random);
}

/** A code that is good for one use. */
export function makeLoginCode(random: Random): string {
  return `0${pick(lettersAndDigits, 31, random)}`;
}

/** A key of a mini program's session: 16 bytes as base64. */
export function makeSessionKey(random: Random): string {
  return Buffer.from(random(16)).toString('base64');
}

/** The id by which the platform can look a call up (wechat.md §0). */
export function makeCallId(random: Random): string {
  return [8, 8, 8].map((length) => pick(hex, length, random)).join('-');
}

/** A nonce of a callback: digits, as the platform sends them. */
export function makeNonce(random: Random): string {
  return pick('0123456789', 10, random);
}

/** A MsgId: 63 random bits, so that it does not fit a JavaScript number, as the platform's do not. */
export function makeMessageId(random: Random): bigint {
  const bytes = Buffer.from(random(8));
  return (bytes.readBigUInt64BE() >> 1n) | (1n << 60n);
}

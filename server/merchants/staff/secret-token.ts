import { createHash } from 'node:crypto';

/** Gives this many bytes from a cryptographic source. */
export type Random = (size: number) => Uint8Array;

/** What opens a session, a link or the API: 256 random bits behind a prefix that says what it is for, so that scanners for leaked secrets know it. */
export const makeToken = (random: Random, prefix: 'sws_' | 'swk_' | 'swl_'): string =>
  prefix + Buffer.from(random(32)).toString('base64url');

/** What is stored of a token. It is as long as it is random, so a plain digest is enough: there is nothing to guess. */
export const digestOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

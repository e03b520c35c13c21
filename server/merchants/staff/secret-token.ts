import type { Random } from '../../kernel/random.ts';

/**
 * What opens a session, a link or the API: 256 random bits behind a prefix that says what it is for, so that scanners for leaked secrets know
 * it. What is stored of it is its plain digest: it is as long as it is random, and there is nothing to guess.
 */
export const makeToken = (random: Random, prefix: 'sws_' | 'swk_' | 'swl_'): string =>
  prefix + Buffer.from(random(32)).toString('base64url');

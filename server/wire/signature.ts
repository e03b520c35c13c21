import { hash, timingSafeEqual } from 'node:crypto';

/** SHA-1, in lower-case hex, of the parts sorted by code unit and joined: how WeChat and WeCom sign their callbacks (wechat.md §1.1, §2). */
export function signatureOf(parts: readonly string[]): string {
  return hash('sha1', parts.toSorted().join(''));
}

/** Is this the signature of these parts? Takes the same time wherever the two differ. */
export function isSignatureOf(given: string, parts: readonly string[]): boolean {
  const expected = Buffer.from(signatureOf(parts), 'latin1');
  const actual = Buffer.from(given, 'utf8');
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

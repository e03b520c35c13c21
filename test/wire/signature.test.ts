import { describe, expect, it } from 'vitest';
import { isSignatureOf, signatureOf } from '../../server/wire/signature.ts';
import { envelopes, signatures, type Vector } from './vectors.ts';

describe('a signature', () => {
  it.each(signatures)('%s', (_, parts, signature) => {
    expect(signatureOf(parts)).toBe(signature);
    expect(isSignatureOf(signature, parts)).toBe(true);
  });

  const signed: [string, Vector][] = Object.entries(envelopes).filter(([, vector]) => 'signature' in vector);
  it.each(signed)('%s: covers the encrypted message', (_, { token, timestamp = '', nonce = '', encrypted, signature }) => {
    expect(signatureOf([token, timestamp, nonce, encrypted])).toBe(signature);
  });

  it('sorts by code unit, not as people sort', () => {
    expect(signatureOf(['a', 'B', '中', '\u{1f600}', '\uffee'])).toBe(signatureOf(['B', 'a', '中', '\u{1f600}', '\uffee']));
    expect(signatureOf(['a', 'B'])).toBe(signatureOf(['Ba']));
    expect(signatureOf(['\uffee', '\u{1f600}'])).toBe(signatureOf(['\u{1f600}\uffee']));
  });

  it('leaves its parts in the order in which they came', () => {
    const parts = ['b', 'a'];
    signatureOf(parts);
    expect(parts).toEqual(['b', 'a']);
  });

  const { token, timestamp, nonce, encrypted, signature } = envelopes.C;
  const parts = [token, timestamp, nonce, encrypted];
  it.each([
    ['another', 'ae70d4e343d946fc0477a5c760b95be0947fddbc'],
    ['one in capitals', signature.toUpperCase()],
    ['a shorter one', signature.slice(1)],
    ['a longer one', `${signature}0`],
    ['none', ''],
    ['one of 40 wider characters', '中'.repeat(40)],
    ['one whose wider characters end on the same bytes', `${signature.slice(0, -1)}\u0162`],
  ])('is not matched by %s', (_, given) => {
    expect(isSignatureOf(given, parts)).toBe(false);
  });

  it('does not cover a nonce that was changed on the way (E, address check)', () => {
    const { signature, ...vector } = envelopes['E, address check'];
    expect(isSignatureOf(signature, [vector.token, vector.timestamp, vector.nonce, vector.encrypted])).toBe(true);
    expect(isSignatureOf(signature, [vector.token, vector.timestamp, '437374424', vector.encrypted])).toBe(false);
  });

  it('does not cover a nonce of 12345 (B)', () => {
    const { token, timestamp, encrypted, signature } = envelopes.B1;
    expect(isSignatureOf(signature, [token, timestamp, '12345', encrypted])).toBe(false);
    expect(isSignatureOf('12345', [token, timestamp, 'xxxxxx', encrypted])).toBe(false);
  });
});

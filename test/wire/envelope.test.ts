import { createCipheriv, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEnvelopeKey, isEncodingAesKey, openEnvelope, sealEnvelope } from '../../server/wire/envelope.ts';
import { isSignatureOf } from '../../server/wire/signature.ts';
import { type Fields, readXml } from '../../server/wire/xml.ts';
import { envelopes, type Vector } from './vectors.ts';

const appId = 'wx5823bf96d3bd56c7';
const key = createEnvelopeKey(envelopes.A.encodingAesKey);
const otherKey = createEnvelopeKey(envelopes.B1.encodingAesKey);
const refusedAs = (code: string) => expect.objectContaining({ code });

describe('the public vectors', () => {
  const vectors: [string, Vector][] = Object.entries(envelopes);

  it.each(vectors)('%s opens', (_, { encodingAesKey, encrypted, appId, text }) => {
    const opened = openEnvelope(encrypted, [createEnvelopeKey(encodingAesKey)], appId);
    if (text !== undefined) expect(opened.text).toBe(text);
  });

  it.each(vectors.filter(([, { random, text }]) => random && text))('%s is sealed anew to the same letter', (_, vector) => {
    const { encodingAesKey, encrypted, appId, random = '', text = '' } = vector;
    expect(sealEnvelope(text, createEnvelopeKey(encodingAesKey), appId, Buffer.from(random))).toBe(encrypted);
  });

  it('D holds the file message of a real push', () => {
    const { encodingAesKey, encrypted, appId, random } = envelopes.D;
    const { text, key } = openEnvelope(encrypted, [createEnvelopeKey(encodingAesKey)], appId);
    expect(Buffer.byteLength(text)).toBe(462);
    expect(readXml(text)).toMatchObject({
      ToUserName: 'gh_8a50de30e55a',
      FromUserName: 'o5lE40xwHOqG8riO_EOZQV3JYCV8',
      CreateTime: '1519483978',
      MsgType: 'file',
      Title: 'test.zip',
      Description: '',
      FileKey: 'BAAAAAAAAACJHA0y',
      FileMd5: '95d98d3bf1b251a9e4a40f3bd88eef29',
      FileTotalLen: '222',
      MsgId: '6526133992738756795',
    });
    expect(sealEnvelope(text, key, appId, Buffer.from(random))).toBe(encrypted);
  });

  it('keys whose last character has spare bits stand for the bytes that the platform means', () => {
    const hex = ({ encodingAesKey }: Vector) => createEnvelopeKey(encodingAesKey).secret.export().toString('hex');
    expect(hex(envelopes.A)).toBe('8d69989bbaabe67328014c194631ad0719b3dca035b64023df292447aab60760');
    expect(hex(envelopes.B1)).toBe('69b71d79f8218a39259a7a29aabb2dbafc31cb3d35db7e39ebbf3d0010831051');
  });

  it.each(vectors)('%s does not open with the key of another account', (_, { encrypted, appId, encodingAesKey }) => {
    const foreign = encodingAesKey === envelopes.C.encodingAesKey ? envelopes.A : envelopes.C;
    expect(() => openEnvelope(encrypted, [createEnvelopeKey(foreign.encodingAesKey)], appId)).toThrow(
      refusedAs('callback.undecipherable'),
    );
  });

  it.each(vectors)('%s does not open for another app id', (_, { encrypted, appId, encodingAesKey }) => {
    expect(() => openEnvelope(encrypted, [createEnvelopeKey(encodingAesKey)], `${appId}0`)).toThrow(
      refusedAs('callback.undecipherable'),
    );
  });
});

describe('sealed messages of public test suites', () => {
  const cases = new URL('../cases/inbound/', import.meta.url);
  const manifest: { cases: SealedCase[] } = JSON.parse(readFileSync(new URL('manifest.json', cases), 'utf8'));

  it.each(manifest.cases.filter(({ kind }) => kind === 'encrypted'))('$id is rightly signed and opens', (sealed) => {
    const { file, account, query, sealedFor, plaintextFields } = sealed;
    const encrypted = String(readXml(readFileSync(new URL(file, cases), 'utf8')).Encrypt);
    expect(isSignatureOf(query.msg_signature, [account.token, query.timestamp, query.nonce, encrypted])).toBe(true);
    const { text } = openEnvelope(encrypted, [createEnvelopeKey(account.encodingAesKey)], sealedFor);
    expect({ ...readXml(text) }).toEqual(plaintextFields);
  });
});

describe('an envelope', () => {
  it('gives back any text that went in, padded to 32 bytes whatever its length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const sealed = sealEnvelope(text, key, appId, randomBytes(16));
        expect(Buffer.from(sealed, 'base64').length % 32).toBe(0);
        expect(openEnvelope(sealed, [key], appId).text).toBe(text);
      }),
    );
  });

  it.each([0, 1, 10, 25, 26, 27, 58])('of %i bytes opens, at the borders of padding as well', (length) => {
    const text = 'a'.repeat(length);
    expect(openEnvelope(sealEnvelope(text, key, appId, randomBytes(16)), [key], appId).text).toBe(text);
  });

  it('sealed with the previous key opens while keys are changed, and says with which it did', () => {
    const sealed = sealEnvelope('hello', otherKey, appId, randomBytes(16));
    expect(openEnvelope(sealed, [key, otherKey], appId)).toEqual({ text: 'hello', key: otherKey });
    expect(openEnvelope(sealed, [otherKey, key], appId).key).toBe(otherKey);
  });

  it('for another app is called foreign with whichever key it was sealed', () => {
    const sealed = sealEnvelope('hello', otherKey, 'wx0000000000000000', randomBytes(16));
    expect(() => openEnvelope(sealed, [key, otherKey], appId)).toThrow(refusedAs('callback.undecipherable'));
    expect(() => openEnvelope(sealed, [otherKey, key], appId)).toThrow(refusedAs('callback.undecipherable'));
  });

  it('takes exactly 16 random bytes', () => {
    expect(() => sealEnvelope('a', key, appId, randomBytes(15))).toThrow(RangeError);
  });
});

describe('what cannot be deciphered', () => {
  const content = (length: number, text: string, id = appId) => {
    const head = Buffer.alloc(20, 'r');
    head.writeUInt32BE(length, 16);
    return Buffer.concat([head, Buffer.from(text + id)]);
  };
  const pad = (bytes: Buffer, byte: number, count = byte) => Buffer.concat([bytes, Buffer.alloc(count, byte)]);
  const encrypt = (plain: Buffer) => {
    const cipher = createCipheriv('aes-256-cbc', key.secret, key.vector).setAutoPadding(false);
    return Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
  };
  const fitting = content(5, 'hello'); // 43 bytes: pads to 64 with 21

  it('(what the cases below vary does open)', () => {
    expect(openEnvelope(encrypt(pad(fitting, 21)), [key], appId).text).toBe('hello');
    expect(openEnvelope(encrypt(pad(fitting, 5)), [key], appId).text).toBe('hello');
  });

  const cases: [string, string][] = [
    ['nothing', ''],
    ['no base64', '****'],
    ['half a block', envelopes.A.encrypted.slice(0, 43)],
    ['one block', encrypt(Buffer.alloc(16, 1))],
    ['a cut message', Buffer.from(envelopes.A.encrypted, 'base64').subarray(0, 64).toString('base64')],
    ['padding of zero', encrypt(pad(fitting, 0, 21))],
    ['padding beyond 32', encrypt(pad(fitting, 33, 21))],
    ['padding longer than the message', encrypt(Buffer.alloc(16, 17))],
    ['padding of unequal bytes', encrypt(Buffer.concat([fitting, Buffer.alloc(20, 7), Buffer.from([21])]))],
    ['a length beyond the end', encrypt(pad(content(24, 'hello'), 21))],
    ['a length of four billion', encrypt(pad(content(0xffffffff, 'hello'), 21))],
    ['another key', sealEnvelope('hello', otherKey, appId, randomBytes(16))],
  ];

  it.each(cases)('%s', (_, encrypted) => {
    expect(() => openEnvelope(encrypted, [key], appId)).toThrow(refusedAs('callback.undecipherable'));
  });

  it('is refused in one and the same words, so that nobody learns where it broke', () => {
    const messages = cases.map(([, encrypted]) => {
      try {
        return openEnvelope(encrypted, [key], appId).text;
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(new Set(messages).size).toBe(1);
  });

  it('is refused without its key or its text in the words', () => {
    expect(() => openEnvelope('****', [key], appId)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(envelopes.A.encodingAesKey) }),
    );
  });

  it('is never more than a refusal, whatever single bit is turned', () => {
    const bytes = Buffer.from(envelopes.A.encrypted, 'base64');
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const turned = Buffer.from(bytes);
        turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        try {
          openEnvelope(turned.toString('base64'), [key], appId);
        } catch (error) {
          expect((error as { code: string }).code).toMatch(/^callback\.undecipherable$/);
        }
      }),
    );
  });
});

describe('an EncodingAESKey', () => {
  it.each([
    ['too short', 'a'.repeat(42)],
    ['too long', 'a'.repeat(44)],
    ['of base64, but not of letters and digits', `${'a'.repeat(42)}+`],
    ['with a line end', `${'a'.repeat(43)}\n`],
    ['empty', ''],
  ])('that is %s is none, and the refusal does not repeat it', (_, text) => {
    expect(isEncodingAesKey(text)).toBe(false);
    expect(() => createEnvelopeKey(text)).toThrow(
      expect.objectContaining({ code: 'config.invalid', message: 'An EncodingAESKey has 43 letters and digits.' }),
    );
  });

  it('of the published samples is one', () => {
    for (const { encodingAesKey } of Object.values(envelopes)) expect(isEncodingAesKey(encodingAesKey)).toBe(true);
  });
});

interface SealedCase {
  kind: string;
  file: string;
  account: { token: string; encodingAesKey: string };
  query: { msg_signature: string; timestamp: string; nonce: string };
  sealedFor: string;
  plaintextFields: Fields;
}

import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { fault } from '../kernel/errors.ts';

/** A key of the message encryption that WeChat and WeCom share (wechat.md §2). Made once per key: making it costs more than using it. */
export interface EnvelopeKey {
  readonly secret: KeyObject;
  readonly vector: Buffer;
}

export interface OpenedEnvelope {
  readonly text: string;
  /** The key that opened it: the answer is sealed with the same. */
  readonly key: EnvelopeKey;
}

const randomLength = 16;
const lengthLength = 4;
/** Padding goes to 32 bytes although AES has blocks of 16: a pad byte may be as high as 32. */
const paddedBlock = 32;
const cipherBlock = 16;

/** Is this an EncodingAESKey: 43 letters and digits? Its last character may have spare bits, so encoding it anew may differ. */
export function isEncodingAesKey(text: string): boolean {
  return /^[A-Za-z0-9]{43}$/.test(text);
}

/** The key that an EncodingAESKey stands for. Throws a Fault `config.invalid` for what is none. */
export function createEnvelopeKey(encodingAesKey: string): EnvelopeKey {
  if (!isEncodingAesKey(encodingAesKey)) throw fault('config.invalid', 'An EncodingAESKey has 43 letters and digits.');
  const bytes = Buffer.from(`${encodingAesKey}=`, 'base64');
  return { secret: createSecretKey(bytes), vector: bytes.subarray(0, cipherBlock) };
}

/**
 * Decrypts the base64 of an `Encrypt` field with the first of the keys that fits and whose message was sealed for this app id. Throws a
 * Fault `callback.undecipherable`, the same whatever was wrong: told apart, good padding and a foreign app id would let anybody who
 * knows the token decrypt and forge messages without the key, by trying (a padding oracle).
 */
export function openEnvelope(encrypted: string, keys: readonly EnvelopeKey[], appId: string): OpenedEnvelope {
  const bytes = Buffer.from(encrypted, 'base64');
  for (const key of keys) {
    const content = unpack(decrypt(bytes, key));
    if (content?.appId === appId) return { text: content.text, key };
  }
  throw fault('callback.undecipherable', 'The message cannot be opened: check the EncodingAESKey and the app id of the account.');
}

/** Encrypts a text for an app id, as base64. `random` are 16 unpredictable bytes. */
export function sealEnvelope(text: string, key: EnvelopeKey, appId: string, random: Uint8Array): string {
  if (random.length !== randomLength) throw new RangeError(`an envelope takes ${randomLength} random bytes`);
  const textLength = Buffer.byteLength(text);
  const contentLength = randomLength + lengthLength + textLength + Buffer.byteLength(appId);
  const padding = paddedBlock - (contentLength % paddedBlock);
  const plain = Buffer.alloc(contentLength + padding, padding);
  plain.set(random);
  plain.writeUInt32BE(textLength, randomLength);
  plain.write(text, randomLength + lengthLength);
  plain.write(appId, randomLength + lengthLength + textLength);
  const cipher = createCipheriv('aes-256-cbc', key.secret, key.vector).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
}

function decrypt(bytes: Buffer, { secret, vector }: EnvelopeKey): Buffer {
  if (bytes.length % cipherBlock !== 0) return Buffer.alloc(0);
  const decipher = createDecipheriv('aes-256-cbc', secret, vector).setAutoPadding(false);
  return Buffer.concat([decipher.update(bytes), decipher.final()]);
}

function unpack(plain: Buffer): { text: string; appId: string } | undefined {
  const padding = plain.at(-1) ?? 0;
  const end = plain.length - padding;
  const textStart = randomLength + lengthLength;
  if (padding < 1 || padding > paddedBlock || end < textStart) return undefined;
  if (plain.subarray(end).some((byte) => byte !== padding)) return undefined;
  const textEnd = textStart + plain.readUInt32BE(randomLength);
  if (textEnd > end) return undefined;
  return { text: plain.toString('utf8', textStart, textEnd), appId: plain.toString('utf8', textEnd, end) };
}

import { createDecipheriv } from 'node:crypto';
import { z } from 'zod';

/** What a mini-program was given about its user, sealed with the session key (wechat.md §10.3). */
export interface SealedData {
  readonly encryptedData: string;
  readonly iv: string;
}

/** What it says; or it was sealed in a session that is over (sign in anew), or for another mini-program. */
export type OpenedData =
  | { readonly ok: true; readonly data: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly reason: 'stale-session' | 'foreign-app' };

const keyLength = 16;
const watermarked = z.looseObject({ watermark: z.looseObject({ appid: z.string() }) });

/** Opens what a mini-program with this app id hands on. Base64 may come with line breaks. */
export function openSessionData({ encryptedData, iv }: SealedData, sessionKey: string, appId: string): OpenedData {
  const [bytes, vector, key] = [encryptedData, iv, sessionKey].map((text) => Buffer.from(text, 'base64'));
  const text = bytes && key && vector && decrypt(bytes, key, vector);
  const data = text === undefined ? undefined : readObject(text);
  // With another key nothing but noise comes out, which ends well by chance once in 256 times.
  if (!data) return { ok: false, reason: 'stale-session' };
  const read = watermarked.safeParse(data);
  return read.success && read.data.watermark.appid === appId ? { ok: true, data } : { ok: false, reason: 'foreign-app' };
}

function decrypt(bytes: Buffer, key: Buffer, vector: Buffer): string | undefined {
  if (key.length !== keyLength || vector.length !== keyLength) return undefined;
  try {
    const decipher = createDecipheriv('aes-128-cbc', key, vector);
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat([decipher.update(bytes), decipher.final()]));
  } catch {
    return undefined;
  }
}

function readObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

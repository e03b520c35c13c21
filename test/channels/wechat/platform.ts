import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { Account } from '../../../server/channels/channel.ts';
import type { WechatAccount } from '../../../server/channels/wechat/index.ts';
import type { Id } from '../../../server/kernel/ids.ts';
import type { CallbackRequest } from '../../../server/wire/callback.ts';

/** The time at which the requests below are signed and arrive, unless they say otherwise: epoch ms. */
export const now = Date.UTC(2026, 6, 15, 2, 0, 0);

export const openid = 'olPjZjsXuQPJoV0HlruZkNzKc91E';

/** What the platform and an account's owner agree on. */
export type Credentials = Omit<WechatAccount, keyof Account>;

/** An account in a mode, with what the platform knows of it. */
export function accountIn(mode: WechatAccount['mode'], changes: Partial<WechatAccount> = {}): WechatAccount {
  return {
    id: 'account-1' as Id<'account'>,
    merchantId: 'merchant-1' as Id<'merchant'>,
    channel: 'wechat',
    appId: 'wx669ef95216eef885',
    originalId: 'gh_a96a4a619366',
    token: 'weixin',
    mode,
    ...(mode === 'plain' ? {} : { encodingAesKey: 'mNnY5GekpChwqhy2c4NBH90g3hND6GeI4gii2YCvKLY' }),
    ...changes,
  };
}

/** What the platform writes about a follower's message; text without CDATA, to be different from how we write. */
export function messageXml(fields: Record<string, string | number>): string {
  const all = { ToUserName: 'gh_a96a4a619366', FromUserName: openid, CreateTime: now / 1000, MsgType: 'text', ...fields };
  return `<xml>\n${Object.entries(all)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('\n')}\n</xml>`;
}

/** A message as the platform sends it to an account in this mode. Written without the server's codecs, so that these judge each other. */
export function send(account: Credentials, text: string, at = now, random = randomBytes(16)): CallbackRequest {
  const base = { timestamp: String(Math.floor(at / 1000)), nonce: random.readUInt32BE().toString() };
  const query = { ...base, openid, signature: sign([account.token, base.timestamp, base.nonce]) };
  if (account.mode === 'plain') return post(query, text);
  const encrypted = seal(text, account, account.appId, random);
  const plainFields =
    account.mode === 'compatible' ? text.replace(/^<xml>|<\/xml>$/g, '') : `<ToUserName>${account.originalId}</ToUserName>`;
  return post(
    { ...query, encrypt_type: 'aes', msg_signature: sign([account.token, base.timestamp, base.nonce, encrypted]) },
    `<xml>${plainFields}<Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`,
  );
}

/** The platform's test of the address. */
export function checkAddress({ token }: Credentials, echostr: string, at = now): CallbackRequest {
  const timestamp = String(Math.floor(at / 1000));
  return {
    method: 'GET',
    query: { timestamp, nonce: '1', signature: sign([token, timestamp, '1']), echostr },
    body: Buffer.alloc(0),
    receivedAt: now,
  };
}

/** Opens what the server sealed, after checking its signature. */
export function unseal(reply: string, account: Credentials): string {
  const field = (name: string) => new RegExp(`<${name}>(?:<!\\[CDATA\\[)?(.*?)(?:\\]\\]>)?</${name}>`).exec(reply)?.[1] ?? '';
  const encrypted = field('Encrypt');
  if (field('MsgSignature') !== sign([account.token, field('TimeStamp'), field('Nonce'), encrypted]))
    throw new Error('wrongly signed');
  const key = keyOf(account);
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const plain = Buffer.concat([decipher.update(encrypted, 'base64'), decipher.final()]);
  const content = plain.subarray(0, plain.length - (plain.at(-1) ?? 0));
  const end = 20 + content.readUInt32BE(16);
  if (content.toString('utf8', end) !== account.appId) throw new Error('sealed for another app');
  return content.toString('utf8', 20, end);
}

export function sign(parts: string[]): string {
  return createHash('sha1')
    .update([...parts].sort().join(''))
    .digest('hex');
}

export function seal(text: string, account: Credentials, appId = account.appId, random = randomBytes(16)): string {
  const body = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const content = Buffer.concat([random, length, body, Buffer.from(appId)]);
  const padding = 32 - (content.length % 32);
  const key = keyOf(account);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(content), cipher.update(Buffer.alloc(padding, padding)), cipher.final()]).toString(
    'base64',
  );
}

export function post(query: Record<string, string | undefined>, body: string | Buffer): CallbackRequest {
  return { method: 'POST', query, body: Buffer.from(body as string), receivedAt: now };
}

function keyOf({ encodingAesKey }: Credentials): Buffer {
  return Buffer.from(`${encodingAesKey}=`, 'base64');
}

import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request of the sandbox, read with nothing but node:crypto: none of the product's own codecs take part. */
export interface Received {
  method: string;
  path: string;
  contentType: string;
  query: Record<string, string>;
  body: string;
  /** Is `signature` the one that the account's token gives. */
  isSigned: boolean;
  /** Is `msg_signature` that of the cipher text; absent without one. */
  isSealedAndSigned?: boolean;
  /** The message's XML, decrypted where it was encrypted. */
  xml: string;
  /** The app id behind the message inside the cipher text. */
  appId?: string;
}

/** `hang` never answers, `break` closes the connection. */
export type Answer = { status?: number; body: string | Buffer; headers?: Record<string, string> } | 'hang' | 'break';

interface Credentials {
  appId: string;
  token: string;
  encodingAesKey: string;
}

/** A server on a free port that takes callbacks and answers them as `answer` says. */
export async function listen(credentials: () => Credentials, answer: (received: Received) => Answer | Promise<Answer>) {
  const requests: Received[] = [];
  const arrivals = new EventEmitter().setMaxListeners(0);
  const server = createServer(async (request, response) => {
    const received = await read(request, credentials());
    requests.push(received);
    const answered = await answer(received);
    arrivals.emit('request');
    send(response, answered);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/wechat/callback`,
    requests,
    /** Resolves when that many requests have come in all. */
    async received(count: number) {
      while (requests.length < count) await once(arrivals, 'request');
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A text reply to a message, sealed when the message was. */
export function replyTo(received: Received, text: string, credentials: Credentials): Answer {
  const xml = replyXml(received, text);
  return { body: received.appId === undefined ? xml : sealReply(xml, credentials) };
}

export function replyXml({ xml }: Received, text: string): string {
  const common = [
    `<ToUserName><![CDATA[${fieldOf(xml, 'FromUserName')}]]></ToUserName>`,
    `<FromUserName><![CDATA[${fieldOf(xml, 'ToUserName')}]]></FromUserName>`,
  ];
  return `<xml>${common.join('')}<CreateTime>1784080800</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[${text}]]></Content></xml>`;
}

/** The outer document of an encrypted reply (wechat.md §2). */
export function sealReply(xml: string, { token, encodingAesKey, appId }: Credentials): string {
  const encrypted = encrypt(xml, encodingAesKey, appId);
  const timestamp = '1784080800';
  const nonce = '778899';
  const signature = sha1(token, timestamp, nonce, encrypted);
  return `<xml><Encrypt><![CDATA[${encrypted}]]></Encrypt><MsgSignature><![CDATA[${signature}]]></MsgSignature><TimeStamp>${timestamp}</TimeStamp><Nonce><![CDATA[${nonce}]]></Nonce></xml>`;
}

/** The text of an element that stands bare or in CDATA; empty when there is none. */
export function fieldOf(xml: string, name: string): string {
  const inner = new RegExp(`<${name}>([^]*?)</${name}>`).exec(xml)?.[1] ?? '';
  return inner.startsWith('<![CDATA[') ? inner.slice(9, -3).replaceAll(']]]]><![CDATA[>', ']]>') : inner;
}

async function read(request: IncomingMessage, { token, encodingAesKey }: Credentials): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('utf8');
  const url = new URL(request.url ?? '/', 'http://localhost');
  const query = Object.fromEntries(url.searchParams);
  const { signature = '', timestamp = '', nonce = '', msg_signature: messageSignature } = query;
  const encrypted = fieldOf(body, 'Encrypt');
  return {
    method: request.method ?? '',
    path: url.pathname,
    contentType: request.headers['content-type'] ?? '',
    query,
    body,
    isSigned: signature === sha1(token, timestamp, nonce),
    ...(messageSignature !== undefined && { isSealedAndSigned: messageSignature === sha1(token, timestamp, nonce, encrypted) }),
    ...(encrypted === '' ? { xml: body } : decrypt(encrypted, encodingAesKey)),
  };
}

function send(response: ServerResponse, answer: Answer) {
  if (answer === 'hang') return;
  if (answer === 'break') {
    response.socket?.destroy();
    return;
  }
  response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
}

function sha1(...parts: string[]): string {
  return createHash('sha1').update(parts.sort().join('')).digest('hex');
}

function decrypt(encrypted: string, encodingAesKey: string): { xml: string; appId: string } {
  const key = Buffer.from(encodingAesKey, 'base64');
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(encrypted, 'base64'), decipher.final()]);
  const plain = padded.subarray(0, padded.length - (padded.at(-1) ?? 0));
  const end = 20 + plain.readUInt32BE(16);
  return { xml: plain.toString('utf8', 20, end), appId: plain.toString('utf8', end) };
}

function encrypt(xml: string, encodingAesKey: string, appId: string): string {
  const key = Buffer.from(encodingAesKey, 'base64');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(xml));
  const content = Buffer.concat([Buffer.from('0123456789abcdef'), length, Buffer.from(xml), Buffer.from(appId)]);
  const padding = 32 - (content.length % 32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(content), cipher.update(Buffer.alloc(padding, padding)), cipher.final()]).toString(
    'base64',
  );
}

import type { Clock } from '../../kernel/clock.ts';
import { fault } from '../../kernel/errors.ts';
import { type CallbackRequest, type CallbackResponse, createCallback } from '../../wire/callback.ts';
import { createEnvelopeKey, type EnvelopeKey, openEnvelope, sealEnvelope } from '../../wire/envelope.ts';
import { isSignatureOf, signatureOf } from '../../wire/signature.ts';
import { type Fields, readXml, writeXml } from '../../wire/xml.ts';
import type { Account, Inbound, Reply } from '../channel.ts';
import { checkAccount, type WechatAccount } from './account.ts';
import { readInbound } from './inbound.ts';
import { acknowledgement, writeReply } from './reply.ts';

export interface WechatCallbackOptions {
  /** Stores a message before any work, works it once, and gives its answer; undefined when there is none in time. */
  once(message: Inbound, receivedAt: number): Promise<Reply | undefined>;
  clock: Clock;
  /** Fills with unpredictable bytes. */
  random(bytes: Uint8Array): void;
  /** How far the signed time may be from ours, to either side. */
  maxAgeMs: number;
}

/** Answers the callbacks of one official account, messages and the test of the address. Throws a Fault `config.invalid` for a faulty account. */
export function createWechatCallback(
  account: WechatAccount,
  { once, clock, random, maxAgeMs }: WechatCallbackOptions,
): (request: CallbackRequest) => Promise<CallbackResponse> {
  checkAccount(account);
  const keys = [account.encodingAesKey, account.previousEncodingAesKey].filter((key) => key !== undefined).map(createEnvelopeKey);
  const draw = createDraw(random);
  const isPlain = account.mode === 'plain';
  // Messages are stored whole: what is secret about the account must not go with them.
  const known: Account = { id: account.id, merchantId: account.merchantId, channel: account.channel };

  return createCallback<Verified, Opened, Inbound, Reply>({
    verify: (request) => (isPlain || request.method === 'GET' ? verifyPlain(account, request) : verifySealed(account, request)),
    checkAge({ timestamp }, { receivedAt }) {
      if (!/^\d{1,10}$/.test(timestamp) || Math.abs(receivedAt - Number(timestamp) * 1000) > maxAgeMs) {
        throw fault(
          'callback.too-old',
          'The signed time is too far from ours: an old request sent again, or a clock that is wrong.',
        );
      }
    },
    greet: (_, { query }) => plainText(required(query, 'echostr')),
    open: ({ encrypted, body }) => (encrypted === undefined ? openPlain(body) : openSealed(encrypted, keys, account.appId)),
    parse: ({ fields }) => readInbound(known, account.originalId, fields),
    once,
    seal(reply, { key }, message) {
      const now = clock.now();
      const text = reply && writeReply(reply, message, account.originalId, now);
      if (text === undefined) return plainText(acknowledgement);
      return { status: 200, type: 'text/xml; charset=utf-8', body: key ? sealReply(text, key, account, draw(), now) : text };
    },
  });
}

interface Verified {
  readonly timestamp: string;
  readonly body: Buffer;
  /** Signed, and all that counts of the body; undefined in plain mode, where the signature does not cover the body at all. */
  readonly encrypted?: string;
}

interface Opened {
  readonly fields: Fields;
  /** What opened it; undefined in plain mode. */
  readonly key?: EnvelopeKey;
}

/** `signature` covers token, time and nonce: every request to a plain account has it, and the test of the address in every mode (wechat.md §1.1). */
function verifyPlain({ token }: WechatAccount, { query, body }: CallbackRequest): Verified {
  const signature = signed(query, 'signature');
  const timestamp = signed(query, 'timestamp');
  if (!isSignatureOf(signature, [token, timestamp, signed(query, 'nonce')])) throw wrongSignature();
  return { timestamp, body };
}

/** `msg_signature` covers the encrypted text too; in compatible mode the plain fields beside it are not covered and are not read (wechat.md §2). */
function verifySealed(account: WechatAccount, request: CallbackRequest): Verified {
  const { query, body } = request;
  if (query.msg_signature === undefined) {
    verifyPlain(account, request);
    throw fault(
      'callback.wrong-mode',
      `The message is not encrypted, but the account is set to ${account.mode} mode: set both sides alike.`,
    );
  }
  const timestamp = signed(query, 'timestamp');
  const nonce = signed(query, 'nonce');
  const encrypted = readXml(body.toString('utf8')).Encrypt;
  if (typeof encrypted !== 'string' || encrypted === '')
    throw fault('callback.malformed', 'The body has not one Encrypt element.');
  if (!isSignatureOf(query.msg_signature, [account.token, timestamp, nonce, encrypted])) throw wrongSignature();
  return { timestamp, body, encrypted };
}

function openPlain(body: Buffer): Opened {
  const fields = readXml(body.toString('utf8'));
  if (fields.Encrypt !== undefined) {
    const advice = 'set mode to "compatible" or "safe" and give the encodingAesKey, or set the platform to plain text';
    throw fault('callback.wrong-mode', `The message is encrypted, but the account is set to plain mode: ${advice}.`);
  }
  return { fields };
}

function openSealed(encrypted: string, keys: readonly EnvelopeKey[], appId: string): Opened {
  const { text, key } = openEnvelope(encrypted, keys, appId);
  return { fields: readXml(text), key };
}

const envelopeRandomLength = 16;
const nonceLength = 8;
const drawnTogether = 128;

/** Unpredictable bytes for one sealed reply, each given once. Drawn for many at a time: a draw costs as much as sealing does. */
function createDraw(random: WechatCallbackOptions['random']): () => Buffer {
  const length = envelopeRandomLength + nonceLength;
  const pool = Buffer.alloc(length * drawnTogether);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      random(pool);
      used = 0;
    }
    used += length;
    return pool.subarray(used - length, used);
  };
}

function sealReply(text: string, key: EnvelopeKey, { appId, token }: WechatAccount, drawn: Buffer, now: number): string {
  const encrypted = sealEnvelope(text, key, appId, drawn.subarray(0, envelopeRandomLength));
  const timestamp = Math.floor(now / 1000);
  const nonce = drawn.toString('hex', envelopeRandomLength);
  return writeXml({
    Encrypt: encrypted,
    MsgSignature: signatureOf([token, String(timestamp), nonce, encrypted]),
    TimeStamp: timestamp,
    Nonce: nonce,
  });
}

function plainText(body: string): CallbackResponse {
  return { status: 200, type: 'text/plain; charset=utf-8', body };
}

function signed(query: CallbackRequest['query'], name: string): string {
  const value = query[name];
  if (value === undefined) throw fault('callback.unsigned', `The request has no ${name}.`);
  return value;
}

function required(query: CallbackRequest['query'], name: string): string {
  const value = query[name];
  if (value === undefined) throw fault('callback.malformed', `The request has no ${name}.`);
  return value;
}

function wrongSignature() {
  return fault('callback.wrong-signature', 'The signature does not fit: check that the token is the same on both sides.');
}

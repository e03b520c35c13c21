import fc from 'fast-check';
import type { CallbackRequest } from '../../../server/wire/callback.ts';
import { type Credentials, checkAddress, messageXml, post, seal, send, sign } from './platform.ts';

/** A request to an account's callback address, and what must come of it. Whatever it is, no answer may be a 5xx. */
export interface WildRequest {
  readonly title: string;
  readonly method: string;
  /** As it stands in the address, without the question mark. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** `answer`: 200; `refuse`: a 4xx; `survive`: either. */
  readonly must: 'answer' | 'refuse' | 'survive';
}

/** Builds the request for an account, signed at a time (epoch ms). */
export type BuildRequest = (account: Credentials, at: number) => WildRequest;

const eventNames = fc.constantFrom(
  'subscribe',
  'unsubscribe',
  'SCAN',
  'LOCATION',
  'CLICK',
  'VIEW',
  'MASSSENDJOBFINISH',
  'user_get_card',
  'dance',
);
const types = fc.constantFrom('text', 'image', 'voice', 'video', 'location', 'link', 'file', 'event', 'notsure');
const fieldNames = fc.constantFrom(
  'Content',
  'EventKey',
  'MediaId',
  'Location_X',
  'Location_Y',
  'Latitude',
  'CardId',
  'constructor',
  '__proto__',
);
const value = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    '附近',
    '帮助',
    '0',
    '-1e308',
    '23.1',
    '$where',
    'a.b',
    'qrscene_',
    'last_trade_no_1',
    '{"$gt":""}',
    "'; --",
    '😀',
    '\u0008',
  ),
);
const escaped = value.map((text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('\0', ''));
const random = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes));

/** A message that is well-formed and has what every message has, with anything else in it: to be answered always. */
const message = fc
  .record({
    openid: fc.integer({ min: 1, max: 50 }).map((number) => `o-wild-${number}`),
    id: fc.option(fc.bigInt({ min: 1n, max: 2n ** 63n }), { nil: undefined }),
    type: types,
    event: eventNames,
    fields: fc.dictionary(fieldNames, escaped, { maxKeys: 4 }),
  })
  .map(({ openid, id, type, event, fields }) => (at: number, originalId: string) => {
    const known = { ToUserName: originalId, FromUserName: openid, CreateTime: Math.floor(at / 1000), MsgType: type };
    return messageXml({
      ...fields,
      ...known,
      ...(type === 'event' ? { Event: event } : {}),
      ...(id ? { MsgId: String(id) } : {}),
    });
  });

const mutation = fc.record({
  how: fc.constantFrom('replace', 'replace', 'cut', 'drop', 'double', 'insert'),
  // In thousandths of the length; a double would fall on its ends nearly always.
  where: fc.integer({ min: 0, max: 999 }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 3 }),
});

const mutations = fc.array(mutation, { minLength: 1, maxLength: 2 });

const answered = fc.tuple(message, random).map(
  ([text, random]): BuildRequest =>
    (account, at) =>
      wild('a message', send(account, text(at, account.originalId), at, random), { must: 'answer' }),
);

const mutatedBody = fc.tuple(message, random, mutations).map(
  ([text, random, mutations]): BuildRequest =>
    (account, at) => {
      const request = send(account, text(at, account.originalId), at, random);
      return wild('changed bytes', { ...request, body: mutations.reduce(mutate, request.body) }, {});
    },
);

const mutatedQuery = fc.tuple(message, random, mutations).map(
  ([text, random, mutations]): BuildRequest =>
    (account, at) => {
      const request = wild('a changed query', send(account, text(at, account.originalId), at, random), {});
      // Whatever bytes it becomes, an HTTP client sends visible ASCII only.
      const query = mutations
        .reduce(mutate, Buffer.from(request.query))
        .toString('latin1')
        .replace(/[^!-~]|#/g, '%');
      return { ...request, query };
    },
);

const lostParameter = fc.tuple(message, fc.constantFrom('timestamp', 'nonce')).map(
  ([text, name]): BuildRequest =>
    (account, at) => {
      const request = send(account, text(at, account.originalId), at);
      return wild(`no ${name}`, { ...request, query: { ...request.query, [name]: undefined } }, { must: 'refuse' });
    },
);

const untimely = fc.tuple(message, fc.constantFrom(-86_400_000, -700_000, 700_000, 86_400_000, 1e13)).map(
  ([text, away]): BuildRequest =>
    (account, at) =>
      wild('another time', send(account, text(at, account.originalId), at + away), { must: 'refuse' }),
);

/** Rightly signed, since whoever has the token may be hostile too, and in plain mode the body is not signed at all. */
const bombs: [string, (text: string) => string][] = [
  [
    'a billion laughs',
    (text) => `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>${text.replace('</xml>', '&b;</xml>')}`,
  ],
  ['an outer entity', (text) => `<!DOCTYPE x SYSTEM "file:///etc/passwd">${text}`],
  ['ten thousand levels', () => '<xml>'.repeat(10_000)],
  ['ten thousand elements', (text) => text.replace('</xml>', `${'<a/>'.repeat(10_000)}</xml>`)],
  ['an endless name', () => `<${'a'.repeat(200_000)}`],
  ['endless attributes', () => `<xml ${'a="1" '.repeat(20_000)}/>`],
  ['ampersands', (text) => text.replace('</xml>', `${'&'.repeat(100_000)}</xml>`)],
  ['a character that is none', (text) => text.replace('</xml>', '<a>&#xD800;</a></xml>')],
  ['no end', (text) => text.slice(0, -1)],
  ['JSON', () => '{"ToUserName":"gh_a96a4a619366","MsgType":"text"}'],
  ['nothing', () => ''],
];
const bombed = fc.tuple(message, fc.constantFrom(...bombs)).map(
  ([text, [title, explode]]): BuildRequest =>
    (account, at) =>
      wild(title, send(account, explode(text(at, account.originalId)), at), { must: 'refuse' }),
);

const tooLarge = fc.constantFrom(300_000, 4 * 1024 * 1024).map(
  (size): BuildRequest =>
    (account, at) =>
      wild('too large', { ...send(account, '<xml/>', at), body: Buffer.alloc(size, 'a') }, { must: 'refuse' }),
);

/** The cipher text is broken before it is signed, so that the signature does not shield the decryption. */
const brokenCipher = fc.tuple(message, random, mutations).map(
  ([text, random, mutations]): BuildRequest =>
    (account, at) => {
      if (account.mode === 'plain')
        return wild(
          'cipher text',
          send({ ...account, mode: 'safe', encodingAesKey: 'a'.repeat(43) }, text(at, account.originalId), at),
          { must: 'refuse' },
        );
      const sealed = Buffer.from(seal(text(at, account.originalId), account, account.appId, random), 'base64');
      const encrypted = mutations.reduce(mutate, sealed).toString('base64');
      const [timestamp, nonce] = [String(Math.floor(at / 1000)), '1'];
      const query = { timestamp, nonce, encrypt_type: 'aes', msg_signature: sign([account.token, timestamp, nonce, encrypted]) };
      return wild('a broken cipher text', post(query, `<xml><Encrypt>${encrypted}</Encrypt></xml>`), {});
    },
);

const shred = fc.constantFrom(
  '<',
  '>',
  '/',
  '&',
  ';',
  '<![CDATA[',
  ']]>',
  '<MsgType>',
  '</MsgType>',
  '<xml>',
  '</xml>',
  ' ',
  '\0',
  'x',
);
const shredded = fc.tuple(fc.array(fc.oneof(shred, fc.string()), { maxLength: 30 }), random).map(
  ([parts, random]): BuildRequest =>
    (account, at) =>
      wild('shreds', send(account, parts.join(''), at, random), {}),
);

const otherMethod = fc.tuple(message, fc.constantFrom('PUT', 'DELETE', 'PATCH', 'OPTIONS')).map(
  ([text, method]): BuildRequest =>
    (account, at) =>
      wild(method, send(account, text(at, account.originalId), at), { must: 'refuse', method }),
);

const otherHeaders = fc
  .tuple(
    message,
    fc.oneof(
      fc.constantFrom<Record<string, string>>(
        { 'content-type': 'application/json' },
        { 'content-type': 'multipart/form-data; boundary=a' },
        { 'content-type': 'text/xml; charset=gbk' },
        { 'content-encoding': 'gzip' },
        { 'x-request-id': '../../etc/passwd' },
        { 'transfer-encoding': 'chunked' },
        { 'x-forwarded-for': `${'1,'.repeat(500)}` },
      ),
      fc
        .string({ unit: fc.constantFrom('a', '/', ';', '=', ' ', '*', 'xml'), maxLength: 20 })
        .map((type) => ({ 'content-type': type })),
    ),
  )
  .map(
    ([text, headers]): BuildRequest =>
      (account, at) =>
        wild('other headers', send(account, text(at, account.originalId), at), { headers }),
  );

const addressCheck = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.boolean()).map(
  ([echo, isSigned]): BuildRequest =>
    (account, at) => {
      const request = checkAddress(isSigned ? account : { ...account, token: 'other' }, echo, at);
      return wild('a test of the address', request, { must: isSigned ? 'answer' : 'refuse', method: 'GET' });
    },
);

/** Requests of every kind, messages that must be answered between them. */
export const wildRequest: fc.Arbitrary<BuildRequest> = fc.oneof(
  { weight: 6, arbitrary: answered },
  { weight: 6, arbitrary: mutatedBody },
  { weight: 4, arbitrary: mutatedQuery },
  { weight: 4, arbitrary: brokenCipher },
  { weight: 4, arbitrary: shredded },
  { weight: 3, arbitrary: bombed },
  { weight: 2, arbitrary: otherHeaders },
  { weight: 1, arbitrary: lostParameter },
  { weight: 1, arbitrary: untimely },
  { weight: 1, arbitrary: otherMethod },
  { weight: 1, arbitrary: addressCheck },
  { weight: 1, arbitrary: tooLarge },
);

function wild(title: string, { query, body }: CallbackRequest, change: Partial<WildRequest>): WildRequest {
  const present = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  const headers = { 'content-type': 'text/xml', ...change.headers };
  return { title, method: 'POST', query: String(new URLSearchParams(present)), body, must: 'survive', ...change, headers };
}

function mutate(bytes: Buffer, { how, where, bytes: others }: { how: string; where: number; bytes: Uint8Array }): Buffer {
  const at = Math.floor((where * bytes.length) / 1000);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  if (how === 'cut') return before;
  if (how === 'double') return Buffer.concat([bytes, after]);
  if (how === 'insert') return Buffer.concat([before, others, after]);
  if (how === 'drop') return Buffer.concat([before, after.subarray(others.length)]);
  return Buffer.concat([before, others, after.subarray(others.length)]);
}

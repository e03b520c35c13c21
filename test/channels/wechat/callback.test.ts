import { randomFillSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Inbound, Reply } from '../../../server/channels/channel.ts';
import { createWechatCallback, type WechatAccount } from '../../../server/channels/wechat/index.ts';
import { readXml } from '../../../server/wire/xml.ts';
import { createManualClock } from '../../support/clock.ts';
import { envelopes } from '../../wire/vectors.ts';
import { accountIn, checkAddress, messageXml, now, openid, post, seal, send, sign, unseal } from './platform.ts';

const hello: Reply = { kind: 'text', text: '你好' };
const text = messageXml({ Content: '附近', MsgId: '6074746557628292943' });
const plain = accountIn('plain');
const compatible = accountIn('compatible');
const safe = accountIn('safe');
const refusedAs = (code: string, message = /./) => expect.objectContaining({ code, message: expect.stringMatching(message) });

function open(account: WechatAccount, answer: () => Promise<Reply | undefined> = async () => hello) {
  const received: Inbound[] = [];
  const callback = createWechatCallback(account, {
    once(message) {
      received.push(message);
      return answer();
    },
    clock: createManualClock(now),
    random: randomFillSync,
    maxAgeMs: 300_000,
  });
  return { received, callback };
}

describe.each([plain, compatible, safe])('an account in $mode mode', (account) => {
  it('takes a signed message and answers it to its sender', async () => {
    const { callback, received } = open(account);
    const response = await callback(send(account, text));
    expect(received).toMatchObject([{ openid, content: { kind: 'text', text: '附近' }, sentAt: now }]);
    expect(response).toMatchObject({ status: 200, type: 'text/xml; charset=utf-8' });
    expect(readXml(account.mode === 'plain' ? response.body : unseal(response.body, account))).toMatchObject({
      ToUserName: openid,
      FromUserName: account.originalId,
      CreateTime: String(now / 1000),
      MsgType: 'text',
      Content: '你好',
    });
  });

  it('hands on who the account is, and nothing secret about it', async () => {
    const { callback, received } = open(account);
    await callback(send(account, text));
    expect(received[0]?.account).toEqual({ id: account.id, merchantId: account.merchantId, channel: 'wechat' });
  });

  it.each<[string, Reply | undefined]>([
    ['there is nothing to say', { kind: 'none' }],
    ['the text is empty', { kind: 'text', text: '' }],
    ['there is no answer in time', undefined],
  ])('acknowledges in clear when %s', async (_, answer) => {
    const { callback } = open(account, async () => answer);
    expect(await callback(send(account, text))).toEqual({ status: 200, type: 'text/plain; charset=utf-8', body: 'success' });
  });

  it('gives the raw echo when the address is tested', async () => {
    const { callback, received } = open(account);
    expect(await callback(checkAddress(account, '<b>5927782489442352469'))).toEqual({
      status: 200,
      type: 'text/plain; charset=utf-8',
      body: '<b>5927782489442352469',
    });
    expect(received).toEqual([]);
  });

  it.each<[string, string, (request: ReturnType<typeof send>) => Record<string, string | undefined>]>([
    ['no signature at all', 'callback.unsigned', () => ({})],
    ['no timestamp', 'callback.unsigned', ({ query }) => ({ ...query, timestamp: undefined })],
    ['no nonce', 'callback.unsigned', ({ query }) => ({ ...query, nonce: undefined })],
    ['another nonce', 'callback.wrong-signature', ({ query }) => ({ ...query, nonce: '12345' })],
    ['another timestamp', 'callback.wrong-signature', ({ query }) => ({ ...query, timestamp: String(now / 1000 + 1) })],
    [
      'empty signatures',
      'callback.wrong-signature',
      ({ query }) => ({ ...query, signature: '', msg_signature: account.mode === 'plain' ? undefined : '' }),
    ],
  ])('refuses %s', async (_, code, change) => {
    const { callback, received } = open(account);
    const request = send(account, text);
    await expect(callback({ ...request, query: change(request) })).rejects.toThrow(refusedAs(code));
    expect(received).toEqual([]);
  });

  it('refuses what was signed with another token', async () => {
    await expect(open(account).callback(send({ ...account, token: 'other' }, text))).rejects.toThrow(
      refusedAs('callback.wrong-signature'),
    );
  });

  it.each([-300_001, 300_001, -86_400_000])('refuses a request signed %i ms from now', async (away) => {
    const { callback, received } = open(account);
    const request = { ...send(account, text), receivedAt: now - away };
    await expect(callback(request)).rejects.toThrow(refusedAs('callback.too-old'));
    await expect(callback({ ...checkAddress(account, '1'), receivedAt: now - away })).rejects.toThrow(
      refusedAs('callback.too-old'),
    );
    expect(received).toEqual([]);
  });

  it.each([-300_000, 300_000])('still takes one signed %i ms from now', async (away) => {
    const { callback } = open(account);
    expect(await callback({ ...send(account, text), receivedAt: now - away })).toMatchObject({ status: 200 });
  });

  it('refuses a time that is none, though rightly signed', async () => {
    const request = checkAddress(account, '1');
    const query = { ...request.query, timestamp: 'soon', signature: sign([account.token, 'soon', '1']) };
    await expect(open(account).callback({ ...request, query })).rejects.toThrow(refusedAs('callback.too-old'));
  });

  it('refuses a test of the address without an echo, or wrongly signed', async () => {
    const { callback } = open(account);
    const request = checkAddress(account, '1');
    await expect(callback({ ...request, query: { ...request.query, echostr: undefined } })).rejects.toThrow(
      refusedAs('callback.malformed'),
    );
    await expect(callback({ ...request, query: { ...request.query, nonce: '2' } })).rejects.toThrow(
      refusedAs('callback.wrong-signature'),
    );
    await expect(callback({ ...request, query: {} })).rejects.toThrow(refusedAs('callback.unsigned'));
  });

  it('refuses a message that was meant for another account', async () => {
    const other = messageXml({ ToUserName: 'gh_000000000000', Content: 'a', MsgId: '1' });
    await expect(open(account).callback(send(account, other))).rejects.toThrow(refusedAs('callback.foreign-app'));
  });

  it.each([
    ['no XML', '{"ToUserName":"gh_a96a4a619366"}'],
    ['a DOCTYPE', `<!DOCTYPE xml>${text}`],
    ['no sender', text.replace(/<FromUserName>.*<\/FromUserName>/, '')],
  ])('refuses a message that is %s', async (_, body) => {
    await expect(open(account).callback(send(account, body))).rejects.toThrow(refusedAs('callback.malformed'));
  });

  it('passes on what went wrong while the message was worked', async () => {
    const broken = new Error('the database is away');
    const { callback } = open(account, () => Promise.reject(broken));
    await expect(callback(send(account, text))).rejects.toBe(broken);
  });
});

describe('an account set to encryption', () => {
  it.each([compatible, safe])('has no plain door in $mode mode, and tells a caller who knows the token why', async (account) => {
    const { callback, received } = open(account);
    await expect(callback(send(accountIn('plain'), text))).rejects.toThrow(
      refusedAs('callback.wrong-mode', new RegExp(account.mode)),
    );
    const request = send(accountIn('plain'), text);
    const stranger = { ...request, query: { ...request.query, signature: '0'.repeat(40) } };
    await expect(callback(stranger)).rejects.toThrow(refusedAs('callback.wrong-signature'));
    expect(received).toEqual([]);
  });

  it('counts only what was encrypted in compatible mode', async () => {
    const { callback, received } = open(compatible);
    const request = send(compatible, text);
    const forged = request.body.toString('utf8').replace('<Content>附近</Content>', '<Content>优惠</Content>');
    expect(forged).toContain('优惠');
    await callback({ ...request, body: Buffer.from(forged) });
    expect(received).toMatchObject([{ content: { text: '附近' } }]);
  });

  it.each([
    ['without an encrypted text', `<xml><ToUserName>${safe.originalId}</ToUserName></xml>`],
    ['with an empty one', '<xml><Encrypt/></xml>'],
    ['with two', '<xml><Encrypt>YQ==</Encrypt><Encrypt>YQ==</Encrypt></xml>'],
    ['of JSON', '{"Encrypt":"YQ=="}'],
  ])('refuses a body %s', async (_, body) => {
    await expect(open(safe).callback({ ...send(safe, text), body: Buffer.from(body) })).rejects.toThrow(
      refusedAs('callback.malformed'),
    );
  });

  it('refuses another encrypted text under the same signature', async () => {
    const request = send(safe, text);
    const other = send(safe, text.replace('附近', '优惠'));
    await expect(open(safe).callback({ ...request, body: other.body })).rejects.toThrow(refusedAs('callback.wrong-signature'));
  });

  const signed = (encrypted: string) => {
    const [timestamp, nonce] = [String(now / 1000), '1'];
    const query = { timestamp, nonce, msg_signature: sign([safe.token, timestamp, nonce, encrypted]) };
    return post(query, `<xml><Encrypt>${encrypted}</Encrypt></xml>`);
  };

  it('refuses what was sealed for another app id', async () => {
    await expect(open(safe).callback(signed(seal(text, safe, 'wx0000000000000000')))).rejects.toThrow(
      refusedAs('callback.undecipherable'),
    );
  });

  it('refuses what cannot be deciphered', async () => {
    for (const encrypted of [
      '****',
      'YQ==',
      seal(text, safe).slice(0, -24),
      seal(text, { ...safe, encodingAesKey: envelopes.D.encodingAesKey }),
    ]) {
      await expect(open(safe).callback(signed(encrypted))).rejects.toThrow(refusedAs('callback.undecipherable'));
    }
  });

  it('opens with the previous key while keys are changed, and answers with the one that opened', async () => {
    const changed = { ...safe, encodingAesKey: envelopes.D.encodingAesKey, previousEncodingAesKey: safe.encodingAesKey };
    const { callback } = open(changed as WechatAccount);
    expect(unseal((await callback(send(safe, text))).body, safe)).toContain('你好');
    const current = { ...safe, encodingAesKey: envelopes.D.encodingAesKey };
    expect(unseal((await callback(send(current, text))).body, current)).toContain('你好');
  });

  it('draws new random bytes for each answer', async () => {
    const { callback } = open(safe);
    const request = send(safe, text);
    const bodies = new Set<string>();
    for (let answer = 0; answer < 300; answer++) bodies.add((await callback(request)).body);
    expect(bodies.size).toBe(300);
  });

  it('takes a real push in compatible mode (C), and its message in safe mode', async () => {
    const { timestamp, nonce, signature, encrypted } = envelopes.C;
    const query = { timestamp, nonce, msg_signature: signature, encrypt_type: 'aes' };
    const receivedAt = Number(timestamp) * 1000 + 900;
    for (const account of [compatible, safe]) {
      const { callback, received } = open(account);
      await callback({ ...post(query, `<xml><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`), receivedAt });
      expect(received).toMatchObject([
        {
          openid: 'olPjZjsXuQPJoV0HlruZkNzKc91E',
          key: expect.stringMatching(/^6074746557628292943:[0-9a-f]{40}$/),
          content: { text: '你好' },
        },
      ]);
    }
  });

  it('does not take another nonce for the same real push', async () => {
    const { timestamp, signature, encrypted } = envelopes.C;
    const query = { timestamp, nonce: '917222495', msg_signature: signature };
    const request = { ...post(query, `<xml><Encrypt>${encrypted}</Encrypt></xml>`), receivedAt: Number(timestamp) * 1000 };
    await expect(open(safe).callback(request)).rejects.toThrow(refusedAs('callback.wrong-signature'));
  });
});

describe('an account set to plain text', () => {
  it.each(['compatible', 'safe'] as const)('says what to set when the platform sends in %s mode', async (mode) => {
    await expect(open(plain).callback(send(accountIn(mode), text))).rejects.toThrow(
      refusedAs('callback.wrong-mode', /encodingAesKey/),
    );
  });

  it('says so only to a caller who knows the token', async () => {
    const request = send(safe, text);
    const stranger = { ...request, query: { ...request.query, signature: '0'.repeat(40) } };
    await expect(open(plain).callback(stranger)).rejects.toThrow(refusedAs('callback.wrong-signature'));
  });
});

it('a faulty account is refused when it is wired, not at its first message', () => {
  expect(() => open(accountIn('safe', { encodingAesKey: 'short' }))).toThrow(refusedAs('config.invalid', /encodingAesKey/));
});

it('no refusal repeats the token, a key or what the follower wrote', async () => {
  const secrets = [safe.token, safe.encodingAesKey ?? '', '附近'];
  const requests = [
    send(plain, text),
    { ...send(safe, text), query: {} },
    { ...send(safe, text), body: Buffer.from(`${text}&`) },
    send(safe, text.replace('MsgType>text', 'MsgType>')),
    send({ ...safe, appId: 'wx0000000000000000' }, text),
  ];
  for (const request of requests) {
    const error: Error = await open(safe)
      .callback(request)
      .then(
        () => new Error('was taken'),
        (error) => error,
      );
    expect(error.name).toBe('Fault');
    for (const secret of secrets) expect(error.message).not.toContain(secret);
  }
});

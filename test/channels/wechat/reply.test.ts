import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStringPromise } from 'xml2js';
import { readInbound } from '../../../server/channels/wechat/inbound.ts';
import { writeReply } from '../../../server/channels/wechat/reply.ts';
import { readXml } from '../../../server/wire/xml.ts';
import { accountIn, messageXml, now, openid } from './platform.ts';

const account = accountIn('plain');
const message = readInbound(account, account.originalId, readXml(messageXml({ Content: 'a', MsgId: 1 })));
const write = (text: string) => writeReply({ kind: 'text', text }, message, account.originalId, now + 999) ?? '';
const shown = (text: string) => readXml(write(text)).Content;

describe('a reply', () => {
  it('goes from the account to the sender, in whole seconds', () => {
    expect(write('你好')).toBe(
      `<xml><ToUserName><![CDATA[${openid}]]></ToUserName><FromUserName><![CDATA[gh_a96a4a619366]]></FromUserName>` +
        `<CreateTime>${now / 1000}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好]]></Content></xml>`,
    );
  });

  it('of nothing is not written at all', () => {
    expect(writeReply({ kind: 'none' }, message, account.originalId, now)).toBeUndefined();
    expect(writeReply({ kind: 'text', text: '' }, message, account.originalId, now)).toBeUndefined();
  });

  it.each([
    ['just fits', 'a'.repeat(2048), 'a'.repeat(2048)],
    ['is one byte too long', 'a'.repeat(2049), 'a'.repeat(2048)],
    ['is too long in Chinese', '中'.repeat(683), '中'.repeat(682)],
    ['would be cut within a pair', `${'a'.repeat(2045)}😀`, 'a'.repeat(2045)],
    ['ends on a pair that fits', `${'a'.repeat(2044)}😀b`, `${'a'.repeat(2044)}😀`],
  ])('that %s is cut on the border of a character', (_, text, cut) => {
    expect(shown(text)).toBe(cut);
  });

  it.each([']]></Content></xml><xml>', ']]>', '<![CDATA[', '&lt;b&gt;', '</xml>', ']]]]>>'])(
    'cannot be broken out of by %s',
    async (text) => {
      expect(shown(text)).toBe(text);
      const { xml } = await parseStringPromise(write(text), { explicitArray: false });
      expect(xml).toEqual({
        ToUserName: openid,
        FromUserName: 'gh_a96a4a619366',
        CreateTime: String(now / 1000),
        MsgType: 'text',
        Content: text,
      });
    },
  );

  it('shows any text, or the beginning of it, and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3_000, size: 'max' }), (text) => {
        const content = String(shown(text));
        expect(text.startsWith(content)).toBe(true);
        expect(Buffer.byteLength(content)).toBeLessThanOrEqual(2048);
        if (Buffer.byteLength(text) > 2048) expect(Buffer.byteLength(content)).toBeGreaterThan(2044);
      }),
      { numRuns: 50 },
    );
  });
});

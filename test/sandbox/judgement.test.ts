import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../server/sandbox/exchange.ts';
import { judgeReply } from '../../server/sandbox/judgement.ts';
import { fieldOf, sealReply } from './listener.ts';

const openid = 'oMgHVjngRipVsoxg6TuX3vz6glDg';
const account = {
  appId: 'wxb11529c136998cb6',
  originalId: 'gh_e136c6e50636',
  name: '半日麦',
  kind: 'service',
  isVerified: true,
  appSecret: '0123456789abcdef0123456789abcdef',
  addresses: [],
  token: 'pamtest',
  encodingAesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
} as const;
const plain = { ...account, mode: 'plain' } as const;
const safe = { ...account, mode: 'safe' } as const;

const common = { ToUserName: openid, FromUserName: account.originalId, CreateTime: '1784080800' };

function answered(body: string | Buffer, status = 200): Extract<Outcome, { kind: 'answer' }> {
  return { kind: 'answer', status, headers: {}, body: Buffer.from(body) };
}

function xmlOf(fields: Record<string, string>): string {
  return `<xml>${Object.entries(fields)
    .map(([name, content]) => `<${name}>${content}</${name}>`)
    .join('')}</xml>`;
}

const text = (fields: Record<string, string> = {}) =>
  xmlOf({ ...common, MsgType: 'text', Content: '<![CDATA[你好]]>', ...fields });

describe('replies that are shown', () => {
  test.each([
    [
      'text',
      { Content: '<![CDATA[<a href="https://example.com">店</a>\n]]>' },
      { kind: 'text', text: '<a href="https://example.com">店</a>\n' },
    ],
    ['image', { Image: '<MediaId>m1</MediaId>' }, { kind: 'media', type: 'image', mediaId: 'm1' }],
    ['voice', { Voice: '<MediaId>m2</MediaId>' }, { kind: 'media', type: 'voice', mediaId: 'm2' }],
    [
      'video',
      { Video: '<MediaId>m3</MediaId><Title>烤面包</Title>' },
      { kind: 'media', type: 'video', mediaId: 'm3', title: '烤面包' },
    ],
    ['music', { Music: '<Title>晨</Title><ThumbMediaId>m4</ThumbMediaId>' }, { kind: 'music', title: '晨', text: '', url: '' }],
    [
      'news',
      {
        ArticleCount: '2',
        Articles: '<item><Title>一</Title><Url>https://example.com</Url></item><item><Title>二</Title></item>',
      },
      { kind: 'article', title: '一', text: '', pictureUrl: '', url: 'https://example.com' },
    ],
  ])('%s', async (MsgType, fields, content) => {
    expect(await judgeReply(answered(xmlOf({ ...common, MsgType, ...fields })), plain, openid)).toMatchObject({
      rule: 'reply-shown',
      content,
    });
  });

  test('a declaration and white space around the document do not matter', async () => {
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n${text()}\n`;
    expect(await judgeReply(answered(body), plain, openid)).toMatchObject({ rule: 'reply-shown' });
  });

  test('a hand-over to customer service is accepted and shows nothing', async () => {
    const judged = await judgeReply(answered(xmlOf({ ...common, MsgType: 'transfer_customer_service' })), plain, openid);
    expect(judged).toMatchObject({ rule: 'handed-over' });
    expect(judged).not.toHaveProperty('content');
  });

  test('whatever text is in CDATA is shown as it is', async () => {
    const words = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 200 })
      .filter((some) => !/[\r]/.test(some) && some.trim() !== '');
    await fc.assert(
      fc.asyncProperty(words, async (some) => {
        const Content = `<![CDATA[${some.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
        const { content } = await judgeReply(answered(sealReply(text({ Content }), safe)), safe, openid);
        expect(content).toEqual({ kind: 'text', text: some });
      }),
      { numRuns: 50 },
    );
  });
});

describe('answers that end in the outage notice', () => {
  test.each<[string, string | Buffer, string]>([
    ['JSON', '{"ToUserName":"x"}', 'not-xml'],
    ['a page', '<html><body>502 Bad Gateway</body></html>', 'not-xml'],
    ['"success" in other words', 'SUCCESS', 'not-xml'],
    ['"success" with a line break', 'success\n', 'not-xml'],
    ['a byte order mark before the document', `\ufeff${text()}`, 'not-xml'],
    ['bytes that are not UTF-8', Buffer.from([0x3c, 0xff, 0xfe]), 'not-xml'],
    ['a document that does not end', text().slice(0, -6), 'not-xml'],
    ['two documents', text() + text(), 'not-xml'],
    ['a DOCTYPE', `<!DOCTYPE xml [<!ENTITY a "aa">]>${text()}`, 'not-xml'],
    ['an entity that nobody defined', text({ Content: '&a;' }), 'not-xml'],
    ['text behind the document', `${text()} Warning: undefined variable`, 'not-xml'],
    ['an empty document', '<xml/>', 'not-xml'],
    ['a reply to somebody else', text({ ToUserName: 'somebody' }), 'wrong-receiver'],
    ['a reply from another account', text({ FromUserName: 'gh_0' }), 'wrong-receiver'],
    ['names that were not swapped', text({ ToUserName: account.originalId, FromUserName: openid }), 'wrong-receiver'],
    ['two receivers', `${text().slice(0, -6)}<ToUserName>${openid}</ToUserName></xml>`, 'wrong-receiver'],
    ['no time', text({ CreateTime: '' }), 'missing-field'],
    ['a time that is no number of seconds', text({ CreateTime: '2026-07-15' }), 'missing-field'],
    ['no type', text({ MsgType: '' }), 'unknown-type'],
    ['a type of no reply', text({ MsgType: 'location' }), 'unknown-type'],
    ['a type that objects have by nature', text({ MsgType: 'constructor' }), 'unknown-type'],
    ['no content', text({ Content: '' }), 'missing-field'],
    ['a picture without its media', xmlOf({ ...common, MsgType: 'image', MediaId: 'm1' }), 'missing-field'],
    ['an article without one', xmlOf({ ...common, MsgType: 'news', ArticleCount: '1', Articles: '' }), 'missing-field'],
    ['a text of 2,049 bytes', text({ Content: `${'好'.repeat(682)}abc` }), 'text-too-long'],
    ['an encrypted reply of a plain account', sealReply(text(), account), 'wrong-receiver'],
  ])('%s', async (_, body, rule) => {
    const judged = await judgeReply(answered(body), plain, openid);
    expect(judged).toMatchObject({ rule, why: expect.any(String) });
    expect(judged.checks.at(-1)?.passed).toBe(false);
    expect(judged).not.toHaveProperty('content');
  });

  test('a text of 2,048 bytes is just short enough', async () => {
    expect(await judgeReply(answered(text({ Content: `${'好'.repeat(682)}ab` })), plain, openid)).toMatchObject({
      rule: 'reply-shown',
    });
  });

  test.each([
    ['late', { kind: 'late' } as const, 'late'],
    ['unreachable', { kind: 'unreachable', why: 'connect ECONNREFUSED' } as const, 'unreachable'],
    ['a redirect', answered('', 302), 'wrong-status'],
    ['a good reply with a bad status', answered(text(), 500), 'wrong-status'],
    ['too large', { ...answered(text()), kind: 'too-large' } as const, 'too-large'],
  ])('%s', async (_, outcome, rule) => {
    expect(await judgeReply(outcome, plain, openid)).toMatchObject({ rule });
  });
});

describe('encrypted replies', () => {
  const sealed = sealReply(text(), safe);

  test('the checks are told in their order', async () => {
    const { checks, decoded } = await judgeReply(answered(sealed), safe, openid);
    expect(checks.map(({ name }) => name)).toEqual([
      'in-time',
      'status',
      'size',
      'xml',
      'signature',
      'decrypt',
      'app-id',
      'receiver',
      'type',
    ]);
    expect(decoded).toBe(text());
  });

  test.each([
    ['plain in safe mode', text(), 'not-encrypted'],
    ['signed with another token', sealReply(text(), { ...safe, token: 'other' }), 'wrong-signature'],
    ['unsigned', sealed.replace(/<MsgSignature>.*?<\/MsgSignature>/, ''), 'wrong-signature'],
    ['with another nonce than was signed', sealed.replace('778899', '778898'), 'wrong-signature'],
    ['sealed for another app', sealReply(text(), { ...safe, appId: 'wx0000000000000000' }), 'undecipherable'],
    [
      'sealed with another key',
      sealReply(text(), { ...safe, encodingAesKey: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg' }),
      'undecipherable',
    ],
    ['that hold no document', sealReply('success', safe), 'not-xml'],
    ['that hold another encrypted reply', sealReply(sealed, safe), 'wrong-receiver'],
  ])('%s', async (_, body, rule) => {
    expect(await judgeReply(answered(body), safe, openid)).toMatchObject({ rule });
  });

  test('a published reply is opened and its signature found right (wechat.md §2.1 E)', async () => {
    const encrypted =
      '9s4gMv99m88kKTh/H8IdkOiMg6bisoy3ypwy9H4hvSPe9nsGaqyw5hhSjdYbcrKk+j3nba4HMOTzHrluLBYqxgNcBqGsL8GqxlhZgURnAtObvesEl5nZ+uBE8bviY0LWke8Zy9V/QYKxNV2FqllNXcfmstttyIkMKCCmVbCFM2JTF5wY0nFhHZSjPUL2Q1qvSUCUld+/WIXrx0oyKQmpB6o8NRrrNrsDf03oxI1p9FxUgMnwKKZeOA/uu+2IEvEBtb7muXsVbwbgX05UPPJvFurDXafG0RQyPR+mf1nDnAtQmmNOuiR5MIkdQ39xn1vWwi1O5oazPoQJz0nTYjxxEE8kv3kFxtAGVRe3ypD3WeK2XeFYFMNMpatF9XiKzHo3';
    const body = `<xml>\n<Encrypt><![CDATA[${encrypted}]]></Encrypt>\n<MsgSignature><![CDATA[407518b7649e86ef23978113f92d27afa9296533]]></MsgSignature>\n<TimeStamp>1411525903</TimeStamp>\n<Nonce><![CDATA[461056294]]></Nonce>\n</xml>`;
    const published = {
      ...safe,
      token: '123456',
      encodingAesKey: 'kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR',
      appId: 'wx49f0ab532d5d035a',
      originalId: 'wx49f0ab532d5d035a',
    };
    const judged = await judgeReply(answered(body), published, 'messense');
    expect(judged).toMatchObject({ rule: 'reply-shown', content: { kind: 'text', text: 'test' } });
    expect(fieldOf(judged.decoded ?? '', 'MsgType')).toBe('text');
  });
});

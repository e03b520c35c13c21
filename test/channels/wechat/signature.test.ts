import { expect, it } from 'vitest';
import { isSignedBySession, signCard, signPage, signSession } from '../../../server/channels/wechat/index.ts';

const officialTicket = 'sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg';

it.each([
  [
    'the official sample',
    officialTicket,
    { url: 'http://mp.weixin.qq.com?params=value', nonceStr: 'Wm3WZYTPz0wzccnW', timestamp: 1414587457 },
    '0f9de62fce790f9a083d5c99e95740ceb90c27ed',
  ],
  [
    'one of Senparc',
    'kgt8ON7yVITDhtdwci0qefK1QvDlwsAPwMnZOO_J0MxaUpuHtIU_IltC7zs3kfNOYTHEqeIEvEXZHbS3xXNx3g',
    { url: 'https://www.baidu.com', nonceStr: 'B7EE6F5F9AA5CD17CA1AEA43CE848496', timestamp: 1474350784 },
    '3b1b4171bcfa0f0661be9c5474002d3eb25a3368',
  ],
])('a page is signed as %s', (_, ticket, page, signature) => {
  expect(signPage(ticket, page)).toEqual({ timestamp: page.timestamp, nonceStr: page.nonceStr, signature });
  expect(signPage(ticket, { ...page, url: `${page.url}#/a#b` }).signature).toBe(signature);
  expect(signPage(ticket, { ...page, url: `${page.url}&` }).signature).not.toBe(signature);
});

const random = { cardId: 'random_card_id', nonceStr: 'Wm3WZYTPz0wzccnW', timestamp: 1414587457 };
it.each([
  [random, '22dce6bad4db532d4a2ef82ca2ca7bbe1e10ef28'],
  [{ ...random, code: 'random_code' }, '2e9c6d12952246e071717d7baeab20c30420b5cd'],
  [{ ...random, openid: 'random_openid' }, 'ded860a5dd4467312764bd86e544ad0579cbfad0'],
  [{ ...random, code: 'random_code', openid: 'random_openid' }, '950dc1842852457ea573d4d6af34879c1ec093c8'],
  [{ ...random, code: undefined, openid: '' }, '22dce6bad4db532d4a2ef82ca2ca7bbe1e10ef28'],
])('a card is signed by its values alone: %o', (card, signature) => {
  expect(signCard(officialTicket, card)).toBe(signature);
});

it('a card is signed in the order of bytes, not of a language', () => {
  const card = {
    cardId: 'ptMXyt1Z8fa_oO9VZCPeNvQIrL3E',
    nonceStr: 'F899139DF5E1059396431415E770C6DD',
    timestamp: 1498125529,
    code: 'PK0000397757',
    openid: 'otMXytwcamKAa3JmUoQ0N7OGDFuA',
  };
  const ticket = 'E0o2-at6NcC2OsJiQTlwlKYyg-fKayq9IF7iYyyyi7JyxXirHaurpJgI7oqY0AVbFPnZmYCgmCdTNBlU1hBRzw';
  expect(signCard(ticket, card)).toBe('cdd62c91eaa2c62f02b54e220dea282e34cce879');
});

it('a session is proved by its key as it is written', () => {
  const key = 'o0q0otL8aEzpcZL/FT9WsQ==';
  expect(signSession(key, '{"foo":"bar"}')).toBe('654571f79995b2ce1e149e53c0a33dc39c0a74090db514261454e8dbe432aa0b');
  expect(signSession(key)).toBe('46e043c5525c2d817c44be603d30837a808a1d930d038f6fdc3e62a201fed128');
});

it.each([
  [
    '{"nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou","province":"Guangdong","country":"CN","avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/1vZvI39NWFQ9XM4LtQpFrQJ1xlgZxx3w7bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ/0"}',
    'HyVFkGl5F5OQWJZZaNzBBg==',
    '75e81ceda165f4ffa64f4068af58c64b8f54b88c',
  ],
  [
    '{"nickName":"Xavier-Lam林","gender":1,"language":"zh_CN","city":"Ningde","province":"Fujian","country":"China","avatarUrl":"https://wx.qlogo.cn/mmopen/vi_32/vTxUxcbjcZ8t9eU6YfXBwRU89KS9uRILEDro01MTYp7UKYsyTjLFMIVhB0AlBuEvLHbhmO3OpaHw5zwlSetuLg/132"}',
    'GtYYez5b/M5HhT4L7n31gQ==',
    '8fde625b7640734a13c071c05d792b5cef21cf89',
  ],
])('raw data is known by its signature', (rawData, key, signature) => {
  expect(isSignedBySession(rawData, signature, key)).toBe(true);
  expect(isSignedBySession(`${rawData} `, signature, key)).toBe(false);
  expect(isSignedBySession(rawData, signature, signature)).toBe(false);
});

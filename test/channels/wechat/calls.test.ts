import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../../server/channels/wechat/answer.ts';
import { createWechatApi } from '../../../server/channels/wechat/api.ts';
import { calls } from '../../../server/channels/wechat/calls/index.ts';
import { readCode } from '../../../server/channels/wechat/error-codes.ts';
import { systemClock } from '../../../server/kernel/clock.ts';
import { openCallWorld } from './call-world.ts';

describe('the table of calls', () => {
  it('names paths of the platform, without a slash at the beginning', () => {
    for (const name of Object.keys(calls)) expect(name).toMatch(/^(cgi-bin|sns|wxa|wxaapi|datacube)(\/[a-z0-9_]+)+$/i);
  });

  it('repeats no call whose code works once, and none that sends something to somebody', () => {
    const once = Object.entries(calls).filter(([name]) =>
      /send$|bizsend|jscode2session|oauth2\/access_token|phonenumber/.test(name),
    );
    expect(once.map(([, { mayRepeat }]) => mayRepeat)).toEqual(
      once.map(([name]) => (name.endsWith('mass/send') ? 'clientmsgid' : false)),
    );
    expect(once.length).toBeGreaterThan(6);
  });
});

/** Answers from the platform's manual, of calls that the sandbox does not answer or answers otherwise. */
const samples = {
  'cgi-bin/template/get_industry': {
    primary_industry: { first_class: '运输与仓储', second_class: '快递' },
    secondary_industry: { first_class: 'IT科技', second_class: '互联网|电子商务' },
  },
  'wxa/business/checkencryptedmsg': { errcode: 0, errmsg: 'ok', vaild: true, create_time: 1629121902 },
  'wxa/getpaidunionid': { unionid: 'oTmHYjg-tElZ68xxxxxxxxhy1Rgk', errcode: 0, errmsg: 'ok' },
  'cgi-bin/template/api_set_industry': { errcode: 0, errmsg: 'ok' },
  'cgi-bin/user/info': { subscribe: 1, openid: 'o1', subscribe_time: 1, qr_scene: 98765, qr_scene_str: '', language: 'zh_CN' },
  'cgi-bin/menu/get': {
    menu: { button: [{ type: 'click', name: '今日歌曲', key: 'V1001', sub_button: [] }], menuid: 208379533 },
  },
  'wxa/business/getuserphonenumber': {
    phone_info: {
      phoneNumber: '13580006666',
      purePhoneNumber: '13580006666',
      countryCode: 86,
      watermark: { timestamp: 1637744274, appid: 'wx1' },
    },
  },
} as const;

it.each(Object.entries(samples))('the platform’s own answer is read: %s', (name, sample) => {
  const read = calls[name as keyof typeof samples].answer.safeParse(sample);
  expect(read.error).toBeUndefined();
});

describe('a code of the platform', () => {
  it('that says that the token is bad asks for another; that the platform is busy, for patience', () => {
    expect([40001, 40014, 42001].map((code) => readCode(code).retry)).toEqual(['token', 'token', 'token']);
    expect([-1, 45009, 45011].map((code) => readCode(code).retry)).toEqual(['later', 'later', 'later']);
    expect(readCode(43004)).toEqual({ reason: 'not-following', retry: 'no' });
    expect(readCode(99_999)).toEqual({ reason: undefined, retry: 'no' });
  });
});

describe('an answer', () => {
  it('says what the platform wrote: every text and every number, however long', () => {
    const digits = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(digits, fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), (id, text, share) => {
        const written = `{"id":${id},"text":${JSON.stringify(text)},"share":${JSON.stringify(share)},"list":[{"id":${id}}]}`;
        const exact = Number.isSafeInteger(Number(id)) ? Number(id) : String(id);
        const answer = readAnswer(written);
        expect(answer).toMatchObject({ id: exact, text, list: [{ id: exact }] });
        expect(Number(answer?.share)).toBe(Object.is(share, -0) ? 0 : share);
      }),
    );
  });

  it('is read however many control characters stand in its texts', () => {
    const noise = fc.array(fc.integer({ min: 0, max: 31 }), { maxLength: 8 }).map((codes) => String.fromCharCode(...codes));
    fc.assert(
      fc.property(noise, noise, (a, b) => {
        expect(readAnswer(`{"name":"小${a}满"${b},"n":1}`)).toEqual({ name: '小满', n: 1 });
      }),
    );
  });

  it('lacks what is null', () => {
    expect(readAnswer('{"count":0,"data":null,"list":[{"a":null,"b":1}]}')).toEqual({ count: 0, list: [{ b: 1 }] });
  });

  it('that is nested without end is none, and ends nothing', () => {
    const depth = 200_000;
    expect(readAnswer(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`)).toBeUndefined();
  });

  it('of any shape is read by every call or refused, and nothing else is thrown', () => {
    const rows = Object.values(calls);
    const fields = [
      'list',
      'menu',
      'data',
      'quota',
      'tag',
      'tags',
      'user_info_list',
      'media_id',
      'msg_id',
      'item',
      'subscribe',
      'news_item',
    ];
    const named = fc.dictionary(
      fc.constantFrom(...fields),
      fc.oneof(fc.jsonValue(), fc.array(fc.object({ key: fc.constantFrom(...fields) }))),
    );
    fc.assert(
      fc.property(named, (answer) => {
        for (const row of rows) expect(row.answer.safeParse(answer)).toHaveProperty('success');
      }),
    );
  });

  it('that is no object is none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const answer = readAnswer(text);
        expect(answer === undefined || (typeof answer === 'object' && !Array.isArray(answer))).toBe(true);
      }),
    );
  });
});

it('what is sent arrives as it was: in a query and in a body', async () => {
  const { url, wired } = await openCallWorld();
  const api = createWechatApi({ baseUrl: () => url, clock: systemClock });
  const text = fc.string({ unit: 'grapheme' });
  await fc.assert(
    fc.asyncProperty(text, fc.jsonValue(), async (query, value) => {
      await api.call('a', { query: { q: query } });
      await api.call('b', { body: { value } });
      const [inQuery, inBody] = wired.slice(-2);
      expect(inQuery?.query).toEqual({ q: query });
      expect(inBody?.body).toEqual(JSON.parse(JSON.stringify({ value })));
    }),
    { numRuns: 50 },
  );
});

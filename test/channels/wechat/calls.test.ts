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

import { createCipheriv, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSessionData } from '../../../server/channels/wechat/index.ts';

const appId = 'wx4f4bc4dec97d474b';
const sessionKey = 'tiihtNczf5v6AKRyjwEUhQ==';
const sealed = {
  iv: 'r7BXXKkLb8qrSNn05n0qiA==',
  encryptedData:
    'CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZMQmRzooG2xrDcvSnxIMXFufNstNGTyaGS9uT5geRa0W4oTOb1WT7fJlAC+oNPdbB+3hVbJSRgv+4lGOETKUQz6OYStslQ142dNCuabNPGBzlooOmB231qMM85d2/fV6ChevvXvQP8Hkue1poOFtnEtpyxVLW1zAo6/1Xx1COxFvrc2d7UL/lmHInNlxuacJXwu0fjpXfz/YqYzBIBzD6WUfTIF9GRHpOn/Hz7saL8xz+W//FRAUid1OksQaQx4CMs8LOddcQhULW4ucetDf96JcR3g0gfRK4PC7E/r7Z6xNrXd2UIeorGj5Ef7b1pJAYB6Y5anaHqZ9J6nKEBvB4DnNLIVWSgARns/8wR2SiRS7MNACwTyrGvt9ts8p12PKFdlqYTopNHR1Vf7XjfhQlVsAJdNiKdYmYVoKlaRv85IfVunYzO0IKXsyl7JCUjCpoG20f0a04COwfneQAGGwd5oa+T8yO5hzuyDb/XcxxmK01EpqOyuxINew==',
};

/** Seals as the platform does. */
function seal(value: unknown, key: Buffer) {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-128-cbc', key, iv);
  const bytes = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
  return { encryptedData: bytes.toString('base64'), iv: iv.toString('base64') };
}

describe('what a mini-program was given', () => {
  it('opens with the key of the session', () => {
    expect(openSessionData(sealed, sessionKey, appId)).toMatchObject({
      ok: true,
      data: {
        openId: 'oGZUI0egBJY1zhBYw2KhdUfwVJJE',
        unionId: 'ocMvos6NjeKLIBqg5Mr9QjxrP1FA',
        nickName: 'Band',
        watermark: { timestamp: 1477314187, appid: appId },
      },
    });
  });

  it('opens when its base64 was broken into lines', () => {
    const encryptedData = sealed.encryptedData.replace(/.{64}/g, '$&\n');
    expect(openSessionData({ encryptedData, iv: `${sealed.iv}\n` }, sessionKey, appId)).toMatchObject({ ok: true });
  });

  it('of another mini-program is not taken', () => {
    expect(openSessionData(sealed, sessionKey, 'wx1')).toEqual({ ok: false, reason: 'foreign-app' });
    const key = randomBytes(16);
    expect(openSessionData(seal({ openId: 'o1' }, key), key.toString('base64'), appId)).toEqual({
      ok: false,
      reason: 'foreign-app',
    });
  });

  it('does not open in another session, nor when it is broken', () => {
    const stale = { ok: false, reason: 'stale-session' };
    expect(openSessionData(sealed, 'HyVFkGl5F5OQWJZZaNzBBg==', appId)).toEqual(stale);
    for (const wrong of ['', 'AAAA', 'not base64 at all !', Buffer.alloc(32).toString('base64')]) {
      expect(openSessionData({ ...sealed, encryptedData: wrong }, sessionKey, appId)).toEqual(stale);
      expect(openSessionData({ ...sealed, iv: wrong }, sessionKey, appId)).toEqual(stale);
      expect(openSessionData(sealed, wrong, appId)).toEqual(stale);
    }
  });

  it('comes out as it went in, whatever it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.uint8Array({ minLength: 16, maxLength: 16 }), (said, key) => {
        const data = JSON.parse(JSON.stringify({ ...said, watermark: { appid: appId, timestamp: 1 } }));
        const opened = openSessionData(seal(data, Buffer.from(key)), Buffer.from(key).toString('base64'), appId);
        expect(opened).toEqual({ ok: true, data });
      }),
    );
  });

  it('is never opened from noise, and noise throws nothing', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (encryptedData, iv, key) => {
        expect(openSessionData({ encryptedData, iv }, key, appId).ok).toBe(false);
      }),
    );
  });
});

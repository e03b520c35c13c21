import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppStory, actFollower, ownDatabaseUri, startApp } from '../support/app.ts';

describe.each(['plain', 'compatible', 'safe'] as const)(
  'R50: everything fits in the chat, over a callback in %s mode',
  (mode) => {
    let story: AppStory;
    beforeAll(async () => {
      story = await startApp({ environment: { WECHAT_MODE: mode, MERCHANT_NAME: '半日麦' } });
    });
    afterAll(() => story.close());

    it('R30: a stranger follows, is greeted, asks, and is answered', async () => {
      const ming = await story.follower('小明');
      expect(await ming.follows()).toContain('这里是半日麦');
      expect(await ming.sends('帮助')).toContain('在半日麦，你可以');
      expect(await ming.sends('今天有什么')).toContain('还没听懂');
    });

    it('answers in the language of the question', async () => {
      const anna = await story.follower('Anna');
      await anna.follows();
      expect(await anna.sends('help')).toContain('you can');
    });

    it('lets nobody break out of the answer', async () => {
      const mallory = await story.follower('Mallory');
      await mallory.follows();
      for (const text of [']]></Content></xml>', '<xml>&lt;&#0;', '{merchant}', '\u0000\uffff!', '﷽'.repeat(600)]) {
        expect(await mallory.sends(text)).toMatch(/还没听懂|did not understand|只看得懂文字/);
      }
    });
  },
);

describe('R30: the account knows its people', () => {
  it('who unfollows and comes back is greeted as somebody known', async () => {
    const story = await startApp();
    const ming = await story.follower('小明');
    expect(await ming.follows()).toContain('很高兴认识你');
    expect(await ming.unfollows()).toBe('nothing');
    expect(await ming.follows()).toContain('欢迎回来');
    await story.close();
  });

  it('and still does after a restart', async () => {
    const environment = { MONGODB_URI: ownDatabaseUri() };
    const first = await startApp({ environment });
    const ming = await first.follower('小明');
    await ming.follows();
    await ming.unfollows();
    await first.close();

    const second = await startApp({ environment });
    expect(second.account).toEqual(first.account);
    expect(await actFollower(second.sandbox, ming.openid).follows()).toContain('欢迎回来');
    await second.close();
  });
});

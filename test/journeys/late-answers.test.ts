import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { houseScenes } from '../../server/conversation/index.ts';
import type { Sandbox } from '../../server/sandbox/index.ts';
import { type AppStory, ownDatabaseUri, sealingKey, startApp } from '../support/app.ts';
import { openFront } from '../support/front.ts';
import { startServerProcess } from '../support/server-process.ts';
import { slowAnswer, slowQuestion, slowScene } from '../support/slow-scene.ts';
import { environmentOf, openWechatPlatform } from '../support/wechat-platform.ts';

/** The texts that the account has shown this follower. */
async function textsTo(sandbox: Sandbox, openid: string): Promise<string[]> {
  const chat = await sandbox.chat(openid);
  return chat.flatMap(({ from, content }) => (from === 'account' && content.kind === 'text' ? [content.text] : []));
}

describe('R7: a scene that takes longer than the platform waits', () => {
  let story: AppStory;
  beforeAll(async () => {
    story = await startApp({ scenes: [slowScene, ...houseScenes] });
  });
  afterAll(() => story.close());

  it('answers later, once, as a message in the follower’s chat', async () => {
    const ming = await story.follower('小明');
    await ming.follows();
    const question = slowQuestion(4_800, '有座位吗');
    expect(await ming.sends(question)).toBe('nothing');
    await expect.poll(() => textsTo(story.sandbox, ming.openid), { timeout: 10_000 }).toContain(slowAnswer(question));
    // What comes after it is answered as ever, and the late answer has not come a second time.
    expect(await ming.sends('帮助')).toContain('你可以');
    const texts = await textsTo(story.sandbox, ming.openid);
    expect(texts.filter((text) => text === slowAnswer(question))).toHaveLength(1);
  });
});

it('R7: a server that is killed in the middle of a slow scene answers after its restart, once', async () => {
  const platform = await openWechatPlatform();
  const account = await platform.sandbox.ensureAccount({ name: '半日麦', mode: 'safe' });
  const server = await startServerProcess(
    { MONGODB_URI: ownDatabaseUri(), SECRETS_KEY: sealingKey, ...environmentOf(platform, account) },
    { entry: 'test/support/slow-server.ts' },
  );
  const front = await openFront(() => [server.url]);
  onTestFinished(async () => {
    await server.kill();
    await platform.close();
    await front.close();
  });
  const { sandbox } = platform;
  await sandbox.connect(account, front.url + new URL(server.callbackUrl).pathname);
  const { openid } = await sandbox.createFollower(account, { name: '小明' });
  await sandbox.follow(openid);

  const question = slowQuestion(4_800, '有座位吗');
  const delivered = sandbox.say(openid, { kind: 'text', text: question });
  await setTimeout(1_000);
  await server.kill();
  await server.restart();
  // The platform's next try meets the restarted server, which begins anew and is late again.
  expect((await delivered).shown).toBe('nothing');
  await expect.poll(() => textsTo(sandbox, openid), { timeout: 20_000 }).toContain(slowAnswer(question));
  expect(await textsTo(sandbox, openid)).toHaveLength(2);
});

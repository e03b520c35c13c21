import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AppStory, startApp } from '../../support/app.ts';
import { type Elements, type Reply, serveByCoWechat, serveByEasyWechat } from './callback-servers.ts';
import { openAccount } from './platform.ts';

let story: AppStory;
beforeAll(async () => {
  story = await startApp();
});
afterAll(() => story.close());

const article = { title: '新麦', text: '第一袋', pictureUrl: 'https://example.com/1.jpg', url: 'https://example.com/1' };
const song = { title: '麦浪', text: '纯音乐', url: 'https://example.com/1.mp3', thumbMediaId: 'thumb' };

/** Each kind of reply, by what is said; a text names what was read. */
function answerOf({ MsgType: type, Event: event, EventKey: key, Content: text, Label: label }: Elements): Reply {
  if (type === 'event') return event === 'unsubscribe' ? 'nothing' : { text: `${event}/${key ?? ''}` };
  if (type === 'location') return { text: `在${label}` };
  if (text === '文章') return { article };
  if (text === '图片') return { mediaId: 'picture' };
  if (text === '音乐') return { song };
  if (text === '客服') return { agent: 'lin@malang' };
  return text === '嗯' ? 'nothing' : { text: `你说：${text}` };
}

describe.each([
  ['co-wechat', serveByCoWechat],
  ['node-easywechat', serveByEasyWechat],
])('%s as the server of an account', (_, serve) => {
  test.each(['plain', 'compatible', 'safe'] as const)('is accepted and answers what people do, in %s mode', async (mode) => {
    const account = await openAccount(story, { serve, mode, answer: answerOf });
    expect(account.verdict).toMatchObject({ isAccepted: true, account: { mode }, row: { rule: 'address-echoed' } });
    const { openid } = await account.createFollower('小满');
    const { say, follow, unfollow } = story.sandbox;

    const outcomes = [
      await follow(openid, { entryCode: 'poster' }),
      await say(openid, { kind: 'text', text: '早上好 <b>&"]]>' }),
      await say(openid, { kind: 'place', latitude: 39.9087, longitude: 116.4605, label: '国贸店' }),
      await say(openid, { kind: 'menu', key: 'today' }),
      await say(openid, { kind: 'scan', entryCode: 'table-5' }),
      await say(openid, { kind: 'text', text: '文章' }),
      await say(openid, { kind: 'text', text: '图片' }),
      await say(openid, { kind: 'text', text: '客服' }),
      await say(openid, { kind: 'text', text: '嗯' }),
      await unfollow(openid),
    ];

    expect(outcomes.map(({ shown }) => (typeof shown === 'string' ? shown : shown.content))).toEqual([
      { kind: 'text', text: 'subscribe/qrscene_poster' },
      { kind: 'text', text: '你说：早上好 <b>&"]]>' },
      { kind: 'text', text: '在国贸店' },
      { kind: 'text', text: 'CLICK/today' },
      { kind: 'text', text: 'SCAN/table-5' },
      { kind: 'article', ...article },
      { kind: 'media', type: 'image', mediaId: 'picture' },
      'nothing',
      'nothing',
      'nothing',
    ]);
    expect(outcomes.flatMap(({ tries }) => tries.map(({ attempt, verdict, rule }) => [attempt, verdict, rule]))).toEqual([
      ...Array.from({ length: 7 }, () => [1, 'accepted', 'reply-shown']),
      [1, 'accepted', 'handed-over'],
      [1, 'acknowledged', expect.stringMatching(/^(empty|success)$/)],
      [1, 'acknowledged', expect.stringMatching(/^(empty|success)$/)],
    ]);
    const common = { ToUserName: account.originalId, FromUserName: openid };
    expect(account.received[1]).toMatchObject({ ...common, MsgType: 'text', Content: '早上好 <b>&"]]>' });
    expect(account.received[2]).toMatchObject({ ...common, MsgType: 'location', Location_X: '39.9087', Location_Y: '116.4605' });
  });
});

describe('co-wechat', () => {
  test('is not accepted as the server of an account whose token it does not have', async () => {
    const account = await openAccount(story, { serve: serveByCoWechat, misread: { token: 'another0token' } });
    expect(account.verdict).toMatchObject({ isAccepted: false, row: { rule: 'wrong-status', status: 401 } });
    expect(account.verdict.account).not.toHaveProperty('server');
  });

  test('seals its replies for the app id that it was given: they open for no other account', async () => {
    const misread = { appId: 'wx0123456789abcdef' };
    const account = await openAccount(story, { serve: serveByCoWechat, mode: 'safe', answer: answerOf, misread });
    const { openid } = await account.createFollower('小满');
    const { shown, tries } = await story.sandbox.follow(openid);
    expect(shown).toBe('outage');
    expect(tries.map(({ rule }) => rule)).toEqual(['undecipherable']);
  });

  // Its template has no place for a ThumbMediaId, without which there is no music (wechat.md §1.6).
  test('cannot answer with music', async () => {
    const account = await openAccount(story, { serve: serveByCoWechat, answer: answerOf });
    const { openid } = await account.createFollower('小满');
    await story.sandbox.follow(openid);
    const { shown, tries } = await story.sandbox.say(openid, { kind: 'text', text: '音乐' });
    expect(shown).toBe('outage');
    expect(tries.map(({ rule }) => rule)).toEqual(['missing-field']);
  });
});

describe('node-easywechat', () => {
  test('answers with music', async () => {
    const account = await openAccount(story, { serve: serveByEasyWechat, answer: answerOf });
    const { openid } = await account.createFollower('小满');
    await story.sandbox.follow(openid);
    const { shown } = await story.sandbox.say(openid, { kind: 'text', text: '音乐' });
    const { thumbMediaId: _, ...heard } = song;
    expect(shown).toMatchObject({ content: { kind: 'music', ...heard } });
  });

  // It looks at no signature but that of what is encrypted.
  test('echoes whatever address check comes, also under a token that it does not have', async () => {
    const account = await openAccount(story, { serve: serveByEasyWechat, answer: answerOf, misread: { token: 'another0token' } });
    expect(account.verdict.isAccepted).toBe(true);
    const { openid } = await account.createFollower('小满');
    const { shown } = await story.sandbox.follow(openid);
    expect(shown).toMatchObject({ content: { text: 'subscribe/' } });
  });

  // Whoever gives it a key gets every reply sealed, also those to messages that were not.
  test('that has a key is of no use to an account in plain mode', async () => {
    const misread = { encodingAesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' };
    const account = await openAccount(story, { serve: serveByEasyWechat, answer: answerOf, misread });
    const { openid } = await account.createFollower('小满');
    const { shown, tries } = await story.sandbox.follow(openid);
    expect(shown).toBe('outage');
    expect(tries.map(({ rule }) => rule)).toEqual(['wrong-receiver']);
  });
});

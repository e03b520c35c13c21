import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Account, Content, Inbound } from '../../server/channels/channel.ts';
import type { Scene } from '../../server/conversation/composer.ts';
import { type Conversation, createConversation } from '../../server/conversation/index.ts';
import { type SceneContext, scene } from '../../server/conversation/scene.ts';
import { anyWords, content, text } from '../../server/conversation/triggers.ts';
import type { Database } from '../../server/database/index.ts';
import { createIds } from '../../server/kernel/ids.ts';
import { createLog } from '../../server/kernel/log.ts';
import { type Members, openMembers } from '../../server/members/index.ts';
import { byOperator, type Merchants } from '../../server/merchants/index.ts';
import { openTexts, type Texts } from '../../server/texts/index.ts';
import { createManualClock } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';
import { openTestMerchants } from '../support/merchants.ts';

const clock = createManualClock();
const ids = createIds(clock);
let database: Database;
let texts: Texts;
let merchants: Merchants;
let members: Members;

beforeAll(async () => {
  database = await openTestDatabase();
  texts = await openTexts(new URL('../../templates', import.meta.url).pathname);
  merchants = await openTestMerchants({ database, clock, ids });
  members = await openMembers({ database, clock, ids });
});
afterAll(() => database.close());

/** A bakery with an account of its own, and how one talks to it. */
async function bakery(options: { language?: 'zh' | 'en'; scenes?: readonly Scene<SceneContext>[] } = {}) {
  const slug = ids<'slug'>();
  const merchant = await merchants.ensureMerchant({
    slug,
    name: '半日麦',
    zone: 'Asia/Shanghai',
    language: options.language ?? 'zh',
  });
  const account: Account = { id: ids<'account'>(), merchantId: merchant.id, channel: 'wechat' };
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(`${chunk}`);
      done();
    },
  });
  const parts = {
    texts,
    members,
    merchants,
    log: createLog('info', destination),
    ...(options.scenes ? { scenes: options.scenes } : {}),
  };
  return { account, conversation: createConversation(parts), lines };
}

interface Bakery {
  account: Account;
  conversation: Conversation;
}

let seconds = 0;

/** What the follower reads for this, or undefined for nothing. */
async function sends({ account, conversation }: Bakery, content: Content, uniqueNumber: string = ids<'message'>()) {
  const inbound: Inbound = { account, openid: 'ming', sentAt: ++seconds * 1_000, key: uniqueNumber, content, fields: {} };
  const reply = await conversation.answer(inbound, uniqueNumber);
  return reply?.kind === 'text' ? reply.text : undefined;
}

const says = (shop: Bakery, words: string) => sends(shop, { kind: 'text', text: words });
const rows = (name: string, merchantId: string) => database.connection.collection(name).find({ merchantId }).toArray();
const people = (merchantId: string) => rows('followers', merchantId);

test('who follows is greeted; who leaves is answered nothing; who comes back is greeted as one who comes back', async () => {
  const shop = await bakery();
  expect(await sends(shop, { kind: 'follow' })).toBe(texts.render('zh', 'greeting.first', { merchant: '半日麦' }));
  expect(await sends(shop, { kind: 'unfollow' })).toBeUndefined();
  expect(await sends(shop, { kind: 'follow' })).toBe(texts.render('zh', 'greeting.return', { merchant: '半日麦' }));
  expect(await people(shop.account.merchantId)).toMatchObject([{ openid: 'ming', isFollowing: true }]);
});

test('a greeting that must be given again is the same greeting', async () => {
  const shop = await bakery();
  const inbound = {
    account: shop.account,
    openid: 'ming',
    sentAt: 1_000,
    key: 'k',
    content: { kind: 'follow' },
    fields: {},
  } as const;
  const first = await shop.conversation.answer(inbound, 'message-1');
  expect(await shop.conversation.answer(inbound, 'message-1')).toEqual(first);
  await sends(shop, { kind: 'unfollow' });
  expect(await shop.conversation.answer(inbound, 'message-1')).toEqual(first);
  expect(await people(shop.account.merchantId)).toMatchObject([{ isFollowing: false }]);
});

test('a scan brings its entry code along, and who follows already is welcomed back', async () => {
  const shop = await bakery();
  await sends(shop, { kind: 'follow', entryCode: 'poster-7' });
  expect(await people(shop.account.merchantId)).toMatchObject([{ entryCode: 'poster-7' }]);
  expect(await sends(shop, { kind: 'scan', entryCode: 'door' })).toBe(
    texts.render('zh', 'greeting.return', { merchant: '半日麦' }),
  );
});

test.each(['帮助', ' 帮助。', '幫助', '菜单', '帮助?', '?', '？', '？？'])('"%s" brings help', async (words) => {
  const shop = await bakery();
  expect(await says(shop, words)).toBe(texts.render('zh', 'help', { merchant: '半日麦' }));
});

test.each(['help', 'HELP!', 'Ｈｅｌｐ', 'menu', 'Menu?'])(
  '"%s" brings help in English, though the shop speaks Chinese',
  async (words) => {
    const shop = await bakery();
    expect(await says(shop, words)).toBe(texts.render('en', 'help', { merchant: '半日麦' }));
  },
);

test('help is also behind the menu and understood from speech', async () => {
  const shop = await bakery({ language: 'en' });
  expect(await sends(shop, { kind: 'menu', key: 'HELP' })).toBe(texts.render('en', 'help', { merchant: '半日麦' }));
  expect(await sends(shop, { kind: 'voice', mediaId: 'm', text: '帮助。' })).toBe(
    texts.render('zh', 'help', { merchant: '半日麦' }),
  );
});

test('words nobody understands are answered, in their language, with what one may send; and that is then understood', async () => {
  const shop = await bakery();
  const answer = await says(shop, 'do you have rye bread on Sundays?');
  expect(answer).toBe(texts.render('en', 'unknown.text', { merchant: '半日麦' }));
  for (const [, word] of (answer ?? '').matchAll(/"([^"]+)"/g)) expect(await says(shop, word ?? '')).toMatch(/you can:|你可以：/);
  const chinese = await says(shop, '{merchant} 有全麦吗');
  expect(chinese).toBe(texts.render('zh', 'unknown.text', { merchant: '半日麦' }));
  for (const [, word] of (chinese ?? '').matchAll(/“([^”]+)”/g)) expect(await says(shop, word ?? '')).toMatch(/你可以：/);
});

test('words that tell no language are answered in the merchant’s', async () => {
  expect(await says(await bakery({ language: 'en' }), '42')).toBe(texts.render('en', 'unknown.text', { merchant: '半日麦' }));
  expect(await says(await bakery({ language: 'zh' }), '😀')).toBe(texts.render('zh', 'unknown.text', { merchant: '半日麦' }));
});

test.each<Content>([
  { kind: 'image', mediaId: 'm' },
  { kind: 'voice', mediaId: 'm' },
  { kind: 'video', mediaId: 'm' },
  { kind: 'place', latitude: 30, longitude: 120, label: 'here' },
  { kind: 'link', title: 't', text: 'x', url: 'https://example.com' },
  { kind: 'file', title: 't', fileKey: 'k' },
  { kind: 'text', text: ' ' },
])('a message without words ($kind) is told that words are understood', async (content) => {
  expect(await sends(await bakery(), content)).toBe(texts.render('zh', 'unknown.content'));
});

test('a menu item that nothing stands behind says so', async () => {
  expect(await sends(await bakery(), { kind: 'menu', key: 'OLD' })).toBe(texts.render('zh', 'unknown.menu'));
});

test.each<Content>([
  { kind: 'position', latitude: 30, longitude: 120, precisionMeters: 10 },
  { kind: 'menu-link', url: 'https://example.com' },
])('what the follower’s phone reports by itself ($kind) makes them known and is answered nothing', async (content) => {
  const shop = await bakery();
  expect(await sends(shop, content)).toBeUndefined();
  expect(await people(shop.account.merchantId)).toHaveLength(1);
});

test.each<Content>([
  { kind: 'notice', name: 'MASSSENDJOBFINISH' },
  { kind: 'unknown', name: 'hologram' },
])('a $kind is answered nothing and makes nobody known', async (content) => {
  const shop = await bakery();
  expect(await sends(shop, content)).toBeUndefined();
  expect(await people(shop.account.merchantId)).toEqual([]);
});

test('fifty first messages at once are all answered, and make one follower and one member', async () => {
  const shop = await bakery();
  const answers = await Promise.all(Array.from({ length: 50 }, () => says(shop, '帮助')));
  expect(new Set(answers)).toEqual(new Set([texts.render('zh', 'help', { merchant: '半日麦' })]));
  expect(await people(shop.account.merchantId)).toHaveLength(1);
  expect(await rows('members', shop.account.merchantId)).toHaveLength(1);
});

test('a scene that fails is logged by its name without what was said, the follower is told, and others are answered', async () => {
  const broken = scene({
    name: 'broken',
    on: [text(/^secret$/)],
    answer() {
      throw new Error('the oven is cold');
    },
  });
  const works = scene({ name: 'works', on: [anyWords()], answer: ({ reply }) => reply.text('unknown.content') });
  const shop = await bakery({ scenes: [broken, works] });
  const [failed, answered] = await Promise.all([says(shop, 'secret'), says(shop, 'anything else')]);
  expect(failed).toBe(texts.render('en', 'apology'));
  expect(answered).toBe(texts.render('en', 'unknown.content'));
  expect(shop.lines).toHaveLength(1);
  expect(JSON.parse(shop.lines[0] ?? '')).toMatchObject({
    level: 'error',
    event: 'scene.failed',
    scene: 'broken',
    accountId: shop.account.id,
    error: { message: 'the oven is cold' },
  });
  expect(shop.lines[0]).not.toContain('secret');
});

test('a scene that passes on lets the next one answer', async () => {
  const passes = scene({ name: 'passes', on: [content('text')], answer: ({ next }) => next() });
  const works = scene({ name: 'works', on: [anyWords()], answer: ({ reply }) => reply.text('unknown.content') });
  expect(await says(await bakery({ scenes: [passes, works] }), '你好')).toBe(texts.render('zh', 'unknown.content'));
});

test('an account whose merchant is not stored is a fault of ours, not a silence', async () => {
  const { conversation } = await bakery();
  const account: Account = { id: ids<'account'>(), merchantId: ids<'merchant'>(), channel: 'wechat' };
  await expect(says({ account, conversation }, '帮助')).rejects.toMatchObject({ code: 'server.failed' });
});

test('a merchant’s new name is said at once', async () => {
  const shop = await bakery();
  const merchant = await merchants.merchantOf(shop.account.merchantId);
  if (!merchant) throw new Error('the bakery is gone');
  await merchants.edit(merchant.id, { name: '{merchant} & <全日麦>' }, merchant.version, byOperator);
  expect(await says(shop, '帮助')).toBe(texts.render('zh', 'help', { merchant: '{merchant} & <全日麦>' }));
});

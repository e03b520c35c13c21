import { describe, expect, test } from 'vitest';
import { fieldOf } from './listener.ts';
import { hour, jpeg, minute, mp3, mp4, openMessages, png } from './messages-world.ts';

const send = 'cgi-bin/message/custom/send';
const hello = { msgtype: 'text', text: { content: '你好' } };

async function openFollowed() {
  const world = await openMessages();
  const { sandbox, openid, call, clock } = world;
  await sandbox.follow(openid);
  /** The codes of that many messages, one after the other. */
  async function codes(count: number) {
    const found: unknown[] = [];
    for (let sent = 0; sent < count; sent++) found.push((await call(send, { touser: openid, ...hello })).errcode);
    return found;
  }
  const says = (text = '在吗') => sandbox.say(openid, { kind: 'text', text });
  return { ...world, codes, says, clock };
}

describe('how often an account may write', () => {
  test('a follow allows three messages within a minute, and they stand in the chat', async () => {
    const { codes, shown, clock } = await openFollowed();
    await clock.advance(minute - 1);
    expect(await codes(4)).toEqual([0, 0, 0, 45047]);
    expect(await shown()).toEqual([1, 2, 3].map(() => ({ kind: 'text', text: '你好' })));
    await clock.advance(1);
    expect(await codes(1)).toEqual([45015]);
  });

  test('a message allows five within 48 hours', async () => {
    const { codes, says, clock } = await openFollowed();
    await clock.advance(hour);
    await says();
    await clock.advance(48 * hour - 1);
    expect(await codes(6)).toEqual([0, 0, 0, 0, 0, 45047]);
    await says();
    await clock.advance(48 * hour);
    expect(await codes(1)).toEqual([45015]);
  });

  test.each([
    ['a tap on the menu', { kind: 'menu', key: 'NEARBY' }],
    ['a scan', { kind: 'scan', entryCode: 'till-1' }],
    ['a tap on a choice in the chat', { kind: 'choice', choiceId: '101', text: '满意' }],
  ] as const)('%s allows three within a minute', async (_, speech) => {
    const { codes, sandbox, openid, clock } = await openFollowed();
    await clock.advance(hour);
    await sandbox.say(openid, speech);
    expect(await codes(4)).toEqual([0, 0, 0, 45047]);
    await sandbox.say(openid, speech);
    await clock.advance(minute);
    expect(await codes(1)).toEqual([45015]);
  });

  test('what is allowed does not add up: the larger number and the later end hold', async () => {
    const { codes, says, sandbox, openid, clock } = await openFollowed();
    await says();
    await sandbox.say(openid, { kind: 'menu', key: 'NEARBY' });
    expect(await codes(6)).toEqual([0, 0, 0, 0, 0, 45047]);
    await sandbox.say(openid, { kind: 'menu', key: 'NEARBY' });
    await clock.advance(47 * hour);
    expect(await codes(4)).toEqual([0, 0, 0, 45047]);
  });

  test('what is left of a window that is over does not come back with the next', async () => {
    const { codes, says, sandbox, openid, clock } = await openFollowed();
    await says();
    await clock.advance(48 * hour);
    await sandbox.say(openid, { kind: 'menu', key: 'NEARBY' });
    expect(await codes(4)).toEqual([0, 0, 0, 45047]);
  });

  test('of twenty messages at once as many arrive as are allowed', async () => {
    const { call, says, openid, shown } = await openFollowed();
    await says();
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(send, { touser: openid, ...hello })));
    expect(answers.filter(({ errcode }) => errcode === 0)).toHaveLength(5);
    expect(answers.filter(({ errcode }) => errcode === 45047)).toHaveLength(15);
    expect(await shown()).toHaveLength(5);
  });

  test('who leaves closes the window, and a return opens only its own', async () => {
    const { codes, says, sandbox, openid } = await openFollowed();
    await says();
    await sandbox.unfollow(openid);
    expect(await codes(1)).toEqual([45015]);
    await sandbox.follow(openid);
    expect(await codes(4)).toEqual([0, 0, 0, 45047]);
  });
});

describe('who cannot be written to', () => {
  test('a person who never followed, one of another account, nobody', async () => {
    const { call, sandbox, account } = await openFollowed();
    const stranger = await sandbox.createFollower(account, { name: '陌生人' });
    const other = await sandbox.ensureAccount({ name: '别家', mode: 'plain' });
    const theirs = await sandbox.createFollower(other, { name: '别家的' });
    expect(await call(send, { touser: stranger.openid, ...hello })).toMatchObject({ errcode: 43004 });
    expect(await call(send, { touser: theirs.openid, ...hello })).toMatchObject({ errcode: 40003 });
    expect(await call(send, { touser: 'oNobody', ...hello })).toMatchObject({ errcode: 40003 });
    expect(await call(send, hello)).toMatchObject({ errcode: 41009 });
  });

  test('who has switched messages off hears none until they are on again, and none of the window is used', async () => {
    const { codes, page, openid } = await openFollowed();
    await page.put(`followers/${openid}/settings`, { refusesMessages: true });
    expect(await codes(2)).toEqual([48002, 48002]);
    await page.put(`followers/${openid}/settings`, { refusesMessages: false });
    expect(await codes(4)).toEqual([0, 0, 0, 45047]);
  });

  test('who is on the black list', async () => {
    const { codes, call, openid } = await openFollowed();
    await call('cgi-bin/tags/members/batchblacklist', { openid_list: [openid] });
    expect(await codes(1)).toEqual([43019]);
  });

  test('nobody, by an account that is not verified', async () => {
    const { call, openid } = await openMessages('subscription', false);
    expect(await call(send, { touser: openid, ...hello })).toMatchObject({ errcode: 48001 });
  });
});

describe('every kind stands in the chat', () => {
  test('uploaded files, where the page finds them', async () => {
    const { call, upload, says, openid, shown, page } = await openFollowed();
    await says();
    const media = async (type: string, bytes: Uint8Array) => (await upload('cgi-bin/media/upload', bytes, { type })).media_id;
    const thumb = (await upload('cgi-bin/media/upload', jpeg, { type: 'thumb' })).thumb_media_id;
    const [image, voice, video] = [await media('image', png), await media('voice', mp3), await media('video', mp4)];
    const messages = [
      { msgtype: 'image', image: { media_id: image } },
      { msgtype: 'voice', voice: { media_id: voice } },
      { msgtype: 'video', video: { media_id: video, thumb_media_id: thumb, title: '店里', description: '周末' } },
      {
        msgtype: 'music',
        music: { musicurl: 'https://m.example/a.mp3', hqmusicurl: 'https://m.example/b.mp3', thumb_media_id: thumb },
      },
      {
        msgtype: 'miniprogrampage',
        miniprogrampage: { title: '会员', appid: 'wx0123456789abcdef', pagepath: 'pages/a', thumb_media_id: thumb },
      },
    ];
    for (const message of messages) expect(await call(send, { touser: openid, ...message })).toMatchObject({ errcode: 0 });
    expect(await shown()).toEqual([
      { kind: 'media', type: 'image', mediaId: image, url: `/sandbox/api/media/${image}` },
      { kind: 'media', type: 'voice', mediaId: voice, url: `/sandbox/api/media/${voice}` },
      { kind: 'media', type: 'video', mediaId: video, title: '店里', text: '周末', url: `/sandbox/api/media/${video}` },
      { kind: 'music', title: '', text: '', url: 'https://m.example/a.mp3' },
      {
        kind: 'mini-program',
        title: '会员',
        appId: 'wx0123456789abcdef',
        path: 'pages/a',
        pictureUrl: `/sandbox/api/media/${thumb}`,
      },
    ]);
    const file = await fetch(`http://127.0.0.1:${page.port}/sandbox/api/media/${image}`);
    expect(file.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await file.arrayBuffer())).toEqual(png);
  });

  test('an article, a coupon, and choices whose tap comes back as a text with its id', async () => {
    const { call, says, sandbox, openid, shown, server } = await openFollowed();
    await says();
    const article = { title: '周末半价', description: '到店', url: 'https://m.example/a', picurl: 'https://m.example/a.png' };
    const menu = {
      head_content: '满意吗？',
      list: [
        { id: '101', content: '满意' },
        { id: 102, content: '一般' },
      ],
      tail_content: '谢谢',
    };
    await call(send, { touser: openid, msgtype: 'news', news: { articles: [article] } });
    await call(send, { touser: openid, msgtype: 'wxcard', wxcard: { card_id: 'pFS7Fjg8kV1IdDz01r4SQwMkuCKc' } });
    await call(send, { touser: openid, msgtype: 'msgmenu', msgmenu: menu });
    expect(await shown()).toEqual([
      { kind: 'article', title: '周末半价', text: '到店', url: 'https://m.example/a', pictureUrl: 'https://m.example/a.png' },
      { kind: 'card', cardId: 'pFS7Fjg8kV1IdDz01r4SQwMkuCKc' },
      {
        kind: 'choices',
        head: '满意吗？',
        choices: [
          { id: '101', text: '满意' },
          { id: '102', text: '一般' },
        ],
        tail: '谢谢',
      },
    ]);
    await sandbox.say(openid, { kind: 'choice', choiceId: '101', text: '满意' });
    const xml = server.requests.at(-1)?.xml ?? '';
    expect([fieldOf(xml, 'MsgType'), fieldOf(xml, 'Content'), fieldOf(xml, 'bizmsgmenuid')]).toEqual(['text', '满意', '101']);
  });

  test('characters that were sent escaped are shown as they were sent', async () => {
    const { page, path, openid, shown } = await openFollowed();
    await page.call(await path(send), `{"touser":"${openid}","msgtype":"text","text":{"content":"\\u4f60\\u597d"}}`);
    await page.call(await path(send), `{"touser":"${openid}","msgtype":"text","text":{"content":"路径 C:\\\\u4f60"}}`);
    expect(await shown()).toEqual([
      { kind: 'text', text: '\\u4f60\\u597d' },
      { kind: 'text', text: '路径 C:\\u4f60' },
    ]);
  });
});

test.each([
  ['no kind', {}, 40008],
  ['a kind that there is not', { msgtype: 'hologram', hologram: {} }, 40008],
  ['a kind of mini-programs', { msgtype: 'link', link: { title: 'x' } }, 40008],
  ['nothing of its kind', { msgtype: 'text' }, 40035],
  ['an empty text', { msgtype: 'text', text: { content: '' } }, 44004],
  ['a text of 2,049 bytes', { msgtype: 'text', text: { content: 'a'.repeat(2049) } }, 45002],
  ['a file that nobody uploaded', { msgtype: 'image', image: { media_id: 'x' } }, 40007],
  ['two articles', { msgtype: 'news', news: { articles: [{ title: '一' }, { title: '二' }] } }, 45008],
  ['no article', { msgtype: 'news', news: { articles: [] } }, 44003],
  ['a draft that there is not', { msgtype: 'mpnews', mpnews: { media_id: 'x' } }, 40007],
  ['a menu without choices', { msgtype: 'msgmenu', msgmenu: { list: [] } }, 40035],
])('%s is refused, and nothing of the window is used', async (_, message, errcode) => {
  const { call, codes, openid } = await openFollowed();
  expect(await call(send, { touser: openid, ...message })).toMatchObject({ errcode, errmsg: expect.stringContaining(' rid: ') });
  expect(await codes(3)).toEqual([0, 0, 0]);
});

describe('that the account types', () => {
  const typing = 'cgi-bin/message/custom/typing';

  test('is seen once, ends with a message or on demand, and needs something done within 30 seconds', async () => {
    const { call, says, codes, openid, clock, page } = await openFollowed();
    const listening = await page.events();
    await says();
    const type = async (command = 'Typing') => (await call(typing, { touser: openid, command })).errcode;
    expect([await type(), await type()]).toEqual([0, 45081]);
    expect([await type('CancelTyping'), await type()]).toEqual([0, 0]);
    await codes(1);
    expect(await type()).toBe(0);
    const seen: unknown[] = [];
    while (seen.length < 5) {
      const next = await listening.next();
      if (next?.event === 'typing') seen.push(next.data);
    }
    const at = clock.now();
    expect(seen).toEqual([15_000, 0, 15_000, 0, 15_000].map((lasts) => ({ openid, until: at + lasts })));
    await listening.leave();
    await clock.advance(30_001);
    expect(await type()).toBe(45080);
  });

  test('is refused for a command that there is not, and for strangers', async () => {
    const { call, openid } = await openFollowed();
    expect(await call(typing, { touser: openid, command: 'Sleeping' })).toMatchObject({ errcode: 45072 });
    expect(await call(typing, { touser: 'oNobody', command: 'Typing' })).toMatchObject({ errcode: 40003 });
  });
});

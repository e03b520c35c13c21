import { describe, expect, it } from 'vitest';
import type { CustomerContent } from '../../../server/channels/wechat/calls/messages.ts';
import { refusalOf } from './call-world.ts';
import { film, jpeg, openSandboxWorld, picture, voice } from './sandbox-world.ts';

type World = Awaited<ReturnType<typeof openSandboxWorld>>;
const minute = 60_000;

/** What stands last in the follower's chat. */
const latest = async ({ sandbox, openid }: World) => (await sandbox.chat(openid)).at(-1)?.content;

/** Files and articles that messages are made of. */
async function stock({ wechat }: World) {
  const upload = async (media: typeof picture, type: 'image' | 'voice' | 'video' | 'thumb') =>
    (await wechat.call('cgi-bin/media/upload', { media, type })).media_id;
  const [image, sound, video, thumb] = [
    await upload(picture, 'image'),
    await upload(voice, 'voice'),
    await upload(film, 'video'),
    await upload(jpeg, 'thumb'),
  ];
  const cover = await wechat.call('cgi-bin/material/add_material', { media: jpeg, type: 'thumb' });
  const articles = [{ title: '新品', content: '<p>手冲</p>', thumb_media_id: cover.media_id }];
  const draft = await wechat.call('cgi-bin/draft/add', { articles });
  return { image, sound, video, thumb, draft: draft.media_id };
}

describe('a message of customer service', () => {
  it('of every kind arrives in the chat', async () => {
    const world = await openSandboxWorld();
    const { wechat, openid, sandbox } = world;
    const { image, sound, video, thumb, draft } = await stock(world);
    const appid = 'wx0123456789abcdef';
    const contents: [CustomerContent, object][] = [
      [{ msgtype: 'text', text: { content: '好的 <a href="https://shop.example/">官网</a>' } }, { kind: 'text' }],
      [
        { msgtype: 'image', image: { media_id: image } },
        { kind: 'media', type: 'image' },
      ],
      [
        { msgtype: 'voice', voice: { media_id: sound } },
        { kind: 'media', type: 'voice' },
      ],
      [
        { msgtype: 'video', video: { media_id: video, thumb_media_id: thumb, title: '片' } },
        { kind: 'media', type: 'video', title: '片' },
      ],
      [
        { msgtype: 'music', music: { musicurl: 'http://m', hqmusicurl: 'http://m', thumb_media_id: thumb, title: '歌' } },
        { kind: 'music', title: '歌' },
      ],
      [
        { msgtype: 'news', news: { articles: [{ title: '图文', description: '一', url: 'http://u', picurl: 'http://p' }] } },
        { kind: 'article', title: '图文' },
      ],
      [
        { msgtype: 'mpnews', mpnews: { media_id: draft } },
        { kind: 'article', title: '新品' },
      ],
      [
        { msgtype: 'msgmenu', msgmenu: { head_content: '满意吗', list: [{ id: '101', content: '满意' }], tail_content: '谢谢' } },
        { kind: 'choices', head: '满意吗' },
      ],
      [
        { msgtype: 'wxcard', wxcard: { card_id: 'pCard' } },
        { kind: 'card', cardId: 'pCard' },
      ],
      [
        { msgtype: 'miniprogrampage', miniprogrampage: { title: '点单', appid, pagepath: 'pages/a', thumb_media_id: thumb } },
        { kind: 'mini-program', title: '点单' },
      ],
    ];
    for (const [content, shown] of contents) {
      await sandbox.say(openid, { kind: 'text', text: '在吗' });
      await wechat.call('cgi-bin/message/custom/send', { touser: openid, ...content });
      expect(await latest(world)).toMatchObject(shown);
    }
  });

  it('may be sent five times within two days after a message, and then no more', async () => {
    const { wechat, openid, sandbox, clock } = await openSandboxWorld();
    const send = () => wechat.call('cgi-bin/message/custom/send', { touser: openid, msgtype: 'text', text: { content: '好' } });
    await clock.advance(2 * minute);
    expect(await refusalOf(send())).toMatchObject({ code: 45015, reason: 'window-closed' });
    await sandbox.say(openid, { kind: 'text', text: '在吗' });
    for (let times = 0; times < 5; times++) await send();
    expect(await refusalOf(send())).toMatchObject({ code: 45047, reason: 'window-used-up' });
    await sandbox.unfollow(openid);
    expect(await refusalOf(send())).toMatchObject({ reason: 'window-closed' });
  });

  it('is refused with the reason', async () => {
    const { wechat, openid } = await openSandboxWorld();
    const send = (content: CustomerContent) =>
      refusalOf(wechat.call('cgi-bin/message/custom/send', { touser: openid, ...content }));
    expect((await send({ msgtype: 'image', image: { media_id: 'none' } })).reason).toBe('wrong-media-id');
    expect((await send({ msgtype: 'text', text: { content: '' } })).reason).toBe('empty-text');
    expect((await send({ msgtype: 'text', text: { content: '长'.repeat(683) } })).reason).toBe('text-too-long');
    const nobody = wechat.call('cgi-bin/message/custom/send', { touser: 'oNobody', msgtype: 'text', text: { content: '好' } });
    expect((await refusalOf(nobody)).reason).toBe('wrong-openid');
  });

  it('is announced by typing, once at a time', async () => {
    const { wechat, openid, sandbox } = await openSandboxWorld();
    await sandbox.say(openid, { kind: 'text', text: '在吗' });
    const type = (command: 'Typing' | 'CancelTyping') =>
      wechat.call('cgi-bin/message/custom/typing', { touser: openid, command });
    await type('Typing');
    expect(await refusalOf(type('Typing'))).toMatchObject({ reason: 'typing-already' });
    await type('CancelTyping');
    await type('Typing');
  });
});

describe('a template message', () => {
  it('arrives by a template of the account, with an id of 64 bits', async () => {
    const world = await openSandboxWorld();
    const { wechat, openid } = world;
    const { template_id } = await wechat.call('cgi-bin/template/api_add_template', { template_id_short: '43301' });
    const data = { thing1: { value: '满30减5元券' }, time2: { value: '2026年8月31日' }, thing3: { value: '到店出示' } };
    const message = { touser: openid, template_id, url: 'https://shop.example/', data };
    const { msgid } = await wechat.call('cgi-bin/message/template/send', message);
    expect(msgid).toMatch(/^\d{17,20}$/);
    expect(await latest(world)).toMatchObject({ kind: 'form', title: '优惠券到账通知' });
    const { template_list } = await wechat.call('cgi-bin/template/get_all_private_template');
    expect(template_list).toContainEqual(expect.objectContaining({ template_id, title: '优惠券到账通知' }));
    const again = { ...message, client_msg_id: 'once' };
    expect(await wechat.call('cgi-bin/message/template/send', again)).toEqual(
      await wechat.call('cgi-bin/message/template/send', again),
    );
    const wrong = { ...data, thing1: { value: '长'.repeat(21) } };
    expect(await refusalOf(wechat.call('cgi-bin/message/template/send', { ...message, data: wrong }))).toMatchObject({
      reason: 'wrong-field',
    });
    await wechat.call('cgi-bin/template/del_private_template', { template_id });
    expect(await refusalOf(wechat.call('cgi-bin/message/template/send', message))).toMatchObject({ reason: 'wrong-template' });
  });

  it('goes to no one who does not follow, and not from a subscription account', async () => {
    const { wechat, openid, sandbox } = await openSandboxWorld();
    const { template_id } = await wechat.call('cgi-bin/template/api_add_template', { template_id_short: '43301' });
    const data = { thing1: { value: '券' }, time2: { value: '2026年8月31日' }, thing3: { value: '到店' } };
    await sandbox.unfollow(openid);
    const message = { touser: openid, template_id, data };
    expect(await refusalOf(wechat.call('cgi-bin/message/template/send', message))).toMatchObject({ reason: 'not-following' });
    const other = await openSandboxWorld({ kind: 'subscription' });
    expect(
      await refusalOf(other.wechat.call('cgi-bin/message/template/send', { ...message, touser: other.openid })),
    ).toMatchObject({
      reason: 'not-granted',
    });
  });
});

describe('a message that was agreed to', () => {
  it.each(['account', 'mini-program'] as const)('is sent once for each consent: %s', async (place) => {
    const world = await openSandboxWorld();
    const { wechat, openid, page } = world;
    const { data: titles } = await wechat.call('wxaapi/newtmpl/getpubtemplatetitles', { ids: '307', start: 0, limit: 30 });
    const tid = String(titles.find(({ title }) => title === '优惠券到账通知')?.tid);
    const { data: keywords } = await wechat.call('wxaapi/newtmpl/getpubtemplatekeywords', { tid });
    const kidList = keywords.slice(0, 2).map(({ kid }) => kid);
    const { priTmplId: template_id } = await wechat.call('wxaapi/newtmpl/addtemplate', { tid, kidList, sceneDesc: '领券' });
    expect((await wechat.call('wxaapi/newtmpl/gettemplate')).data).toContainEqual(
      expect.objectContaining({ priTmplId: template_id, type: 2 }),
    );
    expect((await wechat.call('wxaapi/newtmpl/getcategory')).data).toEqual([{ id: 307, name: '线下零售' }]);
    const message = { touser: openid, template_id, data: { thing1: { value: '券' }, time2: { value: '2026年8月31日' } } };
    const send = () =>
      place === 'account'
        ? wechat.call('cgi-bin/message/subscribe/bizsend', message)
        : wechat.call('cgi-bin/message/subscribe/send', message);
    expect(await refusalOf(send())).toMatchObject({ code: 43101, reason: 'no-grant' });
    await page.post(`followers/${openid}/subscriptions`, { place, answers: [{ templateId: template_id, isAccepted: true }] });
    await send();
    expect(await latest(world)).toMatchObject({ kind: 'form', title: '优惠券到账通知' });
    expect(await refusalOf(send())).toMatchObject({ reason: 'no-grant' });
    await wechat.call('wxaapi/newtmpl/deltemplate', { priTmplId: template_id });
  });
});

it('a message of the old one-off kind is refused to who has not agreed', async () => {
  const { wechat, openid } = await openSandboxWorld();
  const data = { content: { value: '新品到店' } };
  const message = { touser: openid, template_id: 't', scene: '7', title: '上新', data };
  expect(await refusalOf(wechat.call('cgi-bin/message/template/subscribe', message))).toMatchObject({ reason: 'no-grant' });
});

describe('a message to many', () => {
  const text = { msgtype: 'text', text: { content: '周末九折' } } as const;

  it('is queued, arrives, and is known again by its name', async () => {
    const { wechat, openid, addFollower, sandbox, clock } = await openSandboxWorld();
    const other = await addFollower('王一川');
    const job = { ...text, touser: [openid, other], clientmsgid: 'weekend-1' };
    const { msg_id } = await wechat.call('cgi-bin/message/mass/send', job);
    expect(msg_id).toMatch(/^\d+$/);
    expect(await refusalOf(wechat.call('cgi-bin/message/mass/send', job))).toMatchObject({
      reason: 'repeated-too-fast',
      retry: 'later',
    });
    await clock.advance(2 * minute);
    await sandbox.idle();
    expect(await wechat.call('cgi-bin/message/mass/send', job)).toEqual({ msg_id });
    expect(['SENDING', 'SEND_SUCCESS']).toContain((await wechat.call('cgi-bin/message/mass/get', { msg_id })).msg_status);
  });

  it('can be looked at first', async () => {
    const world = await openSandboxWorld();
    await world.wechat.call('cgi-bin/message/mass/preview', { ...text, touser: world.openid });
    expect(await latest(world)).toMatchObject({ kind: 'text', text: '周末九折' });
  });

  it('to all goes out once a day', async () => {
    const { wechat } = await openSandboxWorld();
    const filter = { is_to_all: true } as const;
    await wechat.call('cgi-bin/message/mass/sendall', { ...text, filter, clientmsgid: 'a' });
    expect(await refusalOf(wechat.call('cgi-bin/message/mass/sendall', { ...text, filter, clientmsgid: 'b' }))).toMatchObject({
      reason: 'no-mass-quota',
    });
    const long = { ...text, filter, clientmsgid: 'x'.repeat(65) };
    expect(await refusalOf(wechat.call('cgi-bin/message/mass/sendall', long))).toMatchObject({ reason: 'message-id-too-long' });
  });

  it('that is an article can be taken down by its place', async () => {
    const world = await openSandboxWorld();
    const { wechat, openid, addFollower, clock } = world;
    const { draft } = await stock(world);
    const touser = [openid, await addFollower('王一川')];
    const job = { msgtype: 'mpnews', mpnews: { media_id: draft }, touser, clientmsgid: 'news-1' } as const;
    const { msg_id, msg_data_id } = await wechat.call('cgi-bin/message/mass/send', job);
    expect(msg_data_id).toMatch(/^\d+$/);
    const remove = (place: { article_idx?: number }) => wechat.call('cgi-bin/message/mass/delete', { msg_id, ...place });
    await clock.advance(minute);
    const status = async () => (await wechat.call('cgi-bin/message/mass/get', { msg_id })).msg_status;
    await expect.poll(status).toBe('SEND_SUCCESS');
    expect(await refusalOf(remove({ article_idx: 2 }))).toMatchObject({ reason: 'wrong-article-index' });
    await remove({ article_idx: 1 });
    await remove({});
    expect(await wechat.call('cgi-bin/message/mass/get', { msg_id })).toEqual({ msg_id, msg_status: 'DELETE' });
  });

  it('goes as fast as is set', async () => {
    const { wechat } = await openSandboxWorld();
    await wechat.call('cgi-bin/message/mass/speed/set', { speed: 3 });
    expect((await wechat.call('cgi-bin/message/mass/speed/get')).speed).toBe(3);
  });
});

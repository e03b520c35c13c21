import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WechatApi from 'co-wechat-api';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type AppStory, startApp } from '../../support/app.ts';
import { mp4, png } from '../messages-world.ts';
import { serveByCoWechat } from './callback-servers.ts';
import { openAccount } from './platform.ts';

let story: AppStory;
beforeAll(async () => {
  story = await startApp();
});
afterAll(() => story.close());

const done = { errcode: 0, errmsg: 'ok' };
const refused = (code: number) => expect.objectContaining({ name: 'WeChatAPIError', code });

/** The package for an account with two followers; nothing of it is changed but where the platform is. */
async function openApi() {
  const account = await openAccount(story, { serve: serveByCoWechat });
  const api = new WechatApi(account.appId, account.appSecret);
  api.prefix = `${story.url}/cgi-bin/`;
  api.mpPrefix = `${story.url}/cgi-bin/`;
  const [xiaoman, yichuan] = [await account.createFollower('小满'), await account.createFollower('一川')];
  for (const { openid } of [xiaoman, yichuan]) await story.sandbox.follow(openid);
  return { account, api, xiaoman: xiaoman.openid, yichuan: yichuan.openid };
}

test('lists followers and reads what is known of them', async () => {
  const { api, xiaoman, yichuan } = await openApi();
  const { accessToken } = await api.getAccessToken();
  expect(accessToken.length).toBeGreaterThan(100);

  const openids = [xiaoman, yichuan].sort();
  const [, last = ''] = openids;
  expect(await api.getFollowers()).toEqual({ total: 2, count: 2, next_openid: last, data: { openid: openids } });
  expect(await api.getFollowers(last)).toEqual({ total: 2, count: 0, next_openid: '' });
  expect(await api.updateRemark(xiaoman, '常客')).toEqual(done);
  expect(await api.getUser({ openid: xiaoman, lang: 'zh_CN' })).toMatchObject({
    subscribe: 1,
    openid: xiaoman,
    nickname: '',
    headimgurl: '',
    remark: '常客',
    tagid_list: [],
    subscribe_scene: 'ADD_SCENE_SEARCH',
  });
  const { user_info_list: people } = await api.batchGetUsers([xiaoman, yichuan]);
  expect(people).toMatchObject([{ openid: xiaoman }, { openid: yichuan }]);
  await expect(api.getUser('oNobody')).rejects.toEqual(refused(40003));
});

test('tags people', async () => {
  const { account, api, xiaoman, yichuan } = await openApi();
  const { tag } = await api.createTags('常客');
  await expect(api.createTags('常客')).rejects.toEqual(refused(45157));
  expect(await api.batchTagging([xiaoman, yichuan], tag.id)).toEqual(done);
  expect(await api.batchUnTagging([yichuan], tag.id)).toEqual(done);
  expect(await api.updateTag(tag.id, '老客')).toEqual(done);

  expect(await api.getTags()).toMatchObject({ tags: expect.arrayContaining([{ id: tag.id, name: '老客', count: 1 }]) });
  expect(await api.getUsersFromTag(tag.id)).toMatchObject({ count: 1, data: { openid: [xiaoman] } });
  expect(await api.getIdList(xiaoman)).toEqual({ tagid_list: [tag.id] });
  expect(await account.find(xiaoman)).toMatchObject({ tagIds: [tag.id] });
  expect(await api.deleteTag(tag.id)).toEqual(done);
  expect(await api.getIdList(xiaoman)).toEqual({ tagid_list: [] });
});

test('makes a menu for all and one for some, and takes both away', async () => {
  const { api, xiaoman, yichuan } = await openApi();
  const shop = { name: '门店', sub_button: [{ type: 'view', name: '官网', url: 'https://example.com/' }] };
  expect(await api.createMenu({ button: [{ type: 'click', name: '今日', key: 'today' }, shop] })).toEqual(done);
  const { tag } = await api.createTags('常客');
  await api.batchTagging([xiaoman], tag.id);
  const special = { button: [{ type: 'click', name: '专享', key: 'vip' }], matchrule: { tag_id: String(tag.id) } };
  const { menuid } = await api.addConditionalMenu(special);

  expect(await api.getMenu()).toMatchObject({
    menu: { button: [{ type: 'click', name: '今日', key: 'today', sub_button: [] }, { name: '门店' }] },
    conditionalmenu: [{ button: [{ name: '专享' }], matchrule: { tag_id: String(tag.id) } }],
  });
  expect(await api.getMenuConfig()).toMatchObject({
    is_menu_open: 1,
    selfmenu_info: { button: [{ name: '今日' }, { name: '门店', sub_button: { list: [{ type: 'view', name: '官网' }] } }] },
  });
  expect(await api.tryConditionalMenu(xiaoman)).toMatchObject({ button: [{ name: '专享' }] });
  expect(await api.tryConditionalMenu(yichuan)).toMatchObject({ button: [{ name: '今日' }, { name: '门店' }] });
  expect(await api.delConditionalMenu(menuid)).toEqual(done);
  expect(await api.tryConditionalMenu(xiaoman)).toMatchObject({ button: [{ name: '今日' }, { name: '门店' }] });
  expect(await api.removeMenu()).toEqual(done);
  await expect(api.getMenu()).rejects.toEqual(refused(46003));
});

test('uploads a picture, gets it back and sends it with other messages to whoever was in touch', async () => {
  const { account, api, xiaoman } = await openApi();
  const { media_id: picture, ...uploaded } = await api.uploadMedia(png, 'image', '面包.png', 'image/png');
  expect(uploaded).toMatchObject({ type: 'image', created_at: expect.any(Number) });
  expect(await api.getMedia(picture)).toEqual(png);
  await expect(api.getMedia('missing')).rejects.toEqual(refused(40007));

  await story.sandbox.say(xiaoman, { kind: 'text', text: '在吗' });
  expect(await api.sendText(xiaoman, '在的')).toEqual(done);
  expect(await api.sendImage(xiaoman, picture)).toEqual(done);
  const article = { title: '新麦', description: '第一袋', url: 'https://example.com/1', picurl: 'https://example.com/1.jpg' };
  expect(await api.sendNews(xiaoman, [article])).toEqual(done);
  expect(await account.shown(xiaoman)).toMatchObject([
    { kind: 'text', text: '在的' },
    { kind: 'media', type: 'image', mediaId: picture },
    { kind: 'article', title: '新麦', text: '第一袋', url: article.url, pictureUrl: article.picurl },
  ]);
  await expect(api.sendNews(xiaoman, [article, article])).rejects.toEqual(refused(45008));
  const stranger = await account.createFollower('路人');
  await expect(api.sendText(stranger.openid, '你好')).rejects.toEqual(refused(43004));
});

test('makes QR codes that people come by', async () => {
  const { account, api } = await openApi();
  const temporary = await api.createTmpQRCode('poster', 3600);
  expect(temporary).toMatchObject({ expire_seconds: 3600, url: expect.stringMatching(/^http:\/\/weixin\.qq\.com\/q\//) });
  const permanent = await api.createLimitQRCode(7);
  expect(permanent).not.toHaveProperty('expire_seconds');
  const shown = await fetch(api.showQRCodeURL(permanent.ticket));
  expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/png']);

  const { openid } = await account.createFollower('路人');
  await story.sandbox.follow(openid, { entryCode: 'poster' });
  expect(account.received.at(-1)).toMatchObject({ Event: 'subscribe', EventKey: 'qrscene_poster', Ticket: temporary.ticket });
  expect(await api.getUser(openid)).toMatchObject({ subscribe_scene: 'ADD_SCENE_QR_CODE', qr_scene_str: 'poster' });
});

test('takes a template into use and sends by it; the 64-bit id stays whole', async () => {
  const { account, api, xiaoman } = await openApi();
  const { template_id: templateId } = await api.addTemplate('43301');
  const { template_list: templates } = await api.getAllPrivateTemplate();
  expect(templates).toContainEqual(expect.objectContaining({ template_id: templateId, title: '优惠券到账通知' }));
  const data = { thing1: { value: '满30减5元券' }, time2: { value: '2026年8月31日' }, thing3: { value: '到店出示' } };
  const sent = await api.sendTemplate(xiaoman, templateId, 'https://example.com/', '', data);
  expect(sent).toMatchObject(done);
  const told = await account.hears('TEMPLATESENDJOBFINISH');

  expect(await account.shown(xiaoman)).toMatchObject([{ kind: 'form', title: '优惠券到账通知', url: 'https://example.com/' }]);
  expect(told).toMatchObject({ Status: 'success', MsgID: String(sent.msgid) });
  await expect(api.sendTemplate(xiaoman, 'missing', '', '', data)).rejects.toEqual(refused(40037));
  const tooLong = { ...data, thing3: { value: '一'.repeat(21) } };
  await expect(api.sendTemplate(xiaoman, templateId, '', '', tooLong)).rejects.toEqual(refused(47003));
  expect(await api.delPrivateTemplate(templateId)).toEqual(done);
});

test('keeps material', async () => {
  const { api } = await openApi();
  const folder = await mkdtemp(join(tmpdir(), 'co-wechat-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [picture, film] = [join(folder, '面包.png'), join(folder, '烘焙.mp4')];
  await writeFile(picture, png);
  await writeFile(film, mp4);
  const { media_id: pictureId, url } = await api.uploadImageMaterial(picture);
  expect(url).toMatch(/^http:\/\/mmbiz\.qpic\.cn\//);
  const { media_id: filmId } = await api.uploadVideoMaterial(film, { title: '烘焙', introduction: '从面粉开始' });

  expect(await api.getMaterial(pictureId)).toEqual(png);
  expect(await api.getMaterial(filmId)).toMatchObject({ title: '烘焙', description: '从面粉开始' });
  expect(await api.getMaterialCount()).toEqual({ voice_count: 0, video_count: 1, image_count: 1, news_count: 0 });
  expect(await api.getMaterials('image', 0, 20)).toMatchObject({
    total_count: 1,
    item: [{ media_id: pictureId, name: '面包.png' }],
  });
  expect(await api.removeMaterial(pictureId)).toEqual(done);
  await expect(api.getMaterial(pictureId)).rejects.toEqual(refused(40007));
});

test('writes to all who bear a tag, and signs for pages', async () => {
  const { account, api, xiaoman, yichuan } = await openApi();
  const { tag } = await api.createTags('常客');
  await api.batchTagging([xiaoman], tag.id);
  expect(await api.massSendText('周末见', tag.id)).toMatchObject({ errcode: 0, msg_id: expect.any(Number) });
  expect(await account.hears('MASSSENDJOBFINISH')).toMatchObject({ Status: 'send success', TotalCount: '1', SentCount: '1' });
  expect(await account.shown(xiaoman)).toMatchObject([{ kind: 'text', text: '周末见' }]);
  expect(await account.shown(yichuan)).toEqual([]);

  const page = await api.getJsConfig({ url: 'https://example.com/', jsApiList: ['scanQRCode'] });
  expect(page).toMatchObject({ appId: account.appId, signature: expect.stringMatching(/^[0-9a-f]{40}$/) });
  expect(await api.getIp()).toEqual({ ip_list: ['127.0.0.1'] });
});

test('replaces a token that the platform does not take any more, once', async () => {
  const { api, account } = await openApi();
  const { accessToken } = await api.getAccessToken();
  await account.endTokens();
  expect(await api.getFollowers()).toMatchObject({ total: 2 });
  expect((await api.getToken()).accessToken).not.toBe(accessToken);
  // A secret of the right form that is wrong is answered with 40001 too, and there the package asks again without end.
  const stranger = new WechatApi(account.appId, 'mistyped');
  stranger.prefix = api.prefix;
  await expect(stranger.getFollowers()).rejects.toEqual(refused(40125));
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OfficialAccount } from 'node-easywechat';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type AppStory, startApp } from '../../support/app.ts';
import { png } from '../messages-world.ts';
import { serveByEasyWechat } from './callback-servers.ts';
import { openAccount } from './platform.ts';

let story: AppStory;
beforeAll(async () => {
  story = await startApp();
});
afterAll(() => story.close());

const done = { errcode: 0, errmsg: 'ok' };
const refused = (code: number) => ({ errcode: code, errmsg: expect.stringMatching(/ rid: \w{8}-\w{8}-\w{8}$/) });

/** The package for an account with two followers; its configuration says where the platform is, and nothing else that is unusual. */
async function openClient({ isStable = false, secret }: { isStable?: boolean; secret?: string } = {}) {
  const account = await openAccount(story, { serve: serveByEasyWechat });
  const folder = await mkdtemp(join(tmpdir(), 'easy-wechat-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const app = new OfficialAccount({
    app_id: account.appId,
    secret: secret ?? account.appSecret,
    use_stable_access_token: isStable,
    http: { baseURL: `${story.url}/` },
    file_cache: { path: folder, dirMode: 0o700, fileMode: 0o600, ext: '.cache' },
  });
  const client = app.getClient();
  const [xiaoman, yichuan] = [await account.createFollower('小满'), await account.createFollower('一川')];
  for (const { openid } of [xiaoman, yichuan]) await story.sandbox.follow(openid);
  return {
    account,
    app,
    client,
    folder,
    xiaoman: xiaoman.openid,
    yichuan: yichuan.openid,
    get: async (path: string, params = {}) => (await client.get(`/cgi-bin/${path}`, { params })).toObject(),
    post: async (path: string, data: object) => (await client.postJson(`/cgi-bin/${path}`, data)).toObject(),
  };
}

describe.each([true, false])('with a token that is stable: %s', (isStable) => {
  test('lists followers and reads what is known of them', async () => {
    const { app, get, post, xiaoman, yichuan } = await openClient({ isStable });
    const token = await app.getAccessToken().getToken();
    expect(token.length).toBeGreaterThan(100);
    expect(await app.getAccessToken().getToken()).toBe(token);

    const openids = [xiaoman, yichuan].sort();
    const [, last] = openids;
    expect(await get('user/get')).toEqual({ total: 2, count: 2, next_openid: last, data: { openid: openids } });
    expect(await get('user/get', { next_openid: last })).toEqual({ total: 2, count: 0, next_openid: '' });
    expect(await post('user/info/updateremark', { openid: xiaoman, remark: '常客' })).toEqual(done);
    expect(await get('user/info', { openid: xiaoman, lang: 'zh_CN' })).toMatchObject({
      subscribe: 1,
      openid: xiaoman,
      nickname: '',
      remark: '常客',
      subscribe_scene: 'ADD_SCENE_SEARCH',
    });
    const wanted = [xiaoman, yichuan].map((openid) => ({ openid, lang: 'zh_CN' }));
    expect(await post('user/info/batchget', { user_list: wanted })).toMatchObject({
      user_info_list: [{ openid: xiaoman }, { openid: yichuan }],
    });
    expect(await get('user/info', { openid: 'oNobody' })).toEqual(refused(40003));
  });
});

test('tags people', async () => {
  const { account, get, post, xiaoman, yichuan } = await openClient();
  const { tag } = await post('tags/create', { tag: { name: '常客' } });
  expect(await post('tags/create', { tag: { name: '常客' } })).toEqual(refused(45157));
  expect(await post('tags/members/batchtagging', { openid_list: [xiaoman, yichuan], tagid: tag.id })).toEqual(done);
  expect(await post('tags/members/batchuntagging', { openid_list: [yichuan], tagid: tag.id })).toEqual(done);

  expect(await get('tags/get')).toEqual({ tags: expect.arrayContaining([{ id: tag.id, name: '常客', count: 1 }]) });
  expect(await post('user/tag/get', { tagid: tag.id, next_openid: '' })).toMatchObject({ count: 1, data: { openid: [xiaoman] } });
  expect(await account.find(xiaoman)).toMatchObject({ tagIds: [tag.id] });
  expect(await post('tags/delete', { tag: { id: tag.id } })).toEqual(done);
  expect(await post('tags/getidlist', { openid: xiaoman })).toEqual({ tagid_list: [] });
});

test('makes a menu for all and one for some, and takes both away', async () => {
  const { get, post, xiaoman } = await openClient();
  const shop = { name: '门店', sub_button: [{ type: 'view', name: '官网', url: 'https://example.com/' }] };
  expect(await post('menu/create', { button: [{ type: 'click', name: '今日', key: 'today' }, shop] })).toEqual(done);
  const matchrule = { client_platform_type: '1' };
  const { menuid } = await post('menu/addconditional', { button: [{ type: 'click', name: '专享', key: 'vip' }], matchrule });

  expect(await get('menu/get')).toMatchObject({
    menu: {
      button: [
        { name: '今日', sub_button: [] },
        { name: '门店', sub_button: [{ name: '官网' }] },
      ],
    },
    conditionalmenu: [{ button: [{ name: '专享' }], matchrule }],
  });
  expect(await post('menu/trymatch', { user_id: xiaoman })).toMatchObject({ button: [{ name: '专享' }] });
  expect(await post('menu/delconditional', { menuid })).toEqual(done);
  expect(await get('menu/delete')).toEqual(done);
  expect(await get('menu/get')).toEqual(refused(46003));
});

test('uploads a picture, gets it back and sends it with other messages to whoever was in touch', async () => {
  const { account, client, folder, post, xiaoman } = await openClient();
  const file = join(folder, '面包.png');
  await writeFile(file, png);
  const uploaded = await client.withFile(file, 'media').post('/cgi-bin/media/upload', { params: { type: 'image' } });
  const { media_id: picture, ...more } = uploaded.toObject();
  expect(more).toEqual({ type: 'image', created_at: expect.any(Number) });
  const again = await client.withFile(file, 'media').with('type', 'image').post('/cgi-bin/media/upload');
  expect(again.toObject()).toEqual({ type: 'image', media_id: expect.any(String), created_at: expect.any(Number) });
  const kept = await client.withFile(file, 'media').with('type', 'image').post('/cgi-bin/material/add_material');
  expect(kept.toObject()).toEqual({ media_id: expect.any(String), url: expect.any(String) });
  const got = await client.get('/cgi-bin/media/get', { params: { media_id: picture }, responseType: 'arraybuffer' });
  expect([got.is('image'), got.getContent()]).toEqual([true, png]);
  const missing = await client.get('/cgi-bin/media/get', { params: { media_id: 'missing' }, responseType: 'arraybuffer' });
  expect(JSON.parse(missing.getContent().toString())).toEqual(refused(40007));

  await story.sandbox.say(xiaoman, { kind: 'text', text: '在吗' });
  const send = (message: object) => post('message/custom/send', { touser: xiaoman, ...message });
  expect(await send({ msgtype: 'text', text: { content: '在的' } })).toEqual(done);
  expect(await send({ msgtype: 'image', image: { media_id: picture } })).toEqual(done);
  expect(await account.shown(xiaoman)).toMatchObject([
    { kind: 'text', text: '在的' },
    { kind: 'media', type: 'image', mediaId: picture },
  ]);
  expect(await send({ msgtype: 'image', image: { media_id: 'missing' } })).toEqual(refused(40007));
});

test('makes QR codes that people come by', async () => {
  const { account, app, get, post } = await openClient();
  const scene = { scene: { scene_str: 'poster' } };
  const temporary = await post('qrcode/create', { expire_seconds: 3600, action_name: 'QR_STR_SCENE', action_info: scene });
  expect(temporary).toMatchObject({ ticket: expect.any(String), expire_seconds: 3600 });
  const permanent = await post('qrcode/create', { action_name: 'QR_LIMIT_SCENE', action_info: { scene: { scene_id: 7 } } });
  const picture = await app
    .getHttpClient()
    .request('get', 'cgi-bin/showqrcode', { params: { ticket: permanent.ticket }, responseType: 'arraybuffer' });
  expect(picture.is('image')).toBe(true);

  const { openid } = await account.createFollower('路人');
  await story.sandbox.follow(openid, { entryCode: 'poster' });
  expect(account.received.at(-1)).toMatchObject({ Event: 'subscribe', EventKey: 'qrscene_poster', Ticket: temporary.ticket });
  expect(await get('user/info', { openid })).toMatchObject({ subscribe_scene: 'ADD_SCENE_QR_CODE', qr_scene_str: 'poster' });
});

test('takes a template into use and sends by it', async () => {
  const { account, client, get, post, xiaoman } = await openClient();
  const { template_id: templateId } = await post('template/api_add_template', { template_id_short: '43301' });
  const { template_list: templates } = await get('template/get_all_private_template');
  expect(templates).toContainEqual(expect.objectContaining({ template_id: templateId, title: '优惠券到账通知' }));
  const data = { thing1: { value: '满30减5元券' }, time2: { value: '2026年8月31日' }, thing3: { value: '到店出示' } };
  const sent = await client.postJson('/cgi-bin/message/template/send', { touser: xiaoman, template_id: templateId, data });
  expect(sent.toObject()).toMatchObject(done);
  const told = await account.hears('TEMPLATESENDJOBFINISH');

  expect(await account.shown(xiaoman)).toMatchObject([{ kind: 'form', title: '优惠券到账通知' }]);
  expect(told).toMatchObject({ Status: 'success', MsgID: expect.stringMatching(/^\d{19}$/) });
  // The package reads JSON by JSON.parse, to which an id of 64 bits is a number: it rounds it.
  expect(sent.toObject().msgid).toBe(Number(told.MsgID));
  expect(await post('message/template/send', { touser: xiaoman, template_id: 'missing', data })).toEqual(refused(40037));
});

test('keeps a token that the platform does not take any more until it is told to fetch another', async () => {
  const { account, app, get } = await openClient();
  expect(await get('user/get')).toMatchObject({ total: 2 });
  await account.endTokens();
  expect(await get('user/get')).toEqual(refused(40001));
  await (app.getAccessToken() as ReturnType<typeof app.getAccessToken> & { refresh(): Promise<string> }).refresh();
  expect(await get('user/get')).toMatchObject({ total: 2 });
});

test('tells what is wrong with its secret', async () => {
  const { get } = await openClient({ secret: '0'.repeat(32) });
  await expect(get('user/get')).rejects.toThrow(/Failed to get access_token: .*40001/);
});

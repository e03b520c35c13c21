import { describe, expect, it } from 'vitest';
import { refusalOf } from './call-world.ts';
import { film, jpeg, openSandboxWorld, picture, voice } from './sandbox-world.ts';

const day = 86_400_000;

describe('a file', () => {
  it('that is uploaded comes down as it went up, for three days', async () => {
    const { wechat, clock } = await openSandboxWorld();
    const { media_id, type } = await wechat.call('cgi-bin/media/upload', { media: picture, type: 'image' });
    expect(type).toBe('image');
    const down = await wechat.call('cgi-bin/media/get', { media_id });
    expect(down).toMatchObject({ type: 'image/png', bytes: Buffer.from(picture.bytes) });
    await clock.advance(3 * day);
    expect(await refusalOf(wechat.call('cgi-bin/media/get', { media_id }))).toMatchObject({ reason: 'wrong-media-id' });
  });

  it('that is a film is an address; a thumb has an id like all others', async () => {
    const { wechat } = await openSandboxWorld();
    const uploaded = await wechat.call('cgi-bin/media/upload', { media: film, type: 'video' });
    expect(await wechat.call('cgi-bin/media/get', { media_id: uploaded.media_id })).toEqual({
      video_url: expect.stringMatching(/^http/),
    });
    const sendable = await wechat.call('cgi-bin/media/uploadvideo', {
      media_id: uploaded.media_id,
      title: '片',
      description: '看',
    });
    expect(sendable).toMatchObject({ type: 'video', media_id: expect.any(String) });
    const { media_id } = await wechat.call('cgi-bin/media/upload', { media: jpeg, type: 'thumb' });
    expect(await wechat.call('cgi-bin/media/get', { media_id })).toMatchObject({ bytes: Buffer.from(jpeg.bytes) });
  });

  it('of a kind that it is not is refused', async () => {
    const { wechat } = await openSandboxWorld();
    expect(await refusalOf(wechat.call('cgi-bin/media/upload', { media: picture, type: 'voice' }))).toMatchObject({
      reason: 'wrong-file-type',
    });
    const empty = { ...picture, bytes: new Uint8Array() };
    expect(await refusalOf(wechat.call('cgi-bin/media/upload', { media: empty, type: 'image' }))).toMatchObject({
      reason: 'empty-media',
    });
    const large = { ...jpeg, bytes: new Uint8Array(65_537) };
    large.bytes.set(jpeg.bytes);
    expect(await refusalOf(wechat.call('cgi-bin/media/upload', { media: large, type: 'thumb' }))).toMatchObject({
      reason: 'thumbnail-too-large',
    });
  });

  it('for an article has an address', async () => {
    const { wechat } = await openSandboxWorld();
    expect((await wechat.call('cgi-bin/media/uploadimg', { media: picture })).url).toMatch(/^http/);
  });
});

describe('material', () => {
  it('stays until it is deleted, and is listed and counted', async () => {
    const { wechat, clock } = await openSandboxWorld();
    const image = await wechat.call('cgi-bin/material/add_material', { media: picture, type: 'image' });
    expect(image.url).toMatch(/^http/);
    await wechat.call('cgi-bin/material/add_material', { media: voice, type: 'voice' });
    const description = { title: '片', introduction: '看' };
    const video = await wechat.call('cgi-bin/material/add_material', { media: film, type: 'video', description });
    await clock.advance(30 * day);
    const { media_id } = image;
    expect(await wechat.call('cgi-bin/material/get_material', { media_id })).toMatchObject({ bytes: Buffer.from(picture.bytes) });
    expect(await wechat.call('cgi-bin/material/get_material', { media_id: video.media_id })).toMatchObject({
      ...{ title: '片', description: '看', down_url: expect.stringMatching(/^http/) },
    });
    expect(await wechat.call('cgi-bin/material/get_materialcount')).toEqual({
      ...{ image_count: 1, voice_count: 1, video_count: 1, news_count: 0 },
    });
    const list = await wechat.call('cgi-bin/material/batchget_material', { type: 'image', offset: 0, count: 20 });
    expect(list).toMatchObject({ total_count: 1, item_count: 1, item: [{ media_id, name: '海报.png' }] });
    await wechat.call('cgi-bin/material/del_material', { media_id });
    expect(await refusalOf(wechat.call('cgi-bin/material/get_material', { media_id }))).toMatchObject({
      reason: 'wrong-media-id',
    });
  });
});

describe('a draft', () => {
  const article = (thumb_media_id: string) => ({ title: '新品', author: '店长', content: '<p>手冲</p>', thumb_media_id });

  async function openDesk() {
    const world = await openSandboxWorld();
    const cover = await world.wechat.call('cgi-bin/material/add_material', { media: jpeg, type: 'thumb' });
    return { ...world, cover: cover.media_id };
  }

  it('is written, read, changed, counted and deleted', async () => {
    const { wechat, cover } = await openDesk();
    const { media_id } = await wechat.call('cgi-bin/draft/add', { articles: [article(cover)] });
    await wechat.call('cgi-bin/draft/update', { media_id, index: 0, articles: { ...article(cover), title: '上新' } });
    expect((await wechat.call('cgi-bin/draft/get', { media_id })).news_item).toMatchObject([{ title: '上新', author: '店长' }]);
    expect(await wechat.call('cgi-bin/draft/count')).toEqual({ total_count: 1 });
    const slice = { offset: 0, count: 20, no_content: 1 } as const;
    expect(await wechat.call('cgi-bin/draft/batchget', slice)).toMatchObject({ total_count: 1, item: [{ media_id }] });
    await wechat.call('cgi-bin/draft/delete', { media_id });
    expect(await refusalOf(wechat.call('cgi-bin/draft/get', { media_id }))).toMatchObject({ reason: 'wrong-media-id' });
  });

  it('of no article, or of too many, is refused', async () => {
    const { wechat, cover } = await openDesk();
    expect(await refusalOf(wechat.call('cgi-bin/draft/add', { articles: [] }))).toMatchObject({ reason: 'empty-article' });
    const articles = Array.from({ length: 9 }, () => article(cover));
    expect(await refusalOf(wechat.call('cgi-bin/draft/add', { articles }))).toMatchObject({ reason: 'too-many-articles' });
  });

  it('is published, and is then an article by an id of its own', async () => {
    const { wechat, cover, clock, sandbox } = await openDesk();
    const { media_id } = await wechat.call('cgi-bin/draft/add', { articles: [article(cover)] });
    const { publish_id } = await wechat.call('cgi-bin/freepublish/submit', { media_id });
    expect(publish_id).toMatch(/^\d{17,20}$/);
    expect(await wechat.call('cgi-bin/freepublish/get', { publish_id })).toMatchObject({ publish_id, publish_status: 1 });
    await clock.advance(2_000);
    await sandbox.idle();
    const published = await wechat.call('cgi-bin/freepublish/get', { publish_id });
    expect(published).toMatchObject({ publish_status: 0, article_detail: { count: 1 } });
    const article_id = published.article_id ?? '';
    expect((await wechat.call('cgi-bin/freepublish/getarticle', { article_id })).news_item).toMatchObject([{ title: '新品' }]);
    expect(await wechat.call('cgi-bin/freepublish/batchget', { offset: 0, count: 1 })).toMatchObject({ item: [{ article_id }] });
    await wechat.call('cgi-bin/freepublish/delete', { article_id });
    expect(await refusalOf(wechat.call('cgi-bin/freepublish/getarticle', { article_id: 'none' }))).toMatchObject({
      reason: 'wrong-article-id',
    });
  });
});

import { describe, expect, it } from 'vitest';
import { openCallWorld, refusalOf, type Wired } from './call-world.ts';

const refuse = (errcode: number, more: object = {}) => ({ errcode, errmsg: `said rid: 1-2-3`, ...more });
/** A platform to which only these tokens are good. */
const onlyFor =
  (good: readonly string[], code = 40001) =>
  ({ name, query }: Wired) =>
    name === 'cgi-bin/stable_token' || good.includes(query.access_token ?? '') ? undefined : refuse(code);

describe('a file', () => {
  const picture = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);

  it('goes up as a form with its name and type, what else is sent beside it', async () => {
    const { wechat, named } = await openCallWorld({
      answer: ({ name }) =>
        name === 'cgi-bin/media/upload'
          ? { type: 'thumb', thumb_media_id: 'm1', created_at: 1 }
          : { media_id: 'm2', access_token: 't', expires_in: 7200 },
    });
    const media = { name: '海报.jpg', type: 'image/jpeg', bytes: new Uint8Array(picture) };
    expect(await wechat.call('cgi-bin/media/upload', { media, type: 'thumb' })).toEqual({
      type: 'thumb',
      media_id: 'm1',
      created_at: 1,
    });
    const film = { title: '片', introduction: '看' };
    await wechat.call('cgi-bin/material/add_material', { media, type: 'video', description: film });
    expect(named('cgi-bin/media/upload')[0]).toMatchObject({ method: 'POST', query: { type: 'thumb' } });
    const { type, text } = named('cgi-bin/material/add_material')[0] ?? { type: '', text: '' };
    expect(type).toMatch(/^multipart\/form-data; boundary=/);
    expect(text).toContain('name="media"; filename="海报.jpg"');
    expect(text).toContain('Content-Type: image/jpeg');
    expect(text).toContain('name="description"\r\n\r\n{"title":"片","introduction":"看"}');
  });

  it('comes down as its bytes; a refusal in its place is none, and a film is an address', async () => {
    const answers: (Buffer | object)[] = [picture, refuse(40007), { video_url: 'http://film' }];
    const { wechat } = await openCallWorld({
      answer: ({ name }) => (name === 'cgi-bin/media/get' ? answers.shift() : undefined),
    });
    const get = () => wechat.call('cgi-bin/media/get', { media_id: 'm1' });
    expect(await get()).toEqual({ name: '', type: 'image/jpeg', bytes: picture });
    expect(await refusalOf(get())).toMatchObject({ code: 40007, reason: 'wrong-media-id' });
    expect(await get()).toEqual({ video_url: 'http://film' });
  });

  it('that was refused for the token comes down with another', async () => {
    const { wechat } = await openCallWorld({
      answer: (wired) => (wired.name === 'cgi-bin/stable_token' ? undefined : (onlyFor(['t2'])(wired) ?? picture)),
    });
    expect(await wechat.call('wxa/getwxacodeunlimit', { scene: 's=1' })).toMatchObject({ bytes: picture });
  });

  it('that is JSON without being a refusal is none, where nothing but a file is answered', async () => {
    const { wechat } = await openCallWorld();
    expect(await refusalOf(wechat.call('wxa/getwxacodeunlimit', { scene: 's=1' }))).toMatchObject({ code: 'malformed' });
  });
});

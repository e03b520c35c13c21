import { describe, expect, test } from 'vitest';
import { hour, jpeg, mp3, mp4, openMessages, png } from './messages-world.ts';

const upload = 'cgi-bin/media/upload';

test('what is uploaded comes back byte by byte for three days', async () => {
  const { upload: send, call, page, path, clock } = await openMessages();
  const { media_id: id, type, created_at: createdAt } = await send(upload, png, { type: 'image' });
  expect([type, createdAt]).toEqual(['image', clock.now() / 1000]);
  await clock.advance(72 * hour - 1);
  const file = await fetch(`http://127.0.0.1:${page.port}/${await path('cgi-bin/media/get', { media_id: String(id) })}`);
  expect([file.status, file.headers.get('content-type')]).toEqual([200, 'image/png']);
  expect(Buffer.from(await file.arrayBuffer())).toEqual(png);
  await clock.advance(1);
  expect(await call('cgi-bin/media/get', undefined, { media_id: String(id) })).toMatchObject({ errcode: 40007 });
});

test('a thumb has an id of its own name, a video comes as an address, a voice as its bytes', async () => {
  const { upload: send, call } = await openMessages();
  expect(await send(upload, jpeg, { type: 'thumb' })).toMatchObject({ type: 'thumb', thumb_media_id: expect.any(String) });
  const video = await send(upload, mp4, { type: 'video' });
  const address = await call('cgi-bin/media/get', undefined, { media_id: String(video.media_id) });
  expect(address).toEqual({ video_url: expect.stringMatching(/^http/) });
  expect(await send(upload, mp3, { type: 'voice' })).toMatchObject({ type: 'voice' });
});

test.each([
  ['a type that there is not', png, 'hologram', 40004],
  ['no type', png, '', 40004],
  ['words as a picture', Buffer.from('<script>alert(1)</script>'), 'image', 40005],
  ['a picture as a voice', png, 'voice', 40005],
  ['a PNG as a thumb', png, 'thumb', 40005],
  ['nothing', Buffer.alloc(0), 'image', 44001],
  ['a picture that is too large', Buffer.concat([png, Buffer.alloc(10 << 20)]), 'image', 40009],
  ['a voice that is too large', Buffer.concat([mp3, Buffer.alloc(2 << 20)]), 'voice', 40010],
  ['a thumb that is too large', Buffer.concat([jpeg, Buffer.alloc(64 << 10)]), 'thumb', 40012],
])('%s is refused', async (_, bytes, type, errcode) => {
  const { upload: send } = await openMessages();
  expect(await send(upload, bytes, { type })).toMatchObject({ errcode });
});

test.each([
  ['no form', 'text/plain', 'media'],
  ['a form without its boundary', 'multipart/form-data', '--x\r\n'],
  [
    'a form that breaks off',
    'multipart/form-data; boundary=x',
    '--x\r\ncontent-disposition: form-data; name="media"; filename="a"\r\n\r\nabc',
  ],
  [
    'a form without a file',
    'multipart/form-data; boundary=x',
    '--x\r\ncontent-disposition: form-data; name="media"\r\n\r\nabc\r\n--x--',
  ],
])('%s holds no file', async (_, type, body) => {
  const { page, path } = await openMessages();
  const url = `http://127.0.0.1:${page.port}/${await path(upload, { type: 'image' })}`;
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body });
  expect(await response.json()).toMatchObject({ errcode: 41005 });
});

test('forms are read however an SDK writes them', async () => {
  const { page, path } = await openMessages();
  const url = `http://127.0.0.1:${page.port}/${await path(upload, { type: 'image' })}`;
  for (const head of [
    'Content-Disposition: form-data; name=media; filename=a.png; filelength=16\r\nContent-Type: image/png',
    'content-type: application/octet-stream\r\ncontent-disposition: form-data;name="media";filename="图.png"',
  ]) {
    const body = Buffer.concat([Buffer.from(`preamble\r\n--b-1\r\n${head}\r\n\r\n`), png, Buffer.from('\r\n--b-1--\r\n')]);
    const headers = { 'content-type': 'multipart/form-data; charset=utf-8; boundary="b-1"' };
    const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
    expect(await response.json()).toMatchObject({ type: 'image', media_id: expect.any(String) });
  }
});

test('a file of another account is nobody else’s', async () => {
  const { upload: send, sandbox, page } = await openMessages();
  const { media_id: id } = await send(upload, png, { type: 'image' });
  const other = await sandbox.ensureAccount({ name: '别家', mode: 'plain' });
  const grant = { grant_type: 'client_credential', appid: other.appId, secret: other.appSecret };
  const { access_token: token } = (await page.call('cgi-bin/stable_token', grant)).body as { access_token: string };
  const query = new URLSearchParams({ access_token: token, media_id: String(id) });
  expect((await page.call(`cgi-bin/media/get?${query}`)).body).toMatchObject({ errcode: 40007 });
});

describe('material', () => {
  test('stays, is listed the newest first, counted, given back and deleted', async () => {
    const { upload: send, call, clock, page, path } = await openMessages();
    const add = async (bytes: Uint8Array, type: string) => send('cgi-bin/material/add_material', bytes, { type });
    const first = await add(png, 'image');
    await clock.advance(1_000);
    const second = await add(jpeg, 'image');
    expect(first).toEqual({ media_id: expect.any(String), url: expect.stringMatching(/^http:\/\/mmbiz\.qpic\.cn\//) });
    await clock.advance(1_000 * hour);
    expect(await call('cgi-bin/material/get_materialcount')).toMatchObject({ image_count: 2, voice_count: 0, video_count: 0 });
    const list = await call('cgi-bin/material/batchget_material', { type: 'image', offset: 0, count: 20 });
    expect(list).toMatchObject({
      total_count: 2,
      item_count: 2,
      item: [{ media_id: second.media_id }, { media_id: first.media_id }],
    });
    const url = `http://127.0.0.1:${page.port}/${await path('cgi-bin/material/get_material')}`;
    const file = await fetch(url, { method: 'POST', body: JSON.stringify({ media_id: first.media_id }) });
    expect(Buffer.from(await file.arrayBuffer())).toEqual(png);
    expect(await call('cgi-bin/material/del_material', { media_id: first.media_id })).toMatchObject({ errcode: 0 });
    expect(await call('cgi-bin/material/del_material', { media_id: first.media_id })).toMatchObject({ errcode: 40007 });
    expect(await call('cgi-bin/material/get_material', { media_id: first.media_id })).toMatchObject({ errcode: 40007 });
  });

  test('of videos says what they are', async () => {
    const { upload: send, call } = await openMessages();
    const description = JSON.stringify({ title: '店里', introduction: '周末' });
    const { media_id: id } = await send('cgi-bin/material/add_material', mp4, { type: 'video' }, { description });
    expect(await call('cgi-bin/material/get_material', { media_id: id })).toMatchObject({ title: '店里', description: '周末' });
    const bare = await send('cgi-bin/material/add_material', mp4, { type: 'video' });
    expect(bare).toMatchObject({ errcode: 47001 });
  });

  test('is not what was uploaded for three days', async () => {
    const { upload: send, call } = await openMessages();
    const { media_id: id } = await send(upload, png, { type: 'image' });
    expect(await call('cgi-bin/material/get_material', { media_id: id })).toMatchObject({ errcode: 40007 });
  });

  test('lists are asked for in slices of 20 at most', async () => {
    const { call } = await openMessages();
    for (const slice of [
      { offset: -1, count: 1 },
      { offset: 0, count: 0 },
      { offset: 0, count: 21 },
    ])
      expect(await call('cgi-bin/material/batchget_material', { type: 'image', ...slice })).toMatchObject({ errcode: 40035 });
  });

  test('is refused to accounts that are not verified', async () => {
    const { upload: send } = await openMessages('service', false);
    expect(await send('cgi-bin/material/add_material', png, { type: 'image' })).toMatchObject({ errcode: 48001 });
  });
});

test('pictures within articles are JPEG or PNG below a megabyte', async () => {
  const { upload: send } = await openMessages();
  expect(await send('cgi-bin/media/uploadimg', png)).toEqual({ url: expect.stringMatching(/^http:\/\/mmbiz\.qpic\.cn\//) });
  expect(await send('cgi-bin/media/uploadimg', Buffer.from('GIF89a'))).toMatchObject({ errcode: 40005 });
  expect(await send('cgi-bin/media/uploadimg', Buffer.concat([png, Buffer.alloc(1 << 20)]))).toMatchObject({ errcode: 40009 });
});

test('the page gets no file that a browser would run', async () => {
  const { upload: send, page } = await openMessages();
  const { media_id: id } = await send(upload, Buffer.concat([png, Buffer.from('<script>')]), { type: 'image' });
  const file = await fetch(`http://127.0.0.1:${page.port}/sandbox/api/media/${id}`);
  expect(file.headers.get('x-content-type-options')).toBe('nosniff');
  expect(file.headers.get('content-security-policy')).toContain('sandbox');
  expect((await fetch(`http://127.0.0.1:${page.port}/sandbox/api/media/none`)).status).toBe(404);
});

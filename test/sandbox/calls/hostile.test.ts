import { expect, test } from 'vitest';
import { calls } from '../../../server/channels/wechat/calls/index.ts';
import { openPlatform } from './platform.ts';

const nasty = [
  ...[null, [], {}, { $ne: 1 }, -1, 1.5, 1e308, '', '\u0000', '__proto__', 'constructor', true],
  ...[[null], [{}], [[]], [{ openid: null }], { content: {} }, { scene: { scene_id: [] } }, { id: '2', name: {} }],
  ...[[{ name: 'a', sub_button: {} }], [{ title: 't', content: {} }], { tag_id: {} }, { articles: [{}] }, 'x'.repeat(5_000)],
];

/** What rows read of a call. */
const fields = [
  ...['openid', 'openid_list', 'user_list', 'next_openid', 'begin_openid', 'remark', 'tag', 'tagid', 'touser', 'towxname'],
  ...[
    'button',
    'matchrule',
    'menuid',
    'user_id',
    'action_name',
    'action_info',
    'expire_seconds',
    'ticket',
    'long_data',
    'short_key',
  ],
  ...[
    'code',
    'js_code',
    'grant_type',
    'appid',
    'secret',
    'scope',
    'signature',
    'cgi_path',
    'rid',
    'type',
    'action',
    'check_operator',
  ],
  ...['begin_date', 'end_date', 'path', 'scene', 'page', 'width', 'jump_wxa', 'expire_type', 'expire_time', 'scheme', 'url_link'],
  ...['msgtype', 'text', 'image', 'news', 'msgmenu', 'miniprogrampage', 'command', 'template_id', 'data', 'url', 'miniprogram'],
  ...['media_id', 'articles', 'index', 'offset', 'count', 'filter', 'clientmsgid', 'msg_id', 'article_id', 'publish_id', 'speed'],
];

test('no call fails by what it is sent: each has an answer of the platform', async () => {
  const { page, grant } = await openPlatform();
  const { access_token } = (await page.call('cgi-bin/stable_token', grant)).body as { access_token: string };
  const names = Object.keys(calls);
  expect(names.length).toBeGreaterThan(100);
  for (const [place, name] of names.entries()) {
    const body = Object.fromEntries(fields.map((field, number) => [field, nasty[(number * 7 + place * 3) % nasty.length]]));
    const texts = Object.entries(body).map(([field, value]): [string, string] => [field, String(value).slice(0, 20)]);
    const address = `http://127.0.0.1:${page.port}/${name}?${new URLSearchParams([['access_token', access_token], ...texts])}`;
    const asked = await fetch(address);
    const sent = await fetch(address, { method: 'POST', body: JSON.stringify(body) });
    expect([name, asked.status, sent.status]).toEqual([name, 200, 200]);
  }
});

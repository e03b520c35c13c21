import { describe, expect, test } from 'vitest';
import type { Speech } from '../../server/sandbox/contract.ts';
import { fieldOf, replyTo } from './listener.ts';
import { openFollowedWorld, openWorld } from './world.ts';

describe.each(['plain', 'compatible', 'safe'] as const)('in %s mode', (mode) => {
  test('a message is signed and sealed as the platform does it, and the reply is shown', async () => {
    const { sandbox, account, server, openid } = await openFollowedWorld({
      mode,
      answer: (received, account) => replyTo(received, '你好，小满 & <b>', account),
    });
    const { shown, tries } = await sandbox.say(openid, { kind: 'text', text: '附近 ]]> 有吗' });

    expect(shown).toMatchObject({ from: 'account', content: { kind: 'text', text: '你好，小满 & <b>' } });
    expect(tries).toMatchObject([{ attempt: 1, status: 200, kind: 'text', verdict: 'accepted', rule: 'reply-shown' }]);
    const received = server.requests[1];
    expect(received).toMatchObject({ method: 'POST', contentType: 'text/xml', isSigned: true, query: { openid } });
    expect(fieldOf(received?.xml ?? '', 'Content')).toBe('附近 ]]> 有吗');
    expect(fieldOf(received?.xml ?? '', 'ToUserName')).toBe(account.originalId);
    expect(fieldOf(received?.xml ?? '', 'FromUserName')).toBe(openid);
    expect(Number(fieldOf(received?.xml ?? '', 'MsgId'))).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    if (mode === 'plain') expect(received?.query).not.toHaveProperty('msg_signature');
    else expect(received).toMatchObject({ isSealedAndSigned: true, appId: account.appId, query: { encrypt_type: 'aes' } });
    if (mode === 'safe') expect(received?.body).not.toContain('FromUserName');
    if (mode === 'compatible') expect(fieldOf(received?.body ?? '', 'Content')).toBe('附近 ]]> 有吗');
  });

  test('"success" and an empty answer show nothing', async () => {
    const answers = ['success', ''];
    const { sandbox, openid } = await openFollowedWorld({ mode, answer: () => ({ body: answers.shift() ?? 'too many' }) });

    const first = await sandbox.say(openid, { kind: 'text', text: '一' });
    const second = await sandbox.say(openid, { kind: 'text', text: '二' });

    expect(first).toMatchObject({ shown: 'nothing', tries: [{ verdict: 'acknowledged', rule: 'success' }] });
    expect(second).toMatchObject({ shown: 'nothing', tries: [{ verdict: 'acknowledged', rule: 'empty' }] });
  });

  test('the address check is passed by the echostr alone', async () => {
    let answer = (echo: string) => echo;
    const { sandbox, account, server } = await openWorld({
      mode,
      answer: ({ query }) => ({ body: answer(query.echostr ?? '') }),
    });

    expect(await sandbox.checkAddress(account)).toMatchObject({ kind: 'echostr', verdict: 'accepted', rule: 'address-echoed' });
    expect(server.requests[0]).toMatchObject({ method: 'GET', isSigned: true, body: '' });
    answer = (echo) => `"${echo}"`;
    expect(await sandbox.checkAddress(account)).toMatchObject({ verdict: 'refused', rule: 'address-not-echoed' });
  });
});

test('a safe-mode server that answers in plain text is refused; a compatible one may', async () => {
  const plainReply = replyTo;
  const answer: Parameters<typeof openFollowedWorld>[0] = {
    answer: ({ appId: _, ...received }, account) => plainReply(received, '明文', account),
  };
  const safe = await openFollowedWorld({ mode: 'safe', ...answer });
  const compatible = await openFollowedWorld({ mode: 'compatible', ...answer });

  expect((await safe.sandbox.say(safe.openid, { kind: 'text', text: '在吗' })).shown).toBe('outage');
  expect((await compatible.sandbox.say(compatible.openid, { kind: 'text', text: '在吗' })).shown).toMatchObject({
    content: { text: '明文' },
  });
});

const speeches: [Speech, Record<string, string>][] = [
  [
    { kind: 'place', latitude: 30.254118, longitude: 120.163906, label: '东坡路 7 号' },
    { MsgType: 'location', Location_X: '30.254118', Location_Y: '120.163906', Label: '东坡路 7 号' },
  ],
  [
    { kind: 'image', url: 'https://example.com/cake.jpg' },
    { MsgType: 'image', PicUrl: 'https://example.com/cake.jpg' },
  ],
  [
    { kind: 'voice', text: '有优惠吗' },
    { MsgType: 'voice', Format: 'amr', Recognition: '有优惠吗' },
  ],
  [
    { kind: 'link', title: '面包', text: '新品', url: 'https://example.com/' },
    { MsgType: 'link', Title: '面包', Description: '新品' },
  ],
  [
    { kind: 'menu', key: 'NEARBY' },
    { MsgType: 'event', Event: 'CLICK', EventKey: 'NEARBY', MsgId: '' },
  ],
  [
    { kind: 'scan', entryCode: 'hubin' },
    { MsgType: 'event', Event: 'SCAN', EventKey: 'hubin', MsgId: '' },
  ],
];

test.each(speeches)('%o travels as the platform sends it', async (speech, fields) => {
  const { sandbox, server, openid } = await openFollowedWorld();
  await sandbox.say(openid, speech);
  const xml = server.requests[1]?.xml ?? '';
  expect(Object.fromEntries(Object.keys(fields).map((name) => [name, fieldOf(xml, name)]))).toEqual(fields);
});

test('a follow by an entry code bears its prefix and a ticket; a plain follow has an empty key', async () => {
  const { sandbox, server, openid } = await openWorld();
  await sandbox.follow(openid, { entryCode: 'hubin-door' });
  await sandbox.unfollow(openid);
  await sandbox.follow(openid);

  const [byCode = '', left = '', plain = ''] = server.requests.map(({ xml }) => xml);
  expect([fieldOf(byCode, 'Event'), fieldOf(byCode, 'EventKey')]).toEqual(['subscribe', 'qrscene_hubin-door']);
  expect(fieldOf(byCode, 'Ticket')).not.toBe('');
  expect(fieldOf(left, 'Event')).toBe('unsubscribe');
  expect([fieldOf(plain, 'Event'), fieldOf(plain, 'EventKey')]).toEqual(['subscribe', '']);
  // Events have no MsgId: two that bear the same second would be taken for one.
  expect(new Set(server.requests.map(({ xml }) => fieldOf(xml, 'CreateTime'))).size).toBe(3);
});

test('characters that XML cannot carry are lost on the wire, and nothing else is', async () => {
  const { sandbox, server, openid } = await openFollowedWorld();
  await sandbox.say(openid, { kind: 'text', text: 'a\u0000b\u001f\uffff\ud83d 𠮷\t\n<&]]>' });
  expect(fieldOf(server.requests[1]?.xml ?? '', 'Content')).toBe('ab 𠮷\t\n<&]]>');
});

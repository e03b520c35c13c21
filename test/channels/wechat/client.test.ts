import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../support/clock.ts';
import { openCallWorld, refusalOf, type Wired } from './call-world.ts';

const followerPage = { total: 2, count: 2, data: { openid: ['o1', 'o2'] }, next_openid: 'o2' };
const refuse = (errcode: number, more: object = {}) => ({ errcode, errmsg: `said rid: 1-2-3`, ...more });
/** A platform to which only these tokens are good. */
const onlyFor =
  (good: readonly string[], code = 40001) =>
  ({ name, query }: Wired) =>
    name === 'cgi-bin/stable_token' || good.includes(query.access_token ?? '') ? undefined : refuse(code);

describe('a call', () => {
  it('goes as the table says: its fields in the query or as JSON, the token in the query', async () => {
    const { wechat, wired } = await openCallWorld({
      answer: ({ name }) => (name === 'cgi-bin/user/get' ? followerPage : undefined),
    });
    await wechat.call('cgi-bin/user/get', { next_openid: 'o&1' });
    await wechat.call('cgi-bin/message/custom/send', { touser: 'o1', msgtype: 'text', text: { content: '半日麦' } });
    expect(wired.slice(1)).toMatchObject([
      { name: 'cgi-bin/user/get', method: 'GET', query: { access_token: 't1', next_openid: 'o&1' }, text: '' },
      {
        name: 'cgi-bin/message/custom/send',
        method: 'POST',
        query: { access_token: 't1' },
        text: '{"touser":"o1","msgtype":"text","text":{"content":"半日麦"}}',
      },
    ]);
  });

  it('answers what the table names and nothing else, ids of 64 bits as texts', async () => {
    const { wechat } = await openCallWorld({
      answer: ({ name }) =>
        name.endsWith('template/send') ? '{"errcode":0,"errmsg":"ok","msgid":1700827132819554304,"more":1}' : undefined,
    });
    const sent = { touser: 'o1', template_id: 't', data: { thing1: { value: '券' } } };
    expect(await wechat.call('cgi-bin/message/template/send', sent)).toEqual({ msgid: '1700827132819554304' });
    expect(await wechat.call('cgi-bin/menu/delete')).toBeUndefined();
  });

  it('that is answered with something else names what is wrong, and no value of it', async () => {
    const { wechat } = await openCallWorld({
      answer: ({ name }) => (name === 'cgi-bin/tags/get' ? { tags: [{ id: 'x1' }] } : undefined),
    });
    const error = await refusalOf(wechat.call('cgi-bin/tags/get'));
    expect(error).toMatchObject({ code: 'malformed', retry: 'no', api: 'cgi-bin/tags/get' });
    expect(error.message).toContain('tags.0.id');
    expect(error.message).not.toContain('x1');
  });

  it('is refused with the reason that the code stands for', async () => {
    const { wechat } = await openCallWorld({ answer: ({ name }) => (name.endsWith('custom/send') ? refuse(45015) : undefined) });
    const call = wechat.call('cgi-bin/message/custom/send', { touser: 'o1', msgtype: 'text', text: { content: 'a' } });
    expect(await refusalOf(call)).toMatchObject({ code: 45015, reason: 'window-closed', retry: 'no' });
  });

  it('of what the account cannot do is refused before anything is sent', async () => {
    const { wechat, wired } = await openCallWorld({ refused: ['tags'] });
    await expect(wechat.call('cgi-bin/tags/get')).rejects.toMatchObject({ code: 'account.incapable' });
    expect(wired).toEqual([]);
  });

  it('of no account of ours is refused, and so is one that needs an AppSecret that nobody entered', async () => {
    const { client, wechat, wired } = await openCallWorld({ hasNoSecret: true });
    await expect(client.of('a2').call('cgi-bin/tags/get')).rejects.toMatchObject({ code: 'request.not-found' });
    await expect(wechat.call('cgi-bin/tags/get')).rejects.toMatchObject({ code: 'request.refused' });
    await expect(wechat.call('sns/jscode2session', { js_code: 'c' })).rejects.toMatchObject({ code: 'request.refused' });
    expect(wired).toEqual([]);
  });

  it('that is not in the table, or lacks what it needs, does not compile', async () => {
    const { wechat } = await openCallWorld();
    const wrong = [
      // @ts-expect-error there is no such call
      () => wechat.call('cgi-bin/nothing', {}),
      // @ts-expect-error an openid is needed
      () => wechat.call('cgi-bin/user/info', {}),
      // @ts-expect-error what is needed cannot be left out
      () => wechat.call('cgi-bin/user/info'),
      // @ts-expect-error a kind and its content belong together
      () => wechat.call('cgi-bin/message/custom/send', { touser: 'o', msgtype: 'text', image: { media_id: 'm' } }),
      // @ts-expect-error one article
      () => wechat.call('cgi-bin/message/custom/send', { touser: 'o', msgtype: 'news', news: { articles: [] } }),
    ];
    expect(wrong).toHaveLength(5);
  });
});

describe('a token that the platform refuses', () => {
  it.each([40001, 40014, 42001])('with %i is replaced and the call made again, whatever it is', async (code) => {
    const { wechat, named } = await openCallWorld({ answer: onlyFor(['t2'], code) });
    await wechat.call('cgi-bin/message/custom/send', { touser: 'o1', msgtype: 'text', text: { content: 'a' } });
    expect(named('cgi-bin/message/custom/send').map(({ query }) => query.access_token)).toEqual(['t1', 't2']);
  });

  it('again and again is told after the second time', async () => {
    const { wechat, named } = await openCallWorld({ answer: onlyFor([]) });
    const error = await refusalOf(wechat.call('cgi-bin/tags/get'));
    expect(error).toMatchObject({ code: 40001, reason: 'wrong-credential', retry: 'token' });
    expect(named('cgi-bin/tags/get')).toHaveLength(2);
    expect(named('cgi-bin/stable_token')).toHaveLength(2);
  });

  it('is replaced once for 50 calls of two processes', async () => {
    const { client, start, named } = await openCallWorld({
      answer: (wired) => (wired.name === 'cgi-bin/tags/get' ? (onlyFor(['t2'])(wired) ?? { tags: [] }) : undefined),
    });
    const processes = [client, await start()].map((one) => one.of('a1'));
    const calls = await Promise.all(Array.from({ length: 50 }, (_, i) => processes[i % 2]?.call('cgi-bin/tags/get')));
    expect(calls).toEqual(calls.map(() => ({ tags: [] })));
    expect(named('cgi-bin/stable_token')).toHaveLength(2);
    expect(named('cgi-bin/tags/get').length).toBeLessThanOrEqual(100);
  });

  it('and is given again makes us ask for another by force, once for all', async () => {
    const asked = ({ body }: Wired) => ({ access_token: body?.force_refresh === true ? 'forced' : 'same', expires_in: 7200 });
    const { client, start, named } = await openCallWorld({
      answer: (wired) => (wired.name === 'cgi-bin/stable_token' ? asked(wired) : onlyFor(['forced'])(wired)),
    });
    const processes = [client, await start()].map((one) => one.of('a1'));
    await Promise.all(Array.from({ length: 20 }, (_, i) => processes[i % 2]?.call('cgi-bin/menu/delete')));
    expect(named('cgi-bin/stable_token').map(({ body }) => body?.force_refresh)).toEqual([undefined, undefined, true]);
  });

  it('and cannot be forced any more is tried once more as it is', async () => {
    let refusals = 0;
    const { wechat } = await openCallWorld({
      answer: ({ name, body }) => {
        if (name !== 'cgi-bin/stable_token') return refusals++ === 0 ? refuse(40001) : undefined;
        return body?.force_refresh === true ? refuse(45009) : { access_token: 'same', expires_in: 7200 };
      },
    });
    expect(await wechat.call('cgi-bin/menu/delete')).toBeUndefined();
  });

  it('cannot be had with a wrong secret: that is told once, without another try', async () => {
    const { wechat, wired } = await openCallWorld({
      answer: ({ name }) => (name === 'cgi-bin/stable_token' ? refuse(40125) : undefined),
    });
    expect(await refusalOf(wechat.call('cgi-bin/tags/get'))).toMatchObject({
      api: 'cgi-bin/stable_token',
      reason: 'wrong-secret',
    });
    expect(wired).toHaveLength(1);
  });

  it('of a person is theirs, and none of the account’s is replaced for it', async () => {
    const { wechat, wired } = await openCallWorld({ answer: () => refuse(40001) });
    const call = wechat.call('sns/userinfo', { access_token: 'theirs', openid: 'o1' });
    expect(await refusalOf(call)).toMatchObject({ code: 40001 });
    expect(wired).toMatchObject([{ name: 'sns/userinfo', query: { access_token: 'theirs', openid: 'o1' } }]);
  });
});

describe('a platform that fails', () => {
  /** Fails the first calls that are no token calls. */
  const failing = (times: number, how: object | 'cut' | string) => {
    let failed = 0;
    return ({ name }: Wired) => {
      if (name === 'cgi-bin/stable_token') return undefined;
      return failed++ < times ? how : name === 'cgi-bin/tags/get' ? { tags: [] } : undefined;
    };
  };
  const transient: [string, object | 'cut'][] = [
    ['is busy', refuse(-1)],
    ['is called too fast', refuse(45011)],
    ['hangs up', 'cut'],
    ['has a bad gateway', { status: 502 }],
  ];

  it.each(transient)('that %s is asked again for what does no harm, three times in all', async (_, how) => {
    const { wechat, named } = await openCallWorld({ answer: failing(2, how) });
    expect(await wechat.call('cgi-bin/tags/get')).toEqual({ tags: [] });
    expect(named('cgi-bin/tags/get')).toHaveLength(3);
    const worse = await openCallWorld({ answer: failing(3, how) });
    expect(await refusalOf(worse.wechat.call('cgi-bin/tags/get'))).toMatchObject({ retry: 'later' });
    expect(worse.named('cgi-bin/tags/get')).toHaveLength(3);
  });

  it.each(transient)('that %s is not sent a message twice', async (_, how) => {
    const { wechat, named } = await openCallWorld({ answer: failing(1, how) });
    const call = wechat.call('cgi-bin/message/custom/send', { touser: 'o1', msgtype: 'text', text: { content: 'a' } });
    expect(await refusalOf(call)).toMatchObject({ retry: 'later' });
    expect(named('cgi-bin/message/custom/send')).toHaveLength(1);
  });

  it('is asked for a token again, even when what the token is for is not repeated', async () => {
    let failed = 0;
    const { wechat, named } = await openCallWorld({
      answer: ({ name }) => (name === 'cgi-bin/stable_token' && failed++ < 2 ? refuse(-1) : undefined),
    });
    await wechat.call('cgi-bin/message/custom/send', { touser: 'o1', msgtype: 'text', text: { content: 'a' } });
    expect(named('cgi-bin/stable_token')).toHaveLength(3);
    const down = await openCallWorld({ answer: () => 'cut' });
    expect(await refusalOf(down.wechat.call('cgi-bin/tags/get'))).toMatchObject({ api: 'cgi-bin/stable_token', code: 'network' });
    expect(down.wired).toHaveLength(3);
  });

  it.each([
    ['refuses for good', refuse(40003)],
    ['has no quota left', refuse(45009)],
    ['talks nonsense', '<html>'],
  ])('that %s is not asked again', async (_, how) => {
    const { wechat, named } = await openCallWorld({ answer: failing(1, how) });
    await refusalOf(wechat.call('cgi-bin/tags/get'));
    expect(named('cgi-bin/tags/get')).toHaveLength(1);
  });

  it('is sent a job for many again under the job’s own name, and knows it', async () => {
    const answers = ['cut' as const, '{"errcode":45065,"errmsg":"clientmsgid exist","msg_id":3147494552}'];
    const { wechat, named } = await openCallWorld({
      answer: ({ name }) => (name.endsWith('sendall') ? answers.shift() : undefined),
    });
    const job = { msgtype: 'text', text: { content: '好' }, filter: { is_to_all: true }, clientmsgid: 'job1' } as const;
    expect(await wechat.call('cgi-bin/message/mass/sendall', job)).toEqual({ msg_id: '3147494552' });
    expect(named('cgi-bin/message/mass/sendall')).toHaveLength(2);
  });

  it('gives no secret away in its words', async () => {
    const { wechat } = await openCallWorld({
      answer: ({ query, name }) =>
        name === 'cgi-bin/stable_token' ? undefined : refuse(40013, { errmsg: `bad ${query.access_token} ${query.secret}` }),
    });
    expect((await refusalOf(wechat.call('cgi-bin/tags/get'))).message).not.toContain('t1');
    const login = await refusalOf(wechat.call('sns/jscode2session', { js_code: 'c' }));
    expect(login.message).not.toContain('0123456789abcdef');
  });
});

describe('a limit that is known in advance', () => {
  const preview = { touser: 'o1', msgtype: 'text', text: { content: 'a' } } as const;

  it('is kept for all processes: what comes beyond it is not sent', async () => {
    const clock = createManualClock();
    const { client, start, named } = await openCallWorld({ clock });
    const other = await start();
    // The token is there before all want it: nobody waits on the clock for it.
    await client.of('a1').call('cgi-bin/menu/delete');
    const calls = Array.from({ length: 103 }, (_, i) =>
      (i % 2 ? client : other).of('a1').call('cgi-bin/message/mass/preview', preview),
    );
    const settled = await Promise.allSettled(calls);
    const refused = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(named('cgi-bin/message/mass/preview')).toHaveLength(100);
    expect(refused).toHaveLength(3);
    expect(refused[0]).toMatchObject({ code: 45009, reason: 'quota-used-up', retry: 'later' });
    await client.of('a1').call('cgi-bin/clear_quota');
    await client.of('a1').call('cgi-bin/message/mass/preview', preview);
    expect(named('cgi-bin/message/mass/preview')).toHaveLength(101);
  });

  it('begins anew at midnight in China', async () => {
    const clock = createManualClock(Date.UTC(2026, 6, 15, 15, 0));
    const { wechat, named } = await openCallWorld({ clock });
    for (let times = 0; times < 100; times++) await wechat.call('cgi-bin/message/mass/preview', preview);
    await clock.advance(3_599_999);
    expect(await refusalOf(wechat.call('cgi-bin/message/mass/preview', preview))).toMatchObject({ code: 45009 });
    await clock.advance(1);
    await wechat.call('cgi-bin/message/mass/preview', preview);
    expect(named('cgi-bin/message/mass/preview')).toHaveLength(101);
  });
});

describe('what proves a call', () => {
  it('is what the table says: a token, the app id, the secret, or several of them', async () => {
    const { wechat, wired } = await openCallWorld({
      answer: ({ name }) => (name === 'sns/jscode2session' ? { openid: 'o1', session_key: 'k' } : undefined),
    });
    await wechat.call('cgi-bin/clear_quota/v2');
    await wechat.call('sns/jscode2session', { js_code: 'c' });
    await wechat.call('cgi-bin/clear_quota');
    expect(wired.filter(({ name }) => name !== 'cgi-bin/stable_token')).toMatchObject([
      { query: {}, body: { appid: 'wx1', appsecret: '0123456789abcdef0123456789abcdef' } },
      { query: { appid: 'wx1', secret: '0123456789abcdef0123456789abcdef', grant_type: 'authorization_code', js_code: 'c' } },
      { query: { access_token: 't1' }, body: { appid: 'wx1' } },
    ]);
  });
});

describe('a ticket', () => {
  it('is fetched once for all processes, each kind by itself', async () => {
    let tickets = 0;
    const { client, start, named } = await openCallWorld({
      answer: ({ name, query }) =>
        name === 'cgi-bin/ticket/getticket' ? { errcode: 0, ticket: `${query.type}${++tickets}`, expires_in: 7200 } : undefined,
    });
    const processes = [client, await start()].map((one) => one.of('a1'));
    const given = await Promise.all(Array.from({ length: 20 }, (_, i) => processes[i % 2]?.ticket('jsapi')));
    expect(new Set(given)).toEqual(new Set(['jsapi1']));
    expect(await client.of('a1').ticket('wx_card')).toBe('wx_card2');
    expect(named('cgi-bin/ticket/getticket')).toHaveLength(2);
  });
});

import { describe, expect, it } from 'vitest';
import { signSession } from '../../../server/channels/wechat/index.ts';
import { systemClock } from '../../../server/kernel/clock.ts';
import type { FaultPlan } from '../../../server/sandbox/faults.ts';
import { refusalOf, startProcess } from './call-world.ts';
import { openSandboxWorld } from './sandbox-world.ts';

type Rule = FaultPlan['calls'][number];
const tags = 'cgi-bin/tags/get';
const messages = 'cgi-bin/message/custom/send';

async function openFaultyWorld() {
  const world = await openSandboxWorld();
  const { page, wechat, openid, sandbox } = world;
  return {
    ...world,
    /** From now on this goes wrong. */
    plan: (...calls: Rule[]) => page.put('script/faults', { seed: 7, calls, callbacks: [] }),
    async struck(): Promise<number[]> {
      const { body } = await page.get('script');
      return (body as { faults: { struck: { calls: number[] } } }).faults.struck.calls;
    },
    send: (content = '好') => wechat.call(messages, { touser: openid, msgtype: 'text', text: { content } }),
    /** What the follower was told so far. */
    told: async () => (await sandbox.chat(openid)).filter(({ from }) => from === 'account').length,
  };
}

const rule = (name: string, fault: Rule['fault'], more: Partial<Rule> = {}): Rule => ({ name, fault, probability: 1, ...more });

describe('a call that reads', () => {
  it.each(['busy', 'too-fast', 'cut', 'down', 'token-gone', 'token-refused', 'twice', 'slow'] as const)(
    'comes through when this befalls it: %s',
    async (fault) => {
      const { wechat, plan, struck } = await openFaultyWorld();
      await plan(rule(tags, fault, { times: 1, lasts: 10 }));
      expect((await wechat.call(tags)).tags).toEqual(expect.any(Array));
      expect(await struck()).toEqual([1]);
    },
  );

  it('comes through when it is never answered', async () => {
    const { database, url, account, plan, struck, wechat } = await openFaultyWorld();
    await wechat.call(tags);
    const impatient = await startProcess({
      ...{ database, baseUrl: () => url, account: { id: 'a1', merchantId: 'm1', ...account } },
      clock: { now: systemClock.now, after: (delay, run) => systemClock.after(delay / 10, run) },
    });
    await plan(rule(tags, 'lost', { times: 1 }));
    expect((await impatient.of('a1').call(tags)).tags).toEqual(expect.any(Array));
    expect(await struck()).toEqual([1]);
  });

  it('is given up with the reason when it does not end', async () => {
    const { wechat, plan } = await openFaultyWorld();
    const reasons = [];
    for (const fault of ['busy', 'cut', 'used-up', 'broken-json', 'token-refused'] as const) {
      await plan(rule(tags, fault));
      const { code, retry } = await refusalOf(wechat.call(tags));
      reasons.push([code, retry]);
    }
    expect(reasons).toEqual([
      [-1, 'later'],
      ['network', 'later'],
      [45009, 'later'],
      ['malformed', 'no'],
      [40014, 'token'],
    ]);
  });
});

describe('a message', () => {
  it('is made once, whatever befalls it but a token that is refused', async () => {
    for (const fault of ['busy', 'cut', 'down', 'broken-json', 'used-up'] as const) {
      const { send, plan, struck, arrived } = await openFaultyWorld();
      await plan(rule(messages, fault));
      await refusalOf(send());
      expect(await struck()).toEqual([1]);
      expect(await arrived(messages)).toBe(1);
    }
  });

  it('arrives once when the token is refused, since then nothing was done', async () => {
    for (const fault of ['token-gone', 'token-refused'] as const) {
      const { send, plan, told } = await openFaultyWorld();
      const before = await told();
      await plan(rule(messages, fault, { times: 1 }));
      await send();
      expect(await told()).toBe(before + 1);
    }
  });
});

describe('many calls while tokens vanish', () => {
  it('have each new token fetched by one of the two processes, and all come through', async () => {
    const { client, start, plan, struck, arrived } = await openFaultyWorld();
    const processes = [client, await start()].map((one) => one.of('a1'));
    await client.of('a1').call(tags);
    for (let round = 1; round <= 4; round++) {
      await plan(rule(tags, 'token-gone', { times: 1 }));
      const calls = Array.from({ length: 50 }, (_, i) => processes[i % 2]?.call(tags));
      for (const answer of await Promise.all(calls)) expect(answer?.tags).toEqual(expect.any(Array));
      expect(await struck()).toEqual([1]);
      expect(await arrived('cgi-bin/stable_token')).toBe(1 + round);
    }
  });

  it('end well or with a reason when everything goes wrong at times', async () => {
    const { client, start, plan } = await openFaultyWorld();
    const processes = [client, await start()].map((one) => one.of('a1'));
    const some = (fault: Rule['fault']) => rule('*', fault, { probability: 0.06, lasts: 5 });
    await plan(...(['busy', 'too-fast', 'cut', 'down', 'token-refused', 'slow', 'twice'] as const).map(some));
    const settled = await Promise.allSettled(Array.from({ length: 150 }, (_, i) => processes[i % 2]?.call(tags)));
    const failed = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    for (const error of failed) expect(['later', 'token']).toContain(error.retry);
    expect(failed.length).toBeLessThan(20);
    await plan();
    expect((await client.of('a1').call(tags)).tags).toEqual(expect.any(Array));
  });
});

describe('a person in a mini-program', () => {
  it('signs in by a code, and the session is proved, renewed and voided', async () => {
    const { wechat, page, openid } = await openSandboxWorld();
    const codeOf = async (kind: 'login' | 'phone') =>
      ((await page.post(`script/followers/${openid}/codes`, { kind })).body as { code: string }).code;
    const js_code = await codeOf('login');
    const { openid: who, session_key } = await wechat.call('sns/jscode2session', { js_code });
    expect(who).toBe(openid);
    expect(await refusalOf(wechat.call('sns/jscode2session', { js_code }))).toMatchObject({ reason: 'code-used' });
    const signature = signSession(session_key);
    await wechat.call('wxa/checksession', { openid, signature });
    const renewed = await wechat.call('wxa/resetusersessionkey', { openid, signature });
    expect(renewed.session_key).not.toBe(session_key);
    expect(await refusalOf(wechat.call('wxa/checksession', { openid, signature }))).toMatchObject({
      reason: 'wrong-session-signature',
    });

    const { phone_info } = await wechat.call('wxa/business/getuserphonenumber', { code: await codeOf('phone') });
    expect(phone_info).toMatchObject({ countryCode: '86', purePhoneNumber: expect.stringMatching(/^\d{11}$/) });
  });
});

import { describe, expect, test } from 'vitest';
import type { Page, WireDetail, WireRow } from '../../server/sandbox/contract.ts';
import { createFaults, faultPlanSchema, noFaults } from '../../server/sandbox/faults.ts';
import { openPlatform } from './calls/platform.ts';

const plan = (change: object) => faultPlanSchema.parse(change);

describe('what strikes', () => {
  test('is the same for the same seed, and another for another', () => {
    const rule = { name: 'cgi-bin/*', probability: 0.5, fault: 'busy' };
    const draw = (seed: number) => {
      const faults = createFaults(plan({ seed, calls: [rule] }));
      return Array.from({ length: 200 }, () => faults.ofCall('cgi-bin/user/get') !== undefined);
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    const count = draw(1).filter(Boolean).length;
    expect(count).toBeGreaterThan(70);
    expect(count).toBeLessThan(130);
  });

  test('is what the name fits, as often as it may, the first rule before the next', () => {
    const faults = createFaults(
      plan({
        calls: [
          { name: 'cgi-bin/user/get', probability: 1, times: 1, fault: 'busy' },
          { name: '*', probability: 1, fault: 'down' },
          { name: '*', probability: 1, fault: 'cut' },
        ],
      }),
    );
    expect(faults.ofCall('cgi-bin/user/info')?.fault).toBe('down');
    expect(faults.ofCall('cgi-bin/user/get')?.fault).toBe('busy');
    expect(faults.ofCall('cgi-bin/user/get')?.fault).toBe('down');
    expect(faults.struck()).toEqual({ calls: [1, 2, 0], callbacks: [] });
    faults.set(noFaults);
    expect(faults.ofCall('cgi-bin/user/get')).toBeUndefined();
  });

  test('is nothing at the probability 0', () => {
    const faults = createFaults(plan({ callbacks: [{ name: '*', probability: 0, fault: 'lost' }] }));
    expect(Array.from({ length: 50 }, () => faults.ofCallback('text')).filter(Boolean)).toEqual([]);
  });
});

async function openFaults() {
  const platform = await openPlatform();
  const { page, openid } = platform;
  const strike = (fault: string, more: object = {}) =>
    page.put('script/faults', { calls: [{ name: 'cgi-bin/user/info/updateremark', probability: 1, fault, ...more }] });
  const strikeCallbacks = (fault: string, more: object = {}) =>
    page.put('script/faults', { callbacks: [{ name: 'text', probability: 1, fault, ...more }] });
  const remark = () => platform.call('cgi-bin/user/info/updateremark', { openid, remark: '新' });
  const isDone = async () => (await platform.call(`cgi-bin/user/info?openid=${openid}`)).remark === '新';
  const rows = async () => ((await page.get('wire?limit=10')).body as Page<WireRow>).items;
  return { ...platform, strike, strikeCallbacks, remark, isDone, rows };
}

describe('a call', () => {
  test.each([
    ['busy', -1],
    ['used-up', 45009],
    ['token-gone', 40001],
  ])('that meets %s is answered by its code, and nothing is done', async (fault, errcode) => {
    const { strike, remark, isDone, renew, rows } = await openFaults();
    await strike(fault);
    expect(await remark()).toMatchObject({ errcode });
    expect((await rows())[0]).toMatchObject({ rule: 'fault-chosen', verdict: 'refused', status: 200 });
    await renew();
    expect(await isDone()).toBe(false);
  });

  test('whose token is gone finds it gone for all others, too', async () => {
    const { strike, remark, isDone, call } = await openFaults();
    await strike('token-gone', { times: 1 });
    await remark();
    expect(await call('cgi-bin/tags/get')).toMatchObject({ errcode: 40001 });
    expect(await isDone()).toBe(false);
  });

  test('that is cut off is done all the same', async () => {
    const { strike, remark, isDone, rows } = await openFaults();
    await strike('cut');
    await expect(remark()).rejects.toThrow('fetch failed');
    const [row] = await rows();
    expect(row).toMatchObject({ rule: 'fault-chosen' });
    expect(row).not.toHaveProperty('status');
    expect(await isDone()).toBe(true);
  });

  test('whose JSON is broken is done all the same', async () => {
    const { strike, remark, isDone } = await openFaults();
    await strike('broken-json');
    await expect(remark()).rejects.toThrow(SyntaxError);
    expect(await isDone()).toBe(true);
  });

  test('that meets a proxy without a platform gets 502 and a page', async () => {
    const { strike, page, isDone, openid, rows } = await openFaults();
    await strike('down');
    const address = `http://127.0.0.1:${page.port}/cgi-bin/user/info/updateremark`;
    const response = await fetch(address, { method: 'POST', body: JSON.stringify({ openid, remark: '新' }) });
    expect([response.status, await response.text()]).toEqual([502, expect.stringContaining('<html>')]);
    expect((await rows())[0]).toMatchObject({ status: 502, rule: 'fault-chosen' });
    expect(await isDone()).toBe(false);
  });

  test('that is slow is answered when its time has come', async () => {
    const { strike, remark, clock } = await openFaults();
    await strike('slow', { lasts: 3_000 });
    let isAnswered = false;
    const answer = remark().finally(() => {
      isAnswered = true;
    });
    while (!isAnswered) await clock.advance(1_000);
    expect(await answer).toMatchObject({ errcode: 0 });
  });

  test('that is lost is done and stays without an answer until the caller hangs up', async () => {
    const { strike, page, grant, isDone, openid } = await openFaults();
    await strike('lost');
    const { access_token } = (await page.call('cgi-bin/stable_token', grant)).body as { access_token: string };
    const hangUp = new AbortController();
    const sent = fetch(`http://127.0.0.1:${page.port}/cgi-bin/user/info/updateremark?access_token=${access_token}`, {
      method: 'POST',
      body: JSON.stringify({ openid, remark: '新' }),
      signal: hangUp.signal,
    });
    const failed = expect(sent).rejects.toThrow('abort');
    while (!(await isDone()));
    hangUp.abort();
    await failed;
  });

  test('that is done twice is in the log twice', async () => {
    const { strike, remark, rows } = await openFaults();
    await strike('twice');
    expect(await remark()).toMatchObject({ errcode: 0 });
    expect((await rows()).filter(({ kind }) => kind === 'cgi-bin/user/info/updateremark')).toHaveLength(2);
  });
});

describe('a callback', () => {
  const says = (text: string) => ({ kind: 'text', text }) as const;

  test('that comes twice comes with the same words under two signatures', async () => {
    const { strikeCallbacks, sandbox, openid, server, rows } = await openFaults();
    await strikeCallbacks('twice', { times: 1 });
    await sandbox.say(openid, says('在吗'));
    await sandbox.idle();
    const came = server.requests.filter(({ xml }) => xml.includes('在吗'));
    expect(came).toHaveLength(2);
    expect(came[0]?.body).toBe(came[1]?.body);
    expect(came[0]?.query.nonce).not.toBe(came[1]?.query.nonce);
    expect((await rows()).filter(({ kind }) => kind === 'text')).toHaveLength(2);
  });

  test.each([
    ['lost', 1],
    ['answer-lost', 2],
  ])('that is %s is tried again', async (fault, arrivals) => {
    const { strikeCallbacks, sandbox, openid, server, clock, page } = await openFaults();
    await strikeCallbacks(fault, { times: 1 });
    let isOver = false;
    const said = sandbox.say(openid, says('在吗')).finally(() => {
      isOver = true;
    });
    while (!isOver) await clock.advance(1_000);
    const { tries } = await said;
    expect(tries).toMatchObject([
      { verdict: 'refused', rule: 'late' },
      { verdict: 'acknowledged', rule: 'success' },
    ]);
    expect(server.requests.filter(({ xml }) => xml.includes('在吗'))).toHaveLength(arrivals);
    const { body } = await page.get(`wire/${tries[0]?.id}`);
    expect((body as WireDetail).why).toContain(`By choice: ${fault}.`);
    expect((body as WireDetail).fault).toBe(fault);
  });

  test('that is out of order is overtaken by the next one', async () => {
    const { strikeCallbacks, sandbox, openid, server } = await openFaults();
    await strikeCallbacks('out-of-order', { times: 1, lasts: 60_000 });
    const first = sandbox.say(openid, says('一'));
    await untilHeld(sandbox, openid);
    await sandbox.say(openid, says('二'));
    await first;
    expect(server.requests.slice(-2).map(({ xml }) => /CDATA\[([一二])\]/.exec(xml)?.[1])).toEqual(['二', '一']);
  });

  test('that is late comes when its time has come', async () => {
    const { strikeCallbacks, sandbox, openid, server, clock } = await openFaults();
    await strikeCallbacks('late', { lasts: 4_000, times: 1 });
    let isOver = false;
    const said = sandbox.say(openid, says('在吗')).finally(() => {
      isOver = true;
    });
    const before = server.requests.length;
    await clock.advance(3_999);
    expect(server.requests).toHaveLength(before);
    while (!isOver) await clock.advance(1_000);
    expect((await said).tries).toMatchObject([{ verdict: 'acknowledged' }]);
  });
});

/** Resolves when what the follower said is in the chat: its delivery has begun. */
async function untilHeld(sandbox: Awaited<ReturnType<typeof openPlatform>>['sandbox'], openid: string): Promise<void> {
  while (!(await sandbox.chat(openid)).some(({ from }) => from === 'follower'));
}

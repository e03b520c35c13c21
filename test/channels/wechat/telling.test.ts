import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { tellFollower, type WechatClient } from '../../../server/channels/wechat/index.ts';
import { type Answering, appSecret, openCallWorld, startProcess, type Wired } from './call-world.ts';

const sendCall = 'cgi-bin/message/custom/send';
const tokenCall = 'cgi-bin/stable_token';
const refuse = (errcode: number) => ({ errcode, errmsg: 'said rid: 1-2-3' });

const tell = (client: WechatClient, text = '好了', accountId = 'a1') =>
  tellFollower(client, { accountId, openid: 'o1', content: { kind: 'text', text } });

/** An address at which nobody listens any more. */
async function closedAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

/** What comes of telling when the calls of this name are answered so. */
async function outcomeWhen(name: string, answer: Answering) {
  const { client } = await openCallWorld({ answer: (wired: Wired) => (wired.name === name ? answer : undefined) });
  return tell(client);
}

it('a follower is told by a message of customer service, cut to what the platform takes', async () => {
  const { client, named } = await openCallWorld();
  expect(await tell(client, '饼'.repeat(1_000))).toEqual({ outcome: 'sent' });
  expect(named(sendCall).map(({ body }) => body)).toEqual([
    { touser: 'o1', msgtype: 'text', text: { content: '饼'.repeat(682) } },
  ]);
});

describe('what the platform refuses for good', () => {
  it.each([
    [45015, 'window-closed'],
    [45047, 'window-used-up'],
    [43004, 'not-following'],
    [43019, 'black-listed'],
    [48001, 'not-granted'],
    [99999, '99999'],
  ])('with %i is refused as %s', async (code, reason) => {
    expect(await outcomeWhen(sendCall, refuse(code))).toEqual({ outcome: 'refused', reason });
  });

  it('when a token is asked for is refused as well', async () => {
    expect(await outcomeWhen(tokenCall, refuse(40125))).toEqual({ outcome: 'refused', reason: 'wrong-secret' });
    expect(await outcomeWhen(tokenCall, refuse(40164))).toEqual({ outcome: 'refused', reason: 'address-not-allowed' });
  });
});

describe('what the platform certainly did not take', () => {
  it.each([
    [-1, 'busy'],
    [45009, 'quota-used-up'],
    [45011, 'too-fast'],
    [40001, 'wrong-credential'],
  ])('as it said with %i may be told later', async (code, reason) => {
    expect(await outcomeWhen(sendCall, refuse(code))).toEqual({ outcome: 'not-taken', reason });
  });

  it.each(['cut', { status: 502 }, 'no JSON'])('since no token could be had (%o) may be told later', async (answer) => {
    expect(await outcomeWhen(tokenCall, answer)).toMatchObject({ outcome: 'not-taken' });
  });

  it('since nobody was there may be told later', async () => {
    const { url, database } = await openCallWorld();
    // The token is fetched; then the platform is gone.
    const addresses = [url];
    const gone = await closedAddress();
    const client = await startProcess({
      ...{ database, baseUrl: () => addresses.shift() ?? gone },
      account: { id: 'a1', merchantId: 'm1', appId: 'wx1', appSecret },
    });
    expect(await tell(client)).toEqual({ outcome: 'not-taken', reason: 'not-reached' });
  });
});

describe('what the platform may have taken', () => {
  it.each([
    ['cut', 'network'],
    [{ status: 502 }, 'network'],
    ['{"errcode":0,"err', 'malformed'],
  ] as const)('before it answered with %o is not known, and sent once', async (answer, reason) => {
    const { client, named } = await openCallWorld({ answer: ({ name }) => (name === sendCall ? answer : undefined) });
    expect(await tell(client)).toEqual({ outcome: 'unknown', reason });
    expect(named(sendCall)).toHaveLength(1);
  });
});

describe('an account that cannot tell', () => {
  it('for it has no AppSecret, or lacks the capability, or is gone, says so before anything is sent', async () => {
    const secretless = await openCallWorld({ hasNoSecret: true });
    expect(await tell(secretless.client)).toEqual({ outcome: 'refused', reason: 'no-secret' });
    const incapable = await openCallWorld({ refused: ['customer-messages'] });
    expect(await tell(incapable.client)).toEqual({ outcome: 'refused', reason: 'account.incapable' });
    expect(await tell(incapable.client, '好了', 'a2')).toEqual({ outcome: 'refused', reason: 'request.not-found' });
    expect([...secretless.wired, ...incapable.wired]).toEqual([]);
  });
});

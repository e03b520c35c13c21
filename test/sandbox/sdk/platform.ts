import { EventEmitter, once } from 'node:events';
import { onTestFinished } from 'vitest';
import type { Follower, Mode, NewAccount, OwnedAccount, SandboxState, ServerVerdict } from '../../../server/sandbox/contract.ts';
import type { AppStory } from '../../support/app.ts';
import type { Credentials, Elements, Reply, Serve } from './callback-servers.ts';

/** What stands behind an account's callbacks: whose package, in which mode, and what it answers. */
interface Backing {
  serve: Serve;
  mode?: Mode;
  answer?: (message: Elements) => Reply;
  /** What the server is configured with, where it differs from what the account has. */
  misread?: Partial<Credentials>;
}

/** A new account on the sandbox of the running server, registered and connected as its owner would, by the sandbox's own API alone. */
export async function openAccount(
  story: AppStory,
  { serve, mode = 'plain', answer = () => 'nothing', misread = {} }: Backing,
  wanted: Omit<NewAccount, 'name'> = { kind: 'service', isVerified: true },
) {
  const account: OwnedAccount = await send(story, 'POST', 'accounts', { ...wanted, name: `麦浪 ${serial++}` });
  const { appId, appSecret } = account;
  const sealed = { encodingAesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' };
  const settings = { token: 'pasted0token', ...(mode !== 'plain' && sealed) };
  const received: Elements[] = [];
  const arrivals = new EventEmitter();
  const server = await serve({ appId, appSecret, ...settings, ...misread }, (message) => {
    received.push(message);
    arrivals.emit('message');
    return answer(message);
  });
  onTestFinished(() => server.close());
  const entered = { url: server.url, mode, ...settings };
  const verdict: ServerVerdict = await send(story, 'PUT', `accounts/${appId}/server`, entered);
  return {
    ...account,
    verdict,
    /** What the server's package has read. */
    received,
    /** The event of this name, once the server has been told of it. */
    async hears(event: string): Promise<Elements> {
      for (;;) {
        const heard = received.find(({ Event }) => Event === event);
        if (heard) return heard;
        await once(arrivals, 'message');
      }
    },
    /** A person who does not follow yet. */
    createFollower: (name: string): Promise<Follower> => send(story, 'POST', 'followers', { name, appId }),
    /** The platform takes none of the account's tokens any more. */
    endTokens: (): Promise<unknown> => send(story, 'POST', `script/accounts/${appId}/tokens/end`, {}),
    /** The person as the page sees them. */
    async find(openid: string): Promise<Follower | undefined> {
      const { followers }: SandboxState = await send(story, 'GET', 'state');
      return followers.find((one) => one.openid === openid);
    },
    /** What the account has shown in this chat, in order. */
    async shown(openid: string) {
      return (await story.sandbox.chat(openid)).filter(({ from }) => from === 'account').map(({ content }) => content);
    },
  };
}

let serial = 1;

async function send<Answer>(story: AppStory, method: string, path: string, body?: object): Promise<Answer> {
  const sent = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`${story.url}/sandbox/api/${path}`, { method, ...sent });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

import { createManualClock } from '../../support/clock.ts';
import { browse } from '../browser.ts';
import { openFollowedWorld } from '../world.ts';

type Answer = Record<string, unknown> & { errcode?: number; errmsg?: string };

/** The platform with a token of the world's account; `xiaoman` follows, the people of the first names do not. */
export async function openPlatform(kind: { kind?: 'subscription' | 'service'; isVerified?: boolean } = {}) {
  const clock = createManualClock();
  const world = await openFollowedWorld({ clock });
  const { sandbox } = world;
  const account = await sandbox.ensureAccount({ name: '半日麦', mode: 'plain', ...kind });
  const page = await browse(sandbox);
  const grant = { grant_type: 'client_credential', appid: account.appId, secret: account.appSecret };
  const { body } = await page.call('cgi-bin/stable_token', grant);
  let { access_token: token } = body as { access_token: string };

  return {
    ...world,
    account,
    clock,
    page,
    grant,
    /** A call with the account's token. */
    async call(path: string, fields?: object | string): Promise<Answer> {
      const [name, query] = path.split('?');
      return (await page.call(`${name}?${new URLSearchParams(`${query ?? ''}&access_token=${token}`)}`, fields)).body;
    },
    async renew() {
      ({ access_token: token } = (await page.call('cgi-bin/stable_token', grant)).body as { access_token: string });
    },
    /** Somebody new, who follows. */
    async addFollower(name: string, entryCode?: string): Promise<string> {
      const { openid } = await sandbox.createFollower(account, { name });
      await sandbox.follow(openid, entryCode === undefined ? {} : { entryCode });
      return openid;
    },
  };
}

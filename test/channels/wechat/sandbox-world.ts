import { systemClock } from '../../../server/kernel/clock.ts';
import { browse } from '../../sandbox/browser.ts';
import { openFollowedWorld } from '../../sandbox/world.ts';
import { createManualClock } from '../../support/clock.ts';
import { startProcess } from './call-world.ts';

interface Kind {
  kind?: 'subscription' | 'service';
  isVerified?: boolean;
}

/** Our client before the sandbox's platform, which judges by facts of its own. 小满 (`openid`) follows. */
export async function openSandboxWorld(kind: Kind = {}) {
  const clock = createManualClock();
  const world = await openFollowedWorld({ clock });
  const { sandbox, database } = world;
  const sandboxAccount = await sandbox.ensureAccount({ name: '半日麦', mode: 'plain', ...kind });
  const page = await browse(sandbox);
  const { appId, appSecret } = sandboxAccount;
  const account = { id: 'a1', merchantId: 'm1', appId, appSecret };
  const url = `http://127.0.0.1:${page.port}`;
  const start = () =>
    startProcess({
      ...{ database, account, baseUrl: () => url },
      // The sandbox's time, on which short waits are over at once.
      clock: { now: clock.now, after: (delay, run) => systemClock.after(delay < 5_000 ? 0 : delay, run) },
    });
  const client = await start();

  return {
    ...world,
    account: sandboxAccount,
    ...{ clock, page, url, client, start, wechat: client.of('a1') },
    /** Somebody new, who follows. */
    async addFollower(name: string, entryCode?: string): Promise<string> {
      const { openid } = await sandbox.createFollower(sandboxAccount, { name });
      await sandbox.follow(openid, entryCode === undefined ? {} : { entryCode });
      return openid;
    },
    /** The calls by this name that reached the platform. */
    async arrived(name: string): Promise<number> {
      return (await database.connection.collection('wire').find({ kind: name }).toArray()).length;
    },
  };
}

/** A picture of one pixel. */
export const png = new Uint8Array(
  Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'),
);
export const picture = { name: '海报.png', type: 'image/png', bytes: png };
/** The first bytes of a JPEG, an MP3 and an MP4. */
export const jpeg = { name: 'a.jpg', type: 'image/jpeg', bytes: new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46]) };
export const voice = { name: 'a.mp3', type: 'audio/mpeg', bytes: new Uint8Array([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, 0]) };
export const film = {
  name: 'a.mp4',
  type: 'video/mp4',
  bytes: new Uint8Array(Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1')),
};

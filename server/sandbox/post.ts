import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import type { SandboxAccount } from './accounts.ts';
import type { Message, MessageContent } from './contract.ts';
import type { Courier, Line } from './courier.ts';
import type { Events } from './events.ts';
import type { DeliveryRecord, Records } from './records.ts';
import { sealMessage } from './sealing.ts';
import { type Notice, writeNotice } from './speech.ts';

/** What the platform brings of its own accord: lines into chats, and events to the server. */
export interface Post {
  /** Shows the same in the chats of these followers. */
  show(openids: readonly string[], content: MessageContent): Promise<void>;
  /** Tells the account's server of something that is no follower's step. Nobody is told while the account is not connected. */
  tell(appId: string, openid: string, notice: Notice): Promise<void>;
}

interface PostOptions {
  records: Records;
  events: Events;
  courier: Courier;
  lineOf: (appId: string) => Line | undefined;
  clock: Clock;
  ids: Ids;
  random: Random;
}

export function createPost({ records, events, courier, lineOf, clock, ids, random }: PostOptions): Post {
  return {
    async show(openids, content) {
      const at = clock.now();
      const lines = openids.map((openid): Message => ({ id: records.nextMessageId(), openid, at, from: 'account', content }));
      await records.addMessages(lines);
      for (const line of lines) events.publish('message', line);
    },

    async tell(appId, openid, notice) {
      const line = lineOf(appId);
      if (!line) return;
      const followerName = (await records.findFollower(openid))?.name ?? '';
      const about = { id: ids<'delivery'>(), openid, followerName, sentAt: clock.now() };
      const delivery = { ...makeDelivery(line.account, notice, about, random), isQuiet: true as const };
      await records.begin({ delivery });
      // The courier itself reports what goes wrong on the way.
      courier.deliver(delivery, line).catch(() => {});
    },
  };
}

/** A callback that is to be delivered: written, and sealed as the account has it. `sentAt` is epoch ms. */
export function makeDelivery(
  account: SandboxAccount,
  notice: Notice,
  { id, openid, followerName, sentAt }: { id: string; openid: string; followerName: string; sentAt: number },
  random: Random,
): DeliveryRecord {
  const decoded = writeNotice(notice, { from: openid, to: account.originalId, sentAt });
  return {
    _id: id,
    appId: account.appId,
    openid,
    followerName,
    kind: notice.kind,
    ...(notice.excerpt !== undefined && { excerpt: notice.excerpt }),
    decoded,
    ...sealMessage(account, decoded, random),
    attempts: 0,
    createdAt: sentAt,
  };
}

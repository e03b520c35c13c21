import type { Inbound, Reply } from '../channels/channel.ts';
import { fault } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Follower, Members } from '../members/index.ts';
import type { Merchants } from '../merchants/index.ts';
import type { Texts } from '../texts/index.ts';
import { compose, type Scene, SceneError } from './composer.ts';
import { createReplies, type SceneContext } from './scene.ts';
import { greeting } from './scenes/greeting.ts';
import { help } from './scenes/help.ts';
import { unknown } from './scenes/unknown.ts';
import { languageOf, wordsOf } from './words.ts';

/** One intent of this conversation. */
export type ConversationScene = Scene<SceneContext>;

/** The scenes in the order in which they are asked; `unknown` takes what is left. */
export const houseScenes: readonly ConversationScene[] = [greeting, help, unknown];

export interface Conversation {
  /**
   * What the follower is answered. First contact makes them known; following and unfollowing take effect once per unique number, the message's own.
   * Undefined when the sender had themselves erased after they sent it: the message is to be forgotten. A scene that fails is logged and apologised for; rejects only when the follower or merchant cannot be read or written, and may then be called again.
   */
  answer(inbound: Inbound, uniqueNumber: string): Promise<Reply | undefined>;
}

/** The conversation with the followers of all merchants. */
export function createConversation(parts: {
  texts: Texts;
  members: Members;
  merchants: Merchants;
  log: Log;
  scenes?: readonly ConversationScene[];
}): Conversation {
  const { texts, members, merchants, log } = parts;
  const answerWith = compose(parts.scenes ?? houseScenes);

  return {
    async answer(inbound, uniqueNumber) {
      const { account, content } = inbound;
      // Nobody waits on these, and the name in them need not be a person's: they make nobody known.
      if (content.kind === 'notice' || content.kind === 'unknown') return { kind: 'none' };
      const [follower, merchant] = await Promise.all([
        encounter(members, inbound, uniqueNumber),
        merchants.merchantOf(account.merchantId),
      ]);
      if (!follower) return undefined;
      if (!merchant) throw fault('server.failed', `the account ${account.id} belongs to no merchant that is stored`);
      const reply = createReplies(texts, languageOf(wordsOf(content) ?? '') ?? merchant.language);
      try {
        return await answerWith({ inbound, follower, merchant, reply });
      } catch (error) {
        const { scene, cause } = error instanceof SceneError ? error : { scene: undefined, cause: error };
        log.error({ scene, error: cause, accountId: account.id, followerId: follower.id }, 'scene.failed');
        return reply.text('apology');
      }
    },
  };
}

/** Makes the follower known and lets their coming or going take effect. */
function encounter(
  members: Members,
  { account, openid, sentAt, content }: Inbound,
  uniqueNumber: string,
): Promise<Follower | undefined> {
  switch (content.kind) {
    case 'follow':
      return members.follows(account, openid, {
        at: sentAt,
        uniqueNumber,
        ...(content.entryCode === undefined ? {} : { entryCode: content.entryCode }),
      });
    case 'unfollow':
      return members.unfollows(account, openid, { at: sentAt, uniqueNumber });
    default:
      return members.meet(account, openid, sentAt);
  }
}

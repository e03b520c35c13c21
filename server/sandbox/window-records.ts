import type { mongo } from 'mongoose';

/** How long an account may write to a follower of its own accord, and how often. */
export interface Window {
  /** Messages that may still be sent. */
  left: number;
  /** Epoch ms. */
  endsAt: number;
}

interface WindowRecord extends Window {
  /** The follower's openid. */
  _id: string;
  /** When the follower last did something, epoch ms. */
  actedAt: number;
  /** Until when the follower sees that the account types, epoch ms. */
  typingUntil?: number;
}

/** What a step of a follower allows the account. */
export interface Allowance {
  readonly openid: string;
  readonly messages: number;
  readonly at: number;
  readonly endsAt: number;
}

/** Why a message may not be sent: no time is left, or no messages are. */
export type Closed = 'out of time' | 'out of messages';

/** The windows in which an account may write of its own accord (wechat.md §7). */
export async function openWindowRecords(database: mongo.Db) {
  const windows = database.collection<WindowRecord>('windows');

  return {
    /** Raises what is left and the end to those of this step; what was left of a window that is over counts as nothing. */
    async raise(session: mongo.ClientSession, { openid, messages, at, endsAt }: Allowance): Promise<void> {
      await windows.updateOne({ _id: openid, endsAt: { $lte: at } }, { $set: { left: 0 } }, { session });
      const raised = { $max: { left: messages, endsAt, actedAt: at } };
      await windows.updateOne({ _id: openid }, raised, { session, upsert: true });
    },

    /** Who leaves takes the window along. */
    async close(session: mongo.ClientSession, openid: string): Promise<void> {
      await windows.deleteOne({ _id: openid }, { session });
    },

    /** Takes one message out of the window, or says why there is none. */
    async take(openid: string, now: number): Promise<'taken' | Closed> {
      const taken = { $inc: { left: -1 }, $unset: { typingUntil: 1 as const } };
      const { modifiedCount } = await windows.updateOne({ _id: openid, endsAt: { $gt: now }, left: { $gt: 0 } }, taken);
      if (modifiedCount > 0) return 'taken';
      const window = await windows.findOne({ _id: openid });
      return window && window.endsAt > now ? 'out of messages' : 'out of time';
    },

    /** Sets a window to what a script says; times are epoch ms. */
    async set(openid: string, window: Window & { actedAt: number }): Promise<void> {
      await windows.updateOne({ _id: openid }, { $set: window, $unset: { typingUntil: 1 } }, { upsert: true });
    },

    /** Shows that the account types, to who did something since `since`, epoch ms, as `until` is; or says why not. */
    async beginTyping(
      openid: string,
      { since, now, until }: { since: number; now: number; until: number },
    ): Promise<'typing' | 'typing already' | 'nothing done'> {
      const isUnseen = { $or: [{ typingUntil: { $exists: false } }, { typingUntil: { $lte: now } }] };
      const mayType = { _id: openid, actedAt: { $gte: since }, ...isUnseen };
      const { modifiedCount } = await windows.updateOne(mayType, { $set: { typingUntil: until } });
      if (modifiedCount > 0) return 'typing';
      return (await windows.countDocuments({ _id: openid, actedAt: { $gte: since } })) > 0 ? 'typing already' : 'nothing done';
    },
    async endTyping(openid: string): Promise<void> {
      await windows.updateOne({ _id: openid }, { $unset: { typingUntil: 1 } });
    },

    find: (openid: string): Promise<Window | null> =>
      windows.findOne({ _id: openid }, { projection: { _id: 0, left: 1, endsAt: 1 } }),
  };
}

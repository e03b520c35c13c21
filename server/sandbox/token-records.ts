import type { Database } from '../database/index.ts';

/** An access_token, or a ticket. Those of the calls live side by side and know nothing of each other. */
export interface TokenRecord {
  /** The token itself. */
  _id: string;
  appId: string;
  call: 'token' | 'stable' | 'jsapi' | 'wx_card';
  madeAt: number;
  /** Until when it works, epoch ms. */
  expiresAt: number;
  /** A newer one has taken its place: once it is over it is no longer the latest rather than expired. */
  isReplaced?: true;
}

/** Tokens and tickets, in the sandbox's database. */
export async function openTokenRecords({ connection, transact }: Database) {
  const tokens = connection.collection<TokenRecord>('tokens');
  await tokens.createIndex({ appId: 1, call: 1, madeAt: -1 });

  return {
    find: (token: string): Promise<TokenRecord | null> => tokens.findOne({ _id: token }),
    newest: (appId: string, call: TokenRecord['call']): Promise<TokenRecord | null> =>
      tokens.findOne({ appId, call }, { sort: { madeAt: -1 } }),

    /** Adds a token. Those before it work until `overlapEnds` at most; of those that were over before `forgetBefore` nothing is kept. */
    async add(token: TokenRecord, overlapEnds: number, forgetBefore: number): Promise<void> {
      const { appId, call } = token;
      await transact(async (session) => {
        await tokens.deleteMany({ appId, call, expiresAt: { $lt: forgetBefore } }, { session });
        const longer = { appId, call, expiresAt: { $gt: overlapEnds } };
        await tokens.updateMany(longer, { $set: { expiresAt: overlapEnds, isReplaced: true } }, { session });
        await tokens.insertOne(token, { session });
      });
    },
    /** All access_tokens of an account are over as of now. */
    async end(appId: string, now: number): Promise<void> {
      const good = { appId, call: { $in: ['token', 'stable'] as const }, expiresAt: { $gt: now } };
      await tokens.updateMany(good, { $set: { expiresAt: now, isReplaced: true } });
    },
  };
}

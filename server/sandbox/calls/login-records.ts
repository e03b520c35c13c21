import type { Database } from '../../database/index.ts';

/** What `oauth`, `login` and `phone` codes are exchanged for differs; each is good for one use. */
export interface LoginCode {
  _id: string;
  appId: string;
  openid: string;
  kind: 'oauth' | 'login' | 'phone';
  /** Of an oauth code. */
  scope?: Scope;
  /** Epoch ms. */
  expiresAt: number;
  usedAt?: number;
}

export type Scope = 'snsapi_base' | 'snsapi_userinfo';

/** A token of web OAuth: it is a person's, not the account's. */
export interface PersonToken {
  _id: string;
  appId: string;
  openid: string;
  kind: 'access' | 'refresh';
  scope: Scope;
  /** Epoch ms. */
  expiresAt: number;
}

export type LoginRecords = Awaited<ReturnType<typeof openLoginRecords>>;

/** Codes, tokens and sessions of people who sign in on web pages and in mini programs. */
export async function openLoginRecords({ connection }: Database) {
  const codes = connection.collection<LoginCode>('login_codes');
  const tokens = connection.collection<PersonToken>('person_tokens');
  const sessions = connection.collection<{ _id: string; key: string }>('sessions');

  return {
    addCode: async (code: LoginCode): Promise<void> => void (await codes.insertOne(code)),
    /** Uses a code up, or says why not. */
    async useCode(
      code: Pick<LoginCode, '_id' | 'appId' | 'kind'>,
      now: number,
    ): Promise<LoginCode | 'unknown' | 'used' | 'over'> {
      const found = await codes.findOneAndUpdate(
        { ...code, usedAt: { $exists: false }, expiresAt: { $gt: now } },
        { $set: { usedAt: now } },
        { returnDocument: 'after' },
      );
      if (found) return found;
      const refused = await codes.findOne(code);
      if (!refused) return 'unknown';
      return refused.usedAt === undefined ? 'over' : 'used';
    },

    async addTokens(pair: readonly PersonToken[]): Promise<void> {
      await tokens.insertMany([...pair]);
    },
    findToken: (token: string, kind: PersonToken['kind']): Promise<PersonToken | null> => tokens.findOne({ _id: token, kind }),
    async extendToken(token: string, expiresAt: number): Promise<void> {
      await tokens.updateOne({ _id: token }, { $set: { expiresAt } });
    },

    /** A new sign-in voids the key before it. */
    async setSession(appId: string, openid: string, key: string): Promise<void> {
      await sessions.updateOne({ _id: `${appId}/${openid}` }, { $set: { key } }, { upsert: true });
    },
    async sessionKey(appId: string, openid: string): Promise<string | undefined> {
      return (await sessions.findOne({ _id: `${appId}/${openid}` }))?.key;
    },
  };
}

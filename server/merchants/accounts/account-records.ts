import type { Database, Session } from '../../database/index.ts';
import type { Id } from '../../kernel/ids.ts';
import { type Page, type PageQuery, pageOf } from '../../kernel/page.ts';
import type { Platform } from '../merchant.ts';
import type { AccountProfile, Credentials } from './account.ts';

/** Each credential sealed on its own. */
export type SealedCredentials = { readonly [Field in keyof Credentials]: string };

export interface AccountRow extends AccountProfile {
  readonly _id: Id<'account'>;
  readonly merchantId: Id<'merchant'>;
  readonly platform: Platform;
  readonly sealed: SealedCredentials;
  /** The id that the request to add it brought: its repeats are known by it, also when the account had been here before. */
  readonly addedAs: Id<'account'>;
  /** Since when its keys and mode are what they are: what came before says nothing about them. */
  readonly keysAt: number;
  readonly connectedAt?: number;
  readonly version: number;
  readonly madeAt: number;
}

/** Without credentials an account is removed: its row stays, so that it keeps its id and its followers when it is added again. */
export type FormerRow = Partial<AccountRow> & Pick<AccountRow, '_id'>;

/** What is written over a row; `connectedAt: undefined` takes that away. */
export type AccountWrite = Partial<Omit<AccountRow, '_id' | 'merchantId' | 'version' | 'connectedAt'>> & {
  readonly connectedAt?: undefined;
};

export type AccountRecords = Awaited<ReturnType<typeof openAccountRecords>>;

const isLive = { sealed: { $exists: true } } as const;

/** The rows of accounts. A platform's app id is one account's within a merchant; other merchants may have it as well. */
export async function openAccountRecords({ connection }: Database) {
  const accounts = connection.collection<AccountRow>('accounts');
  await accounts.createIndex({ merchantId: 1, channel: 1, appId: 1 }, { unique: true });
  await accounts.createIndex({ merchantId: 1, _id: 1 });

  return {
    async find(merchantId: Id<'merchant'>, id: Id<'account'>, session?: Session): Promise<AccountRow | undefined> {
      return (await accounts.findOne({ _id: id, merchantId, ...isLive }, session ? { session } : {})) ?? undefined;
    },

    /** Callbacks name the account alone: what is asked for with the merchant's id elsewhere is found without it here. */
    async findForCallback(id: Id<'account'>): Promise<AccountRow | undefined> {
      return (await accounts.findOne({ _id: id, ...isLive })) ?? undefined;
    },

    async findByApp(
      session: Session,
      merchantId: Id<'merchant'>,
      { channel, appId }: Pick<AccountProfile, 'channel' | 'appId'>,
    ): Promise<FormerRow | undefined> {
      return (await accounts.findOne({ merchantId, channel, appId }, { session })) ?? undefined;
    },

    /** Is there an account of the real platform, whosever it is. */
    async findReal(): Promise<Pick<AccountRow, 'name' | 'appId'> | undefined> {
      return (await accounts.findOne({ platform: 'real', ...isLive })) ?? undefined;
    },

    async list(merchantId: Id<'merchant'>, { cursor, limit }: PageQuery): Promise<Page<AccountRow>> {
      const after = cursor === undefined ? {} : { _id: { $gt: cursor as Id<'account'> } };
      const found = await accounts
        .find({ merchantId, ...isLive, ...after })
        .sort({ _id: 1 })
        .limit(limit + 1)
        .toArray();
      return pageOf(
        found,
        limit,
        ({ _id }) => _id,
        (row) => row,
      );
    },

    async insert(session: Session, row: AccountRow): Promise<void> {
      await accounts.insertOne({ ...row }, { session });
    },

    /** Writes over the row if its version is still this one; a removed one comes back with that. */
    async change(
      session: Session,
      merchantId: Id<'merchant'>,
      id: Id<'account'>,
      version: number | undefined,
      write: AccountWrite,
    ): Promise<AccountRow | undefined> {
      const { connectedAt: _taken, ...set } = write;
      const changed = await accounts.findOneAndUpdate(
        { _id: id, merchantId, version: version ?? { $exists: false } },
        { $set: { ...set, version: (version ?? 0) + 1 }, ...('connectedAt' in write ? { $unset: { connectedAt: '' } } : {}) },
        { session, returnDocument: 'after' },
      );
      return changed ?? undefined;
    },

    /** Notes when the keys of this version were first used; undefined when that is known already, or the version is another by now. */
    async connect(
      session: Session,
      merchantId: Id<'merchant'>,
      id: Id<'account'>,
      version: number,
      at: number,
    ): Promise<AccountRow | undefined> {
      const waiting = { _id: id, merchantId, version, connectedAt: { $exists: false }, ...isLive };
      return (
        (await accounts.findOneAndUpdate(waiting, { $set: { connectedAt: at } }, { session, returnDocument: 'after' })) ??
        undefined
      );
    },

    /** Takes the credentials away; false when the version is another by now. */
    async remove(session: Session, merchantId: Id<'merchant'>, id: Id<'account'>, version: number): Promise<boolean> {
      const { modifiedCount } = await accounts.updateOne(
        { _id: id, merchantId, version, ...isLive },
        { $set: { version: version + 1 }, $unset: { sealed: '', connectedAt: '' } },
        { session },
      );
      return modifiedCount === 1;
    },

    /** Every account with credentials, of every merchant: for sealing them anew. */
    readSealed: (): AsyncIterable<AccountRow> => accounts.find(isLive),

    /** Puts the same credentials there in another sealing, unless they were changed meanwhile. */
    async replaceSealed({ merchantId, _id, version, sealed }: AccountRow, anew: SealedCredentials): Promise<void> {
      await accounts.updateOne({ _id, merchantId, version, 'sealed.token': sealed.token }, { $set: { sealed: anew } });
    },
  };
}

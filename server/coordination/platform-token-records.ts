import { type Database, isDuplicate } from '../database/index.ts';
import { type Lease, leaseIsHeldBy, leaseIsOver } from './lease.ts';

/** What a token belongs to: one account, and what it opens there (`access-token`, `jsapi-ticket`). */
export interface TokenOwner {
  readonly merchantId: string;
  readonly accountId: string;
  readonly name: string;
}

export interface TokenRow {
  readonly _id: string;
  readonly merchantId: string;
  readonly accountId: string;
  /** Grows with each token that is stored and each that is refused: whoever looked before changes nothing. */
  readonly version: number;
  /** Absent while there is none that may be used. */
  readonly sealed?: string;
  /** Epoch ms from which it is time for another. */
  readonly refreshAt?: number;
  /** Epoch ms at which it ends. */
  readonly endsAt?: number;
  /** Digest of the last token that the platform refused. */
  readonly refused?: string;
  /** Who fetches one. */
  readonly lease: Lease;
}

/** A token as it is stored. */
export type StoredToken = Required<Pick<TokenRow, 'sealed' | 'refreshAt' | 'endsAt'>>;

/** The collection `platform-tokens`: one row an owner, every change of it one guarded write. */
export async function openPlatformTokenRecords(database: Database) {
  const rows = database.connection.collection<TokenRow>('platform-tokens');
  await rows.createIndex({ merchantId: 1, accountId: 1 });

  return {
    find: (merchantId: string, owner: TokenOwner): Promise<TokenRow | null> => rows.findOne({ _id: idOf(merchantId, owner) }),

    /** Takes the fetching of another token than the one of this version; false when another fetches it or has stored it. */
    async take(merchantId: string, owner: TokenOwner, lease: Lease, seen: { version: number; now: number }): Promise<boolean> {
      const _id = idOf(merchantId, owner);
      const { version, now } = seen;
      const taken = await rows.updateOne({ _id, version, ...leaseIsOver(now) }, { $set: { lease } });
      if (taken.matchedCount === 1 || version > 0) return taken.matchedCount === 1;
      try {
        await rows.insertOne({ _id, merchantId, accountId: owner.accountId, version, lease });
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    },

    /** Stores what the holder fetched; false when the lease was lost, or the version is another by now. */
    async store(merchantId: string, owner: TokenOwner, lease: Lease, version: number, token: StoredToken): Promise<boolean> {
      const held = { _id: idOf(merchantId, owner), version, ...leaseIsHeldBy(lease) };
      const change = { $set: { ...token, 'lease.until': 0 }, $inc: { version: 1 } };
      return (await rows.updateOne(held, change)).matchedCount === 1;
    },

    /** Lets another fetch at once, or from `refreshAt` as long as the old token is good. */
    async release(merchantId: string, owner: TokenOwner, lease: Lease, refreshAt?: number): Promise<void> {
      const change = { 'lease.until': 0, ...(refreshAt !== undefined && { refreshAt }) };
      await rows.updateOne({ _id: idOf(merchantId, owner), ...leaseIsHeldBy(lease) }, { $set: change });
    },

    /** Takes the token of this version away, if it is still the one that is stored. */
    async refuse(merchantId: string, owner: TokenOwner, version: number, refused: string): Promise<void> {
      const change = { $unset: { sealed: '', refreshAt: '', endsAt: '' }, $set: { refused }, $inc: { version: 1 } } as const;
      await rows.updateOne({ _id: idOf(merchantId, owner), version }, change);
    },

    async forget(merchantId: string, accountId: string): Promise<void> {
      await rows.deleteMany({ merchantId, accountId });
    },
  };
}

const idOf = (merchantId: string, { accountId, name }: TokenOwner): string => `${merchantId}:${accountId}:${name}`;

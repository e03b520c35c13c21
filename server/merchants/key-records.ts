import type { Database, Session as Transaction } from '../database/index.ts';
import type { Id } from '../kernel/ids.ts';
import { type Page, type PageQuery, pageOf } from '../kernel/page.ts';
import type { ApiKey } from './key.ts';

type MerchantId = Id<'merchant'>;
type KeyId = Id<'key'>;

interface KeyRow extends Omit<ApiKey, 'id'> {
  _id: KeyId;
  merchantId: MerchantId;
  /** Digest of the secret. */
  digest: string;
}

/** The rows of API keys. */
export async function openKeyRecords({ connection }: Database) {
  const rows = connection.collection<KeyRow>('keys');
  await rows.createIndex({ digest: 1 });
  await rows.createIndex({ merchantId: 1, _id: -1 });

  return {
    async list(merchantId: MerchantId, { cursor, limit }: PageQuery): Promise<Page<ApiKey>> {
      const before = cursor === undefined ? {} : { _id: { $lt: cursor as KeyId } };
      const found = await rows
        .find({ merchantId, ...before })
        .sort({ _id: -1 })
        .limit(limit + 1)
        .toArray();
      return pageOf(found, limit, ({ _id }) => _id, toKey);
    },

    /** Writes the key, in the place of the one of the same id: its secret opens nothing any more. False when there was one. */
    async put(transaction: Transaction, merchantId: MerchantId, { id, ...rest }: ApiKey, digest: string): Promise<boolean> {
      const replacement = { merchantId, ...rest, digest };
      const options = { session: transaction, upsert: true };
      return (await rows.replaceOne({ _id: id, merchantId }, replacement, options)).upsertedCount === 1;
    },

    /** The key as it was, if it was there. */
    async remove(transaction: Transaction, merchantId: MerchantId, id: KeyId): Promise<ApiKey | undefined> {
      const row = await rows.findOneAndDelete({ _id: id, merchantId }, { session: transaction });
      return row ? toKey(row) : undefined;
    },

    /** The key of this secret's digest, of whichever merchant: the secret is all that its bearer has. */
    async findByDigest(digest: string, now: number): Promise<(ApiKey & { merchantId: MerchantId }) | undefined> {
      const row = await rows.findOne({ digest });
      if (!row || (row.expiresAt !== undefined && row.expiresAt <= now)) return undefined;
      return { ...toKey(row), merchantId: row.merchantId };
    },

    async touch(merchantId: MerchantId, id: KeyId, now: number): Promise<void> {
      await rows.updateOne({ _id: id, merchantId }, { $max: { lastUsedAt: now } });
    },
  };
}

function toKey({ _id, merchantId: _merchantId, digest: _digest, ...rest }: KeyRow): ApiKey {
  return Object.freeze({ id: _id, ...rest });
}

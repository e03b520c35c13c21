import type { Database } from '../database/index.ts';
import type { Id } from '../kernel/ids.ts';
import type { AccountProfile, Merchant, MerchantAccount, MerchantProfile } from './merchant.ts';

export type { Database } from '../database/index.ts';

interface MerchantRow extends MerchantProfile {
  _id: Id<'merchant'>;
  madeAt: number;
}

interface AccountRow extends AccountProfile<string> {
  _id: Id<'account'>;
  merchantId: Id<'merchant'>;
  madeAt: number;
}

/** The rows of merchants and accounts. A slug is one merchant's; a platform's app id is one account's within a merchant. */
export async function openMerchantRecords({ connection }: Database) {
  const merchants = connection.collection<MerchantRow>('merchants');
  const accounts = connection.collection<AccountRow>('accounts');
  await merchants.createIndex({ slug: 1 }, { unique: true });
  await accounts.createIndex({ merchantId: 1, channel: 1, appId: 1 }, { unique: true });

  return {
    async findMerchant(merchantId: Id<'merchant'>): Promise<Merchant | undefined> {
      const row = await merchants.findOne({ _id: merchantId });
      return row ? toMerchant(row) : undefined;
    },

    async saveMerchant(profile: MerchantProfile, newId: Id<'merchant'>, at: number): Promise<Merchant> {
      const { slug, name, zone, language } = profile;
      const change = { $set: { name, zone, language }, $setOnInsert: { _id: newId, madeAt: at } };
      return toMerchant(await untilUnique(() => merchants.findOneAndUpdate({ slug }, change, upsert)));
    },

    async saveAccount<Channel extends string>(
      merchantId: Id<'merchant'>,
      profile: AccountProfile<Channel>,
      newId: Id<'account'>,
      at: number,
    ): Promise<MerchantAccount<Channel>> {
      const { channel, appId, originalId, name } = profile;
      const change = { $set: { originalId, name }, $setOnInsert: { _id: newId, madeAt: at } };
      const row = await untilUnique(() => accounts.findOneAndUpdate({ merchantId, channel, appId }, change, upsert));
      return Object.freeze({ id: row._id, merchantId, channel, appId, originalId: row.originalId, name: row.name });
    },
  };
}

const upsert = { upsert: true, returnDocument: 'after' } as const;

/**
 * Two upserts may both find nothing and both insert; the unique index refuses one of them, which then finds the other's row.
 * https://www.mongodb.com/docs/manual/reference/method/db.collection.findOneAndUpdate/#upsert-with-unique-index
 */
async function untilUnique<Row>(save: () => Promise<Row | null>): Promise<Row> {
  const row = await save().catch((error: unknown) => {
    if (isDuplicate(error)) return save();
    throw error;
  });
  if (row === null) throw new Error('an upsert gave no row');
  return row;
}

function isDuplicate(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 11000;
}

function toMerchant({ _id, slug, name, zone, language }: MerchantRow): Merchant {
  return Object.freeze({ id: _id, slug, name, zone, language });
}

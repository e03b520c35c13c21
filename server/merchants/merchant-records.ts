import type { Database, Session } from '../database/index.ts';
import type { Id } from '../kernel/ids.ts';
import type { Merchant, MerchantProfile, Platform } from './merchant.ts';

export { type Database, isDuplicate, type Session } from '../database/index.ts';

interface MerchantRow extends Omit<Merchant, 'id'> {
  readonly _id: Id<'merchant'>;
}

export type MerchantRecords = Awaited<ReturnType<typeof openMerchantRecords>>;

/** The rows of merchants. A slug is one merchant's. */
export async function openMerchantRecords({ connection }: Database) {
  const merchants = connection.collection<MerchantRow>('merchants');
  await merchants.createIndex({ slug: 1 }, { unique: true });

  const toOptional = (row: MerchantRow | null) => (row ? toMerchant(row) : undefined);

  return {
    async find(merchantId: Id<'merchant'>, session?: Session): Promise<Merchant | undefined> {
      return toOptional(await merchants.findOne({ _id: merchantId }, session ? { session } : {}));
    },

    async findBySlug(platform: Platform, slug: string): Promise<Merchant | undefined> {
      return toOptional(await merchants.findOne({ slug, platform }));
    },

    /** The first merchants of this platform, oldest first. */
    async findFirst(platform: Platform, most: number): Promise<readonly Merchant[]> {
      return (await merchants.find({ platform }).sort({ _id: 1 }).limit(most).toArray()).map(toMerchant);
    },

    /** Makes a house's merchant of a row that knows neither platform nor version yet. */
    async completeHouse(slug: string, platform: Platform): Promise<void> {
      const added = { platform, currency: 'CNY', isHouse: true, version: 1 } as const;
      await merchants.updateOne({ slug, version: { $exists: false } }, { $set: added });
    },

    async insert(session: Session, merchant: Merchant): Promise<void> {
      const { id, ...rest } = merchant;
      await merchants.insertOne({ _id: id, ...rest }, { session });
    },

    /** Changes the merchant if its version is still this one. */
    async change(
      session: Session,
      merchantId: Id<'merchant'>,
      version: number,
      change: Partial<MerchantProfile>,
    ): Promise<Merchant | undefined> {
      const write = { $set: { ...change, version: version + 1 } };
      return toOptional(
        await merchants.findOneAndUpdate({ _id: merchantId, version }, write, { session, returnDocument: 'after' }),
      );
    },
  };
}

function toMerchant({ _id, slug, name, zone, language, currency, isHouse, platform, version, madeAt }: MerchantRow): Merchant {
  return Object.freeze({ id: _id, slug, name, zone, language, currency, isHouse, platform, version, madeAt });
}

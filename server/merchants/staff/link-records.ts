import type { Database, Session as Transaction } from '../../database/index.ts';
import type { Id } from '../../kernel/ids.ts';
import { type Page, type PageQuery, pageOf } from '../../kernel/page.ts';
import type { Link } from './staff.ts';

type MerchantId = Id<'merchant'>;
type LinkId = Id<'link'>;

interface LinkRow extends Omit<Link, 'id'> {
  _id: LinkId;
  merchantId: MerchantId;
  /** Digest of the token. */
  digest: string;
  /** Made by who has the server: it needs no one-time code. */
  isOperators: boolean;
  /** Who of the staff, or which key, made it. */
  madeBy?: string;
}

/** A link as it is found by its token. */
export type FoundLink = Link & { readonly merchantId: MerchantId; readonly isOperators: boolean };

/** A link to be written. */
export type NewLink = FoundLink & { readonly madeBy?: string };

export type LinkRecords = Awaited<ReturnType<typeof openLinkRecords>>;

/** The rows of one-time links that may still open something; who uses one removes it. */
export async function openLinkRecords({ connection }: Database) {
  const rows = connection.collection<LinkRow>('links');
  await rows.createIndex({ digest: 1 });
  await rows.createIndex({ merchantId: 1, _id: -1 });
  await rows.createIndex({ expiresAt: 1 });

  return {
    async list(merchantId: MerchantId, { cursor, limit }: PageQuery, now: number): Promise<Page<Link>> {
      const before = cursor === undefined ? {} : { _id: { $lt: cursor as LinkId } };
      const found = await rows
        .find({ merchantId, expiresAt: { $gt: now }, ...before })
        .sort({ _id: -1 })
        .limit(limit + 1)
        .toArray();
      return pageOf(found, limit, ({ _id }) => _id, toLink);
    },

    async find(merchantId: MerchantId, id: LinkId, now: number): Promise<Link | undefined> {
      const row = await rows.findOne({ _id: id, merchantId, expiresAt: { $gt: now } });
      return row ? toLink(row) : undefined;
    },

    /** The link of this token's digest, of whichever merchant: the token is all that its bearer has. */
    async findByDigest(digest: string, now: number): Promise<FoundLink | undefined> {
      const row = await rows.findOne({ digest, expiresAt: { $gt: now } });
      return row ? { ...toLink(row), merchantId: row.merchantId, isOperators: row.isOperators } : undefined;
    },

    /** Writes the link, in the place of the one of the same id: its token opens nothing any more. False when there was one. */
    async put(transaction: Transaction, { id, ...rest }: NewLink, digest: string): Promise<boolean> {
      const filter = { _id: id, merchantId: rest.merchantId };
      const { upsertedCount } = await rows.replaceOne(filter, { ...rest, digest }, { session: transaction, upsert: true });
      return upsertedCount === 1;
    },

    /** False when it is not there: removed, or used by who was faster. */
    async remove(transaction: Transaction, merchantId: MerchantId, id: LinkId): Promise<boolean> {
      const { deletedCount } = await rows.deleteOne({ _id: id, merchantId }, { session: transaction });
      return deletedCount === 1;
    },

    /** Uses up the link that this token opens; false when it was used, replaced or is over. */
    async use(transaction: Transaction, merchantId: MerchantId, digest: string, now: number): Promise<boolean> {
      const filter = { merchantId, digest, expiresAt: { $gt: now } };
      const { deletedCount } = await rows.deleteOne(filter, { session: transaction });
      return deletedCount === 1;
    },

    /** Removes the links that sign somebody in, but for this one. */
    async removeOf(transaction: Transaction, merchantId: MerchantId, staffId: Id<'staff'>, but?: LinkId): Promise<void> {
      const filter = { merchantId, staffId, ...(but === undefined ? {} : { _id: { $ne: but } }) };
      await rows.deleteMany(filter, { session: transaction });
    },

    /** Removes the links that somebody made who may no longer make such. */
    async removeMadeBy(transaction: Transaction, merchantId: MerchantId, maker: string): Promise<void> {
      await rows.deleteMany({ merchantId, madeBy: maker }, { session: transaction });
    },

    async prune(now: number): Promise<void> {
      await rows.deleteMany({ expiresAt: { $lte: now } });
    },
  };
}

function toLink({
  _id,
  merchantId: _merchantId,
  digest: _digest,
  isOperators: _isOperators,
  madeBy: _madeBy,
  ...rest
}: LinkRow): Link {
  return Object.freeze({ id: _id, ...rest });
}

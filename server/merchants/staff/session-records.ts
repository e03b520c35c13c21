import type { Database, Session as Transaction } from '../../database/index.ts';
import type { Id } from '../../kernel/ids.ts';
import type { Session } from './session.ts';

type MerchantId = Id<'merchant'>;

interface SessionRow extends Omit<Session, 'id'> {
  _id: string;
  merchantId: MerchantId;
  staffId: Id<'staff'>;
  /** Digest of the token. */
  digest: string;
}

/** A session as it is found by its token. */
export type FoundSession = Session & { readonly merchantId: MerchantId; readonly staffId: Id<'staff'> };

/** A session that was not used for so long is over. */
export const longestIdle = 7 * 86_400_000;
/** Sessions that their owner is shown at once. */
const mostListed = 200;

export type SessionRecords = Awaited<ReturnType<typeof openSessionRecords>>;

/** The rows of sessions. */
export async function openSessionRecords({ connection }: Database) {
  const rows = connection.collection<SessionRow>('sessions');
  await rows.createIndex({ digest: 1 });
  await rows.createIndex({ merchantId: 1, staffId: 1, lastUsedAt: -1 });
  await rows.createIndex({ lastUsedAt: 1 });
  await rows.createIndex({ expiresAt: 1 });
  const isOpen = (now: number) => ({ expiresAt: { $gt: now }, lastUsedAt: { $gt: now - longestIdle } });

  return {
    async insert(transaction: Transaction, { id, ...rest }: FoundSession, digest: string): Promise<void> {
      await rows.insertOne({ _id: id, ...rest, digest }, { session: transaction });
    },

    /** The session of this token's digest, of whichever merchant: the token is all that its bearer has. */
    async findByDigest(digest: string, now: number): Promise<FoundSession | undefined> {
      const row = await rows.findOne({ digest, ...isOpen(now) });
      return row ? toFound(row) : undefined;
    },

    async find(merchantId: MerchantId, staffId: Id<'staff'>, id: string, now: number): Promise<Session | undefined> {
      const row = await rows.findOne({ _id: id, merchantId, staffId, ...isOpen(now) });
      return row ? toSession(row) : undefined;
    },

    async list(merchantId: MerchantId, staffId: Id<'staff'>, now: number): Promise<readonly Session[]> {
      const found = rows.find({ merchantId, staffId, ...isOpen(now) }).sort({ lastUsedAt: -1 });
      return (await found.limit(mostListed).toArray()).map(toSession);
    },

    async touch(merchantId: MerchantId, id: string, now: number): Promise<void> {
      await rows.updateOne({ _id: id, merchantId }, { $max: { lastUsedAt: now } });
    },

    async remove(transaction: Transaction, merchantId: MerchantId, staffId: Id<'staff'>, id: string): Promise<boolean> {
      const { deletedCount } = await rows.deleteOne({ _id: id, merchantId, staffId }, { session: transaction });
      return deletedCount === 1;
    },

    /** Ends all sessions of somebody, but for this one; gives how many. */
    async removeAll(transaction: Transaction, merchantId: MerchantId, staffId: Id<'staff'>, but?: string): Promise<number> {
      const filter = { merchantId, staffId, ...(but === undefined ? {} : { _id: { $ne: but } }) };
      return (await rows.deleteMany(filter, { session: transaction })).deletedCount;
    },

    async prune(now: number): Promise<void> {
      await rows.deleteMany({ expiresAt: { $lte: now } });
      await rows.deleteMany({ lastUsedAt: { $lte: now - longestIdle } });
    },
  };
}

function toFound(row: SessionRow): FoundSession {
  return { ...toSession(row), merchantId: row.merchantId, staffId: row.staffId };
}

function toSession({ _id, madeAt, lastUsedAt, expiresAt, address, agent }: SessionRow): Session {
  return Object.freeze({ id: _id, madeAt, lastUsedAt, expiresAt, address, agent });
}

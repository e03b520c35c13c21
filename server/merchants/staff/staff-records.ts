import type { mongo } from 'mongoose';
import { type Database, isDuplicate, type Session as Transaction } from '../../database/index.ts';
import { fault } from '../../kernel/errors.ts';
import type { Id } from '../../kernel/ids.ts';
import { type Page, type PageQuery, pageOf } from '../../kernel/page.ts';
import type { TypedCode } from './one-time-code.ts';
import type { StaffMember } from './staff.ts';

type MerchantId = Id<'merchant'>;
type StaffId = Id<'staff'>;

/** How somebody proves who they are, as it is stored. */
export interface StaffSecrets {
  /** The password's hash. */
  readonly password?: string;
  readonly code?: {
    /** The secret of the one-time codes, sealed. */
    readonly sealed: string;
    /** The step of time of the last code that was used: it and those before are spent. */
    readonly lastStep: number;
    /** Digests of the recovery codes that are left. */
    readonly recovery: readonly string[];
  };
  /** A secret that was given out and of which no code was shown yet, sealed. */
  readonly pendingCode?: string;
}

interface StaffRow extends Omit<StaffMember, 'id' | 'hasPassword' | 'hasCode'>, StaffSecrets {
  _id: StaffId;
  /** Counted up by transactions that must not overlap with others that rely on this row. */
  turn?: number;
}

/** Somebody of the staff with what they prove themselves by. */
export interface StaffWithSecrets extends StaffSecrets {
  readonly staff: StaffMember;
}

/** What was proven, as it was stored when it was looked at: what is written on the strength of it is written only while it is still so. */
export interface Proof {
  readonly password?: string | undefined;
  /** The secret that waited for its first code. */
  readonly pendingCode?: string;
  /** The secret and the code of it that was typed, which is spent; `none` where no code is asked for; `waived` where it does not matter. */
  readonly code: { readonly sealed: string; readonly typed: TypedCode } | 'none' | 'waived';
}

/** What may change with a proof. */
export interface SecretsChange {
  readonly password?: string | undefined;
  /** The codes that are asked for from now on, in place of the secret that was pending; `stop` for none. */
  readonly code?: NonNullable<StaffSecrets['code']> | 'stop';
  readonly lastSeenAt?: number;
}

const takeTurn = { $inc: { turn: 1 } };

export type StaffRecords = Awaited<ReturnType<typeof openStaffRecords>>;

/** The rows of the staff. A login is one person's within a merchant. */
export async function openStaffRecords({ connection }: Database) {
  const rows = connection.collection<StaffRow>('staff');
  await rows.createIndex({ merchantId: 1, login: 1 }, { unique: true });
  await rows.createIndex({ merchantId: 1, _id: 1 });

  return {
    async list(merchantId: MerchantId, { cursor, limit }: PageQuery): Promise<Page<StaffMember>> {
      const after = cursor === undefined ? {} : { _id: { $gt: cursor as StaffId } };
      const found = await rows
        .find({ merchantId, ...after })
        .sort({ _id: 1 })
        .limit(limit + 1)
        .toArray();
      return pageOf(found, limit, ({ _id }) => _id, toStaff);
    },

    async find(merchantId: MerchantId, id: StaffId, transaction?: Transaction): Promise<StaffWithSecrets | undefined> {
      return withSecrets(await rows.findOne({ _id: id, merchantId }, transaction ? { session: transaction } : {}));
    },

    async findByLogin(merchantId: MerchantId, login: string): Promise<StaffWithSecrets | undefined> {
      return withSecrets(await rows.findOne({ merchantId, login }));
    },

    /** Who has been an owner for the longest. */
    async findFirstOwner(merchantId: MerchantId): Promise<StaffMember | undefined> {
      const row = await rows.find({ merchantId, role: 'owner' }).sort({ _id: 1 }).limit(1).next();
      return row ? toStaff(row) : undefined;
    },

    /** Adds somebody. `request.refused` when the merchant's staff has this login already. */
    async insert(
      transaction: Transaction,
      { id, hasPassword: _, hasCode: __, ...rest }: StaffMember,
      password: string,
    ): Promise<void> {
      try {
        await rows.insertOne({ _id: id, ...rest, password }, { session: transaction });
      } catch (error) {
        throw isDuplicate(error)
          ? fault('request.refused', 'Somebody of this login is on the staff already: take another.', error)
          : error;
      }
    },

    /** Changes what people edit, if the version is still this one; undefined when it is not. */
    async edit(
      transaction: Transaction,
      merchantId: MerchantId,
      id: StaffId,
      version: number,
      change: Partial<Pick<StaffMember, 'name' | 'role' | 'storeIds'>>,
    ): Promise<StaffMember | undefined> {
      const row = await rows.findOneAndUpdate(
        { _id: id, merchantId, version },
        { $set: change, $inc: { version: 1 } },
        { session: transaction, returnDocument: 'after' },
      );
      return row ? toStaff(row) : undefined;
    },

    /** False when the version is no longer this one. */
    async remove(transaction: Transaction, merchantId: MerchantId, id: StaffId, version: number): Promise<boolean> {
      const { deletedCount } = await rows.deleteOne({ _id: id, merchantId, version }, { session: transaction });
      return deletedCount === 1;
    },

    /**
     * Is there an owner but this one. All others are written to, so that of two owners who go at the same moment, each relying on the
     * other, one meets a conflict and asks again.
     */
    async leavesOwner(transaction: Transaction, merchantId: MerchantId, id: StaffId): Promise<boolean> {
      const others = { merchantId, role: 'owner' as const, _id: { $ne: id } };
      const { matchedCount } = await rows.updateMany(others, takeTurn, { session: transaction });
      return matchedCount > 0;
    },

    /** Writes to somebody's row, so that transactions that do this one after the other do not overlap. False when they are gone. */
    async hold(transaction: Transaction, merchantId: MerchantId, id: StaffId): Promise<boolean> {
      const { matchedCount } = await rows.updateOne({ _id: id, merchantId }, takeTurn, { session: transaction });
      return matchedCount === 1;
    },

    /** Spends the proof and makes the change, if what was proven still holds. Codes are spent by this write, so each is used once. */
    async prove(
      transaction: Transaction,
      merchantId: MerchantId,
      id: StaffId,
      proof: Proof,
      change: SecretsChange,
    ): Promise<boolean> {
      const { filter, update } = spending(proof, change);
      const { matchedCount } = await rows.updateOne({ _id: id, merchantId, ...filter }, update, { session: transaction });
      return matchedCount === 1;
    },

    /** Keeps a secret of which a code is to be shown; undefined where codes are asked for already. */
    async setPendingCode(merchantId: MerchantId, id: StaffId, pendingCode: string): Promise<boolean> {
      const filter = { _id: id, merchantId, code: { $exists: false } };
      return (await rows.updateOne(filter, { $set: { pendingCode } })).matchedCount === 1;
    },

    /** Writes the secrets of codes as they are to be from now on, where they are to be another; of all merchants. */
    async resealCodes(resealed: (id: StaffId, sealed: string) => string | undefined): Promise<void> {
      for await (const { _id, code, pendingCode } of rows.find({
        $or: [{ code: { $exists: true } }, { pendingCode: { $exists: true } }],
      })) {
        const sealed = code && resealed(_id, code.sealed);
        if (sealed) await rows.updateOne({ _id, 'code.sealed': code.sealed }, { $set: { 'code.sealed': sealed } });
        const pending = pendingCode && resealed(_id, pendingCode);
        if (pending) await rows.updateOne({ _id, pendingCode }, { $set: { pendingCode: pending } });
      }
    },

    async touch(merchantId: MerchantId, id: StaffId, at: number): Promise<void> {
      await rows.updateOne({ _id: id, merchantId }, { $max: { lastSeenAt: at } });
    },
  };
}

function spending({ password, pendingCode, code }: Proof, change: SecretsChange) {
  const isCode = typeof code === 'object';
  const typed = isCode ? code.typed : undefined;
  const filter = {
    ...(password === undefined ? {} : { password }),
    ...(pendingCode === undefined ? {} : { pendingCode }),
    ...(code === 'none' ? { code: { $exists: false } } : {}),
    ...(isCode ? { 'code.sealed': code.sealed } : {}),
    ...(typed?.kind === 'timed' ? { 'code.lastStep': { $lt: typed.step } } : {}),
    ...(typed?.kind === 'recovery' ? { 'code.recovery': typed.digest } : {}),
  };
  const isStop = change.code === 'stop';
  const set = {
    ...(change.password === undefined ? {} : { password: change.password }),
    ...(change.lastSeenAt === undefined ? {} : { lastSeenAt: change.lastSeenAt }),
    ...(typeof change.code === 'object' ? { code: change.code } : {}),
    ...(typed?.kind === 'timed' && !isStop ? { 'code.lastStep': typed.step } : {}),
  };
  const update: mongo.UpdateFilter<StaffRow> = {
    ...takeTurn,
    ...(Object.keys(set).length > 0 ? { $set: set as Partial<StaffRow> } : {}),
    ...(typed?.kind === 'recovery' && !isStop ? { $pull: { 'code.recovery': typed.digest } } : {}),
    ...(isStop ? { $unset: { code: true as const, pendingCode: true as const } } : {}),
    ...(typeof change.code === 'object' ? { $unset: { pendingCode: true as const } } : {}),
  };
  return { filter, update };
}

function withSecrets(row: StaffRow | null): StaffWithSecrets | undefined {
  if (!row) return undefined;
  const { password, code, pendingCode } = row;
  return {
    staff: toStaff(row),
    ...(password === undefined ? {} : { password }),
    ...(code === undefined ? {} : { code }),
    ...(pendingCode === undefined ? {} : { pendingCode }),
  };
}

function toStaff({
  _id,
  merchantId,
  name,
  login,
  role,
  storeIds,
  madeAt,
  lastSeenAt,
  version,
  password,
  code,
}: StaffRow): StaffMember {
  const seen = lastSeenAt === undefined ? {} : { lastSeenAt };
  const has = { hasPassword: password !== undefined, hasCode: code !== undefined };
  return Object.freeze({ id: _id, merchantId, name, login, role, storeIds, ...has, madeAt, ...seen, version });
}

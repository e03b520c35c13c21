import { type Database, isDuplicate } from '../database/index.ts';
import type { Id } from '../kernel/ids.ts';
import type { Page, PageQuery } from '../kernel/page.ts';
import type { Change, Follower, Happening, Member, MemberQuery } from './follower.ts';
import type { HappenedRecords } from './happened-records.ts';

export type { Database } from '../database/index.ts';

type MerchantId = Id<'merchant'>;

interface MemberRow {
  _id: Id<'member'>;
  merchantId: MerchantId;
  metAt: number;
  /** When the person had themselves erased. The row stays as the pseudonym that coupons and orders refer to. */
  erasedAt?: number;
}

interface FollowerRow extends Omit<Follower, 'id'> {
  _id: Id<'follower'>;
  /** Time of the latest follow or unfollow that took effect: older ones, arriving late, find it and change nothing. */
  changedAt: number;
  /** What the person has told of themselves; goes when they leave. */
  profile?: Readonly<Record<string, string>>;
}

/** Rows that the driver holds at a time: with more, what is read outlives its use and the heap grows. */
const readTogether = 100;

/** Someone to be written down who was not known a moment ago. */
export interface Newcomer {
  readonly followerId: Id<'follower'>;
  readonly memberId: Id<'member'>;
  readonly openid: string;
  readonly metAt: number;
}

export type MemberRecords = Awaited<ReturnType<typeof openMemberRecords>>;

/** The rows of members, their followers and what happened to them. Unique: an openid within an account, a unique number within a merchant. */
export async function openMemberRecords({ connection, transact }: Database, happened: HappenedRecords) {
  const members = connection.collection<MemberRow>('members');
  const followers = connection.collection<FollowerRow>('followers');
  await followers.createIndex({ merchantId: 1, accountId: 1, openid: 1 }, { unique: true });
  await followers.createIndex({ merchantId: 1, memberId: 1 });
  await followers.createIndex({ merchantId: 1, isFollowing: 1, _id: -1 });
  await followers.createIndex({ merchantId: 1, accountId: 1, isFollowing: 1, _id: -1 });

  /** The members with these ids and all of their followers. */
  async function findMembers(merchantId: MerchantId, memberIds: readonly Id<'member'>[]): Promise<Map<Id<'member'>, Member>> {
    const [people, met] = await Promise.all([
      members.find({ merchantId, _id: { $in: memberIds } }).toArray(),
      followers
        .find({ merchantId, memberId: { $in: memberIds } })
        .sort({ _id: 1 })
        .toArray(),
    ]);
    const followersOf = Map.groupBy(met.map(toFollower), ({ memberId }) => memberId);
    return new Map(people.map((row) => [row._id, toMember(row, followersOf.get(row._id) ?? [])]));
  }

  return {
    /** The known ones among these openids, in no order. */
    async findFollowers(merchantId: MerchantId, accountId: Id<'account'>, openids: readonly string[]): Promise<Follower[]> {
      const rows = await followers.find({ merchantId, accountId, openid: { $in: openids } }).toArray();
      return rows.map(toFollower);
    },

    /** Writes followers and their members, all or none. False: one of them is known already. */
    insertNewcomers(merchantId: MerchantId, accountId: Id<'account'>, newcomers: readonly Newcomer[]): Promise<boolean> {
      return unlessKnown(() =>
        transact(async (session) => {
          // Followers first: whoever loses the race is refused before a member is written.
          await refuseKnown(followers.insertMany(newcomers.map(toFollowerRow(merchantId, accountId)), { session }));
          const rows = newcomers.map(({ memberId, metAt }) => ({ _id: memberId, merchantId, metAt }));
          await members.insertMany(rows, { session });
        }),
      );
    },

    /** Applies the change and appends that it happened, both or neither: neither when it has had its effect, or when the follower is erased. What is older than what is known is appended as outdated and changes nothing. */
    async applyChange(
      merchantId: MerchantId,
      follower: Follower,
      change: Change,
      rest: Pick<Happening, 'id' | 'recordedAt'>,
    ): Promise<void> {
      const { kind, uniqueNumber, at, entryCode } = change;
      const { id: followerId, accountId, memberId } = follower;
      const code = entryCode === undefined ? {} : { entryCode };
      const update =
        kind === 'followed'
          ? { $set: { changedAt: at, isFollowing: true, followedAt: at, ...code } }
          : { $set: { changedAt: at, isFollowing: false, leftAt: at }, $unset: { profile: true as const } };
      const row = {
        id: rest.id,
        kind,
        uniqueNumber,
        accountId,
        followerId,
        memberId,
        at,
        recordedAt: rest.recordedAt,
        ...code,
      };
      const filter = { _id: followerId, merchantId, changedAt: { $lte: at } };
      await unlessKnown(() =>
        transact(async (session) => {
          const { matchedCount } = await followers.updateOne(filter, update, { session });
          const isOutdated = matchedCount === 0;
          if (isOutdated && !(await followers.findOne({ _id: followerId, merchantId }, { session, projection: { _id: 1 } })))
            return;
          await refuseKnown(happened.append(session, merchantId, { ...row, ...(isOutdated ? { isOutdated } : {}) }));
        }),
      );
    },

    async findMember(merchantId: MerchantId, memberId: Id<'member'>): Promise<Member | undefined> {
      return (await findMembers(merchantId, [memberId])).get(memberId);
    },

    /** Members by the latest met of their followers that fit, the newest first. A page may hold fewer than `limit`, as who has several such followers is one member. */
    async listMembers(
      merchantId: MerchantId,
      { accountId, isFollowing, cursor, limit }: MemberQuery & PageQuery,
    ): Promise<Page<Member>> {
      const fits = {
        merchantId,
        ...(accountId === undefined ? {} : { accountId }),
        ...(cursor === undefined ? {} : { _id: { $lt: cursor as Id<'follower'> } }),
      };
      // Each by its own index: who follows and who has left are found in the order of ids only apart.
      const kinds = (isFollowing === undefined ? [true, false] : [isFollowing]).map((isFollowing) =>
        followers
          .find({ ...fits, isFollowing })
          .sort({ _id: -1 })
          .limit(limit + 1)
          .toArray(),
      );
      const found = (await Promise.all(kinds)).flat().sort((a, b) => (a._id < b._id ? 1 : -1));
      const shown = found.slice(0, limit);
      const people = await findMembers(merchantId, [...new Set(shown.map(({ memberId }) => memberId))]);
      const items = shown.flatMap(({ _id, memberId }) => {
        const member = people.get(memberId);
        const fitting = member?.followers.filter(
          (one) => one.accountId === (accountId ?? one.accountId) && one.isFollowing === (isFollowing ?? one.isFollowing),
        );
        return member && fitting?.at(-1)?.id === _id ? [member] : [];
      });
      const last = shown.at(-1);
      return { items, ...(found.length > limit && last ? { next: last._id } : {}) };
    },

    /** Every follower, in the order in which their members were met. */
    async *readFollowers(merchantId: MerchantId): AsyncGenerator<Follower> {
      for await (const row of followers.find({ merchantId }).sort({ memberId: 1 }).batchSize(readTogether)) yield toFollower(row);
    },

    /** Everything kept about one member in this room. */
    async findPersonal(merchantId: MerchantId, memberId: Id<'member'>) {
      const [member, accounts, events] = await Promise.all([
        members.findOne({ _id: memberId, merchantId }),
        followers.find({ merchantId, memberId }).toArray(),
        happened.findOfMember(merchantId, memberId),
      ]);
      if (!member) return undefined;
      return {
        member: { id: member._id, metAt: member.metAt, ...(member.erasedAt === undefined ? {} : { erasedAt: member.erasedAt }) },
        followers: accounts.map((row) => ({ ...toFollower(row), profile: row.profile ?? {} })),
        happened: events,
      };
    },

    /** Removes what identifies the person; ids, times and entry codes stay. False: there is no such member, or it is erased already. */
    erase(merchantId: MerchantId, memberId: Id<'member'>, at: number): Promise<boolean> {
      return transact(async (session) => {
        const filter = { _id: memberId, merchantId, erasedAt: { $exists: false } };
        const { matchedCount } = await members.updateOne(filter, { $set: { erasedAt: at } }, { session });
        if (matchedCount === 0) return false;
        await followers.deleteMany({ merchantId, memberId }, { session });
        return true;
      });
    },
  };
}

/** What is to be inserted is there already, by a unique index that is meant to say so. */
class AlreadyKnown extends Error {
  override readonly name = 'AlreadyKnown';
}

async function refuseKnown(insert: Promise<unknown>): Promise<void> {
  try {
    await insert;
  } catch (error) {
    throw isDuplicate(error) ? new AlreadyKnown('known already', { cause: error }) : error;
  }
}

/** True when the work was done, false when it was refused as known; any other failure is thrown. */
async function unlessKnown(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof AlreadyKnown) return false;
    throw error;
  }
}

function toFollowerRow(merchantId: MerchantId, accountId: Id<'account'>) {
  return ({ followerId, memberId, openid, metAt }: Newcomer): FollowerRow => ({
    _id: followerId,
    merchantId,
    accountId,
    memberId,
    openid,
    isFollowing: true,
    metAt,
    changedAt: 0,
  });
}

function toMember({ _id, metAt, erasedAt }: MemberRow, followers: readonly Follower[]): Member {
  return Object.freeze({ id: _id, metAt, ...(erasedAt === undefined ? {} : { erasedAt }), followers });
}

function toFollower({ _id, changedAt: _changedAt, profile: _profile, ...rest }: FollowerRow): Follower {
  return Object.freeze({ id: _id, ...rest });
}

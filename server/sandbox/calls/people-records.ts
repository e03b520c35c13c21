import { type Database, isDuplicate } from '../../database/index.ts';
import type { FollowerRecord } from '../records.ts';

interface TagRecord {
  _id: string;
  appId: string;
  id: number;
  name: string;
}

/** A tag of an account. */
export interface Tag {
  readonly id: number;
  readonly name: string;
  /** Followers that bear it. */
  readonly count: number;
}

/** Ids up to this one are the platform's own; 2 is 星标组. */
export const lastSystemTag = 99;
const starred = { id: 2, name: '星标组' } as const;

/** Whom a list is of: all followers, those with a tag, those on the black list. */
export type Listed = 'following' | 'blocked' | { tagId: number };

export type PeopleRecords = Awaited<ReturnType<typeof openPeopleRecords>>;

/** Followers as the account sees them, with its tags. */
export async function openPeopleRecords({ connection, transact }: Database) {
  const followers = connection.collection<FollowerRecord>('followers');
  const tags = connection.collection<TagRecord>('tags');
  const numbers = connection.collection<{ _id: string; last: number }>('tag_numbers');
  await followers.createIndex({ appId: 1, _id: 1 });
  await tags.createIndex({ appId: 1, name: 1 }, { unique: true });

  const filterOf = (appId: string, listed: Listed) => {
    if (listed === 'blocked') return { appId, isBlocked: true };
    return { appId, isFollowing: true, ...(typeof listed === 'object' && { tagIds: listed.tagId }) };
  };

  return {
    /** Adds people; false, and nobody, when one of them is known already. */
    add: (made: readonly FollowerRecord[]): Promise<boolean> =>
      isUnique(() => transact(async (session) => void (await followers.insertMany([...made], { session })))),
    count: (appId: string, listed: Listed): Promise<number> => followers.countDocuments(filterOf(appId, listed)),

    /** Openids behind `after`, in an order that never changes. */
    async page(appId: string, listed: Listed, after: string, limit: number): Promise<string[]> {
      const filter = { ...filterOf(appId, listed), ...(after !== '' && { _id: { $gt: after } }) };
      const found = followers.find(filter, { projection: { _id: 1 } }).sort({ _id: 1 });
      return (await found.limit(limit).toArray()).map(({ _id }) => _id);
    },

    /** Those of these people that the account knows, by openid. */
    async find(appId: string, openids: readonly string[]): Promise<Map<string, FollowerRecord>> {
      const found = await followers.find({ appId, _id: { $in: [...openids] } }).toArray();
      return new Map(found.map((one) => [one._id, one]));
    },
    async change(appId: string, openids: readonly string[], set: Partial<FollowerRecord>): Promise<void> {
      await followers.updateMany({ appId, _id: { $in: [...openids] } }, { $set: set });
    },
    /** Puts a tag on people, behind those that they bear already. */
    async putTag(appId: string, openids: readonly string[], tagId: number): Promise<void> {
      const bare = { appId, _id: { $in: [...openids] }, tagIds: { $ne: tagId } };
      await followers.updateMany(bare, { $push: { tagIds: tagId } });
    },
    async takeTag(appId: string, openids: readonly string[], tagId: number): Promise<void> {
      await followers.updateMany({ appId, _id: { $in: [...openids] } }, { $pull: { tagIds: tagId } });
    },

    /** The account's own tags and the platform's, in the order of their ids. */
    async tags(appId: string): Promise<Tag[]> {
      const own = await tags.find({ appId }).sort({ id: 1 }).toArray();
      const counted = [starred, ...own].map(async ({ id, name }) => {
        return { id, name, count: await followers.countDocuments({ appId, isFollowing: true, tagIds: id }) };
      });
      return Promise.all(counted);
    },
    hasTag: async (appId: string, id: number): Promise<boolean> =>
      id === starred.id || (await tags.countDocuments({ appId, id }, { limit: 1 })) > 0,
    countTags: (appId: string): Promise<number> => tags.countDocuments({ appId }),

    /** Adds a tag and gives its id; undefined when there is one of this name. */
    async addTag(appId: string, name: string): Promise<number | undefined> {
      const filter = { _id: appId };
      await numbers.updateOne(filter, { $setOnInsert: { last: lastSystemTag } }, { upsert: true });
      const number = await numbers.findOneAndUpdate(filter, { $inc: { last: 1 } }, { returnDocument: 'after' });
      const id = number?.last ?? lastSystemTag + 1;
      return (await isUnique(() => tags.insertOne({ _id: `${appId}/${id}`, appId, id, name }))) ? id : undefined;
    },
    /** Renames a tag; false when another has this name. */
    renameTag: (appId: string, id: number, name: string): Promise<boolean> =>
      isUnique(() => tags.updateOne({ appId, id }, { $set: { name } })),
    async removeTag(appId: string, id: number): Promise<void> {
      await tags.deleteOne({ appId, id });
      await followers.updateMany({ appId, tagIds: id }, { $pull: { tagIds: id } });
    },
  };
}

async function isUnique(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

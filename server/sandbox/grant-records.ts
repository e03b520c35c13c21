import type { mongo } from 'mongoose';

/** Where the follower agreed: the calls of one do not use the grants of another (wechat.md §8.2). */
export type GrantPlace = 'account' | 'mini-program' | 'one-off';

export interface Grant {
  readonly openid: string;
  readonly place: GrantPlace;
  readonly templateId: string;
}

/** What was agreed to on the page of a one-off message: it is good for one scene. */
export function oneOffGrant(openid: string, templateId: string, scene: number): Grant {
  return { openid, place: 'one-off', templateId: `${templateId}/${scene}` };
}

interface GrantRecord {
  _id: string;
  openid: string;
  place: GrantPlace;
  templateId: string;
  /** Messages that may still be sent. */
  left: number;
}

/** How often followers have agreed to a message: each time is good for one (wechat.md §8.3). */
export async function openGrantRecords(database: mongo.Db) {
  const grants = database.collection<GrantRecord>('grants');
  await grants.createIndex({ openid: 1 });

  return {
    async add(session: mongo.ClientSession, grant: Grant): Promise<void> {
      await grants.updateOne({ _id: idOf(grant) }, { $inc: { left: 1 }, $set: { ...grant } }, { upsert: true, session });
    },
    /** Who switches a message off takes back what they had agreed to. */
    async withdraw(session: mongo.ClientSession, grant: Grant): Promise<void> {
      await grants.deleteOne({ _id: idOf(grant) }, { session });
    },
    /** Uses one up; false when there is none. */
    async take(grant: Grant): Promise<boolean> {
      const { modifiedCount } = await grants.updateOne({ _id: idOf(grant), left: { $gt: 0 } }, { $inc: { left: -1 } });
      return modifiedCount > 0;
    },
    /** Sets how many there are, as a script says. */
    async set(grant: Grant, left: number): Promise<void> {
      await grants.updateOne({ _id: idOf(grant) }, { $set: { ...grant, left } }, { upsert: true });
    },
    list: (openid: string): Promise<(Grant & { left: number })[]> =>
      grants
        .find({ openid }, { projection: { _id: 0 } })
        .sort({ _id: 1 })
        .toArray(),
  };
}

function idOf({ openid, place, templateId }: Grant): string {
  return `${openid}/${place}/${templateId}`;
}

import type { Database } from '../database/index.ts';
import type { MessageContent } from './contract.ts';
import type { FollowerRecord } from './records.ts';

/** Whom a mass message is for. */
export type MassAudience = 'all' | { tagId: number } | { openids: readonly string[] };

/** A mass message from its submission to its end. */
export interface MassRecord {
  /** The msg_id, as digits. */
  _id: string;
  appId: string;
  /** The id of the articles; a draft keeps its own for a day. */
  dataId?: number;
  /** Which draft on which day, where it was one. */
  draft?: string;
  audience: MassAudience;
  /** One line for each article that is shown. */
  contents: MessageContent[];
  /** Addresses of the articles, in order. */
  articleUrls: string[];
  kind: string;
  /** As the platform names it (wechat.md §6.2). */
  status: 'SENDING' | 'SEND_SUCCESS' | 'SEND_FAIL' | 'DELETE';
  /** Articles that were taken down again, counted from 1; 0 is all of them. */
  deleted: number[];
  /** The openid behind which the sending goes on. */
  sentUpTo: string;
  /** Those whom it is for, and those of them who are left out: by their own wish, or because they have had enough this month. */
  total: number;
  filtered: number;
  sent: number;
  failed: number;
  /** What it used up of the account's quotas, to be given back when it fails. */
  used: readonly QuotaUse[];
  submittedAt: number;
}

/** A quota of the account that ends at `until`, epoch ms. */
export interface QuotaUse {
  readonly name: string;
  readonly until: number;
}

interface CountRecord {
  _id: string;
  appId: string;
  count: number;
  until: number;
}

interface ClientIdRecord {
  _id: string;
  massId: string;
  at: number;
}

/** Some of a message's followers: who may get it, and what is known of the others. */
export interface Step {
  readonly id: string;
  /** Where the message stood before it, and where it stands behind it. */
  readonly from: string;
  readonly sentUpTo: string;
  readonly receivers: readonly string[];
  readonly counts: { total: number; filtered: number; failed: number };
  /** The month in which it is counted, and how many each follower may have in it. */
  readonly month: string;
  readonly most: number;
}

interface ReceivedRecord {
  /** The openid and the month. */
  _id: string;
  count: number;
}

const repeatsWithin = 24 * 3_600_000;

/** Mass messages and what of an account's and its followers' quotas is used (wechat.md §6.2, §6.3). */
export async function openMassRecords({ connection, transact }: Database) {
  const masses = connection.collection<MassRecord>('masses');
  const followers = connection.collection<FollowerRecord>('followers');
  const counts = connection.collection<CountRecord>('mass-counts');
  const received = connection.collection<ReceivedRecord>('mass-received');
  const numbers = connection.collection<{ _id: string; last: number }>('mass-numbers');
  const clientIds = connection.collection<ClientIdRecord>('mass-client-ids');
  const speeds = connection.collection<{ _id: string; speed: number }>('mass-speeds');
  await masses.createIndex({ status: 1 });
  await counts.createIndex({ until: 1 });
  await clientIds.createIndex({ at: 1 });

  return {
    add: async (mass: MassRecord): Promise<void> => void (await masses.insertOne(mass)),
    find: (appId: string, id: string): Promise<MassRecord | null> => masses.findOne({ _id: id, appId }),
    unended: (): Promise<MassRecord[]> => masses.find({ status: 'SENDING' }).toArray(),

    /** Uses one up of a quota that ends at `until`, epoch ms; false once all `most` are used. */
    async use(appId: string, { name, until }: QuotaUse, most: number, now: number): Promise<boolean> {
      await counts.deleteMany({ until: { $lte: now } });
      const _id = `${appId}/${name}/${until}`;
      await counts.updateOne({ _id }, { $setOnInsert: { appId, count: 0, until } }, { upsert: true });
      const { modifiedCount } = await counts.updateOne({ _id, count: { $lt: most } }, { $inc: { count: 1 } });
      return modifiedCount > 0;
    },
    /** Gives back what was not used after all. */
    async giveBack(appId: string, { name, until }: QuotaUse): Promise<void> {
      await counts.updateOne({ _id: `${appId}/${name}/${until}`, count: { $gt: 0 } }, { $inc: { count: -1 } });
    },

    /** The message that was submitted under the sender's own id, a day ago at most. */
    async submittedBy(appId: string, clientId: string, now: number): Promise<{ massId: string; at: number } | undefined> {
      await clientIds.deleteMany({ at: { $lte: now - repeatsWithin } });
      return (await clientIds.findOne({ _id: `${appId}/${clientId}` })) ?? undefined;
    },
    /** Keeps the sender's own id; false when another message has it. */
    async keepClientId(appId: string, clientId: string, massId: string, at: number): Promise<boolean> {
      const _id = `${appId}/${clientId}`;
      const { upsertedCount } = await clientIds.updateOne({ _id }, { $setOnInsert: { massId, at } }, { upsert: true });
      return upsertedCount > 0;
    },

    /** The next number of messages and articles. */
    async nextNumber(): Promise<number> {
      const _id = 'mass';
      const next = await numbers.findOneAndUpdate({ _id }, { $inc: { last: 1 } }, { upsert: true, returnDocument: 'after' });
      return next?.last ?? 1;
    },
    /** The articles' id under which this draft was sent that day already. */
    async dataIdOf(appId: string, draft: string): Promise<number | undefined> {
      return (await masses.findOne({ appId, draft }))?.dataId;
    },

    /** The next people whom a message is for, in the order of their openids. */
    async next({ appId, audience, sentUpTo }: MassRecord, limit: number): Promise<FollowerRecord[]> {
      const _id = { $gt: sentUpTo };
      const filter = filterOf(audience);
      return followers
        .find({ appId, ...filter, _id: { ...filter._id, ..._id } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
    },

    /** Takes a step, once. Gives those receivers who have not had enough yet, counted up; undefined when it was taken already. */
    async takeStep({ id, from, sentUpTo, receivers, counts: more, month, most }: Step): Promise<string[] | undefined> {
      return transact(async (session) => {
        const guard = { _id: id, status: 'SENDING' as const, sentUpTo: from };
        const { matchedCount } = await masses.updateOne(guard, { $set: { sentUpTo } }, { session });
        if (matchedCount === 0) return undefined;
        const monthly = (openid: string) => `${openid}/${month}`;
        const full = received.find({ _id: { $in: receivers.map(monthly) }, count: { $gte: most } }, { session });
        const enough = new Set((await full.toArray()).map(({ _id }) => _id));
        const takers = receivers.filter((openid) => !enough.has(monthly(openid)));
        const counted = takers.map((openid) => {
          return { updateOne: { filter: { _id: monthly(openid) }, update: { $inc: { count: 1 } }, upsert: true } };
        });
        if (counted.length > 0) await received.bulkWrite(counted, { session });
        const filtered = more.filtered + receivers.length - takers.length;
        const $inc = { total: more.total, filtered, failed: more.failed, sent: takers.length };
        await masses.updateOne({ _id: id }, { $inc }, { session });
        return takers;
      });
    },

    /** Ends a message; undefined when it has ended. */
    async end(id: string, status: 'SEND_SUCCESS' | 'SEND_FAIL'): Promise<MassRecord | undefined> {
      const ended = await masses.findOneAndUpdate(
        { _id: id, status: 'SENDING' },
        { $set: { status } },
        { returnDocument: 'after' },
      );
      return ended ?? undefined;
    },
    async takeDown(appId: string, id: string, place: number): Promise<void> {
      const change = place === 0 ? { $set: { status: 'DELETE' as const } } : {};
      await masses.updateOne({ _id: id, appId }, { ...change, $addToSet: { deleted: place } });
    },

    speed: async (appId: string): Promise<number> => (await speeds.findOne({ _id: appId }))?.speed ?? 0,
    async setSpeed(appId: string, speed: number): Promise<void> {
      await speeds.updateOne({ _id: appId }, { $set: { speed } }, { upsert: true });
    },
  };
}

/** Whom a message is for: of a list also those who have left meanwhile, whom it does not reach. */
function filterOf(audience: MassAudience): { isFollowing?: true; tagIds?: number; _id?: { $in: string[] } } {
  if (audience === 'all') return { isFollowing: true };
  return 'openids' in audience ? { _id: { $in: [...audience.openids] } } : { isFollowing: true, tagIds: audience.tagId };
}

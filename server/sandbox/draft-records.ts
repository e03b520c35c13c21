import type { Database } from '../database/index.ts';
import type { Random } from '../kernel/random.ts';
import { makeMediaId } from './accounts.ts';

/** One article of a draft, as it was sent and cleaned. */
export interface Article {
  article_type: 'news' | 'newspic';
  title: string;
  author: string;
  digest: string;
  content: string;
  content_source_url: string;
  thumb_media_id: string;
  need_open_comment: 0 | 1;
  only_fans_can_comment: 0 | 1;
}

export interface DraftRecord {
  /** The media_id. */
  _id: string;
  appId: string;
  articles: Article[];
  createdAt: number;
  updatedAt: number;
  /** It was uploaded for mass sending alone, by the old call: lists do not show it. */
  isUnlisted?: true;
}

/** What was published, or is about to be. */
export interface PublicationRecord {
  /** The publish_id, as digits. */
  _id: string;
  appId: string;
  articleId: string;
  articles: Article[];
  /** 1 under way, 0 done, 2 to 4 refused, as the platform numbers them (wechat.md §1.4). */
  status: 0 | 1 | 2 | 3 | 4;
  /** Places of the articles that were deleted again, from 1. */
  deleted: number[];
  createdAt: number;
}

/** From which on, and how many. */
export interface Slice {
  readonly offset: number;
  readonly count: number;
}

const listed = { isUnlisted: { $exists: false } };

/** Drafts and what became of them (wechat.md §6.1). */
export async function openDraftRecords({ connection, transact }: Database) {
  const drafts = connection.collection<DraftRecord>('drafts');
  const publications = connection.collection<PublicationRecord>('publications');
  await drafts.createIndex({ appId: 1, updatedAt: -1 });
  await publications.createIndex({ appId: 1, createdAt: -1 });
  await publications.createIndex({ articleId: 1 });

  return {
    async add(
      appId: string,
      articles: Article[],
      now: number,
      random: Random,
      traits: Pick<DraftRecord, 'isUnlisted'> = {},
    ): Promise<DraftRecord> {
      const draft = { _id: makeMediaId(random), appId, articles, createdAt: now, updatedAt: now, ...traits };
      await drafts.insertOne(draft);
      return draft;
    },
    find: (appId: string, mediaId: string): Promise<DraftRecord | null> => drafts.findOne({ _id: mediaId, appId }),
    /** False when there is no such article. */
    async change(appId: string, mediaId: string, index: number, article: Article, now: number): Promise<boolean> {
      const there = { _id: mediaId, appId, [`articles.${index}`]: { $exists: true } };
      const { matchedCount } = await drafts.updateOne(there, { $set: { [`articles.${index}`]: article, updatedAt: now } });
      return matchedCount > 0;
    },
    async remove(appId: string, mediaId: string): Promise<boolean> {
      return (await drafts.deleteOne({ _id: mediaId, appId })).deletedCount > 0;
    },
    count: (appId: string): Promise<number> => drafts.countDocuments({ appId, ...listed }),
    list: (appId: string, { offset, count }: Slice): Promise<DraftRecord[]> =>
      drafts
        .find({ appId, ...listed })
        .sort({ updatedAt: -1, _id: 1 })
        .skip(offset)
        .limit(count)
        .toArray(),

    /** Takes the draft out of the drafts and keeps it as a publication; false when it is gone already. */
    async publish(mediaId: string, publication: PublicationRecord): Promise<boolean> {
      return transact(async (session) => {
        const { deletedCount } = await drafts.deleteOne({ _id: mediaId, appId: publication.appId }, { session });
        if (deletedCount > 0) await publications.insertOne(publication, { session });
        return deletedCount > 0;
      });
    },
    /** Ends a publication; false when it has ended already. */
    async endPublication(publishId: string, status: PublicationRecord['status']): Promise<boolean> {
      const { modifiedCount } = await publications.updateOne({ _id: publishId, status: 1 }, { $set: { status } });
      return modifiedCount > 0;
    },
    unendedPublications: (): Promise<PublicationRecord[]> => publications.find({ status: 1 }).toArray(),
    publication: (appId: string, publishId: string): Promise<PublicationRecord | null> =>
      publications.findOne({ _id: publishId, appId }),
    publicationOf: (appId: string, articleId: string): Promise<PublicationRecord | null> =>
      publications.findOne({ articleId, appId, status: 0 }),
    countPublications: (appId: string): Promise<number> => publications.countDocuments({ appId, status: 0 }),
    listPublications: (appId: string, { offset, count }: Slice): Promise<PublicationRecord[]> =>
      publications.find({ appId, status: 0 }).sort({ createdAt: -1, _id: 1 }).skip(offset).limit(count).toArray(),
    async deleteArticles(appId: string, articleId: string, places: readonly number[]): Promise<void> {
      await publications.updateOne({ articleId, appId }, { $addToSet: { deleted: { $each: [...places] } } });
    },
  };
}

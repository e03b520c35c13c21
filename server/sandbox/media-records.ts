import type { Database } from '../database/index.ts';
import type { Random } from '../kernel/random.ts';
import { makeMediaId } from './accounts.ts';

/** What kinds of files the platform keeps. */
export type MediaType = 'image' | 'voice' | 'video' | 'thumb';

/** A file that an account has uploaded. */
export interface MediaRecord {
  /** The media_id. */
  _id: string;
  appId: string;
  type: MediaType;
  /** Of the file itself, as its first bytes say. */
  contentType: string;
  name: string;
  bytes: Buffer;
  createdAt: number;
  /** Epoch ms; absent on what stays: material, and pictures within articles. */
  expiresAt?: number;
  /** It is material, which is listed; a picture within articles is neither temporary nor listed. */
  isMaterial?: true;
  title?: string;
  introduction?: string;
}

/** Files without their bytes. */
export type MediaFacts = Omit<MediaRecord, 'bytes'>;

const withoutBytes = { projection: { bytes: 0 } } as const;

export type MediaRecords = Awaited<ReturnType<typeof openMediaRecords>>;

/** What accounts have uploaded (wechat.md §6.1). */
export async function openMediaRecords({ connection }: Database) {
  const media = connection.collection<MediaRecord>('media');
  await media.createIndex({ appId: 1, isMaterial: 1, type: 1, createdAt: -1 });
  await media.createIndex({ expiresAt: 1 }, { sparse: true });

  return {
    /** Keeps a file under a new id; temporary ones that were over before now are forgotten. */
    async add(file: Omit<MediaRecord, '_id'>, random: Random): Promise<MediaRecord> {
      const record = { _id: makeMediaId(random), ...file };
      await media.deleteMany({ expiresAt: { $lte: file.createdAt } });
      await media.insertOne(record);
      return record;
    },

    /** The facts of an account's file that is still there. */
    async find(appId: string, mediaId: string, now: number): Promise<MediaFacts | undefined> {
      const found = await media.findOne<MediaFacts>({ _id: mediaId, appId }, withoutBytes);
      return found && (found.expiresAt ?? Number.POSITIVE_INFINITY) > now ? found : undefined;
    },

    /** The file, whosever it is: its id is a secret of its own. */
    async file(mediaId: string): Promise<MediaRecord | undefined> {
      const found = await media.findOne({ _id: mediaId }, { promoteBuffers: true });
      return found ?? undefined;
    },

    async count(appId: string, type: MediaType): Promise<number> {
      return media.countDocuments({ appId, isMaterial: true, type });
    },
    /** Material of a type, the newest first. */
    async list(appId: string, type: MediaType, { offset, count }: { offset: number; count: number }): Promise<MediaFacts[]> {
      return media
        .find<MediaFacts>({ appId, isMaterial: true, type }, withoutBytes)
        .sort({ createdAt: -1, _id: 1 })
        .skip(offset)
        .limit(count)
        .toArray();
    },
    /** False when there was no such material. */
    async remove(appId: string, mediaId: string): Promise<boolean> {
      const { deletedCount } = await media.deleteOne({ _id: mediaId, appId, isMaterial: true });
      return deletedCount > 0;
    },
  };
}

import type { Database } from '../../database/index.ts';

/** A QR code of an account that tells by which of them somebody came. */
export interface CodeRecord {
  /** The ticket. */
  _id: string;
  appId: string;
  /** What the picture says. */
  url: string;
  /** The scene: what events bear as EventKey. */
  scene: string;
  createdAt: number;
  /** Epoch ms; absent on a permanent one. */
  expiresAt?: number;
}

/** A text behind a short key. Times are epoch ms. */
export interface ShortKeyRecord {
  _id: string;
  appId: string;
  data: string;
  createdAt: number;
  expiresAt: number;
}

/** A link that opens a page of a mini program. Times are epoch ms. */
export interface LinkRecord {
  /** The link itself. */
  _id: string;
  appId: string;
  path: string;
  query: string;
  /** `release`, `trial` or `develop`. */
  version: string;
  createdAt: number;
  expiresAt: number;
}

export type CodeRecords = Awaited<ReturnType<typeof openCodeRecords>>;

/** QR codes and short keys. */
export async function openCodeRecords({ connection }: Database) {
  const codes = connection.collection<CodeRecord>('codes');
  const keys = connection.collection<ShortKeyRecord>('short_keys');
  const links = connection.collection<LinkRecord>('mini_links');
  const files = connection.collection<{ _id: string; count: number }>('code_counts');
  await codes.createIndex({ appId: 1, scene: 1, createdAt: -1 });
  await codes.createIndex({ url: 1 });
  const permanent = { expiresAt: { $exists: false } };

  return {
    add: async (code: CodeRecord): Promise<void> => void (await codes.insertOne(code)),
    find: (ticket: string): Promise<CodeRecord | null> => codes.findOne({ _id: ticket }),
    /** By what its picture says. */
    findByUrl: (url: string): Promise<CodeRecord | null> => codes.findOne({ url }),
    findPermanent: (appId: string, scene: string): Promise<CodeRecord | null> => codes.findOne({ appId, scene, ...permanent }),
    /** The newest one of this scene that can be scanned now; `over` when there was one and can no longer, `none` when there never was. */
    async scannable(appId: string, scene: string, now: number): Promise<CodeRecord | 'over' | 'none'> {
      const isGood = { $or: [{ expiresAt: { $gt: now } }, { expiresAt: { $exists: false } }] };
      const found = await codes.findOne({ appId, scene, ...isGood }, { sort: { createdAt: -1 } });
      return found ?? ((await codes.countDocuments({ appId, scene }, { limit: 1 })) > 0 ? 'over' : 'none');
    },
    /** An account's, the newest first. */
    list: (appId: string, limit: number): Promise<CodeRecord[]> =>
      codes.find({ appId }).sort({ createdAt: -1 }).limit(limit).toArray(),
    countPermanent: (appId: string): Promise<number> => codes.countDocuments({ appId, ...permanent }),

    addKey: async (key: ShortKeyRecord): Promise<void> => void (await keys.insertOne(key)),
    findKey: (key: string): Promise<ShortKeyRecord | null> => keys.findOne({ _id: key }),

    addLink: async (link: LinkRecord): Promise<void> => void (await links.insertOne(link)),
    findLink: (link: string): Promise<LinkRecord | null> => links.findOne({ _id: link }),

    /** Counts one more mini-program code of the limited kind, and gives how many there are. */
    async countLimited(appId: string): Promise<number> {
      const counted = await files.findOneAndUpdate(
        { _id: appId },
        { $inc: { count: 1 } },
        { upsert: true, returnDocument: 'after' },
      );
      return counted?.count ?? 1;
    },
  };
}

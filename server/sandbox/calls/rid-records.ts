import type { Database } from '../../database/index.ts';

/** A refused call, as the platform can look it up. Secrets and tokens are masked. */
export interface RefusedCall {
  /** The rid that its answer bore. */
  _id: string;
  /** Empty when it was nobody's. */
  appId: string;
  /** Epoch ms. */
  at: number;
  milliseconds: number;
  url: string;
  body: string;
  answer: string;
}

const week = 7 * 86_400_000;
/** How long the sandbox remembers that there was such a rid, so that it can say that it is over. */
const remembered = 2 * week;

/** Refused calls by their rid (wechat.md §0). */
export async function openRidRecords({ connection }: Database) {
  const calls = connection.collection<RefusedCall>('rids');
  await calls.createIndex({ at: 1 });

  return {
    async add(call: RefusedCall): Promise<void> {
      await calls.insertOne(call);
      await calls.deleteMany({ at: { $lt: call.at - remembered } });
    },
    async find(rid: string, now: number): Promise<RefusedCall | 'unknown' | 'over'> {
      const call = await calls.findOne({ _id: rid });
      if (!call) return 'unknown';
      return now - call.at > week ? 'over' : call;
    },
  };
}

export type RidRecords = Awaited<ReturnType<typeof openRidRecords>>;

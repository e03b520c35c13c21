import type { Database } from '../../database/index.ts';
import type { MessageContent } from '../contract.ts';
import type { FollowerRecord } from '../records.ts';

/** A span of time, epoch ms; `until` itself is outside. */
export interface Period {
  readonly since: number;
  readonly until: number;
}

/** A message of a follower, as the figures count it. */
export interface Said {
  readonly openid: string;
  readonly at: number;
  readonly kind: MessageContent['kind'];
}

/** One try of a callback. */
export interface Tried {
  readonly at: number;
  readonly milliseconds: number;
  readonly isRefused: boolean;
}

export type DatacubeRecords = ReturnType<typeof openDatacubeRecords>;

/** What happened, for the platform's figures: read from what the sandbox keeps of it. */
export function openDatacubeRecords({ connection }: Database) {
  const followers = connection.collection<FollowerRecord>('followers');
  const messages = connection.collection<{ _id: string; openid: string; at: number; from: string; content: MessageContent }>(
    'messages',
  );
  const wire = connection.collection<{
    _id: string;
    appId: string;
    direction: string;
    at: number;
    milliseconds: number;
    verdict: string;
  }>('wire');

  return {
    people: (appId: string): Promise<FollowerRecord[]> => followers.find({ appId }).toArray(),

    async said(openids: readonly string[], { since, until }: Period): Promise<Said[]> {
      const found = messages.find({ openid: { $in: [...openids] }, from: 'follower', at: { $gte: since, $lt: until } });
      return (await found.toArray()).map(({ openid, at, content }) => ({ openid, at, kind: content.kind }));
    },

    async tried(appId: string, { since, until }: Period): Promise<Tried[]> {
      const found = wire.find({ appId, direction: 'callback', at: { $gte: since, $lt: until } });
      return (await found.toArray()).map(({ at, milliseconds, verdict }) => ({
        at,
        milliseconds,
        isRefused: verdict === 'refused',
      }));
    },
  };
}

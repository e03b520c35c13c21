import type { Account, Telling, TellingOutcome } from '../../server/channels/channel.ts';
import type { Database } from '../../server/database/index.ts';
import { createIds, type Id } from '../../server/kernel/ids.ts';
import { createLog } from '../../server/kernel/log.ts';
import { openMessaging, type Told } from '../../server/messaging/index.ts';
import type { TellingRow } from '../../server/messaging/telling.ts';
import type { ManualClock } from '../support/clock.ts';

export const hour = 3_600_000;

/** One thing that went to the platform. */
export interface Sent {
  readonly account: Account;
  readonly openid: string;
  readonly content: Telling;
}

/** What the platform says to each; undefined leaves it without an answer for ever. */
export type Answering = (sent: Sent, count: number) => TellingOutcome | Promise<TellingOutcome> | Error | undefined;

/** One process's outbox on a database that others may share. */
export async function openOutbox(database: Database, clock: ManualClock, answer: Answering = () => ({ outcome: 'sent' })) {
  const sent: Sent[] = [];
  const lines: { event: string; reason?: string }[] = [];
  const log = createLog('debug', { write: (line) => void lines.push(JSON.parse(line)) });
  const messaging = await openMessaging({
    ...{ database, clock, ids: createIds(clock), log },
    async send(one) {
      sent.push(one);
      const given = answer(one, sent.length);
      if (given === undefined) return new Promise(() => {});
      if (given instanceof Error) throw given;
      return given;
    },
  });
  return { messaging, sent, lines };
}

let people = 0;

/** Something for somebody new to be told, by a merchant and account of their own. */
export function newTold(clock: ManualClock, change: Partial<Told> = {}): Told {
  const ids = createIds(clock);
  const account: Account = { id: ids<'account'>(), merchantId: ids<'merchant'>(), channel: 'wechat' };
  const common = { purpose: 'service', content: { kind: 'text', text: '好了' } } as const;
  return {
    account,
    openid: `ming-${++people}`,
    ...common,
    uniqueNumber: `n${people}`,
    expiresAt: clock.now() + 48 * hour,
    ...change,
  };
}

/** The rows of this person. */
export const rowsOf = (database: Database, { account }: Told): Promise<TellingRow[]> =>
  database.connection
    .collection<TellingRow>('outbox')
    .find({ merchantId: account.merchantId as Id<'merchant'> })
    .sort({ madeAt: 1 })
    .toArray();

import type { Account, Telling, TellingOutcome } from '../channels/channel.ts';
import { grantLease } from '../coordination/lease.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { PersonalOf } from '../kernel/personal.ts';
import { type Database, openTellingRecords, type Settlement } from './records.ts';
import type { TellingRow, Told } from './telling.ts';

export type { TellingState, Told } from './telling.ts';

/** How a channel tells a follower something. */
export type SendTelling = (telling: { account: Account; openid: string; content: Telling }) => Promise<TellingOutcome>;

interface MessagingOptions {
  database: Database;
  clock: Clock;
  ids: Ids;
  log: Log;
  send: SendTelling;
}

/** What people are told outside of a callback's answer: kept first, then sent, and what came of it kept. */
export interface Messaging {
  /** Keeps it and begins to send it. Once it has resolved, it is sent whatever happens to this process. Safe to repeat: one unique number is told once. */
  tell(told: Told): Promise<void>;
  /** Sends what is due and ends what is over; gives how many rows it looked at. */
  sweep(): Promise<number>;
  /** Forgets what ended before this time (epoch ms); gives how many. */
  prune(before: number): Promise<number>;
  /** What people were told. Of what is erased the ids stay: it is not told again. */
  readonly personal: PersonalOf;
  /** Resolves when this process sends nothing. */
  idle(): Promise<void>;
}

/** Longer than a call takes with all that may come before it: waiting for a token, fetching one, and that again once it was refused. */
const leaseLasts = 120_000;
/** What is told while so many are being sent waits for the sweep. */
const mostAtOnce = 16;
const firstRetry = 5_000;
const longestRetry = 3_600_000;

/** The outbox. */
export async function openMessaging({ database, clock, ids, log, send }: MessagingOptions): Promise<Messaging> {
  const records = await openTellingRecords(database);
  const running = new Set<Promise<boolean>>();

  /** Sends one that is due, if nobody else does. */
  async function sendDue({ _id, merchantId }: TellingRow): Promise<void> {
    const lease = grantLease(ids, clock.now(), leaseLasts);
    const row = await records.take(merchantId, _id, lease, clock.now());
    if (!row) return;
    const outcome = await trySending(row);
    const settlement = settle(row, outcome, clock.now());
    if (await records.settle(merchantId, _id, lease, settlement)) note(row, settlement);
  }

  async function trySending({ _id, account, openid, content }: TellingRow): Promise<TellingOutcome> {
    if (openid === undefined || content === undefined) return { outcome: 'refused', reason: 'erased' };
    try {
      return await send({ account, openid, content });
    } catch (error) {
      log.error({ tellingId: _id, accountId: account.id, error }, 'telling.failed');
      return { outcome: 'unknown', reason: 'failed' };
    }
  }

  function note({ _id, account }: TellingRow, settlement: Pick<Settlement, 'state'> & { reason?: string }): void {
    const fields = { tellingId: _id, accountId: account.id, reason: settlement.reason };
    if (settlement.state === 'sent') log.debug(fields, 'telling.sent');
    else if (settlement.state === 'waiting') log.info(fields, 'telling.put-off');
    else log.warn(fields, `telling.${settlement.state}`);
  }

  /** What has to be done with one that is due. */
  async function handle(row: TellingRow): Promise<void> {
    const { _id, merchantId, account, reason } = row;
    const now = clock.now();
    const fields = { tellingId: _id, accountId: account.id };
    if (row.state === 'sending') {
      if (await records.giveUp(merchantId, _id, now)) log.warn({ ...fields, reason: 'cut-off' }, 'telling.unknown');
    } else if (row.expiresAt <= now) {
      if (await records.expire(merchantId, _id, now)) log.warn({ ...fields, reason }, 'telling.expired');
    } else await sendDue(row);
  }

  /** False when it failed: it is due again, or its lease runs out. Never rejects. */
  function run(row: TellingRow): Promise<boolean> {
    const work = handle(row)
      .then(
        () => true,
        (error: unknown) => {
          log.error({ tellingId: row._id, error }, 'telling.failed');
          return false;
        },
      )
      .finally(() => running.delete(work));
    running.add(work);
    return work;
  }

  return {
    async tell({ account, ...told }) {
      const { id, merchantId, channel } = account;
      const now = clock.now();
      const times = { dueAt: now, madeAt: now, tries: 0 };
      // Of an account only its ids: whoever hands it in may hold more of it.
      const row: TellingRow = {
        _id: ids(),
        merchantId,
        account: { id, merchantId, channel },
        ...told,
        state: 'waiting',
        ...times,
      };
      if ((await records.insert(merchantId, row)) && running.size < mostAtOnce) run(row);
    },

    async sweep() {
      let looked = 0;
      for (;;) {
        const due = await records.findDue(clock.now(), mostAtOnce);
        const isDone = await Promise.all(due.map(run));
        looked += due.length;
        if (due.length < mostAtOnce || isDone.includes(false)) return looked;
      }
    },

    prune: records.prune,

    personal: (person) => ({
      room: 'tellings',
      async read() {
        const found = await records.findOf(person);
        if (found.length === 0) return undefined;
        return found.map(({ content, purpose, state, reason, madeAt, endedAt }) => ({
          ...{ content, purpose, state, reason, madeAt, endedAt },
        }));
      },
      erase: async () => (await records.eraseOf(person, clock.now())) > 0,
    }),

    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** How an outcome leaves the row. */
function settle({ tries, expiresAt }: TellingRow, outcome: TellingOutcome, now: number): Settlement {
  switch (outcome.outcome) {
    case 'sent':
      return { state: 'sent', endedAt: now };
    case 'not-taken': {
      const next = now + Math.min(longestRetry, firstRetry * 2 ** (tries - 1));
      return { state: 'waiting', reason: outcome.reason, dueAt: Math.min(next, Math.max(expiresAt, now)) };
    }
    default:
      return { state: outcome.outcome, reason: outcome.reason, endedAt: now };
  }
}

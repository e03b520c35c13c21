import type { Session } from '../database/index.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Id } from '../kernel/ids.ts';
import type { HappenedRecords, PlacedHappening } from './happened-records.ts';

export type { PlacedHappening } from './happened-records.ts';

/** Who wants to know that a merchant's stream has grown. */
export interface PlacedListener {
  /** Runs inside the transaction that gives the positions, so that what it writes is there whenever they are; may run several times. */
  within(session: Session, merchantId: Id<'merchant'>): Promise<void>;
  /** Runs once that is committed. */
  afterwards(): void;
}

/**
 * What happened to a merchant's followers as one stream. Positions count 1, 2, 3… and are given out once a row is committed: whoever reads
 * on from the last position that they saw misses nothing, however late a transaction ended.
 */
export interface MemberEvents {
  /** Up to `limit` events after a position, in order; of one member if one is named. */
  read(
    merchantId: Id<'merchant'>,
    query: { after: number; limit: number; memberId?: Id<'member'> | undefined },
  ): Promise<readonly PlacedHappening[]>;
  /** The last position given out; 0 when there is none. */
  head(merchantId: Id<'merchant'>): Promise<number>;
  /** The position after which to read what was written down since (epoch ms); some of what is older may be among it. */
  positionBefore(merchantId: Id<'merchant'>, since: number): Promise<number>;
  onPlaced(listener: PlacedListener): void;
  /** Gives their positions to all that wait for one, of every merchant. */
  place(): Promise<void>;
  /** Begins nothing more by itself, and resolves when this process gives out no positions. */
  close(): Promise<void>;
}

/** A lone event is placed after this time; while there are many, as many as come within the second one are placed together, so that callbacks hardly feel it. */
const gatherFor = 50;
const restFor = 300;
const mostTogether = 500;

/** The stream of these records; `tell` says that something was appended here. */
export function createMemberEvents(records: HappenedRecords, clock: Clock): MemberEvents & { tell(): void } {
  const listeners: PlacedListener[] = [];
  let running: Promise<void> | undefined;
  let isTold = false;
  let isClosed = false;
  let stop = () => {};
  let placedAt = Number.NEGATIVE_INFINITY;

  async function within(session: Session, merchantId: Id<'merchant'>) {
    for (const listener of listeners) await listener.within(session, merchantId);
  }

  async function placeAll() {
    let merchantId = await records.findWaiting('');
    while (merchantId !== undefined) {
      const stream = merchantId;
      while ((await records.number(stream, mostTogether, (session) => within(session, stream))) === mostTogether);
      for (const { afterwards } of listeners) afterwards();
      merchantId = await records.findWaiting(stream);
    }
  }

  /** One at a time in this process; what comes while one runs is seen by the next. */
  function place(): Promise<void> {
    const own: Promise<void> = (running ?? Promise.resolve())
      .catch(() => {})
      .then(placeAll)
      .finally(() => {
        if (running === own) running = undefined;
      });
    running = own;
    return own;
  }

  return {
    read: (merchantId, query) => records.findAfter(merchantId, query),
    head: (merchantId) => records.findHead(merchantId),
    positionBefore: (merchantId, since) => records.findPositionBefore(merchantId, since),
    onPlaced: (listener) => void listeners.push(listener),
    place,
    async close() {
      isClosed = true;
      stop();
      await running?.catch(() => {});
    },
    tell() {
      if (isTold || isClosed) return;
      isTold = true;
      stop = clock.after(Math.max(gatherFor, placedAt + restFor - clock.now()), () => {
        isTold = false;
        placedAt = clock.now();
        // A failure is the job's to report: it does the same every second.
        place().catch(() => {});
      });
    },
  };
}

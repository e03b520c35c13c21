import type { Clock } from '../kernel/clock.ts';
import type { Id } from '../kernel/ids.ts';
import type { DeliveryRecords, DeliveryRow } from './delivery-records.ts';
import type { Lease, WebhookRecords, WebhookRow } from './records.ts';
import type { TakeSlot } from './slots.ts';
import type { Attempt } from './webhook.ts';

/** What a run needs of its room. */
export interface RunParts {
  readonly clock: Clock;
  readonly records: WebhookRecords;
  readonly deliveries: DeliveryRecords;
  readonly takeSlot: TakeSlot;
  /** Puts up the next events; false when there are none. */
  putUp(row: WebhookRow, lease: Lease): Promise<boolean>;
  /** Sends one and writes how it went. */
  deliver(row: WebhookRow, delivery: DeliveryRow, lease: Lease): Promise<Attempt>;
  /** A broken one of which nothing waits is active again, until the next failure. */
  forgive(row: WebhookRow, lease: Lease): Promise<void>;
  isClosing(): boolean;
}

type Owner = { readonly merchantId: Id<'merchant'>; readonly webhookId: Id<'webhook'> };

/** A run looks for more until then, and begins nothing that it found after `latestBegin`: all has ended when its lease is over, which is not renewed. */
const longestRun = 10_000;
const latestBegin = 18_000;
export const leaseFor = 30_000;
const mostAtOnce = 8;
const readTogether = 64;
/** An answer that takes longer is slow: its receiver gets one at a time. */
const slow = 1_000;

/**
 * Delivers what is due for one webhook, under its lease: a member's events one after the other, different members' at once. It begins with
 * one at a time, doubles while answers come quickly, and goes back to one when one fails or is slow.
 */
export async function runDeliveries(parts: RunParts, owner: Owner, lease: Lease): Promise<void> {
  const { clock, records, deliveries, takeSlot } = parts;
  const { merchantId, webhookId } = owner;
  const begunAt = clock.now();
  const flying = new Map<Id<'member'>, Promise<void>>();
  let queue: DeliveryRow[] = [];
  let seen: WebhookRow | undefined;
  let width = 1;
  let isOver = false;
  let failed: { error: unknown } | undefined;

  /** The row if it may be delivered for; what was read before a replay is dropped. */
  async function look(within: number): Promise<WebhookRow | undefined> {
    const isLate = parts.isClosing() || clock.now() >= begunAt + within;
    const row = isLate ? undefined : await records.findHeld(merchantId, webhookId, lease);
    if (row && row.replays !== seen?.replays) queue = [];
    const isLeftAlone = row?.state === 'broken' && (row.nextTryAt ?? 0) > clock.now();
    if (!row || row.state === 'paused' || isLeftAlone) isOver = true;
    return isOver ? undefined : row;
  }

  async function fill(): Promise<void> {
    for (;;) {
      const row = await look(longestRun);
      if (!row) return;
      seen = row;
      queue =
        row.state === 'broken'
          ? [await deliveries.findFirst(owner)].filter((first) => first !== undefined)
          : await deliveries.findDue(owner, clock.now(), [...flying.keys()], readTogether);
      if (queue.length > 0) return;
      if (await parts.putUp(row, lease)) continue;
      if (row.state === 'broken') await parts.forgive(row, lease);
      return;
    }
  }

  async function fly(delivery: DeliveryRow): Promise<void> {
    const free = await takeSlot(webhookId);
    try {
      const row = await look(latestBegin);
      if (!row || row.replays !== seen?.replays) return;
      const { failure, milliseconds } = await parts.deliver(row, delivery, lease);
      const isQuick = failure === undefined && milliseconds < slow;
      width = isQuick ? Math.min(mostAtOnce, width * 2) : 1;
    } catch (error) {
      failed ??= { error };
      isOver = true;
    } finally {
      free();
      flying.delete(delivery.memberId);
    }
  }

  try {
    while (!isOver) {
      if (queue.length === 0 && flying.size < width) await fill();
      if (isOver || (queue.length === 0 && flying.size === 0)) break;
      while (flying.size < width) {
        const next = queue.shift();
        if (!next) break;
        flying.set(next.memberId, fly(next));
      }
      await Promise.race(flying.values());
    }
  } finally {
    await Promise.all(flying.values());
  }
  // Its lease runs out, and it is due again then.
  if (failed) throw failed.error;
  await release(parts, owner, lease, seen?.wakes, isOver);
}

/** Gives the lease back and says when there is something to do again: at once when it was cut, or when something came after `wakes`. */
async function release(
  { clock, records, deliveries }: RunParts,
  owner: Owner,
  lease: Lease,
  wakes: number | undefined,
  wasCut: boolean,
): Promise<void> {
  const { merchantId, webhookId } = owner;
  const row = await records.findHeld(merchantId, webhookId, lease);
  if (!row) return;
  const now = clock.now();
  const next = {
    active: () => (wasCut ? now : deliveries.findNextTry(owner)),
    broken: () => row.nextTryAt,
    paused: () => undefined,
  };
  const dueAt = await next[row.state]();
  // Only an active one has anything to overlook: of the others people or the clock decide, whatever has come.
  const counted = row.state === 'active' ? (wakes ?? row.wakes) : row.wakes;
  await records.release(merchantId, webhookId, lease, { wakes: counted, dueAt, now });
}

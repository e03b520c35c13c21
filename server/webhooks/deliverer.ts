import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Vault } from '../kernel/vault.ts';
import type { MemberEvents, PlacedHappening } from '../members/index.ts';
import type { By } from '../merchants/index.ts';
import type { DeliveryRecords, DeliveryRow } from './delivery-records.ts';
import type { Poster } from './post.ts';
import type { Lease, WebhookRecords, WebhookRow } from './records.ts';
import { leaseFor, type RunParts, runDeliveries } from './run.ts';
import { failuresThatBreak, isHopeless, nextPause, retryDelay } from './schedule.ts';
import { openSecrets } from './secrets.ts';
import { signBody } from './signature.ts';
import { createSlots } from './slots.ts';
import type { Attempt, EventType, TestedWebhook } from './webhook.ts';

export interface DelivererOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly vault: Vault;
  readonly events: MemberEvents;
  readonly records: WebhookRecords;
  readonly deliveries: DeliveryRecords;
  readonly poster: Poster;
  /** Gives 0 to 1. */
  readonly random: () => number;
  /** Is told how each try went. */
  readonly observe: (outcome: 'delivered' | 'failed' | 'given-up') => void;
}

/** Delivers for all webhooks that are due, as far as this process may. */
export interface Deliverer {
  sweep(): Promise<void>;
  test(row: WebhookRow): Promise<TestedWebhook>;
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Requests under way in this process, and webhooks that it delivers for at once. */
const mostRequests = 32;
const mostRuns = 64;
const putUpTogether = 200;

const byReceiver: By = { actor: { kind: 'nobody', name: 'receiver' } };

export function createDeliverer(options: DelivererOptions): Deliverer {
  const { clock, ids, log, vault, records, deliveries, poster, observe } = options;
  const takeSlot = createSlots(mostRequests);
  /** The webhooks that this process takes or delivers for. */
  const running = new Set<string>();
  /** Looks and runs, for whoever waits for their end. */
  const underWay = new Set<Promise<void>>();
  let isClosing = false;

  function send(row: WebhookRow, id: string, body: object): Promise<TestedWebhook> {
    const now = clock.now();
    const text = JSON.stringify(body);
    const headers = { 'user-agent': 'service-window', ...signBody(openSecrets(vault, row, now), id, now, text) };
    return poster.post(row.url, headers, text);
  }

  async function deliver(row: WebhookRow, delivery: DeliveryRow, lease: Lease): Promise<Attempt> {
    const { body: _body, ...attempt } = await send(row, delivery.eventId, bodyOf(delivery));
    const fields = { webhookId: row._id, deliveryId: delivery._id, ...attempt };
    if (attempt.failure === undefined) {
      await deliveries.end({ row: delivery, state: 'delivered', attempt });
      log.debug(fields, 'webhook.delivered');
      observe('delivered');
      await noteSuccess(row, lease);
      return attempt;
    }
    const now = clock.now();
    const isGivenUp = isHopeless(delivery.firstTriedAt ?? attempt.at, now);
    if (isGivenUp) await deliveries.end({ row: delivery, state: 'given-up', attempt });
    else await deliveries.putOff(delivery, attempt, now + retryDelay(delivery.attempts + 1, options.random));
    log.warn({ ...fields, attempts: delivery.attempts + 1 }, isGivenUp ? 'webhook.given-up' : 'webhook.failed');
    observe(isGivenUp ? 'given-up' : 'failed');
    if (attempt.status === 410) await pauseGone(row);
    else await noteFailure(row, lease);
    return attempt;
  }

  async function noteSuccess(row: WebhookRow, lease: Lease): Promise<void> {
    if (row.failures === 0 && row.state === 'active') return;
    const { merchantId, _id: webhookId } = row;
    // What waits is due before the breaker closes: killed in between, the next probe does both.
    if (row.state === 'broken') await deliveries.hasten({ merchantId, webhookId }, clock.now());
    await records.note(merchantId, webhookId, lease, { state: 'active', failures: 0 });
    if (row.state === 'broken') log.info({ webhookId }, 'webhook.mended');
  }

  async function noteFailure(row: WebhookRow, lease: Lease): Promise<void> {
    const { merchantId, _id: webhookId } = row;
    const failures = await records.countFailure(merchantId, webhookId, lease);
    if (failures < failuresThatBreak) return;
    const now = clock.now();
    const pause = nextPause(row.pause);
    const brokenSince = row.brokenSince ?? now;
    await records.note(merchantId, webhookId, lease, { state: 'broken', failures, pause, brokenSince, nextTryAt: now + pause });
    log.warn({ webhookId, failures, pause }, 'webhook.broken');
  }

  /** By 410 the receiver says that it will never want anything again. */
  async function pauseGone({ merchantId, _id: id, name }: WebhookRow): Promise<void> {
    await records.change(merchantId, id, undefined, ({ state }) => ({
      set: { state: 'paused', isGone: true },
      unset: ['dueAt', 'brokenSince', 'nextTryAt', 'pause'],
      increase: { version: 1 },
      audit: {
        by: byReceiver,
        action: 'webhook.paused',
        subject: { kind: 'webhook', id, name },
        before: { state },
        after: { state: 'paused', isGone: true },
      },
    }));
    log.warn({ webhookId: id }, 'webhook.gone');
  }

  async function putUp(row: WebhookRow, lease: Lease): Promise<boolean> {
    const { merchantId, _id: webhookId, position: after, kinds } = row;
    const events = await options.events.read(merchantId, { after, limit: putUpTogether });
    const upTo = events.at(-1)?.position;
    if (upTo === undefined) return false;
    const wanted = events.map(withType).filter(({ type }) => kinds === undefined || kinds.includes(type));
    await records.advance(row, lease, upTo, (session) =>
      deliveries.putUp(session, { merchantId, webhookId }, { after, upTo }, wanted, clock.now()),
    );
    return true;
  }

  async function forgive({ merchantId, _id, pause }: WebhookRow, lease: Lease): Promise<void> {
    await records.note(merchantId, _id, lease, { state: 'active', failures: failuresThatBreak - 1, pause });
  }

  const parts: RunParts = { clock, records, deliveries, takeSlot, putUp, deliver, forgive, isClosing: () => isClosing };

  async function run({ merchantId, _id: webhookId }: Pick<WebhookRow, 'merchantId' | '_id'>): Promise<void> {
    const now = clock.now();
    const lease = { holder: ids<'lease'>(), until: now + leaseFor };
    if (await records.take(merchantId, webhookId, lease, now)) await runDeliveries(parts, { merchantId, webhookId }, lease);
  }

  function begin(due: Pick<WebhookRow, 'merchantId' | '_id'>): void {
    const { _id: webhookId } = due;
    running.add(webhookId);
    watch(
      run(due)
        .finally(() => running.delete(webhookId))
        // What came meanwhile, and what found no room before. After a failure the job looks again, not sooner.
        .then(look)
        .catch((error) => log.error({ webhookId, error }, 'webhook.run-failed')),
    );
  }

  async function look(): Promise<void> {
    const room = mostRuns - running.size;
    if (isClosing || room <= 0) return;
    const due = await records.findDue(clock.now(), room);
    for (const one of due) if (!isClosing && !running.has(one._id)) begin(one);
  }

  function watch(work: Promise<void>): void {
    underWay.add(work);
    const forget = () => void underWay.delete(work);
    work.then(forget, forget);
  }

  function sweep(): Promise<void> {
    const looking = look();
    watch(looking);
    return looking;
  }

  async function idle(): Promise<void> {
    while (underWay.size > 0) await Promise.allSettled(underWay);
  }

  return {
    sweep,
    idle,
    async test(row) {
      const free = await takeSlot(row._id);
      try {
        const body = { type: 'webhook.tested', at: clock.now(), data: { webhookId: row._id } };
        return await send(row, ids<'happening'>(), body);
      } finally {
        free();
      }
    },
    async close() {
      isClosing = true;
      await idle();
      poster.close();
    },
  };
}

const withType = (event: PlacedHappening): PlacedHappening & { type: EventType } => ({
  ...event,
  type: `follower.${event.kind}`,
});

/** What a receiver is sent: ids, of which it asks the API for more. */
function bodyOf({ type, position, memberId, event: { at, ...rest } }: DeliveryRow): object {
  return { type, position, at, data: { memberId, ...rest } };
}

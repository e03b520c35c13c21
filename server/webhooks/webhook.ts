import type { Id } from '../kernel/ids.ts';
import type { Page, PageQuery } from '../kernel/page.ts';
import type { By } from '../merchants/index.ts';
import { addressRefusals } from './address.ts';

/** The kinds of events that a webhook may ask for. */
export const eventTypes = ['follower.followed', 'follower.unfollowed'] as const;
export type EventType = (typeof eventTypes)[number];

/** A program's address that is told what happens, without its secret. Times are epoch ms. */
export interface Webhook {
  readonly id: Id<'webhook'>;
  readonly name: string;
  readonly url: string;
  /** What it is told of; absent: everything. */
  readonly kinds?: readonly EventType[];
  /** `broken` after too many failures in a row: then one try at a time is made, until one is taken. */
  readonly state: 'active' | 'paused' | 'broken';
  /** The receiver paused it itself, by the answer 410. */
  readonly isGone?: boolean;
  readonly brokenSince?: number;
  /** When a broken one is tried again. */
  readonly nextTryAt?: number;
  /** Until then the secret before this one signs too. */
  readonly previousSecretUntil?: number;
  /** Its events up to this position have been put up for delivery. */
  readonly position: number;
  readonly madeAt: number;
  readonly version: number;
}

export const deliveryStates = ['waiting', 'delivered', 'given-up'] as const;

/** One event for one webhook. */
export interface WebhookDelivery {
  readonly id: Id<'delivery'>;
  /** What the receiver knows the event by, in `webhook-id`: the same at every try and in every replay. */
  readonly eventId: Id<'happening'>;
  readonly type: EventType;
  readonly position: number;
  readonly memberId: Id<'member'>;
  readonly state: (typeof deliveryStates)[number];
  readonly attempts: number;
  readonly madeAt: number;
  readonly nextTryAt?: number;
  /** When it was delivered or given up. */
  readonly endedAt?: number;
  /** How the last try went. */
  readonly last?: Attempt;
}

/** Why a try failed: by the receiver's status, or before there was one. */
export const attemptFailures = ['status', 'timed-out', 'unreachable', 'certificate-refused', ...addressRefusals] as const;
export type AttemptFailure = (typeof attemptFailures)[number];

/** How one try went. */
export interface Attempt {
  readonly at: number;
  readonly milliseconds: number;
  readonly status?: number;
  /** Absent when it was taken: answered with 2xx. */
  readonly failure?: AttemptFailure;
}

/** A try that somebody watches: with the first KiB of what was answered. */
export interface TestedWebhook extends Attempt {
  readonly body?: string;
}

export interface Webhooks {
  /** Newest first. */
  list(merchantId: Id<'merchant'>, query: PageQuery): Promise<Page<Webhook>>;
  /** `request.not-found` for one that the merchant does not have, here and below. */
  find(merchantId: Id<'merchant'>, id: Id<'webhook'>): Promise<Webhook>;
  /** Makes a webhook that is told what happens from now on. Its secret (`whsec_…`) is given this once; made again with the same id it gets a new one. */
  make(
    merchantId: Id<'merchant'>,
    id: Id<'webhook'>,
    wanted: Pick<Webhook, 'name' | 'url' | 'kinds'>,
    by: By,
  ): Promise<{ webhook: Webhook; secret: string }>;
  /** Changes what people edit; `active` also mends one that is broken. What happened while it was paused is delivered then. */
  edit(merchantId: Id<'merchant'>, id: Id<'webhook'>, change: WebhookChange, version: number, by: By): Promise<Webhook>;
  /** Nothing is sent from now on but what is under way. */
  remove(merchantId: Id<'merchant'>, id: Id<'webhook'>, version: number, by: By): Promise<void>;
  /** A new secret; the one before signs too for 24 hours. `secretId` names the change: done again with the same one it gives another secret in place of the first. */
  renewSecret(
    merchantId: Id<'merchant'>,
    id: Id<'webhook'>,
    secretId: Id<'secret'>,
    by: By,
  ): Promise<{ webhook: Webhook; secret: string }>;
  /** Delivers again what happened after a position, or what was written down since a time. */
  replay(merchantId: Id<'merchant'>, id: Id<'webhook'>, from: { after: number } | { since: number }, by: By): Promise<Webhook>;
  /** Sends one `webhook.tested` now, whatever the state, and tells how it went. */
  test(merchantId: Id<'merchant'>, id: Id<'webhook'>): Promise<TestedWebhook>;
  /** Newest first. */
  deliveries(
    merchantId: Id<'merchant'>,
    id: Id<'webhook'>,
    query: PageQuery & { state?: WebhookDelivery['state'] | undefined },
  ): Promise<Page<WebhookDelivery>>;
  /** Begins to deliver whatever is due, and does not wait for it. */
  sweep(): Promise<void>;
  /** Forgets deliveries that ended before this time (epoch ms); gives how many. */
  prune(before: number): Promise<number>;
  /** Resolves when this process delivers nothing. */
  idle(): Promise<void>;
  /** Begins nothing more, lets what is under way end, and closes its connections. */
  close(): Promise<void>;
}

export interface WebhookChange {
  readonly name?: string;
  readonly url?: string;
  /** Null: everything. */
  readonly kinds?: readonly EventType[] | null;
  readonly state?: 'active' | 'paused';
}

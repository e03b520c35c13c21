import { type Clock, within } from '../kernel/clock.ts';
import { detailedFault } from '../kernel/errors.ts';
import type { Id, Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Vault } from '../kernel/vault.ts';
import type { MemberEvents } from '../members/index.ts';
import type { AppendAudit, By } from '../merchants/index.ts';
import { type AddressRefusal, type Destination, findDestination, type Resolve, resolveName } from './address.ts';
import { createDeliverer } from './deliverer.ts';
import { openDeliveryRecords } from './delivery-records.ts';
import { createPoster } from './post.ts';
import { type Database, isDuplicate, noLease, openWebhookRecords, type WebhookRow, webhookOf } from './records.ts';
import { contextOf, resealSecrets } from './secrets.ts';
import { createSecret } from './signature.ts';
import type { Webhook, WebhookChange, Webhooks } from './webhook.ts';

export {
  attemptFailures,
  deliveryStates,
  eventTypes,
  type Webhook,
  type WebhookDelivery,
  type Webhooks,
} from './webhook.ts';

interface WebhooksOptions {
  database: Database;
  clock: Clock;
  ids: Ids;
  log: Log;
  vault: Vault;
  events: MemberEvents;
  appendAudit: AppendAudit;
  /** Lets webhooks go to private addresses and over http. */
  allowPrivate: boolean;
  resolve?: Resolve;
  /** Gives 0 to 1, so that those who failed together are not tried together. */
  random?: () => number;
  /** Is told how each try of a delivery went. */
  observe?: (outcome: 'delivered' | 'failed' | 'given-up') => void;
}

const resolvedWithin = 3_000;

/** For so long a receiver may go on with the secret before. */
const previousSecretFor = 24 * 3_600_000;

const refusals: Record<Exclude<AddressRefusal, 'address-unknown'>, string> = {
  'scheme-refused': 'Give an address that begins with https://.',
  'credentials-refused': 'Give the address without a name and password: deliveries are signed instead.',
  'address-refused': 'This leads to a private network or to the server itself. Give a public address.',
};

/** Webhooks: programs that are told what happens to a merchant's followers, at least once and in the order of each member. */
export async function openWebhooks(options: WebhooksOptions): Promise<Webhooks> {
  const { database, clock, ids, log, vault, events, allowPrivate } = options;
  const { resolve = resolveName, random = Math.random, observe = () => {} } = options;
  const records = await openWebhookRecords(database, options.appendAudit);
  const deliveries = await openDeliveryRecords(database, ids);
  const poster = createPoster({ clock, resolve, allowPrivate });
  const deliverer = createDeliverer({ clock, ids, log, vault, events, records, deliveries, poster, random, observe });
  await resealSecrets(vault, records, log);

  /** A failure is the job's to report: it does the same every second. */
  const sweepSoon = () => void deliverer.sweep().catch(() => {});
  events.onPlaced({ within: (session, merchantId) => records.wake(session, merchantId, clock.now()), afterwards: sweepSoon });

  /** Of a name that leads nowhere, or that nobody tells of in time, the first deliveries will say so: it may be there tomorrow. */
  async function checkUrl(url: string): Promise<void> {
    const looking = findDestination(new URL(url), resolve, allowPrivate);
    const { reason } = await within(clock, resolvedWithin, looking.then(reasonOf), () => ({}) as { reason?: AddressRefusal });
    if (reason === undefined || reason === 'address-unknown') return;
    const fields = [{ path: 'body.url', code: reason, message: refusals[reason] }];
    throw detailedFault('request.invalid', 'The webhook cannot be sent to this address.', { fields });
  }

  async function renewSecret(merchantId: Id<'merchant'>, id: Id<'webhook'>, secretId: Id<'secret'>, by: By) {
    const secret = createSecret();
    const sealed = vault.seal(secret, contextOf(id));
    const row = await records.change(merchantId, id, undefined, (before) => {
      const previous = { previousSecret: before.secret, previousSecretUntil: clock.now() + previousSecretFor };
      return {
        set: { secret: sealed, secretId, ...(before.secretId === secretId ? {} : previous) },
        increase: { version: 1 },
        audit: { by, action: 'webhook.secret-renewed', subject: subjectOf(before) },
      };
    });
    return { webhook: webhookOf(row), secret };
  }

  return {
    async list(merchantId, query) {
      const { items, ...rest } = await records.list(merchantId, query);
      return { items: items.map(webhookOf), ...rest };
    },

    find: async (merchantId, id) => webhookOf(await records.find(merchantId, id)),

    async make(merchantId, id, { name, url, kinds }, by) {
      await checkUrl(url);
      const secret = createSecret();
      const now = clock.now();
      const row: WebhookRow = {
        ...{ _id: id, merchantId, name, url, ...(kinds === undefined ? {} : { kinds }), state: 'active' },
        ...{ secret: vault.seal(secret, contextOf(id)), secretId: id as string as Id<'secret'> },
        ...{
          position: await events.head(merchantId),
          failures: 0,
          wakes: 0,
          replays: 0,
          lease: noLease,
          madeAt: now,
          version: 1,
        },
      };
      const audit = { by, action: 'webhook.made', subject: subjectOf(row), after: auditOf(row) };
      try {
        await records.insert(merchantId, row, audit);
      } catch (error) {
        // The call is made again: what it shows once, it shows anew.
        if (isDuplicate(error)) return renewSecret(merchantId, id, id as string as Id<'secret'>, by);
        throw error;
      }
      return { webhook: webhookOf(row), secret };
    },

    async edit(merchantId, id, change, version, by) {
      if (change.url !== undefined) await checkUrl(change.url);
      const row = await records.change(merchantId, id, version, (before) => {
        const after = {
          ...before,
          ...withoutAbsent(change),
          ...(change.kinds === null ? { kinds: undefined } : {}),
        } as WebhookRow;
        return {
          ...writeOf(change, clock.now()),
          increase: { version: 1 },
          audit: { by, action: 'webhook.edited', subject: subjectOf(after), before: auditOf(before), after: auditOf(after) },
        };
      });
      // What waited for its next try is tried at once.
      if (change.state === 'active') await deliveries.hasten({ merchantId, webhookId: id }, clock.now());
      sweepSoon();
      return webhookOf(row);
    },

    remove: (merchantId, id, version, by) =>
      records.remove(merchantId, id, version, async (session, row) => {
        await deliveries.takeDown(session, { merchantId, webhookId: id }, 0);
        return { by, action: 'webhook.removed', subject: subjectOf(row), before: auditOf(row) };
      }),

    renewSecret,

    async replay(merchantId, id, from, by) {
      const wanted = 'after' in from ? from.after : await events.positionBefore(merchantId, from.since);
      const row = await records.change(merchantId, id, undefined, (before) => {
        const after = Math.min(wanted, before.position);
        return {
          set: { position: after, ...(before.state === 'active' ? { dueAt: clock.now() } : {}) },
          increase: { replays: 1 },
          audit: { by, action: 'webhook.replayed', subject: subjectOf(before), after: { after } },
          within: (session) => deliveries.takeDown(session, { merchantId, webhookId: id }, after),
        };
      });
      sweepSoon();
      return webhookOf(row);
    },

    test: async (merchantId, id) => deliverer.test(await records.find(merchantId, id)),

    async deliveries(merchantId, id, query) {
      await records.find(merchantId, id);
      return deliveries.list({ merchantId, webhookId: id }, query);
    },

    sweep: deliverer.sweep,
    prune: deliveries.prune,
    idle: deliverer.idle,
    close: deliverer.close,
  };
}

const reasonOf = (destination: Destination): { reason?: AddressRefusal } =>
  destination.ok ? {} : { reason: destination.reason };

/** What a change by people writes. Setting it active also mends one that is broken; pausing takes it out of what is due. */
function writeOf(
  { kinds, state, ...rest }: WebhookChange,
  now: number,
): { set: Partial<WebhookRow>; unset: (keyof WebhookRow)[] } {
  const set: Partial<WebhookRow> = { ...withoutAbsent(rest), ...(kinds ? { kinds } : {}) };
  const unset: (keyof WebhookRow)[] = kinds === null ? ['kinds'] : [];
  if (state === undefined) return { set, unset };
  unset.push('isGone', 'brokenSince', 'nextTryAt', 'pause');
  if (state === 'paused') return { set: { ...set, state }, unset: [...unset, 'dueAt'] };
  return { set: { ...set, state, failures: 0, dueAt: now }, unset };
}

const withoutAbsent = <Fields extends object>(fields: Fields): Partial<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>;

const subjectOf = ({ _id: id, name }: Pick<WebhookRow, '_id' | 'name'>) => ({ kind: 'webhook', id, name });

/** Without the path and query of the address: they may hold what lets in to the receiver. */
const auditOf = ({ name, url, kinds, state }: Pick<Webhook, 'name' | 'url' | 'kinds' | 'state'>) => ({
  ...{ name, address: new URL(url).origin, state },
  kinds: kinds ?? 'all',
});

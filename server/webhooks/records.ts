import type { Database, Session } from '../database/index.ts';
import { fault } from '../kernel/errors.ts';
import type { Id } from '../kernel/ids.ts';
import { type Page, type PageQuery, pageOf } from '../kernel/page.ts';
import type { AppendAudit, AuditChange } from '../merchants/index.ts';
import type { Webhook } from './webhook.ts';

export { type Database, isDuplicate, type Session } from '../database/index.ts';

type MerchantId = Id<'merchant'>;
type WebhookId = Id<'webhook'>;

/** A webhook as it is stored: with its sealed secrets, and with what those who deliver agree on. */
export interface WebhookRow extends Omit<Webhook, 'id'> {
  readonly _id: WebhookId;
  readonly merchantId: MerchantId;
  /** Sealed, for the context `webhook:<id>:secret`. */
  readonly secret: string;
  readonly previousSecret?: string;
  /** Names the change that made the secret: done again it does not make the first one the previous. */
  readonly secretId?: Id<'secret'>;
  /** Failures in a row. */
  readonly failures: number;
  /** How long it was last left alone for being broken (ms); goes with the first success. */
  readonly pause?: number;
  /** When there is something to do; absent while there is nothing. */
  readonly dueAt?: number;
  /** Counts what may have made it due, so that whoever ends a run does not overlook what came meanwhile. */
  readonly wakes: number;
  /** Counts replays, so that a run drops what it read before one. */
  readonly replays: number;
  /** Who delivers for it; over at once when nobody does. */
  readonly lease: Lease;
}

export interface Lease {
  readonly holder: string;
  readonly until: number;
}

/** What a change writes, and what the audit keeps of it. */
export interface Edit {
  readonly set?: Partial<WebhookRow>;
  readonly unset?: readonly (keyof WebhookRow)[];
  readonly increase?: Partial<Record<'version' | 'replays', number>>;
  readonly audit: AuditChange;
  /** More to be done in the same transaction. */
  within?(session: Session): Promise<void>;
}

/** How a receiver fares. */
export type Learnt = { readonly failures: number; readonly pause?: number | undefined } & (
  | { readonly state: 'active' }
  | { readonly state: 'broken'; readonly brokenSince: number; readonly nextTryAt: number }
);

export type WebhookRecords = Awaited<ReturnType<typeof openWebhookRecords>>;

export const noLease: Lease = { holder: '', until: 0 };

/** The rows of webhooks. Changes by people are one transaction with their audit; those who deliver write under their lease. */
export async function openWebhookRecords(database: Database, appendAudit: AppendAudit) {
  const webhooks = database.connection.collection<WebhookRow>('webhooks');
  await webhooks.createIndex({ merchantId: 1, _id: 1 });
  // Holds only those with something to do: a thousand idle ones cost nothing.
  await webhooks.createIndex({ dueAt: 1, merchantId: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } });

  async function find(merchantId: MerchantId, id: WebhookId, session?: Session): Promise<WebhookRow> {
    const row = await webhooks.findOne({ _id: id, merchantId }, session ? { session } : {});
    if (!row) throw fault('request.not-found', 'There is no such webhook.');
    return row;
  }

  const held = (merchantId: MerchantId, id: WebhookId, { holder }: Lease) => ({ _id: id, merchantId, 'lease.holder': holder });

  return {
    find,

    async list(merchantId: MerchantId, { cursor, limit }: PageQuery): Promise<Page<WebhookRow>> {
      const after = cursor === undefined ? {} : { _id: { $lt: cursor as WebhookId } };
      const rows = await webhooks
        .find({ merchantId, ...after })
        .sort({ _id: -1 })
        .limit(limit + 1)
        .toArray();
      return pageOf(
        rows,
        limit,
        ({ _id }) => _id,
        (row) => row,
      );
    },

    /** Writes a new one; refused as a duplicate when the id is taken. */
    insert: (merchantId: MerchantId, row: WebhookRow, audit: AuditChange): Promise<void> =>
      database.transact(async (session) => {
        await webhooks.insertOne({ ...row, merchantId }, { session });
        await appendAudit(session, merchantId, audit);
      }),

    /** Changes a row as `decide` says of what is stored, once; `request.stale` when its version is another than the one given. */
    change: (
      merchantId: MerchantId,
      id: WebhookId,
      version: number | undefined,
      decide: (row: WebhookRow) => Edit,
    ): Promise<WebhookRow> =>
      database.transact(async (session) => {
        const row = await find(merchantId, id, session);
        if (version !== undefined && row.version !== version) refuseStale();
        const { set = {}, unset = [], increase = {}, audit, within } = decide(row);
        const update = {
          ...(Object.keys(set).length > 0 ? { $set: set } : {}),
          ...(unset.length > 0 ? { $unset: Object.fromEntries(unset.map((name) => [name, true])) } : {}),
          $inc: { wakes: 1, ...increase },
        };
        const changed = await webhooks.findOneAndUpdate({ _id: id, merchantId, version: row.version }, update as never, {
          session,
          returnDocument: 'after',
        });
        if (!changed) refuseStale();
        await within?.(session);
        await appendAudit(session, merchantId, audit);
        return changed as WebhookRow;
      }),

    /** Removes it, and with `within` what must go with it. */
    remove: (
      merchantId: MerchantId,
      id: WebhookId,
      version: number,
      within: (session: Session, row: WebhookRow) => Promise<AuditChange>,
    ): Promise<void> =>
      database.transact(async (session) => {
        const row = await find(merchantId, id, session);
        const { deletedCount } = await webhooks.deleteOne({ _id: id, merchantId, version }, { session });
        if (deletedCount === 0) refuseStale();
        await appendAudit(session, merchantId, await within(session, row));
      }),

    /** All active ones of a merchant have something to do now. */
    async wake(session: Session, merchantId: MerchantId, now: number): Promise<void> {
      const update = { $inc: { wakes: 1 }, $min: { dueAt: now } };
      await webhooks.updateMany({ merchantId, state: 'active' }, update, { session });
    },

    /** Up to `limit` of any merchant that have something to do and for which nobody delivers, the longest due first. */
    findDue: (now: number, limit: number): Promise<Pick<WebhookRow, '_id' | 'merchantId'>[]> =>
      webhooks
        .find({ dueAt: { $lte: now }, 'lease.until': { $lte: now } } as never, { projection: { merchantId: 1 } })
        .sort({ dueAt: 1 })
        .limit(limit)
        .toArray(),

    /** Takes the right to deliver for it, if it is due and nobody has it. It is due again when the lease is over: whoever is killed is followed by another. */
    async take(merchantId: MerchantId, id: WebhookId, lease: Lease, now: number): Promise<boolean> {
      const filter = { _id: id, merchantId, dueAt: { $lte: now }, 'lease.until': { $lte: now } };
      const { modifiedCount } = await webhooks.updateOne(filter as never, { $set: { lease, dueAt: lease.until } });
      return modifiedCount === 1;
    },

    /** The row, as long as this lease is the one in it. */
    async findHeld(merchantId: MerchantId, id: WebhookId, lease: Lease): Promise<WebhookRow | undefined> {
      return (await webhooks.findOne(held(merchantId, id, lease) as never)) ?? undefined;
    },

    /** Gives the lease back; it is due next at `dueAt`, or at `now` when something came after `wakes` were counted. */
    async release(
      merchantId: MerchantId,
      id: WebhookId,
      lease: Lease,
      { wakes, dueAt, now }: { wakes: number; dueAt: number | undefined; now: number },
    ): Promise<void> {
      const next =
        dueAt === undefined ? { $set: { lease: noLease }, $unset: { dueAt: true } } : { $set: { lease: noLease, dueAt } };
      const { matchedCount } = await webhooks.updateOne({ ...held(merchantId, id, lease), wakes } as never, next as never);
      if (matchedCount === 1) return;
      await webhooks.updateOne(held(merchantId, id, lease) as never, { $set: { lease: noLease, dueAt: now } });
    },

    /** Moves on to `position` and does `within`, both or neither: neither when it stands elsewhere by now, or another delivers. */
    advance: (row: WebhookRow, lease: Lease, position: number, within: (session: Session) => Promise<void>): Promise<void> =>
      database.transact(async (session) => {
        const filter = { ...held(row.merchantId, row._id, lease), position: row.position, replays: row.replays };
        const { matchedCount } = await webhooks.updateOne(filter as never, { $set: { position } }, { session });
        if (matchedCount === 1) await within(session);
      }),

    /** One more failure in a row; gives how many there are. What people decided meanwhile stands: one that is paused does not break. */
    async countFailure(merchantId: MerchantId, id: WebhookId, lease: Lease): Promise<number> {
      const filter = { ...held(merchantId, id, lease), state: { $ne: 'paused' } };
      const row = await webhooks.findOneAndUpdate(filter as never, { $inc: { failures: 1 } }, { returnDocument: 'after' });
      return row?.failures ?? 0;
    },

    /** Writes what those who deliver have learnt of the receiver. */
    async note(merchantId: MerchantId, id: WebhookId, lease: Lease, learnt: Learnt): Promise<void> {
      const filter = { ...held(merchantId, id, lease), state: { $ne: 'paused' } };
      const health = { state: learnt.state, failures: learnt.failures };
      const breach = 'nextTryAt' in learnt ? { brokenSince: learnt.brokenSince, nextTryAt: learnt.nextTryAt } : undefined;
      const pause = learnt.pause === undefined ? {} : { pause: learnt.pause };
      const gone = {
        ...(breach ? {} : { brokenSince: true, nextTryAt: true }),
        ...(learnt.pause === undefined ? { pause: true } : {}),
      };
      await webhooks.updateOne(filter as never, { $set: { ...health, ...breach, ...pause }, $unset: gone } as never);
    },

    /** All rows, for secrets to be sealed anew. */
    all: (): AsyncIterable<WebhookRow> => webhooks.find({}),

    /** Puts secrets that were sealed anew in place of those read. */
    async reseal(row: WebhookRow, sealed: Pick<WebhookRow, 'secret' | 'previousSecret'>): Promise<void> {
      await webhooks.updateOne({ _id: row._id, merchantId: row.merchantId, secret: row.secret }, { $set: sealed } as never);
    },
  };
}

function refuseStale(): never {
  throw fault('request.stale', 'The webhook was changed meanwhile: read it anew.');
}

/** What of a row is told: no secret, nothing of who delivers. */
export function webhookOf(row: WebhookRow): Webhook {
  const {
    _id: id,
    name,
    url,
    kinds,
    state,
    isGone,
    brokenSince,
    nextTryAt,
    previousSecretUntil,
    position,
    madeAt,
    version,
  } = row;
  return Object.freeze({
    ...{ id, name, url, state, position, madeAt, version },
    ...(kinds === undefined ? {} : { kinds }),
    ...(isGone === undefined ? {} : { isGone }),
    ...(brokenSince === undefined ? {} : { brokenSince }),
    ...(nextTryAt === undefined ? {} : { nextTryAt }),
    ...(previousSecretUntil === undefined ? {} : { previousSecretUntil }),
  });
}

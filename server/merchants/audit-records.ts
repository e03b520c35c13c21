import type { Database, Session } from '../database/index.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Id, Ids } from '../kernel/ids.ts';
import { pageOf } from '../kernel/page.ts';
import type { Audit, AuditChange, AuditEntry, AuditQuery } from './audit.ts';

interface AuditRow extends Omit<AuditEntry, 'id'> {
  readonly _id: Id<'audit'>;
  readonly merchantId: Id<'merchant'>;
  /** Every word of the entry, lower-cased, for the search. */
  readonly words: string;
}

/** Appends entries inside the transaction of the change that they tell of. */
export type AppendAudit = (session: Session, merchantId: Id<'merchant'>, change: AuditChange) => Promise<void>;

const readTogether = 500;

/** The audit's rows: there is no way here to change or remove one. */
export async function openAuditRecords(parts: {
  database: Database;
  clock: Clock;
  ids: Ids;
}): Promise<Audit & { append: AppendAudit }> {
  const rows = parts.database.connection.collection<AuditRow>('audit');
  await rows.createIndex({ merchantId: 1, _id: -1 });
  await rows.createIndex({ merchantId: 1, 'subject.id': 1, _id: -1 });

  const filterOf = (
    merchantId: Id<'merchant'>,
    { actorId, action, subjectId, find, since, until }: AuditQuery,
    after?: string,
  ) => ({
    merchantId,
    ...(actorId === undefined ? {} : { 'by.actor.id': actorId }),
    ...(action === undefined ? {} : { action }),
    ...(subjectId === undefined ? {} : { 'subject.id': subjectId }),
    ...(find === undefined ? {} : { words: { $regex: find.toLowerCase().replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&') } }),
    ...(since === undefined && until === undefined ? {} : { at: { $gte: since ?? 0, $lt: until ?? Number.MAX_SAFE_INTEGER } }),
    ...(after === undefined ? {} : { _id: { $lt: after as Id<'audit'> } }),
  });

  return {
    async append(session, merchantId, change) {
      const entry = { _id: parts.ids<'audit'>(), merchantId, at: parts.clock.now(), ...change };
      await rows.insertOne({ ...entry, words: wordsOf(change) }, { session });
    },
    async list(merchantId, { cursor, limit, ...query }) {
      const found = await rows
        .find(filterOf(merchantId, query, cursor))
        .sort({ _id: -1 })
        .limit(limit + 1)
        .toArray();
      return pageOf(found, limit, ({ _id }) => _id, toEntry);
    },
    async *read(merchantId, query) {
      for await (const row of rows.find(filterOf(merchantId, query)).sort({ _id: -1 }).batchSize(readTogether))
        yield toEntry(row);
    },
  };
}

function wordsOf({ by, action, subject, before, after }: AuditChange): string {
  const values = [by.actor.name, by.actor.id, by.address, action, subject.kind, subject.id, subject.name, before, after];
  return values
    .filter((value) => value !== undefined)
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .join('\n')
    .toLowerCase();
}

function toEntry({ _id, merchantId: _merchantId, words: _words, ...rest }: AuditRow): AuditEntry {
  return Object.freeze({ id: _id, ...rest });
}

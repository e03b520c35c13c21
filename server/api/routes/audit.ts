import { z } from 'zod';
import type { Audit, AuditEntry, Merchants } from '../../merchants/index.ts';
import { createTimeWriter, streamCsv } from '../csv.ts';
import { type Route, route } from '../route.ts';
import { pageQuery, pageSchema, queryTime, timeSchema } from '../schemas.ts';

const entrySchema = z
  .object({
    id: z.string(),
    at: timeSchema,
    by: z.object({
      actor: z.object({ kind: z.enum(['staff', 'key', 'operator', 'nobody']), id: z.string().optional(), name: z.string() }),
      address: z.string().optional(),
      requestId: z.string().optional(),
    }),
    action: z.string(),
    subject: z.object({ kind: z.string(), id: z.string(), name: z.string().optional() }),
    before: z.record(z.string(), z.unknown()).optional(),
    after: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'AuditEntry' });

const filters = {
  actorId: z.string().min(1).max(64).optional(),
  action: z.string().min(1).max(64).optional(),
  subjectId: z.string().min(1).max(64).optional(),
  find: z.string().min(1).max(100).optional(),
  since: queryTime.optional(),
  until: queryTime.optional(),
};

/** Who did what to what: to be read, searched and taken along. */
export function auditRoutes({ audit, merchants }: { audit: Audit; merchants: Pick<Merchants, 'merchantOf'> }): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/audit',
      summary:
        'Lists who did what to what, newest first. A search (`find`) looks through many entries at a time: a page may be short or empty and still name the next.',
      allow: 'audit.read',
      query: pageQuery.extend(filters),
      answers: { 200: { says: 'The entries that fit.', schema: pageSchema(entrySchema) } },
      handle: async ({ caller, query }) => ({ status: 200, body: await audit.list(caller.merchantId, query) }),
    }),
    route({
      method: 'GET',
      path: '/audit.csv',
      summary: 'The same as a table, all of it, with times as the clocks of the merchant’s zone show them.',
      allow: 'audit.read',
      query: z.strictObject(filters),
      answers: { 200: { says: 'A table for spreadsheets.', type: 'text/csv' } },
      async handle({ caller, query }) {
        const merchant = await merchants.merchantOf(caller.merchantId);
        const stream = streamCsv(audit.read(caller.merchantId, query), auditColumns(merchant?.zone ?? 'UTC'));
        return { status: 200, stream, fileName: 'audit.csv' };
      },
    }),
  ];
}

function auditColumns(zone: string) {
  const time = createTimeWriter(zone);
  const json = (value: unknown) => (value === undefined ? undefined : JSON.stringify(value));
  return {
    id: ({ id }: AuditEntry) => id,
    at: ({ at }: AuditEntry) => time(at),
    actorKind: ({ by }: AuditEntry) => by.actor.kind,
    actorId: ({ by }: AuditEntry) => by.actor.id,
    actorName: ({ by }: AuditEntry) => by.actor.name,
    address: ({ by }: AuditEntry) => by.address,
    requestId: ({ by }: AuditEntry) => by.requestId,
    action: ({ action }: AuditEntry) => action,
    subjectKind: ({ subject }: AuditEntry) => subject.kind,
    subjectId: ({ subject }: AuditEntry) => subject.id,
    subjectName: ({ subject }: AuditEntry) => subject.name,
    before: ({ before }: AuditEntry) => json(before),
    after: ({ after }: AuditEntry) => json(after),
  };
}

import type { Database, Session } from '../database/index.ts';
import type { Clock } from '../kernel/clock.ts';
import { type Id, type Ids, idFloor } from '../kernel/ids.ts';
import { pageOf } from '../kernel/page.ts';
import { escapePattern } from '../kernel/pattern.ts';
import type { Audit, AuditChange, AuditEntry, AuditQuery } from './audit.ts';

interface AuditRow extends Omit<AuditEntry, 'id'> {
  readonly _id: Id<'audit'>;
  readonly merchantId: Id<'merchant'>;
  /** Every word of the entry, lower-cased, for the search. */
  readonly words: string;
}

/** Appends entries inside the transaction of the change that they tell of. */
export type AppendAudit = (session: Session, merchantId: Id<'merchant'>, change: AuditChange) => Promise<void>;

/** Entries that one command looks through at most: it keeps the database from everybody else for some 30 ms. The first looks through few: most searches are for what was done of late. */
const slices = [500, 2_500];
const largestSlice = 5_000;
/** Slices that are looked through for one page: then it is given as it is, and the reader may go on. */
const slicesForPage = 8;
/** An entry's time and the time in its id are read one after the other. */
const idSlack = 1_000;

/** The audit's rows: there is no way here to change or remove one. */
export async function openAuditRecords(parts: {
  database: Database;
  clock: Clock;
  ids: Ids;
}): Promise<Audit & { append: AppendAudit }> {
  const rows = parts.database.connection.collection<AuditRow>('audit');
  await rows.createIndex({ merchantId: 1, _id: -1 });
  await rows.createIndex({ merchantId: 1, 'subject.id': 1, _id: -1 });
  await rows.createIndex({ merchantId: 1, 'by.actor.id': 1, _id: -1 });
  await rows.createIndex({ merchantId: 1, action: 1, _id: -1 });

  /** Up to `most` entries that fit, newest first, among the next `slice` that an index gives; and where to go on, undefined at the end. */
  async function look(merchantId: Id<'merchant'>, query: AuditQuery, after: string | undefined, slice: number, most: number) {
    const { near, exact } = filterOf(merchantId, query, after);
    const last = await rows
      .find(near, { projection: { _id: 1 } })
      .sort({ _id: -1 })
      .skip(slice - 1)
      .limit(1)
      .toArray();
    const end = last[0]?._id;
    const range = end === undefined ? near._id : { ...near._id, $gte: end };
    const found = await rows
      .find({ ...near, ...exact, _id: range })
      .sort({ _id: -1 })
      .limit(most)
      .toArray();
    return { found, end };
  }

  /** Looks through slice after slice, so that a search for what is rare neither holds up the database nor takes for ever. */
  async function search(merchantId: Id<'merchant'>, query: AuditQuery, cursor: string | undefined, most: number) {
    const found: AuditRow[] = [];
    let after = cursor;
    for (let looked = 0; looked < slicesForPage; looked++) {
      const next = await look(merchantId, query, after, sliceAt(looked), most - found.length);
      found.push(...next.found);
      after = next.end;
      if (after === undefined || found.length === most) break;
    }
    return { found, after };
  }

  async function* read(merchantId: Id<'merchant'>, query: AuditQuery): AsyncGenerator<AuditEntry> {
    let after: string | undefined;
    let looked = 0;
    do {
      const slice = sliceAt(looked++);
      const next = await look(merchantId, query, after, slice, slice);
      yield* next.found.map(toEntry);
      after = next.end;
    } while (after !== undefined);
  }

  return {
    async append(session, merchantId, change) {
      const entry = { _id: parts.ids<'audit'>(), merchantId, at: parts.clock.now(), ...change };
      await rows.insertOne({ ...entry, words: wordsOf(change) }, { session });
    },
    async list(merchantId, { cursor, limit, ...query }) {
      const most = limit + 1;
      if (query.find !== undefined) {
        const { found, after } = await search(merchantId, query, cursor, most);
        const page = pageOf(found, limit, ({ _id }) => _id, toEntry);
        return found.length === most || after === undefined ? page : { ...page, next: after };
      }
      const { near, exact } = filterOf(merchantId, query, cursor);
      const found = await rows
        .find({ ...near, ...exact })
        .sort({ _id: -1 })
        .limit(most)
        .toArray();
      return pageOf(found, limit, ({ _id }) => _id, toEntry);
    },
    read,
    personal: ({ merchantId, memberId }) => ({
      room: 'audit',
      async read() {
        const told = [];
        for await (const { at, action } of read(merchantId, { subjectId: memberId })) told.push({ at, action });
        return told;
      },
      erase: async () => false,
    }),
  };
}

const sliceAt = (looked: number) => slices[looked] ?? largestSlice;

/** What an index narrows by, and what every candidate is held to. Times narrow by the ids, which begin with them. */
function filterOf(
  merchantId: Id<'merchant'>,
  { actorId, action, subjectId, find, since, until }: AuditQuery,
  after: string | undefined,
) {
  const before = [after, until === undefined ? undefined : idFloor(until + idSlack)].filter((id) => id !== undefined).sort()[0];
  const near = {
    merchantId,
    ...(actorId === undefined ? {} : { 'by.actor.id': actorId }),
    ...(action === undefined ? {} : { action }),
    ...(subjectId === undefined ? {} : { 'subject.id': subjectId }),
    _id: {
      $gte: idFloor(Math.max(0, (since ?? 0) - idSlack)) as Id<'audit'>,
      ...(before === undefined ? {} : { $lt: before as Id<'audit'> }),
    },
  };
  const exact = {
    ...(find === undefined ? {} : { words: { $regex: escapePattern(find.toLowerCase()) } }),
    ...(since === undefined && until === undefined ? {} : { at: { $gte: since ?? 0, $lt: until ?? Number.MAX_SAFE_INTEGER } }),
  };
  return { near, exact };
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

import type { Collection, Index } from './catalog.ts';
import { createSorter } from './compare.ts';
import type { Document } from './document.ts';
import { commandError } from './errors.ts';
import { findNear, type NearSpec, nearDistance } from './geo.ts';
import { compileFilter } from './match.ts';
import { type Plan, planQuery, type Range } from './plan.ts';
import { documentOf, type Row } from './row.ts';
import { bytesOf, type Sql, type SqlValue } from './sql.ts';
import { collectTop } from './top.ts';

/** What a transaction has written to a collection, laid over its snapshot. */
export type Overlay = {
  size: number;
  /** The row written under this id; `null` for one that was deleted, undefined for one that was not touched. */
  byId(key: Buffer): Row | null | undefined;
  rows(): Iterable<Row>;
  inRange(index: Index, range: Range): Iterable<Row>;
  /** True if the stored row has been replaced or deleted. */
  hides(rid: number): boolean;
};

/** From where a command reads: the live file, or a transaction's snapshot with what it wrote. */
export type View = {
  sql: Sql;
  /** Collections and indexes made after this version are not there. */
  version: number;
  overlay(collection: Collection): Overlay | undefined;
};

export type Search = {
  filter: Document;
  sort?: Document | undefined;
  skip?: number;
  /** 0 for all. */
  limit?: number;
  hint?: unknown;
  variables?: Document | undefined;
  deadline: Readonly<Deadline>;
};

/** When reading stops with MaxTimeMSExpired, in epoch milliseconds; Infinity for never. A cursor that goes on clears it: idle time is free. */
export type Deadline = { at: number };

export const NO_DEADLINE: Readonly<Deadline> = { at: Infinity };

/** Finds rows lazily, in order, after skip and up to limit. Reads in chunks: no SQLite statement stays open between two rows. */
export function findRows(view: View, collection: Collection, search: Search): { plan: Plan; rows: Iterable<Row> } {
  const { filter, sort, variables } = search;
  const plan = planQuery(collection, { filter, sort, hint: search.hint, canUse: (index) => index.since <= view.version });
  const near = plan.isExact ? undefined : findNear(filter);
  if (near && !collection.indexes.some((index) => index.geoPaths.includes(near.path))) throw noGeoIndex();
  const matches = plan.isExact ? undefined : compileFilter(filter, variables);
  const overlay = view.overlay(collection);
  const isOrdered = plan.isOrdered && !overlay?.size;
  let rows = candidates(view, collection, plan, overlay, search.deadline);
  if (matches) rows = matching(rows, matches);
  const skip = search.skip ?? 0;
  const limit = search.limit ?? 0;
  const hasSort = sort !== undefined && Object.keys(sort).length > 0;
  if (near && !hasSort) rows = nearestFirst(rows, near);
  else if (hasSort && !isOrdered) rows = sorted(rows, sort, limit ? skip + limit : 0);
  return { plan, rows: skip || limit ? sliced(rows, skip, limit) : rows };
}

/** The plan that findRows would take, for explain. */
export function planFor(view: View, collection: Collection, search: Pick<Search, 'filter' | 'sort' | 'hint'>): Plan {
  return planQuery(collection, { ...search, canUse: (index) => index.since <= view.version });
}

/** How many documents a collection holds. */
export function countAll(view: View, collection: Collection): number {
  const overlay = view.overlay(collection);
  const stored =
    collection.since > view.version ? 0 : Number(view.sql.prepare(`SELECT count(*) FROM d${collection.id}`).get()?.[0] ?? 0);
  if (!overlay?.size) return stored;
  let count = 0;
  for (const _row of findRows(view, collection, { filter: {}, deadline: NO_DEADLINE }).rows) count++;
  return count;
}

/** 50 when the time that the client allowed is over. */
export function checkDeadline(deadline: Readonly<Deadline>): void {
  if (deadline.at !== Infinity && Date.now() > deadline.at) throw commandError(50, 'operation exceeded time limit');
}

const FIRST_CHUNK_ROWS = 32;
const MAX_CHUNK_ROWS = 1_024;
const CHUNK_BYTES = 8 * 1024 * 1024;

function candidates(
  view: View,
  collection: Collection,
  plan: Plan,
  overlay: Overlay | undefined,
  deadline: Readonly<Deadline>,
): Iterable<Row> {
  const isStored = collection.since <= view.version;
  if (overlay?.size) return overlaid(view, collection, plan, overlay, isStored, deadline);
  if (!isStored) return [];
  return stored(view, collection, plan, deadline);
}

function stored(view: View, collection: Collection, plan: Plan, deadline: Readonly<Deadline>): Iterable<Row> {
  checkDeadline(deadline);
  if (plan.kind === 'id') return rowsById(view.sql, collection, plan.keys);
  if (plan.kind === 'scan') return scan(view.sql, collection, plan.isDescending, deadline);
  return indexRows(view.sql, collection, plan, deadline);
}

function* overlaid(
  view: View,
  collection: Collection,
  plan: Plan,
  overlay: Overlay,
  isStored: boolean,
  deadline: Readonly<Deadline>,
): Iterable<Row> {
  if (isStored) for (const row of stored(view, collection, plan, deadline)) if (!overlay.hides(row.rid)) yield row;
  if (plan.kind === 'scan') yield* overlay.rows();
  else if (plan.kind === 'id') {
    for (const key of plan.keys) {
      const row = overlay.byId(key);
      if (row) yield row;
    }
  } else {
    const seen = new Set<Row>();
    for (const range of plan.ranges) {
      for (const row of overlay.inRange(plan.index, range)) {
        if (seen.has(row)) continue;
        seen.add(row);
        yield row;
      }
    }
  }
}

function rowsById(sql: Sql, collection: Collection, keys: Buffer[]): Row[] {
  const rows: Row[] = [];
  const statement = sql.prepare(collection.texts.byId);
  for (const key of keys) {
    const found = statement.get(key);
    if (found) rows.push(rowOf(found));
  }
  return rows;
}

function* scan(sql: Sql, collection: Collection, isDescending: boolean, deadline: Readonly<Deadline>): Iterable<Row> {
  let last = isDescending ? Number.MAX_SAFE_INTEGER : -1;
  let rows = FIRST_CHUNK_ROWS;
  for (;;) {
    checkAlive(collection);
    checkDeadline(deadline);
    const found = sql.prepare(isDescending ? collection.texts.scanDescending : collection.texts.scan).all(last, rows);
    let bytes = 0;
    for (const values of found) {
      const row = rowOf(values);
      last = row.rid;
      bytes += row.raw.length;
      yield row;
    }
    if (found.length < rows) return;
    rows = nextChunk(rows, bytes);
  }
}

function* indexRows(
  sql: Sql,
  collection: Collection,
  plan: Extract<Plan, { kind: 'index' }>,
  deadline: Readonly<Deadline>,
): Iterable<Row> {
  const seen = plan.index.multikey ? new Set<number>() : undefined;
  for (const range of plan.ranges) {
    for (const row of rangeRows(sql, collection, plan.index, range, plan.isDescending, deadline)) {
      if (seen?.has(row.rid)) continue;
      seen?.add(row.rid);
      yield row;
    }
  }
}

function* rangeRows(
  sql: Sql,
  collection: Collection,
  index: Index,
  [low, high]: Range,
  isDescending: boolean,
  deadline: Readonly<Deadline>,
): Iterable<Row> {
  const { range } = index.texts;
  const [from, to] = isDescending ? [high, low] : [low, high];
  let after: [key: SqlValue, rid: number] | undefined;
  let rows = FIRST_CHUNK_ROWS;
  for (;;) {
    checkAlive(collection, index);
    checkDeadline(deadline);
    const found = after
      ? sql.prepare(isDescending ? range.nextDescending : range.next).all(...after, to, rows)
      : sql.prepare(isDescending ? range.firstDescending : range.first).all(from, to, rows);
    let bytes = 0;
    for (const values of found) {
      const row = rowOf(values);
      after = [values[3] ?? null, row.rid];
      bytes += row.raw.length;
      yield row;
    }
    if (found.length < rows) return;
    rows = nextChunk(rows, bytes);
  }
}

/** Chunks grow as long as they stay small in memory, so that large documents do not come by the thousand. */
function nextChunk(rows: number, bytes: number): number {
  const affordable = Math.floor(CHUNK_BYTES / Math.max(1, bytes / rows));
  return Math.max(1, Math.min(rows * 2, MAX_CHUNK_ROWS, affordable));
}

function rowOf(values: SqlValue[]): Row {
  return { rid: Number(values[0]), version: Number(values[1]), raw: bytesOf(values[2]), decoded: undefined };
}

function* matching(rows: Iterable<Row>, matches: (document: Document) => boolean): Iterable<Row> {
  for (const row of rows) if (matches(documentOf(row))) yield row;
}

function sorted(rows: Iterable<Row>, sort: Document, top: number): Iterable<Row> {
  const compare = createSorter(sort);
  const compareRows = (left: Row, right: Row) => compare(documentOf(left), documentOf(right));
  return lazily(() => (top ? collectTop(rows, top, compareRows) : [...rows].sort(compareRows)));
}

function nearestFirst(rows: Iterable<Row>, near: NearSpec): Iterable<Row> {
  return lazily(() =>
    Array.from(rows, (row) => ({ row, distance: nearDistance(documentOf(row), near) }))
      .sort((left, right) => left.distance - right.distance)
      .map(({ row }) => row),
  );
}

function* lazily(rows: () => Row[]): Iterable<Row> {
  yield* rows();
}

function* sliced(rows: Iterable<Row>, skip: number, limit: number): Iterable<Row> {
  let position = 0;
  const end = limit ? skip + limit : Infinity;
  for (const row of rows) {
    if (position++ >= skip) yield row;
    if (position >= end) return;
  }
}

/** A cursor may outlive what it reads. */
function checkAlive(collection: Collection, index?: Index): void {
  if (collection.dropped || index?.dropped)
    throw commandError(175, `collection or index of ${collection.namespace} was dropped while it was read`);
}

function noGeoIndex(): Error {
  return commandError(
    291,
    'error processing query: planner returned error :: caused by :: unable to find index for $geoNear query',
  );
}

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../server/database/index.ts';
import { createIds, type Id } from '../../server/kernel/ids.ts';
import {
  type AppendAudit,
  type Audit,
  type AuditChange,
  type AuditEntry,
  type AuditQuery,
  openAuditRecords,
} from '../../server/merchants/index.ts';
import { createManualClock } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';

const clock = createManualClock();
const ids = createIds(clock);
let database: Database;
let audit: Audit & { append: AppendAudit };
let merchantId: Id<'merchant'>;

beforeAll(async () => {
  database = await openTestDatabase();
  audit = await openAuditRecords({ database, clock, ids });
});
afterAll(() => database.close());
beforeEach(async () => {
  merchantId = ids<'merchant'>();
  await clock.advance(1_000);
});

const change = (more: Partial<AuditChange> = {}): AuditChange => ({
  by: { actor: { kind: 'staff', id: 'wang', name: '王小明' }, address: '203.0.113.7', requestId: 'r1' },
  action: 'staff.invited',
  subject: { kind: 'link', id: 'link-1', name: '李雷' },
  after: { role: 'clerk' },
  ...more,
});
const append = (more?: Partial<AuditChange>, merchant = merchantId) =>
  database.transact((session) => audit.append(session, merchant, change(more)));
const actionsOf = ({ items }: { items: readonly AuditEntry[] }) => items.map(({ action }) => action);
const list = (query: AuditQuery & { cursor?: string; limit?: number } = {}) => audit.list(merchantId, { limit: 50, ...query });

async function readAll(query: AuditQuery = {}): Promise<AuditEntry[]> {
  const found: AuditEntry[] = [];
  for await (const entry of audit.read(merchantId, query)) found.push(entry);
  return found;
}

/** Entries as if appended one a millisecond up to now, put there together since there are very many. */
async function fill(count: number, entry: (index: number) => { action?: string; words?: string } = () => ({})) {
  let at = clock.now() - count;
  const newId = createIds({ ...clock, now: () => at });
  const rows = [];
  for (let index = 0; index < count; index++, at++)
    rows.push({ _id: newId(), merchantId, at, ...change(), words: 'nothing', ...entry(index) });
  await database.connection.collection('audit').insertMany(rows as never);
}

test('an entry says who did what to what, from where, before and after', async () => {
  await append({ action: 'staff.edited', before: { role: 'clerk' }, after: { role: 'manager' } });
  const { items, next } = await list();
  expect(items).toEqual([
    {
      id: items[0]?.id,
      at: clock.now(),
      ...change({ action: 'staff.edited', before: { role: 'clerk' }, after: { role: 'manager' } }),
    },
  ]);
  expect(next).toBeUndefined();
});

test('an entry belongs to its change: what is taken back leaves none', async () => {
  const failing = database.transact(async (session) => {
    await audit.append(session, merchantId, change());
    throw new Error('the change fails');
  });
  await expect(failing).rejects.toThrow('the change fails');
  expect(await readAll()).toEqual([]);
});

test('nothing that the room hands out changes or removes an entry', async () => {
  await append({ before: { role: 'clerk' } });
  const stored = () => database.connection.collection('audit').find({ merchantId }).toArray();
  const before = await stored();
  const [entry] = await readAll();
  expect(Object.keys(audit).sort()).toEqual(['append', 'list', 'personal', 'read']);
  const personal = audit.personal({ merchantId, memberId: 'link-1' as Id<'member'>, senders: [] });
  expect(await personal.erase()).toBe(false);
  expect(Object.isFrozen(entry)).toBe(true);
  // Each of them, with everything that could name the entry.
  await list({ subjectId: 'link-1', find: entry?.id ?? '' });
  await clock.advance(1);
  await append();
  const after = await stored();
  expect(after).toHaveLength(2);
  expect(after).toEqual(expect.arrayContaining(before));
});

test('the list is newest first, a page at a time, without a gap or a repeat while more is written', async () => {
  for (let index = 0; index < 7; index++) {
    await append({ action: `a.${index}` });
    await clock.advance(1);
  }
  const first = await list({ limit: 3 });
  await append({ action: 'a.new' });
  const second = await list({ limit: 3, ...(first.next ? { cursor: first.next } : {}) });
  const third = await list({ limit: 3, ...(second.next ? { cursor: second.next } : {}) });
  expect([first, second, third].map(actionsOf)).toEqual([['a.6', 'a.5', 'a.4'], ['a.3', 'a.2', 'a.1'], ['a.0']]);
  expect(third.next).toBeUndefined();
});

test('filters narrow by who, what, to what and when, alone and together', async () => {
  const start = clock.now();
  await append({ action: 'key.made' });
  await clock.advance(5_000);
  await append({ action: 'key.ended', by: { actor: { kind: 'key', id: 'k1', name: 'till' } } });
  await clock.advance(5_000);
  await append({ action: 'key.made', subject: { kind: 'key', id: 'k2' } });
  const found = async (query: AuditQuery) => {
    const page = await list(query);
    expect(await readAll(query)).toEqual(page.items);
    return actionsOf(page);
  };
  expect(await found({ actorId: 'k1' })).toEqual(['key.ended']);
  expect(await found({ action: 'key.made' })).toEqual(['key.made', 'key.made']);
  expect(await found({ subjectId: 'k2' })).toEqual(['key.made']);
  // From this on, before that.
  expect(await found({ since: start + 5_000 })).toEqual(['key.made', 'key.ended']);
  expect(await found({ until: start + 5_000 })).toEqual(['key.made']);
  expect(await found({ since: start + 1, until: start + 10_000 })).toEqual(['key.ended']);
  expect(await found({ since: start + 20_000 })).toEqual([]);
  expect(await found({ until: 0 })).toEqual([]);
  expect(await found({ action: 'key.made', actorId: 'k1' })).toEqual([]);
  expect(await found({ action: 'key.made', since: start + 1, find: 'K2' })).toEqual(['key.made']);
});

test('a search finds words anywhere in the entry, in any case, and takes signs for themselves', async () => {
  await append({ action: 'merchant.edited', before: { name: '半日麦' }, after: { name: 'Half Day (Bread) [50%] .*' } });
  await append({ action: 'staff.removed' });
  for (const find of ['半日麦', 'half day', '(BREAD)', '[50%]', '.*', 'merchant.edited'])
    expect(actionsOf(await list({ find }))).toEqual(['merchant.edited']);
  expect(actionsOf(await list({ find: '203.0.113.7' }))).toHaveLength(2);
  for (const find of ['s.*d', '^', '$', 'half|staff', '\\w']) expect(actionsOf(await list({ find }))).toEqual([]);
});

test('a search for what is rare looks through so much at a time and goes on from there to the end', async () => {
  await fill(34_000, (index) => (index === 100 ? { action: 'old.find', words: 'needle' } : {}));
  const first = await list({ find: 'needle' });
  expect(first.items).toEqual([]);
  expect(first.next).toBeDefined();
  const found: string[] = [];
  let pages = 1;
  for (let cursor = first.next; cursor !== undefined; pages++) {
    const page = await list({ find: 'needle', cursor });
    found.push(...actionsOf(page));
    cursor = page.next;
  }
  expect(found).toEqual(['old.find']);
  expect(pages).toBe(2);
  expect((await readAll({ find: 'needle' })).map(({ action }) => action)).toEqual(['old.find']);
});

test('all entries are read through every slice, each once and newest first', async () => {
  await fill(9_001);
  const all = (await readAll()).map(({ id }) => id);
  expect(all).toHaveLength(9_001);
  expect(all).toEqual([...new Set(all)].sort().reverse());
});

test('a merchant sees nothing of another', async () => {
  const other = ids<'merchant'>();
  await append({ action: 'other.secret' }, other);
  await append();
  expect(actionsOf(await list())).toEqual(['staff.invited']);
  expect(await list({ action: 'other.secret' })).toEqual({ items: [] });
  expect(await list({ find: 'secret', subjectId: 'link-1' })).toEqual({ items: [] });
  expect(await readAll({ actorId: 'wang' })).toHaveLength(1);
});

test('each query by an index goes through that index', async () => {
  const rows = database.connection.collection('audit');
  const plans = await Promise.all(
    [{}, { 'subject.id': 'x' }, { 'by.actor.id': 'x' }, { action: 'x' }].map(async (equal) => {
      const plan = await rows
        .find({ merchantId, ...equal, _id: { $gte: '' as never } })
        .sort({ _id: -1 })
        .explain('queryPlanner');
      return JSON.stringify(plan);
    }),
  );
  for (const [index, name] of ['_id', 'subject.id', 'by.actor.id', 'action'].entries()) {
    expect(plans[index]).toContain('IXSCAN');
    expect(plans[index]).toContain(`"${name}"`);
    expect(plans[index]).not.toContain('"stage":"SORT"');
  }
});

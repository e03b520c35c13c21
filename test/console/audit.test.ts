import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { actionsZh } from '../../console/src/console/pages/audit/actions.ts';
import { listChanges } from '../../console/src/console/pages/audit/change.ts';
import { noFilters, queryOf, readFilters, writeFilters } from '../../console/src/console/pages/audit/filters.ts';

describe('the changes of an audit entry', () => {
  it('are what differs, in its order', () => {
    expect(listChanges({ name: '半日麦', zone: 'Asia/Shanghai' }, { name: '半日麦面包', zone: 'Asia/Shanghai' })).toEqual([
      { path: 'name', before: '半日麦', after: '半日麦面包' },
    ]);
  });

  it('name what lies deeper by its path', () => {
    expect(
      listChanges({ traits: { kind: 'service', isVerified: false } }, { traits: { kind: 'service', isVerified: true } }),
    ).toEqual([{ path: 'traits.isVerified', before: false, after: true }]);
  });

  it('tell what was not there before from what was false, empty or null', () => {
    expect(listChanges(undefined, { isVerified: false, storeIds: [], expiresAt: null })).toEqual([
      { path: 'isVerified', before: undefined, after: false },
      { path: 'storeIds', before: undefined, after: [] },
      { path: 'expiresAt', before: undefined, after: null },
    ]);
  });

  it('show a value that became a group of fields as one change', () => {
    expect(listChanges({ traits: 'service' }, { traits: { kind: 'service' } })).toEqual([
      { path: 'traits', before: 'service', after: { kind: 'service' } },
    ]);
  });

  it('are none where nothing changed', () => {
    expect(listChanges({ storeIds: ['a', 'b'] }, { storeIds: ['a', 'b'] })).toEqual([]);
  });
});

describe('the filters of the audit', () => {
  it('survive the address of the page', () => {
    const filters = { ...noFilters, find: '面包 & 咖啡', action: 'staff.invited', since: '2026-07-16' };
    expect(readFilters(new URLSearchParams(writeFilters(filters).toString()))).toEqual(filters);
  });

  it('count the last day to its end', () => {
    const query = new URLSearchParams(queryOf({ ...noFilters, since: '2026-07-16', until: '2026-07-16' }));
    expect(Number(query.get('since'))).toBe(new Date(2026, 6, 16).getTime());
    expect(Number(query.get('until'))).toBe(new Date(2026, 6, 17).getTime());
  });

  it('ask for everything when none is set, blank words included', () => {
    expect(queryOf({ ...noFilters, find: '   ' })).toBe('');
  });

  it('leave out a day that is none', () => {
    expect(queryOf({ ...noFilters, since: '"><script>' })).toBe('');
  });
});

describe('the actions of the audit', () => {
  it('all have words', () => {
    const server = join(import.meta.dirname, '../../server');
    const texts = readdirSync(server, { recursive: true, encoding: 'utf8' })
      .filter((file) => /^(merchants|members|webhooks)\/.*\.ts$/.test(file))
      .map((file) => readFileSync(join(server, file), 'utf8'));
    const written = texts.flatMap((text) => [...text.matchAll(writesAction)].map(([, given, told]) => given ?? told));
    expect(written.length).toBeGreaterThan(20);
    expect(written.filter((action) => !Object.hasOwn(actionsZh, action ?? ''))).toEqual([]);
  });
});

/** `action: '…'`, or the action that is handed to a room's own `tell…`. */
const writesAction = /\baction: '([a-z.-]+)'|\btell\w*\((?:[^()']|\([^()]*\))*'([a-z]+\.[a-z-]+)'/g;

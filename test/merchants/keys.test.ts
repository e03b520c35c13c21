import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../server/database/index.ts';
import { createIds, type Id } from '../../server/kernel/ids.ts';
import {
  callerMay,
  type KeyCaller,
  type Merchants,
  type Permission,
  permissionNames,
  scopeNames,
} from '../../server/merchants/index.ts';
import { createManualClock } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';
import { nobody, openRoom, openShop, outcomeOf, placeAt } from './people.ts';

const minute = 60_000;
const clock = createManualClock();
const ids = createIds(clock);
let database: Database;
let room: Merchants;
let other: Merchants;
let merchantId: Id<'merchant'>;

beforeAll(async () => {
  database = await openTestDatabase();
  room = await openRoom(database, clock);
  other = await openRoom(database, clock);
  merchantId = (await openShop(room, 'keys')).merchant.id;
});
afterAll(() => database.close());

const make = (wanted: { name?: string; scopes?: readonly Permission[]; expiresAt?: number } = {}, id: Id<'key'> = ids()) =>
  room.keys.make(merchantId, id, { name: 'till', scopes: ['member.read'], ...wanted }, nobody);

test('a key opens what its scopes name, in every process, until it is revoked', async () => {
  const { key, secret } = await make({ scopes: ['member.read', 'event.read', 'member.read'] });
  expect(secret).toMatch(/^swk_[\w-]{43}$/);
  expect(key).toMatchObject({ name: 'till', scopes: ['member.read', 'event.read'], hint: secret.slice(0, 8), version: 1 });
  const caller = await other.keys.find(secret);
  expect(caller).toEqual({ kind: 'key', merchantId, id: key.id, name: 'till', scopes: ['member.read', 'event.read'] });
  await other.keys.revoke(merchantId, key.id, nobody);
  expect(await room.keys.find(secret)).toBeUndefined();
  expect(await outcomeOf(room.keys.revoke(merchantId, key.id, nobody))).toBe('request.not-found');
  const { items } = await room.audit.list(merchantId, { subjectId: key.id, limit: 10 });
  expect(items.map(({ action }) => action).sort()).toEqual(['key.made', 'key.revoked']);
});

test('a link that a key made opens nothing once the key is revoked', async () => {
  const { key } = await make({ scopes: [...scopeNames] });
  const caller: KeyCaller = { kind: 'key', merchantId, id: key.id, name: key.name, scopes: key.scopes };
  const by = { actor: { kind: 'key', id: key.id, name: key.name } } as const;
  const wanted = { role: 'clerk', storeIds: [], name: 'New' } as const;
  const { token } = await room.staff.invite(caller, merchantId, ids(), wanted, by);
  const place = placeAt('192.0.2.9');
  expect(await outcomeOf(room.sessions.look(token, place))).toBe('done');
  await room.keys.revoke(merchantId, key.id, nobody);
  expect(await outcomeOf(other.sessions.look(token, place))).toBe('link.over');
});

test('no key makes keys or merchants, whatever its row says', async () => {
  expect(permissionNames.filter((name) => !scopeNames.includes(name)).sort()).toEqual(['key.edit', 'merchant.create']);
  expect(await outcomeOf(make({ scopes: ['key.edit'] }))).toBe('request.invalid');
  expect(await outcomeOf(make({ scopes: ['merchant.create'] }))).toBe('request.invalid');
  expect(await outcomeOf(make({ scopes: ['toString' as never] }))).toBe('request.invalid');
  expect(await outcomeOf(make({ scopes: [] }))).toBe('request.invalid');
  const forged: KeyCaller = {
    kind: 'key',
    merchantId,
    id: ids(),
    name: 'forged',
    scopes: ['merchant.create', 'key.edit', 'toString' as never],
  };
  expect(
    ['merchant.create', 'key.edit', 'toString', 'member.read'].filter((name) => callerMay(forged, name as Permission)),
  ).toEqual([]);
});

test('a key ends at its expiry, which lies ahead', async () => {
  const time = createManualClock(clock.now());
  const later = await openRoom(database, time);
  expect(await outcomeOf(make({ expiresAt: clock.now() }))).toBe('request.invalid');
  const { secret } = await make({ expiresAt: clock.now() + minute });
  await time.advance(minute - 1);
  expect(await later.keys.find(secret)).toBeDefined();
  await time.advance(1);
  expect(await later.keys.find(secret)).toBeUndefined();
});

test('a key tells to the minute when it was last used', async () => {
  const time = createManualClock(clock.now());
  const later = await openRoom(database, time);
  const { key, secret } = await make();
  const lastUsedAt = async () =>
    (await later.keys.list(merchantId, { limit: 200 })).items.find(({ id }) => id === key.id)?.lastUsedAt;
  expect(await lastUsedAt()).toBeUndefined();
  const first = time.now();
  for (const [wait, seen] of [
    [0, first],
    [minute - 1, first],
    [1, first + minute],
  ] as const) {
    await time.advance(wait);
    await later.keys.find(secret);
    expect(await lastUsedAt()).toBe(seen);
  }
});

test('a key asked for again with the same id is the same key with a new secret; the old one opens nothing', async () => {
  const id = ids<'key'>();
  const [first, second] = [await make({}, id), await make({}, id)];
  expect({ ...second.key, hint: '' }).toEqual({ ...first.key, hint: '' });
  expect(await room.keys.find(first.secret)).toBeUndefined();
  expect(await room.keys.find(second.secret)).toBeDefined();
});

test("a key is no other merchant's to see or to revoke", async () => {
  const { key, secret } = await make();
  const rival = (await openShop(room, 'keys-rival')).merchant.id;
  expect(await outcomeOf(room.keys.revoke(rival, key.id, nobody))).toBe('request.not-found');
  expect((await room.keys.list(rival, { limit: 10 })).items).toEqual([]);
  expect(await room.keys.find(secret)).toBeDefined();
});

test.each(['', 'swk_', 'sws_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', '{"$ne":null}'])('%j opens nothing', async (secret) => {
  expect(await room.keys.find(secret)).toBeUndefined();
});

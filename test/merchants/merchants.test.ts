import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../server/database/index.ts';
import { createIds, type Id } from '../../server/kernel/ids.ts';
import { type Merchants, openMerchants } from '../../server/merchants/index.ts';
import { createManualClock } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';

const clock = createManualClock();
const ids = createIds(clock);
let database: Database;
let merchants: Merchants;

beforeAll(async () => {
  database = await openTestDatabase();
  merchants = await openMerchants({ database, clock, ids });
});
afterAll(() => database.close());

const bakery = { slug: 'banrimai', name: '半日麦', zone: 'Asia/Shanghai', language: 'zh' } as const;
const official = { channel: 'wechat', appId: 'wx1', originalId: 'gh_1', name: '半日麦' } as const;

const count = async (name: string, filter: object) => (await database.connection.collection(name).find(filter).toArray()).length;

test('a merchant is made once and found afterwards', async () => {
  const made = await merchants.ensureMerchant({ ...bakery, slug: 'once' });
  expect(made).toMatchObject({ slug: 'once', name: '半日麦', zone: 'Asia/Shanghai', language: 'zh' });
  expect(await merchants.ensureMerchant({ ...bakery, slug: 'once' })).toEqual(made);
  expect(await merchants.merchantOf(made.id)).toEqual(made);
  expect(await count('merchants', { slug: 'once' })).toBe(1);
});

test('a new name, zone or language takes the place of the old one; the merchant stays the same', async () => {
  const before = await merchants.ensureMerchant({ ...bakery, slug: 'renamed' });
  const after = await merchants.ensureMerchant({ slug: 'renamed', name: 'Half Day', zone: 'Europe/Paris', language: 'en' });
  expect(after).toEqual({ id: before.id, slug: 'renamed', name: 'Half Day', zone: 'Europe/Paris', language: 'en' });
  expect(await merchants.merchantOf(before.id)).toEqual(after);
});

test('fifty processes that start together make one merchant and one account', async () => {
  const others = await Promise.all(Array.from({ length: 50 }, () => openMerchants({ database, clock, ids })));
  const made = await Promise.all(others.map((other) => other.ensureMerchant({ ...bakery, slug: 'raced' })));
  expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  const merchantId = made[0]?.id as Id<'merchant'>;
  const accounts = await Promise.all(others.map((other) => other.ensureAccount(merchantId, official)));
  expect(new Set(accounts.map(({ id }) => id)).size).toBe(1);
  expect(await count('merchants', { slug: 'raced' })).toBe(1);
  expect(await count('accounts', { merchantId })).toBe(1);
});

test('an account keeps its id when its name or original id changes', async () => {
  const { id } = await merchants.ensureMerchant({ ...bakery, slug: 'accounts' });
  const before = await merchants.ensureAccount(id, official);
  expect(before).toEqual({ id: before.id, merchantId: id, ...official });
  const after = await merchants.ensureAccount(id, { ...official, originalId: 'gh_2', name: 'Half Day' });
  expect(after).toEqual({ ...before, originalId: 'gh_2', name: 'Half Day' });
  expect((await merchants.ensureAccount(id, { ...official, appId: 'wx2' })).id).not.toBe(before.id);
});

test('two merchants with the same app id have an account each', async () => {
  const first = await merchants.ensureMerchant({ ...bakery, slug: 'first' });
  const second = await merchants.ensureMerchant({ ...bakery, slug: 'second' });
  const accounts = await Promise.all([merchants.ensureAccount(first.id, official), merchants.ensureAccount(second.id, official)]);
  expect(accounts[0].id).not.toBe(accounts[1].id);
  expect(accounts.map(({ merchantId }) => merchantId)).toEqual([first.id, second.id]);
});

test('an account of nobody is refused and leaves nothing', async () => {
  const nobody = ids<'merchant'>();
  await expect(merchants.ensureAccount(nobody, official)).rejects.toMatchObject({ code: 'request.not-found' });
  expect(await merchants.merchantOf(nobody)).toBeUndefined();
  expect(await count('accounts', { merchantId: nobody })).toBe(0);
});

test.each([
  ['slug', ''],
  ['slug', 'Half Day'],
  ['slug', '-x'],
  ['slug', 'x'.repeat(65)],
  ['name', '　 '],
  ['zone', 'Asia/Shangai'],
  ['zone', ''],
  ['language', 'fr'],
  ['language', ''],
])('a merchant whose %s is "%s" is refused and not stored', async (field, value) => {
  const before = await count('merchants', {});
  const refused = merchants.ensureMerchant({ ...bakery, slug: 'refused', [field]: value });
  await expect(refused).rejects.toMatchObject({ code: 'request.malformed' });
  expect(await count('merchants', {})).toBe(before);
});

test.each(['channel', 'appId', 'originalId', 'name'])('an account without %s is refused', async (field) => {
  const { id } = await merchants.ensureMerchant(bakery);
  await expect(merchants.ensureAccount(id, { ...official, [field]: ' ' })).rejects.toMatchObject({ code: 'request.malformed' });
});

test('what is given out cannot be changed by who gets it', async () => {
  const merchant = await merchants.ensureMerchant(bakery);
  expect(Object.isFrozen(merchant)).toBe(true);
  expect(Object.isFrozen(await merchants.ensureAccount(merchant.id, official))).toBe(true);
});

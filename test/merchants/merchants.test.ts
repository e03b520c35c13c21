import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../server/database/index.ts';
import { createIds, type Id } from '../../server/kernel/ids.ts';
import type { By, Merchants } from '../../server/merchants/index.ts';
import { createManualClock } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';
import { openTestMerchants } from '../support/merchants.ts';

const clock = createManualClock();
const ids = createIds(clock);
let database: Database;
let merchants: Merchants;

beforeAll(async () => {
  database = await openTestDatabase();
  merchants = await openTestMerchants({ database, clock, ids });
});
afterAll(() => database.close());

const bakery = { slug: 'banrimai', name: '半日麦', zone: 'Asia/Shanghai', language: 'zh' } as const;
const owner: By = { actor: { kind: 'staff', id: 'ming', name: '小明' }, address: '192.0.2.7' };

const count = async (name: string, filter: object) => (await database.connection.collection(name).find(filter).toArray()).length;
const audited = async (merchantId: Id<'merchant'>) => (await merchants.audit.list(merchantId, { limit: 50 })).items;

test('a merchant is made once, counts in fen, and is found afterwards by id and slug', async () => {
  const made = await merchants.ensureMerchant({ ...bakery, slug: 'once' });
  expect(made).toMatchObject({ ...bakery, slug: 'once', currency: 'CNY', isHouse: true, platform: 'real', version: 1 });
  expect(await merchants.ensureMerchant({ ...bakery, slug: 'once' })).toEqual(made);
  expect(await merchants.merchantOf(made.id)).toEqual(made);
  expect(await merchants.findBySlug('once')).toEqual(made);
  expect(await count('merchants', { slug: 'once' })).toBe(1);
  expect(await audited(made.id)).toMatchObject([{ action: 'merchant.created', by: { actor: { kind: 'operator' } } }]);
});

test('starting again changes nothing that people have edited', async () => {
  const before = await merchants.ensureMerchant({ ...bakery, slug: 'edited' });
  const edited = await merchants.edit(before.id, { name: 'Half Day', zone: 'Europe/Paris' }, 1, owner);
  expect(edited).toEqual({ ...before, name: 'Half Day', zone: 'Europe/Paris', version: 2 });
  expect(await merchants.ensureMerchant({ ...bakery, slug: 'edited' })).toEqual(edited);
  expect(await merchants.merchantOf(before.id)).toEqual(edited);
  const entry = (await audited(before.id)).find(({ action }) => action === 'merchant.edited');
  expect(entry).toMatchObject({
    action: 'merchant.edited',
    by: owner,
    before: { name: '半日麦', zone: 'Asia/Shanghai' },
    after: { name: 'Half Day', zone: 'Europe/Paris' },
  });
});

test('saving what is there already changes nothing and tells the audit nothing', async () => {
  const before = await merchants.ensureMerchant({ ...bakery, slug: 'saved' });
  expect(await merchants.edit(before.id, { name: '半日麦', language: undefined }, 1, owner)).toEqual(before);
  expect(await audited(before.id)).toHaveLength(1);
});

test('of two who edit the same version one is refused, and the other one’s words stay', async () => {
  const { id } = await merchants.ensureMerchant({ ...bakery, slug: 'contested' });
  const edits = await Promise.allSettled(['甲', '乙'].map((name) => merchants.edit(id, { name }, 1, owner)));
  expect(edits.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(edits.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'request.stale' } });
  expect((await audited(id)).filter(({ action }) => action === 'merchant.edited')).toHaveLength(1);
});

test('an edit that makes no sense, or of nobody, changes nothing', async () => {
  const { id } = await merchants.ensureMerchant({ ...bakery, slug: 'senseless' });
  await expect(merchants.edit(id, { zone: 'Mars/Olympus' }, 1, owner)).rejects.toMatchObject({ code: 'request.malformed' });
  await expect(merchants.edit(id, { name: '　' }, 1, owner)).rejects.toMatchObject({ code: 'request.malformed' });
  await expect(merchants.edit(ids(), { name: '甲' }, 1, owner)).rejects.toMatchObject({ code: 'request.not-found' });
  expect(await merchants.merchantOf(id)).toMatchObject({ ...bakery, slug: 'senseless', version: 1 });
});

test('another process sees an edit within five seconds', async () => {
  const other = await openTestMerchants({ database, clock, ids });
  const { id } = await merchants.ensureMerchant({ ...bakery, slug: 'seen' });
  expect((await other.merchantOf(id))?.name).toBe('半日麦');
  await merchants.edit(id, { name: '全日麦' }, 1, owner);
  await clock.advance(5_000);
  expect((await other.merchantOf(id))?.name).toBe('全日麦');
});

test('fifty processes that start together make one merchant', async () => {
  const others = await Promise.all(Array.from({ length: 50 }, () => openTestMerchants({ database, clock, ids })));
  const made = await Promise.all(others.map((other) => other.ensureMerchant({ ...bakery, slug: 'raced' })));
  expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  expect(await count('merchants', { slug: 'raced' })).toBe(1);
  expect(await audited(made[0]?.id as Id<'merchant'>)).toHaveLength(1);
});

test('a further merchant is no house, and both audits know of it', async () => {
  const house = await merchants.ensureMerchant({ ...bakery, slug: 'house' });
  const id = ids<'merchant'>();
  const made = await merchants.create(house.id, id, { ...bakery, slug: 'further' }, owner);
  expect(made).toMatchObject({ id, slug: 'further', isHouse: false });
  expect(await merchants.create(house.id, id, { ...bakery, slug: 'further' }, owner)).toEqual(made);
  for (const merchantId of [house.id, id])
    expect((await audited(merchantId)).filter(({ subject }) => subject.id === id)).toMatchObject([
      { action: 'merchant.created', by: owner },
    ]);
});

test('a slug that is taken or kept for the house opens no merchant', async () => {
  const house = await merchants.ensureMerchant({ ...bakery, slug: 'taken' });
  for (const slug of ['taken', 'main', 'demo']) {
    const before = await count('merchants', {});
    const refused = merchants.create(house.id, ids(), { ...bakery, slug }, owner);
    await expect(refused, slug).rejects.toMatchObject({ code: 'request.refused' });
    expect(await count('merchants', {})).toBe(before);
  }
});

test('the only merchant is known without its slug, until there is another', async () => {
  const own = await openTestDatabase();
  try {
    const alone = await openTestMerchants({ database: own, clock, ids });
    expect(await alone.only()).toBeUndefined();
    const house = await alone.ensureMerchant({ ...bakery, slug: 'main' });
    expect(await alone.only()).toEqual(house);
    await alone.create(house.id, ids(), { ...bakery, slug: 'second' }, owner);
    expect(await alone.only()).toBeUndefined();
  } finally {
    await own.close();
  }
});

test('a house that was made before there were versions is completed and keeps its id', async () => {
  const _id = ids<'merchant'>();
  await database.connection
    .collection<{ _id: string }>('merchants')
    .insertOne({ _id, ...bakery, slug: 'old', madeAt: 5 } as { _id: string });
  expect(await merchants.ensureMerchant({ ...bakery, slug: 'old', name: 'new' })).toEqual({
    ...{ id: _id, ...bakery, slug: 'old', madeAt: 5 },
    ...{ currency: 'CNY', isHouse: true, platform: 'real', version: 1 },
  });
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

test('what is given out cannot be changed by who gets it', async () => {
  expect(Object.isFrozen(await merchants.ensureMerchant(bakery))).toBe(true);
});

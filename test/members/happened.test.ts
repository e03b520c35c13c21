import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../server/database/index.ts';
import { createIds, type Id } from '../../server/kernel/ids.ts';
import { type AccountKey, type Members, openMembers } from '../../server/members/index.ts';
import { createManualClock } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';

const clock = createManualClock();
const ids = createIds(clock);
let database: Database;
let members: Members;
/** A new account of a new merchant for each test. */
let account: AccountKey;

beforeAll(async () => {
  database = await openTestDatabase();
  members = await openMembers({ database, clock, ids });
});
afterAll(() => database.close());
beforeEach(() => {
  account = { id: ids<'account'>(), merchantId: ids<'merchant'>() };
});

const all = { after: 0, limit: 1_000 };
const positionsOf = async (merchantId: Id<'merchant'>) =>
  (await members.events.read(merchantId, all)).map(({ position }) => position);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** Writes down what happened to one of many people, past what the room does itself. */
function row(number: number, more: object = {}) {
  const id = ids<'happening'>();
  const { merchantId, id: accountId } = account;
  const people = { accountId, followerId: ids<'follower'>(), memberId: ids<'member'>() };
  return {
    _id: id,
    merchantId,
    kind: 'followed',
    uniqueNumber: `u${number}`,
    at: number,
    recordedAt: number,
    ...people,
    ...more,
  };
}
const happened = () => database.connection.collection<ReturnType<typeof row>>('happened');

test('what happened gets positions from one on, by time, each merchant its own', async () => {
  const elsewhere = { id: ids<'account'>(), merchantId: ids<'merchant'>() };
  await members.follows(account, 'hua', { at: 2_000, uniqueNumber: 'b' });
  await members.follows(account, 'ming', { at: 1_000, entryCode: 'door', uniqueNumber: 'a' });
  await members.follows(elsewhere, 'ming', { at: 3_000, uniqueNumber: 'a' });
  expect(await members.events.read(account.merchantId, all)).toEqual([]);
  await members.events.place();
  const events = await members.events.read(account.merchantId, all);
  expect(events.map(({ position, uniqueNumber }) => [position, uniqueNumber])).toEqual([
    [1, 'a'],
    [2, 'b'],
  ]);
  expect(await positionsOf(elsewhere.merchantId)).toEqual([1]);
  expect(await members.events.head(account.merchantId)).toBe(2);
});

test('positions are given a moment after a change, without being asked for', async () => {
  await members.follows(account, 'ming', { at: 1_000, uniqueNumber: 'a' });
  await clock.advance(50);
  await expect.poll(() => positionsOf(account.merchantId), { timeout: 20_000 }).toEqual([1]);
});

test('a reader who goes on from the last position misses nothing, though an older row is committed late', async () => {
  await happened().insertOne(row(10));
  let read = 0;
  await database.transact(async (session) => {
    await happened().insertOne(row(5), { session });
    await members.events.place();
    read = (await members.events.read(account.merchantId, all)).at(-1)?.position ?? 0;
  });
  expect(read).toBe(1);
  await members.events.place();
  const next = await members.events.read(account.merchantId, { after: read, limit: 10 });
  expect(next.map(({ position, at }) => [position, at])).toEqual([[2, 5]]);
});

test('four processes that number one stream while it grows leave no gap, no double and keep each member in order', async () => {
  const processes = await Promise.all(upTo(4).map(() => openMembers({ database, clock, ids })));
  const people = upTo(5).map(() => ids<'member'>());
  const count = 300;
  await Promise.all(
    processes.map(async ({ events }, process) => {
      for (let number = process; number < count; number += 4) {
        await happened().insertOne(row(number, { memberId: people[process] }));
        if (number % 7 === process) await events.place();
      }
    }),
  );
  await members.events.place();
  const events = await members.events.read(account.merchantId, all);
  expect(events.map(({ position }) => position)).toEqual(upTo(count));
  for (const memberId of people.slice(0, 4)) {
    const times = events.filter((event) => event.memberId === memberId).map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }
});

test('more than one transaction takes are numbered in one go, rows from before there were positions among them', async () => {
  await happened().insertMany(upTo(1_203).map((number) => row(number)));
  await members.events.place();
  expect(await members.events.head(account.merchantId)).toBe(1_203);
  expect((await members.events.read(account.merchantId, { after: 1_200, limit: 50 })).map(({ at }) => at)).toEqual([
    1_201, 1_202, 1_203,
  ]);
});

test('the events of one member can be read alone', async () => {
  const ming = await members.follows(account, 'ming', { at: 1_000, uniqueNumber: 'a' });
  await members.follows(account, 'hua', { at: 2_000, uniqueNumber: 'b' });
  await members.unfollows(account, 'ming', { at: 3_000, uniqueNumber: 'c' });
  await members.events.place();
  const read = (merchantId: Id<'merchant'>) => members.events.read(merchantId, { ...all, memberId: ming?.memberId });
  expect((await read(account.merchantId)).map(({ position, kind }) => [position, kind])).toEqual([
    [1, 'followed'],
    [3, 'unfollowed'],
  ]);
  expect(await read(ids<'merchant'>())).toEqual([]);
});

test('a time is found among the positions', async () => {
  await happened().insertMany(upTo(100).map((number) => row(number)));
  await members.events.place();
  const { merchantId } = account;
  expect(await members.events.positionBefore(merchantId, 0)).toBe(0);
  expect(await members.events.positionBefore(merchantId, 42)).toBe(41);
  expect(await members.events.positionBefore(merchantId, 1_000)).toBe(100);
  expect(await members.events.positionBefore(ids<'merchant'>(), 5)).toBe(0);
});

test('who listens takes part in the transaction: what cannot be told of gets no position', async () => {
  const own = await openMembers({ database, clock, ids });
  const told: string[] = [];
  let isRefused = true;
  own.events.onPlaced({
    async within(session, merchantId) {
      await database.connection.collection('told').insertOne({ merchantId }, { session });
      if (isRefused) throw new Error('not now');
    },
    afterwards: () => void told.push('afterwards'),
  });
  await happened().insertOne(row(1));
  await expect(own.events.place()).rejects.toThrow('not now');
  expect(await positionsOf(account.merchantId)).toEqual([]);
  expect(await database.connection.collection('told').countDocuments({ merchantId: account.merchantId })).toBe(0);
  isRefused = false;
  await own.events.place();
  expect(await positionsOf(account.merchantId)).toEqual([1]);
  expect(await database.connection.collection('told').countDocuments({ merchantId: account.merchantId })).toBe(1);
  expect(told).toEqual(['afterwards']);
});

test('looking for what waits goes by the index that holds nothing else', async () => {
  const explained = await happened()
    .find({ merchantId: { $gt: '' as Id<'merchant'> }, position: null } as never)
    .sort({ merchantId: 1, at: 1, _id: 1 })
    .limit(1)
    .explain();
  const { queryPlanner } = explained as { queryPlanner: { winningPlan: object } };
  expect(JSON.stringify(queryPlanner.winningPlan)).toContain('"indexName":"merchantId_1_at_1__id_1"');
});

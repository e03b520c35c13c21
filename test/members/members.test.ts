import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../server/database/index.ts';
import { createIds } from '../../server/kernel/ids.ts';
import { type AccountKey, type Follower, type Members, openMembers } from '../../server/members/index.ts';
import { createManualClock } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';

const clock = createManualClock();
const ids = createIds(clock);
let database: Database;
let members: Members;
/** The members as those see them who had nothing erased. */
const shop = {
  meet: async (...how: Parameters<Members['meet']>) => known(await members.meet(...how)),
  follows: async (...how: Parameters<Members['follows']>) => known(await members.follows(...how)),
  unfollows: async (...how: Parameters<Members['unfollows']>) => known(await members.unfollows(...how)),
};
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

function known(follower: Follower | undefined): Follower {
  if (!follower) throw new Error('nobody was met');
  return follower;
}

const personalOf = (memberId: Follower['memberId'], merchantId = account.merchantId) =>
  members.personal({ merchantId, memberId, senders: [] });

async function rows(name: 'members' | 'followers' | 'happened') {
  return database.connection.collection(name).find({ merchantId: account.merchantId }).sort({ at: 1, _id: 1 }).toArray();
}

test('a first contact makes a follower and a member; the next finds them', async () => {
  const ming = await shop.meet(account, 'ming', 1_000);
  expect(ming).toEqual({
    id: ming.id,
    merchantId: account.merchantId,
    accountId: account.id,
    memberId: ming.memberId,
    openid: 'ming',
    isFollowing: true,
    metAt: 1_000,
  });
  expect(await shop.meet(account, 'ming', 2_000)).toEqual(ming);
  expect(await rows('followers')).toHaveLength(1);
  expect((await rows('members')).map(({ _id }) => _id)).toEqual([ming.memberId]);
  expect(Object.isFrozen(ming)).toBe(true);
});

test('fifty first messages at once make one follower and one member', async () => {
  const met = await Promise.all(Array.from({ length: 50 }, (_, at) => shop.meet(account, 'ming', at)));
  expect(new Set(met.map(({ id }) => id)).size).toBe(1);
  expect(await rows('followers')).toHaveLength(1);
  expect(await rows('members')).toHaveLength(1);
});

test('fifty first messages in eight processes make one follower and one member, and no member without a follower', async () => {
  const processes = await Promise.all(Array.from({ length: 8 }, () => openMembers({ database, clock, ids })));
  const people = ['ming', 'hua', 'lei', 'fang', 'jun'];
  const met = await Promise.all(
    Array.from({ length: 50 }, (_, index) => processes[index % 8]?.meet(account, people[index % 5] ?? '', index)),
  );
  expect(new Set(met.map((follower) => follower?.id)).size).toBe(5);
  const followers = await rows('followers');
  expect(followers.map(({ openid }) => openid).sort()).toEqual([...people].sort());
  expect((await rows('members')).map(({ _id }) => _id).sort()).toEqual(followers.map(({ memberId }) => memberId).sort());
});

test('two hundred people who come at once are met, each as themselves', async () => {
  const met = await Promise.all(Array.from({ length: 200 }, (_, index) => shop.meet(account, `person-${index}`, index)));
  expect(met.map(({ openid, metAt }) => [openid, metAt])).toEqual(
    Array.from({ length: 200 }, (_, index) => [`person-${index}`, index]),
  );
  expect(new Set(met.map(({ memberId }) => memberId)).size).toBe(200);
  expect(await rows('members')).toHaveLength(200);
});

test('two merchants that share an openid keep two people apart, and two accounts of one merchant too', async () => {
  const elsewhere = { id: ids<'account'>(), merchantId: ids<'merchant'>() };
  const second = { id: ids<'account'>(), merchantId: account.merchantId };
  const met = await Promise.all([account, elsewhere, second].map((each) => shop.meet(each, 'ming', 0)));
  expect(new Set(met.map(({ memberId }) => memberId)).size).toBe(3);
  await shop.unfollows(account, 'ming', { at: 5, uniqueNumber: 'u' });
  expect((await shop.meet(elsewhere, 'ming', 9)).isFollowing).toBe(true);
  expect((await shop.meet(second, 'ming', 9)).isFollowing).toBe(true);
  // The same unique number is another one with another merchant.
  expect((await shop.unfollows(elsewhere, 'ming', { at: 5, uniqueNumber: 'u' })).isFollowing).toBe(false);
});

test('openids that differ in case alone are two people', async () => {
  const [upper, lower] = await Promise.all([shop.meet(account, 'oABC', 0), shop.meet(account, 'oabc', 0)]);
  expect(upper.id).not.toBe(lower.id);
});

test('following is kept with its time and entry code, and written down as having happened', async () => {
  const ming = await shop.follows(account, 'ming', { at: 1_000, entryCode: 'poster-7', uniqueNumber: 'm1' });
  expect(ming).toMatchObject({ isFollowing: true, metAt: 1_000, followedAt: 1_000, entryCode: 'poster-7' });
  expect(ming.leftAt).toBeUndefined();
  const [happening, ...others] = await rows('happened');
  expect(others).toEqual([]);
  expect(happening).toMatchObject({
    kind: 'followed',
    uniqueNumber: 'm1',
    accountId: account.id,
    followerId: ming.id,
    memberId: ming.memberId,
    at: 1_000,
    recordedAt: clock.now(),
    entryCode: 'poster-7',
  });
});

test('who leaves loses their profile; who returns is the same member, seen to have left', async () => {
  const ming = await shop.follows(account, 'ming', { at: 1_000, uniqueNumber: 'm1' });
  const followers = database.connection.collection('followers');
  await followers.updateOne({ merchantId: account.merchantId, openid: 'ming' }, { $set: { profile: { nickname: '小明' } } });

  const gone = await shop.unfollows(account, 'ming', { at: 2_000, uniqueNumber: 'm2' });
  expect(gone).toMatchObject({ id: ming.id, isFollowing: false, leftAt: 2_000 });
  expect(JSON.stringify(await rows('followers'))).not.toContain('小明');

  const back = await shop.follows(account, 'ming', { at: 3_000, uniqueNumber: 'm3' });
  expect(back).toMatchObject({
    id: ming.id,
    memberId: ming.memberId,
    isFollowing: true,
    metAt: 1_000,
    followedAt: 3_000,
    leftAt: 2_000,
  });
  expect((await rows('happened')).map(({ kind }) => kind)).toEqual(['followed', 'unfollowed', 'followed']);
});

test('an event that is done again has one effect, also when it is done fifty times at once', async () => {
  const again = () => shop.follows(account, 'ming', { at: 1_000, entryCode: 'door', uniqueNumber: 'm1' });
  const met = await Promise.all(Array.from({ length: 50 }, again));
  await again();
  expect(new Set(met.map(({ id }) => id)).size).toBe(1);
  expect(met.every(({ isFollowing, entryCode }) => isFollowing && entryCode === 'door')).toBe(true);
  expect(await rows('happened')).toHaveLength(1);
  expect(await rows('members')).toHaveLength(1);
});

test('an event that comes late, older than what is known, does not change the follower', async () => {
  await shop.follows(account, 'ming', { at: 1_000, uniqueNumber: 'm1' });
  await shop.unfollows(account, 'ming', { at: 3_000, uniqueNumber: 'm3' });
  const late = await shop.follows(account, 'ming', { at: 2_000, entryCode: 'late', uniqueNumber: 'm2' });
  expect(late).toMatchObject({ isFollowing: false, followedAt: 1_000, leftAt: 3_000 });
  expect(late.entryCode).toBeUndefined();
});

test('what comes late has happened all the same: it is written down as outdated, once', async () => {
  await shop.unfollows(account, 'ming', { at: 3_000, uniqueNumber: 'm3' });
  await shop.follows(account, 'ming', { at: 2_000, entryCode: 'late', uniqueNumber: 'm2' });
  await shop.follows(account, 'ming', { at: 2_000, entryCode: 'late', uniqueNumber: 'm2' });
  const happened = await rows('happened');
  expect(happened.map(({ uniqueNumber, isOutdated }) => [uniqueNumber, isOutdated])).toEqual([
    ['m2', true],
    ['m3', undefined],
  ]);
  expect(happened[0]).toMatchObject({ kind: 'followed', entryCode: 'late', at: 2_000 });
});

test('an old event that is done again after a newer one does not bring the old state back', async () => {
  await shop.follows(account, 'ming', { at: 1_000, uniqueNumber: 'm1' });
  // In the same second, the platform's finest grain: the order of arrival decides, once.
  await shop.unfollows(account, 'ming', { at: 1_000, uniqueNumber: 'm2' });
  expect(await shop.follows(account, 'ming', { at: 1_000, uniqueNumber: 'm1' })).toMatchObject({ isFollowing: false });
  expect(await rows('happened')).toHaveLength(2);
});

test('who is first heard of by leaving is known as gone, and an older follow that comes later does not undo it', async () => {
  expect(await shop.unfollows(account, 'ming', { at: 2_000, uniqueNumber: 'm2' })).toMatchObject({
    isFollowing: false,
    leftAt: 2_000,
  });
  expect(await shop.follows(account, 'ming', { at: 1_000, uniqueNumber: 'm1' })).toMatchObject({ isFollowing: false });
});

test('a storm of comings and goings, shuffled and repeated in several processes, ends as the latest event says', async () => {
  const processes = await Promise.all(Array.from({ length: 4 }, () => openMembers({ database, clock, ids })));
  const events = Array.from({ length: 12 }, (_, index) => ({
    at: (index + 1) * 1_000,
    uniqueNumber: `m${index}`,
    isFollow: index % 2 === 0,
  }));
  const storm = [...events, ...events].map((event, index) => ({
    event,
    process: processes[(index * 7) % 4],
    order: (index * 11) % 24,
  }));
  storm.sort((a, b) => a.order - b.order);
  await Promise.all(
    storm.map(({ event: { isFollow, ...event }, process }) =>
      isFollow ? process?.follows(account, 'ming', event) : process?.unfollows(account, 'ming', event),
    ),
  );
  expect(await shop.meet(account, 'ming', 99_000)).toMatchObject({ isFollowing: false, leftAt: 12_000 });
  const happened = await rows('happened');
  expect(happened.map(({ uniqueNumber }) => uniqueNumber)).toEqual(events.map(({ uniqueNumber }) => uniqueNumber));
  expect(happened.at(-1)).toMatchObject({ kind: 'unfollowed', at: 12_000 });
  expect(await rows('members')).toHaveLength(1);
});

test('a known follower is found without a write', async () => {
  await shop.meet(account, 'ming', 0);
  const before = [await rows('followers'), await rows('members'), await rows('happened')];
  clock.advance(60_000);
  await Promise.all(Array.from({ length: 20 }, (_, at) => shop.meet(account, 'ming', at)));
  expect([await rows('followers'), await rows('members'), await rows('happened')]).toEqual(before);
});

test('a member can read all that is kept about them', async () => {
  const ming = await shop.follows(account, 'ming', { at: 1_000, entryCode: 'door', uniqueNumber: 'm1' });
  await shop.follows(account, 'hua', { at: 1_000, uniqueNumber: 'm2' });
  const personal = await personalOf(ming.memberId).read();
  expect(personal).toMatchObject({
    member: { id: ming.memberId, metAt: 1_000 },
    followers: [{ id: ming.id, openid: 'ming', profile: {} }],
    happened: [{ kind: 'followed', uniqueNumber: 'm1' }],
  });
  expect(JSON.stringify(personal)).not.toContain('hua');
});

test('who is erased can no longer be identified, and is new when they come back; what refers to the member still finds it', async () => {
  const ming = await shop.follows(account, 'ming-openid', { at: 1_000, uniqueNumber: 'm1' });
  await shop.meet(account, 'hua', 0);
  expect(await personalOf(ming.memberId).erase()).toBe(true);
  expect(JSON.stringify([await rows('followers'), await rows('members'), await rows('happened')])).not.toContain('ming-openid');
  expect(await personalOf(ming.memberId).read()).toMatchObject({
    member: { erasedAt: clock.now() },
    followers: [],
  });
  expect(await personalOf(ming.memberId).erase()).toBe(false);
  expect((await shop.meet(account, 'ming-openid', 2_000)).memberId).not.toBe(ming.memberId);
  expect(await rows('followers')).toHaveLength(2);
});

test("another merchant can neither read nor erase this one's member", async () => {
  const ming = await shop.meet(account, 'ming', 0);
  const foreign = personalOf(ming.memberId, ids<'merchant'>());
  expect(await foreign.read()).toBeUndefined();
  expect(await foreign.erase()).toBe(false);
  expect(await shop.meet(account, 'ming', 1)).toEqual(ming);
});

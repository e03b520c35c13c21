import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { streamCsv } from '../../server/api/csv.ts';
import { type Database, openDatabase } from '../../server/database/index.ts';
import { createIds, type Id } from '../../server/kernel/ids.ts';
import { type Follower, type MemberQuery, type Members, openMembers } from '../../server/members/index.ts';
import { createManualClock } from '../support/clock.ts';

const clock = createManualClock();
const ids = createIds(clock);
let database: Database;
let members: Members;
/** The commands that the database was sent. */
const commands: string[] = [];

beforeAll(async () => {
  const uri = new URL(inject('databaseUri'));
  uri.searchParams.set('monitorCommands', 'true');
  const log = { info() {}, warn() {}, error() {} };
  database = await openDatabase({ uri: uri.href, dataDir: tmpdir(), name: `listing-${ids()}`, log });
  database.connection.getClient().on('commandStarted', ({ commandName }) => commands.push(commandName));
  members = await openMembers({ database, clock, ids });
});
afterAll(async () => {
  await database.connection.dropDatabase();
  await database.close();
});

/** Puts followers there as they are, since there are many; each of a member of their own unless one is named. */
async function put(merchantId: Id<'merchant'>, followers: readonly Partial<Follower>[]) {
  const rows = followers.map((follower) => ({
    _id: ids<'follower'>(),
    merchantId,
    accountId: ids<'account'>(),
    memberId: ids<'member'>(),
    openid: ids(),
    isFollowing: true,
    metAt: clock.now(),
    changedAt: 0,
    ...follower,
  }));
  const people = [...new Set(rows.map(({ memberId }) => memberId))].map((_id) => ({ _id, merchantId, metAt: clock.now() }));
  await database.connection.collection('followers').insertMany(rows as never);
  await database.connection.collection('members').insertMany(people as never);
  return rows;
}

test('who has several followers that fit is listed once, with all of them', async () => {
  const merchantId = ids<'merchant'>();
  const memberId = ids<'member'>();
  const [first] = await put(merchantId, [{ memberId, isFollowing: false }]);
  await clock.advance(1);
  await put(merchantId, [{}, {}]);
  await clock.advance(1);
  const second = { ...first, _id: ids<'follower'>(), accountId: ids<'account'>(), isFollowing: true, openid: 'again' };
  await database.connection.collection('followers').insertOne(second as never);

  const { items } = await members.list(merchantId, { limit: 50 });
  expect(items).toHaveLength(3);
  expect(items[0]).toMatchObject({ id: memberId, followers: [{ id: first?._id }, { id: second._id }] });
  for (const isFollowing of [true, false])
    expect((await members.list(merchantId, { isFollowing, limit: 50 })).items.filter(({ id }) => id === memberId)).toHaveLength(
      1,
    );
});

test('pages of any size hold every member that fits once, in one order, whatever is asked', async () => {
  const merchantId = ids<'merchant'>();
  const accounts = [ids<'account'>(), ids<'account'>()] as const;
  const people = [ids<'member'>(), ids<'member'>(), ids<'member'>()];
  const rows: Awaited<ReturnType<typeof put>> = [];
  for (let index = 0; index < 40; index++) {
    await clock.advance(1);
    const accountId = accounts[index % 2] ?? accounts[0];
    rows.push(...(await put(merchantId, [{ accountId, isFollowing: index % 3 > 0 }])));
  }
  for (const [index, memberId] of people.entries()) {
    await clock.advance(1);
    rows.push(
      ...(await put(merchantId, [
        { memberId, accountId: accounts[0], isFollowing: index === 0 },
        { memberId, accountId: accounts[1] },
      ])),
    );
  }
  const query = fc.record({
    accountId: fc.constantFrom(undefined, ...accounts),
    isFollowing: fc.constantFrom(undefined, true, false),
    limit: fc.integer({ min: 1, max: 50 }),
  });
  await fc.assert(
    fc.asyncProperty(query, async (asked: MemberQuery & { limit: number }) => {
      const fits = rows.filter(
        (row) =>
          row.accountId === (asked.accountId ?? row.accountId) && row.isFollowing === (asked.isFollowing ?? row.isFollowing),
      );
      const byLatest = fits.sort((a, b) => (a._id < b._id ? 1 : -1)).map(({ memberId }) => memberId);
      const listed: string[] = [];
      for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
        const page = await members.list(merchantId, { ...asked, cursor });
        expect(page.items.length).toBeLessThanOrEqual(asked.limit);
        listed.push(...page.items.map(({ id }) => id));
        cursor = page.next;
      }
      expect(listed).toEqual([...new Set(byLatest)]);
    }),
    { numRuns: 40 },
  );
});

test('all followers of a merchant are read once each, none of another', async () => {
  const [merchantId, other] = [ids<'merchant'>(), ids<'merchant'>()];
  const rows = await put(
    merchantId,
    Array.from({ length: 1_234 }, () => ({})),
  );
  await put(other, [{}, {}]);
  const read: string[] = [];
  for await (const { id } of members.followers(merchantId)) read.push(id);
  expect(read.sort()).toEqual(rows.map(({ _id }) => _id as string).sort());
});

test('a reader who hangs up in the middle of a table closes the query in the database', async () => {
  const merchantId = ids<'merchant'>();
  await put(
    merchantId,
    Array.from({ length: 5_000 }, () => ({})),
  );
  commands.length = 0;
  const table = streamCsv(members.followers(merchantId), { openid: ({ openid }: Follower) => openid });
  await table[Symbol.asyncIterator]().next();
  expect(commands).not.toContain('killCursors');
  table.destroy();
  await expect.poll(() => commands).toContain('killCursors');
  const reads = commands.filter((name) => name === 'getMore').length;
  expect(reads).toBeLessThan(5_000 / 100);
});

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type Inbox, openInbox } from '../../server/coordination/inbox.ts';
import { type Database, openDatabase } from '../../server/database/index.ts';
import { createIds, type Id } from '../../server/kernel/ids.ts';
import { createLog } from '../../server/kernel/log.ts';
import type { PersonalOf } from '../../server/kernel/personal.ts';
import { type AccountKey, type Dossier, type Members, openDossier, openMembers } from '../../server/members/index.ts';
import { type AppendAudit, type Audit, type By, openAuditRecords } from '../../server/merchants/index.ts';
import { createManualClock } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';

interface Message {
  account: AccountKey & { channel: string };
  openid: string;
  sentAt: number;
  key: string;
  text: string;
}
interface Answer {
  text: string;
}

const clock = createManualClock();
const ids = createIds(clock);
const log = createLog('silent');
const by: By = { actor: { kind: 'staff', id: 'owner', name: '王老板' }, address: '203.0.113.7' };
let database: Database;
let members: Members;
let inbox: Inbox<Message, Answer>;
let audit: Audit & { append: AppendAudit };
let dossier: Dossier;
/** A new account of a new merchant for each test. */
let account: Message['account'];
/** What the work of a message waits for, by its text. */
const gates = new Map<string, Promise<void>>();

beforeAll(async () => {
  database = await openTestDatabase();
  members = await openMembers({ database, clock, ids });
  audit = await openAuditRecords({ database, clock, ids });
  inbox = await openInbox<Message, Answer>({ database, clock, ids, log, work: answerAs(members), async onLate() {} });
  dossier = await openWith([members.personal, inbox.personal, audit.personal]);
});
afterAll(() => database.close());
beforeEach(async () => {
  account = newAccount();
  await clock.advance(2 * 86_400_000);
});

const newAccount = () => ({ id: ids<'account'>(), merchantId: ids<'merchant'>(), channel: 'wechat' });
const openWith = (rooms: PersonalOf[]) => openDossier({ database, clock, log, audit, members, rooms });

const answerAs =
  (met: Members) =>
  async ({ account, openid, sentAt, text }: Message): Promise<Answer | undefined> => {
    await gates.get(text);
    const follower = await met.meet(account, openid, sentAt);
    return follower && { text: `reply to ${text}` };
  };

const messageOf = (openid: string, text: string, at = clock.now(), where = account): Message => ({
  account: where,
  openid,
  sentAt: at,
  key: ids<'message'>(),
  text,
});
const writes = (openid: string, text: string, where = account) =>
  inbox.once(messageOf(openid, text, clock.now(), where), clock.now());

async function memberOf(openid: string, where = account): Promise<Id<'member'>> {
  const page = await members.list(where.merchantId, { limit: 200 });
  const member = page.items.find(({ followers }) => followers.some((one) => one.openid === openid));
  if (!member) throw new Error(`${openid} is no member`);
  return member.id;
}

/** Everything that is stored anywhere, as text. */
async function everything(): Promise<string> {
  const collections = await database.connection.listCollections();
  const rows = await Promise.all(collections.map(({ name }) => database.connection.collection(name).find().toArray()));
  return JSON.stringify(rows);
}

test('an export holds everything of the member and nothing of anybody else', async () => {
  const elsewhere = newAccount();
  await members.follows(account, 'ming', { at: clock.now(), entryCode: 'poster-7', uniqueNumber: ids() });
  await writes('ming', 'do you have rye bread');
  await writes('hua', 'hello from hua');
  await writes('ming', 'the other shop', elsewhere);
  await members.unfollows(account, 'ming', { at: clock.now() + 1_000, uniqueNumber: ids() });

  const memberId = await memberOf('ming');
  const parts = await dossier.read(account.merchantId, memberId, by);
  expect(parts?.map(({ room }) => room)).toEqual(['members', 'messages', 'audit']);
  expect(parts).toMatchObject([
    {
      content: {
        member: { id: memberId },
        followers: [{ openid: 'ming', entryCode: 'poster-7', isFollowing: false }],
        happened: [{ kind: 'followed' }, { kind: 'unfollowed' }],
      },
    },
    { content: [{ message: { text: 'do you have rye bread' }, answer: { text: 'reply to do you have rye bread' } }] },
    { content: [{ action: 'member.exported' }] },
  ]);
  expect(JSON.stringify(parts)).not.toMatch(/hua|other shop|王老板|203\.0\.113/);
});

test('who is erased leaves no trace of their name or words anywhere, and a receipt that names them by ids', async () => {
  const openid = `o-${ids()}`;
  await members.follows(account, openid, { at: clock.now(), uniqueNumber: ids() });
  await writes(openid, `words of ${openid}`);
  await writes('hua', 'words of hua');
  const memberId = await memberOf(openid);
  expect(await everything()).toContain(openid);

  const receipt = await dossier.erase(account.merchantId, memberId, ids(), by);
  expect(receipt).toMatchObject({
    memberId,
    state: 'done',
    doneAt: clock.now(),
    rooms: [
      { room: 'members', hadSomething: true },
      { room: 'messages', hadSomething: true },
      { room: 'audit', hadSomething: false },
    ],
  });
  expect(await everything()).not.toContain(openid);
  expect(await everything()).toContain('words of hua');
  expect(await members.find(account.merchantId, memberId)).toMatchObject({ erasedAt: clock.now(), followers: [] });
  expect((await dossier.receipts(account.merchantId, { limit: 10 })).items).toEqual([receipt]);
});

test('who is erased is not left in the bytes of the closed database either, though others are', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'erased-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const own = await openDatabase({ dataDir: folder, name: 'own', log: { info() {}, warn() {}, error() {} } });
  const parts = { database: own, clock, ids };
  const met = await openMembers(parts);
  const letters = await openInbox<Message, Answer>({ ...parts, log, work: answerAs(met), async onLate() {} });
  const { append } = await openAuditRecords(parts);
  const file = await openDossier({ ...parts, log, audit: { append }, members: met, rooms: [met.personal, letters.personal] });
  // Some among many, so that their rows share pages with others and leave some free.
  for (let index = 0; index < 90; index++) {
    const openid = index % 3 ? `somebody-${index}` : 'erased-openid';
    await letters.once(messageOf(openid, index % 3 ? 'kept words' : 'erased words'), clock.now());
  }
  const follower = await met.meet(account, 'erased-openid', clock.now());
  await file.erase(account.merchantId, follower?.memberId as Id<'member'>, ids(), by);
  await own.close();
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.includes('sqlite'));
  const bytes = Buffer.concat(await Promise.all(names.map((name) => readFile(join(folder, name)))));
  expect(bytes.includes('kept words')).toBe(true);
  expect(bytes.includes('erased-openid')).toBe(false);
  expect(bytes.includes('erased words')).toBe(false);
});

test('one openid with two merchants is two people: erasing one leaves the other', async () => {
  const elsewhere = newAccount();
  await writes('ming', 'here');
  await writes('ming', 'there', elsewhere);
  await dossier.erase(account.merchantId, await memberOf('ming'), ids(), by);
  const there = await dossier.read(elsewhere.merchantId, await memberOf('ming', elsewhere), by);
  expect(there).toMatchObject([
    { content: { followers: [{ openid: 'ming' }] } },
    { content: [{ message: { text: 'there' } }] },
    {},
  ]);
});

test("another merchant can neither export nor erase this one's member, and leaves no mark of having tried", async () => {
  await writes('ming', 'here');
  const memberId = await memberOf('ming');
  const before = await everything();
  const foreign = ids<'merchant'>();
  expect(await dossier.read(foreign, memberId, by)).toBeUndefined();
  expect(await dossier.erase(foreign, memberId, ids(), by)).toBeUndefined();
  expect(await everything()).toBe(before);
});

test('erasing again gives the same receipt, also when twenty ask at once; the audit tells of it once, by ids', async () => {
  const openid = `o-${ids()}`;
  await writes(openid, 'hello');
  const memberId = await memberOf(openid);
  const erase = () => dossier.erase(account.merchantId, memberId, ids(), by);
  const receipts = await Promise.all(Array.from({ length: 20 }, erase));
  const again = await erase();
  expect(new Set(receipts.map((receipt) => receipt?.id))).toEqual(new Set([again?.id]));
  expect(again).toMatchObject({ state: 'done' });
  const { items } = await audit.list(account.merchantId, { limit: 50 });
  expect(items.map(({ action }) => action).sort()).toEqual(['member.erased', 'member.erasure-begun']);
  expect(items).toMatchObject([{ by, subject: { kind: 'member', id: memberId } }, { by }]);
  expect(JSON.stringify(items)).not.toContain(openid);
});

test('an erasure that is cut off between two rooms is ended by the sweep, which asks each room once', async () => {
  const openid = `o-${ids()}`;
  await writes(openid, 'words');
  const memberId = await memberOf(openid);
  let isBroken = true;
  const asked: string[] = [];
  const breaking: PersonalOf = (person) => ({
    ...inbox.personal(person),
    erase: async () => {
      asked.push('messages');
      if (isBroken) throw new Error('the process is killed here');
      return inbox.personal(person).erase();
    },
  });
  const first: PersonalOf = (person) => ({
    ...members.personal(person),
    erase: () => {
      asked.push('members');
      return members.personal(person).erase();
    },
  });
  const cut = await openWith([first, breaking, audit.personal]);
  const begun = await cut.erase(account.merchantId, memberId, ids(), by);
  expect(begun).toMatchObject({ state: 'begun', rooms: [{ room: 'members', hadSomething: true }] });
  expect(begun?.doneAt).toBeUndefined();

  isBroken = false;
  expect(await cut.finish()).toBe(0);
  await clock.advance(31_000);
  expect(await cut.finish()).toBe(1);
  expect(await cut.finish()).toBe(0);
  expect(asked).toEqual(['members', 'messages', 'messages']);
  expect((await cut.receipts(account.merchantId, { limit: 1 })).items).toMatchObject([
    { id: begun?.id, state: 'done', rooms: [{ room: 'members' }, { room: 'messages', hadSomething: true }, { room: 'audit' }] },
  ]);
  expect(await everything()).not.toContain(openid);
});

test('one erasure that keeps failing does not hold up the next', async () => {
  await writes('ming', 'words');
  await writes('hua', 'words');
  const broken = await openWith([
    () => ({ room: 'broken', read: async () => [], erase: () => Promise.reject(new Error('broken')) }),
  ]);
  const failing = await memberOf('ming');
  await broken.erase(account.merchantId, failing, ids(), by);
  await broken.erase(account.merchantId, await memberOf('hua'), ids(), by);
  await clock.advance(31_000);
  const mended = await openWith([
    (person) => ({
      room: 'broken',
      read: async () => [],
      erase: async () => person.memberId !== failing || Promise.reject(new Error('broken')),
    }),
  ]);
  expect(await mended.finish()).toBe(1);
  const { items } = await mended.receipts(account.merchantId, { limit: 10 });
  expect(new Map(items.map(({ memberId, state }) => [memberId, state])).get(failing)).toBe('begun');
  expect(await dossier.finish()).toBe(1);
});

test('an old message that was never answered is not worked after the erasure, and its repeat is not answered', async () => {
  const openid = `o-${ids()}`;
  await writes(openid, 'first');
  const gate = Promise.withResolvers<void>();
  gates.set('old', gate.promise);
  const old = messageOf(openid, 'old');
  const waiting = inbox.once(old, clock.now());
  await expect.poll(() => everything()).toContain('"received"');
  await clock.advance(5_000);
  expect(await waiting).toBeUndefined();

  await dossier.erase(account.merchantId, await memberOf(openid), ids(), by);
  // The work that was under way goes on, and finds that nobody wants it any more.
  gate.resolve();
  await inbox.idle();
  await clock.advance(60_000);
  expect(await inbox.sweep()).toBe(0);
  expect(await inbox.once(old, clock.now())).toBeUndefined();
  expect(await everything()).not.toContain(openid);
});

test('a message from before that comes for the first time after the erasure makes nobody known and is forgotten', async () => {
  const openid = `o-${ids()}`;
  await writes(openid, 'first');
  const late = messageOf(openid, 'late');
  await dossier.erase(account.merchantId, await memberOf(openid), ids(), by);
  await clock.advance(3_000);
  expect(await inbox.once(late, clock.now())).toBeUndefined();
  expect(await members.follows(account, openid, { at: late.sentAt, uniqueNumber: ids() })).toBeUndefined();
  expect(await everything()).not.toContain(openid);
});

test('who writes again after an erasure is a new member, and can be erased again', async () => {
  await writes('ming', 'before');
  const before = await memberOf('ming');
  const first = await dossier.erase(account.merchantId, before, ids(), by);
  await clock.advance(1_000);
  expect(await writes('ming', 'after')).toEqual({ text: 'reply to after' });
  const after = await memberOf('ming');
  expect(after).not.toBe(before);
  expect(await dossier.read(account.merchantId, after, by)).toMatchObject([
    {},
    { content: [{ message: { text: 'after' } }] },
    { content: [{ action: 'member.exported' }] },
  ]);
  const second = await dossier.erase(account.merchantId, after, ids(), by);
  expect(second?.id).not.toBe(first?.id);
  expect(await dossier.erase(account.merchantId, before, ids(), by)).toEqual(first);
});

test('a day after an erasure nothing is left by which the person could be known again', async () => {
  await writes('ming', 'before');
  await dossier.erase(account.merchantId, await memberOf('ming'), ids(), by);
  const rows = database.connection.collection('erasures');
  const find = () => rows.findOne({ merchantId: account.merchantId });
  expect(await find()).toHaveProperty('marks');
  await dossier.finish();
  expect(await find()).toHaveProperty('marks');
  await clock.advance(86_400_000);
  await dossier.finish();
  expect(Object.keys((await find()) ?? {}).sort()).toEqual([
    '_id',
    'begunAt',
    'doneAt',
    'memberId',
    'merchantId',
    'rooms',
    'state',
  ]);
});

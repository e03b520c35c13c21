import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { type AsyncZipOptions, type AsyncZippable, strToU8, zip } from 'fflate';
import { z } from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import { fault } from '../../kernel/errors.ts';
import type { Id } from '../../kernel/ids.ts';
import type { Dossier, Follower, Members } from '../../members/index.ts';
import type { Accounts, Merchants } from '../../merchants/index.ts';
import { languages, type Texts } from '../../texts/index.ts';
import { createTimeWriter, streamCsv } from '../csv.ts';
import { type Route, route } from '../route.ts';
import { idSchema, pageQuery, pageSchema, timeSchema } from '../schemas.ts';

interface MemberRoutesParts {
  members: Members;
  dossier: Dossier;
  merchants: Pick<Merchants, 'merchantOf'>;
  accounts: Pick<Accounts, 'find'>;
  texts: Texts;
  clock: Clock;
}

const followerSchema = z
  .object({
    id: z.string(),
    accountId: z.string(),
    openid: z.string(),
    isFollowing: z.boolean(),
    metAt: timeSchema,
    followedAt: timeSchema.optional(),
    leftAt: timeSchema.optional(),
    entryCode: z.string().optional(),
  })
  .meta({ id: 'Follower' });

const memberSchema = z
  .object({ id: z.string(), metAt: timeSchema, erasedAt: timeSchema.optional(), followers: z.array(followerSchema) })
  .meta({ id: 'Member' });

const receiptSchema = z
  .object({
    id: z.string(),
    memberId: z.string(),
    state: z.enum(['begun', 'done']),
    begunAt: timeSchema,
    doneAt: timeSchema.optional(),
    rooms: z.array(z.object({ room: z.string(), hadSomething: z.boolean() })),
  })
  .meta({ id: 'ErasureReceipt' });

const memberPath = z.object({ memberId: idSchema('member') });

/** A merchant's members: read, exported, erased. */
export function memberRoutes(parts: MemberRoutesParts): readonly Route[] {
  return [...readingRoutes(parts), ...exportRoutes(parts), ...erasureRoutes(parts)];
}

function readingRoutes({ members }: MemberRoutesParts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/members',
      summary:
        'Lists members with their followers, who was met last first. A page may be shorter than its limit and still name the next.',
      allow: 'member.read',
      query: pageQuery.extend({
        accountId: idSchema('account').optional(),
        isFollowing: z
          .enum(['true', 'false'])
          .transform((value) => value === 'true')
          .optional(),
      }),
      answers: { 200: { says: 'The members that fit.', schema: pageSchema(memberSchema) } },
      handle: async ({ caller, query }) => ({ status: 200, body: await members.list(caller.merchantId, query) }),
    }),
    route({
      method: 'GET',
      path: '/members/{memberId}',
      summary: 'Shows one member and as whom each account knows them. Of who was erased only the id and times are left.',
      allow: 'member.read',
      params: memberPath,
      answers: { 200: { says: 'The member.', schema: memberSchema } },
      async handle({ caller, params }) {
        const member = await members.find(caller.merchantId, params.memberId);
        return { status: 200, body: member ?? refuseUnknown() };
      },
    }),
  ];
}

function exportRoutes({ dossier, merchants, accounts, texts, clock }: MemberRoutesParts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/members/{memberId}/export',
      summary: 'Everything that is kept about one member, as the law lets them ask for it: JSON files in a zip, with a README.',
      allow: 'member.export',
      params: memberPath,
      answers: { 200: { says: 'The archive.', type: 'application/zip' } },
      async handle({ caller: { merchantId }, params: { memberId }, by }) {
        const parts = (await dossier.read(merchantId, memberId, by)) ?? refuseUnknown();
        const merchant = (await merchants.merchantOf(merchantId))?.name ?? '';
        const readme = languages.map((language) => texts.render(language, 'export.readme', { merchant })).join('\n\n\n');
        const files: AsyncZippable = { 'README.txt': strToU8(`${readme}\n`) };
        for (const { room, content } of parts) files[`${room}.json`] = strToU8(`${JSON.stringify(content, null, 2)}\n`);
        const archive = await zipped(files, { mtime: clock.now() });
        return { status: 200, stream: Readable.from([archive], { objectMode: false }), fileName: `member-${memberId}.zip` };
      },
    }),
    route({
      method: 'GET',
      path: '/followers.csv',
      summary: 'All followers of all accounts as a table, with times as the clocks of the merchant’s zone show them.',
      allow: 'member.export',
      answers: { 200: { says: 'A table for spreadsheets.', type: 'text/csv' } },
      async handle({ caller: { merchantId }, by }) {
        const zone = (await merchants.merchantOf(merchantId))?.zone ?? 'UTC';
        const followers = withAccounts(await dossier.readFollowers(merchantId, by), (id) => accounts.find(merchantId, id));
        return { status: 200, stream: streamCsv(followers, followerColumns(zone)), fileName: 'followers.csv' };
      },
    }),
  ];
}

function erasureRoutes({ dossier }: MemberRoutesParts): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/members/{memberId}/erasure',
      summary:
        'Has every room forget what identifies a member; it cannot be undone. Asked again it gives the same receipt. While the receipt says `begun`, the server goes on by itself. Who writes again is a new member.',
      allow: 'member.erase',
      params: memberPath,
      answers: { 200: { says: 'The receipt.', schema: receiptSchema } },
      async handle({ caller, params, by, newId }) {
        const receipt = await dossier.erase(caller.merchantId, params.memberId, newId<'erasure'>(), by);
        return { status: 200, body: receipt ?? refuseUnknown() };
      },
    }),
    route({
      method: 'GET',
      path: '/erasures',
      summary: 'Lists the receipts of erasures, newest first.',
      allow: 'member.erase',
      query: pageQuery,
      answers: { 200: { says: 'The receipts.', schema: pageSchema(receiptSchema) } },
      handle: async ({ caller, query }) => ({ status: 200, body: await dossier.receipts(caller.merchantId, query) }),
    }),
  ];
}

const zipped = promisify<AsyncZippable, AsyncZipOptions, Uint8Array>(zip);

type ListedFollower = Follower & { readonly accountName: string | undefined };

/** Names each follower's account, asked for once. */
async function* withAccounts(
  followers: AsyncIterable<Follower>,
  find: (id: Id<'account'>) => Promise<{ readonly name: string } | undefined>,
): AsyncGenerator<ListedFollower> {
  const names = new Map<Id<'account'>, string | undefined>();
  for await (const follower of followers) {
    const { accountId } = follower;
    if (!names.has(accountId)) names.set(accountId, (await find(accountId))?.name);
    yield { ...follower, accountName: names.get(accountId) };
  }
}

function followerColumns(zone: string) {
  const time = createTimeWriter(zone);
  return {
    memberId: ({ memberId }: ListedFollower) => memberId,
    followerId: ({ id }: ListedFollower) => id,
    accountId: ({ accountId }: ListedFollower) => accountId,
    accountName: ({ accountName }: ListedFollower) => accountName,
    openid: ({ openid }: ListedFollower) => openid,
    isFollowing: ({ isFollowing }: ListedFollower) => isFollowing,
    metAt: ({ metAt }: ListedFollower) => time(metAt),
    followedAt: ({ followedAt }: ListedFollower) => time(followedAt),
    leftAt: ({ leftAt }: ListedFollower) => time(leftAt),
    entryCode: ({ entryCode }: ListedFollower) => entryCode,
  };
}

function refuseUnknown(): never {
  throw fault('request.not-found', 'There is no member with this id.');
}

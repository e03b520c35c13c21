import { isDeepStrictEqual } from 'node:util';
import { fault } from '../../kernel/errors.ts';
import type { Id } from '../../kernel/ids.ts';
import { type By, byOperator } from '../caller.ts';
import { isDuplicate, type Session } from '../merchant-records.ts';
import type { AccountProfile, Credentials, MerchantAccount } from './account.ts';
import { type Desk, differences, keysOf, profileOf, stale, tell, tryOpen } from './account-desk.ts';
import { makeKeys, sealCredentials } from './account-keys.ts';
import type { AccountRow, AccountWrite, FormerRow } from './account-records.ts';

type Given = AccountProfile & { credentials: Credentials; keptIn: string };

/** See Accounts.ensure. */
export async function ensureAccount(desk: Desk, merchantId: Id<'merchant'>, given: Given): Promise<AccountRow> {
  checkProfile(given);
  const { credentials, keptIn, ...profile } = given;
  const row = await onceMore(() =>
    desk.database.transact(async (session) => {
      const former = await desk.records.findByApp(session, merchantId, profile);
      if (!isLive(former)) return bringIn(desk, session, merchantId, desk.ids(), { profile, credentials, former }, byOperator);
      const present = tryOpen(desk, former);
      const areKeysSame = isDeepStrictEqual(keysOf(present), keysOf(credentials)) && former.mode === profile.mode;
      if (areKeysSame && isDeepStrictEqual(present, credentials) && isDeepStrictEqual(profileOf(former), profile)) return former;
      const write: AccountWrite = {
        ...profile,
        sealed: sealCredentials(desk.vault, former._id, credentials),
        ...(areKeysSame ? {} : { keysAt: desk.clock.now(), connectedAt: undefined }),
      };
      const changed = await desk.records.change(session, merchantId, former._id, former.version, write);
      await tell(desk, session, changed ?? former, 'account.edited', byOperator, differences(profileOf(former), profile));
      return changed ?? former;
    }),
  );
  desk.keptIn.set(row._id, keptIn);
  desk.copies.drop(row._id);
  return row;
}

/** See Accounts.add. */
export async function addAccount(
  desk: Desk,
  merchantId: Id<'merchant'>,
  id: Id<'account'>,
  { appSecret, ...profile }: AccountProfile & { appSecret?: string | undefined },
  by: By,
): Promise<MerchantAccount> {
  checkProfile(profile);
  const credentials = { ...makeKeys(desk.random), ...(appSecret === undefined ? {} : { appSecret }) };
  const row = await onceMore(() =>
    desk.database.transact(async (session) => {
      const former = await desk.records.findByApp(session, merchantId, profile);
      if (!isLive(former)) return bringIn(desk, session, merchantId, id, { profile, credentials, former }, by);
      if (former.addedAs === id) return former;
      throw fault(
        'request.refused',
        `The account ${former.name} has the app id ${profile.appId} already: change that one, or remove it first.`,
      );
    }),
  );
  desk.copies.keep(row);
  return desk.show(row);
}

type Incoming = { profile: AccountProfile; credentials: Credentials; former: FormerRow | undefined };

/** Makes a row, or fills the one that the account had before it was removed: then it has its id again, and its followers. */
async function bringIn(
  desk: Desk,
  session: Session,
  merchantId: Id<'merchant'>,
  addedAs: Id<'account'>,
  { profile, credentials, former }: Incoming,
  by: By,
): Promise<AccountRow> {
  const now = desk.clock.now();
  const id = former?._id ?? addedAs;
  const { platform } = desk;
  const content = { ...profile, platform, addedAs, keysAt: now, sealed: sealCredentials(desk.vault, id, credentials) };
  const made: AccountRow = { _id: id, merchantId, ...content, version: 1, madeAt: now };
  const row = former ? await desk.records.change(session, merchantId, id, former.version, content) : made;
  if (!row) throw stale();
  if (!former) await desk.records.insert(session, made);
  await tell(desk, session, row, 'account.added', by, { after: { ...profileOf(row) } });
  return row;
}

const isLive = (row: FormerRow | undefined): row is AccountRow => row?.sealed !== undefined;

/** Of two who bring in the same account at once the unique index refuses one, which then finds the other's row. */
async function onceMore<Result>(work: () => Promise<Result>): Promise<Result> {
  return work().catch((error: unknown) => {
    if (isDuplicate(error)) return work();
    throw error;
  });
}

/** Refuses a profile with an empty field as `request.malformed`. */
function checkProfile(profile: AccountProfile): void {
  for (const field of ['channel', 'appId', 'originalId', 'name'] as const) {
    if (profile[field].trim() === '') throw fault('request.malformed', `an account needs its ${field}`);
  }
}

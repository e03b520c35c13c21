import { isDeepStrictEqual } from 'node:util';
import { type Fault, fault } from '../../kernel/errors.ts';
import type { Id } from '../../kernel/ids.ts';
import type { By } from '../caller.ts';
import type { Session } from '../merchant-records.ts';
import type { AccountChange, AccountProfile, Credentials, MerchantAccount } from './account.ts';
import type { AccountCopies } from './account-copies.ts';
import { makeKeys, openCredentials, sealCredentials } from './account-keys.ts';
import type { AccountRow, AccountWrite } from './account-records.ts';
import type { AccountsOptions } from './accounts.ts';

/** What editing accounts needs. */
export interface Desk extends AccountsOptions {
  copies: AccountCopies;
  /** Where the settings of accounts stand that cannot be edited here. */
  keptIn: Map<Id<'account'>, string>;
  show(row: AccountRow): MerchantAccount;
}

/** See Accounts.edit. */
export function editAccount(
  desk: Desk,
  merchantId: Id<'merchant'>,
  id: Id<'account'>,
  { appSecret, ...given }: AccountChange,
  version: number,
  by: By,
): Promise<MerchantAccount> {
  return writeOver(desk, merchantId, id, version, (row) => {
    const { before, after } = differences(profileOf(row), { ...profileOf(row), ...withoutUndefined(given) });
    const isSecretNew = appSecret !== undefined && tryOpen(desk, row)?.appSecret !== appSecret;
    if (Object.keys(after).length === 0 && !isSecretNew) return undefined;
    const sealedSecret = isSecretNew ? sealCredentials(desk.vault, id, { token: '', appSecret }).appSecret : undefined;
    return {
      write: {
        ...after,
        ...(sealedSecret === undefined ? {} : { sealed: { ...row.sealed, appSecret: sealedSecret } }),
        ...('mode' in after || 'originalId' in after ? { keysAt: desk.clock.now() } : {}),
      },
      tell: (session, changed) =>
        tell(desk, session, changed, 'account.edited', by, {
          before,
          after: { ...after, ...(isSecretNew ? { appSecret: 'changed' } : {}) },
        }),
    };
  });
}

/** See Accounts.renewKeys. */
export function renewAccountKeys(
  desk: Desk,
  merchantId: Id<'merchant'>,
  id: Id<'account'>,
  version: number,
  by: By,
): Promise<MerchantAccount> {
  return writeOver(desk, merchantId, id, version, (row) => {
    const present = tryOpen(desk, row);
    const credentials: Credentials = {
      ...makeKeys(desk.random),
      ...(present && previousOf(present, row.connectedAt !== undefined)),
      ...(present?.appSecret === undefined ? {} : { appSecret: present.appSecret }),
    };
    return {
      write: { sealed: sealCredentials(desk.vault, id, credentials), keysAt: desk.clock.now(), connectedAt: undefined },
      tell: (session, changed) => tell(desk, session, changed, 'account.keys-renewed', by, {}),
    };
  });
}

/** See Accounts.readKeys. */
export function readAccountKeys(
  desk: Desk,
  merchantId: Id<'merchant'>,
  id: Id<'account'>,
  by: By,
): Promise<Pick<Credentials, 'token' | 'encodingAesKey'>> {
  return desk.database.transact(async (session) => {
    const row = (await desk.records.find(merchantId, id, session)) ?? unknown(id);
    refuseKept(desk, row);
    if (row.connectedAt !== undefined)
      throw fault(
        'request.refused',
        'The platform uses this token and key already, and they are shown no more: make new ones to set it up anew.',
      );
    await tell(desk, session, row, 'account.keys-read', by, {});
    return keysOf(openCredentials(desk.vault, id, row.sealed));
  });
}

/** See Accounts.remove. */
export async function removeAccount(
  desk: Desk,
  merchantId: Id<'merchant'>,
  id: Id<'account'>,
  version: number,
  by: By,
): Promise<void> {
  await desk.database.transact(async (session) => {
    const row = (await desk.records.find(merchantId, id, session)) ?? unknown(id);
    refuseKept(desk, row);
    if (!(await desk.records.remove(session, merchantId, id, version))) throw stale();
    await tell(desk, session, row, 'account.removed', by, { before: { ...profileOf(row) } });
  });
  desk.copies.drop(id);
}

/** What is to be written over a row, and what the audit is told. */
interface Edit {
  write: AccountWrite;
  tell(session: Session, row: AccountRow): Promise<void>;
}

/** Edits a row of this version. `plan` gives nothing when nothing would change: then nothing is written. */
async function writeOver(
  desk: Desk,
  merchantId: Id<'merchant'>,
  id: Id<'account'>,
  version: number,
  plan: (row: AccountRow) => Edit | undefined,
): Promise<MerchantAccount> {
  const row = await desk.database.transact(async (session) => {
    const before = (await desk.records.find(merchantId, id, session)) ?? unknown(id);
    refuseKept(desk, before);
    if (before.version !== version) throw stale();
    const edit = plan(before);
    if (!edit) return before;
    const after = await desk.records.change(session, merchantId, id, version, edit.write);
    if (!after) throw stale();
    await edit.tell(session, after);
    return after;
  });
  desk.copies.keep(row);
  return desk.show(row);
}

function refuseKept({ keptIn }: Desk, { _id, name }: AccountRow): void {
  const place = keptIn.get(_id);
  if (place !== undefined) throw fault('request.refused', `The settings of ${name} stand in ${place}: change them there.`);
}

/** Tells the audit of a change, in its transaction. */
export function tell(
  { append }: Desk,
  session: Session,
  { _id, merchantId, name }: AccountRow,
  action: string,
  by: By,
  change: { before?: Readonly<Record<string, unknown>>; after?: Readonly<Record<string, unknown>> },
): Promise<void> {
  return append(session, merchantId, { by, action, subject: { kind: 'account', id: _id, name }, ...change });
}

/** Credentials that no key opens any more are as good as none: new ones can be set in their place. */
export function tryOpen({ vault }: Desk, { _id, sealed }: AccountRow): Credentials | undefined {
  try {
    return openCredentials(vault, _id, sealed);
  } catch {
    return undefined;
  }
}

/** What the platform uses until it is told the new ones: the present keys if it has them, else those from before. */
function previousOf(present: Credentials, isConnected: boolean): Partial<Credentials> {
  const token = isConnected ? present.token : present.previousToken;
  const key = isConnected ? present.encodingAesKey : present.previousEncodingAesKey;
  return {
    ...(token === undefined ? {} : { previousToken: token }),
    ...(key === undefined ? {} : { previousEncodingAesKey: key }),
  };
}

/** Token and key alone; without credentials, those that nobody has. */
export function keysOf(credentials: Credentials | undefined): Pick<Credentials, 'token' | 'encodingAesKey'> {
  const { token = '', encodingAesKey } = credentials ?? {};
  return { token, ...(encodingAesKey === undefined ? {} : { encodingAesKey }) };
}

export function profileOf({ channel, appId, originalId, name, traits, mode }: AccountProfile): AccountProfile {
  return { channel, appId, originalId, name, traits, mode };
}

/** The fields that are not the same, as they were and as they are to be. */
export function differences(
  before: AccountProfile,
  after: AccountProfile,
): { before: Partial<AccountProfile>; after: Partial<AccountProfile> } {
  const changed = Object.entries(after).filter(
    ([field, value]) => !isDeepStrictEqual(value, before[field as keyof AccountProfile]),
  );
  return {
    before: Object.fromEntries(changed.map(([field]) => [field, before[field as keyof AccountProfile]])),
    after: Object.fromEntries(changed),
  };
}

export function stale(): Fault {
  return fault('request.stale', 'Somebody has changed this account meanwhile: read it anew, then change it.');
}

function unknown(id: Id<'account'>): never {
  throw fault('request.not-found', `There is no account ${id}.`);
}

function withoutUndefined<Fields extends object>(fields: Fields): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

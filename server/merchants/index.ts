import type { CapabilitiesOf, ChannelName } from '../channels/channel.ts';
import type { RateBuckets } from '../coordination/rate-buckets.ts';
import type { Clock } from '../kernel/clock.ts';
import { fault } from '../kernel/errors.ts';
import type { Id, Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import type { Vault } from '../kernel/vault.ts';
import type { Accounts } from './accounts/account.ts';
import { type AccountRecords, openAccountRecords } from './accounts/account-records.ts';
import { openAccounts } from './accounts/accounts.ts';
import type { Audit } from './audit.ts';
import { type AppendAudit, openAuditRecords } from './audit-records.ts';
import { type Keys, openKeys } from './key.ts';
import type { Merchant, Platform } from './merchant.ts';
import { type Database, openMerchantRecords } from './merchant-records.ts';
import { createRegister, type Register } from './register.ts';
import { createPasswords } from './staff/password.ts';
import type { Sessions } from './staff/session.ts';
import { openSessions } from './staff/sessions.ts';
import { openStaff, type Staff } from './staff/staff.ts';

export type {
  AccountChange,
  AccountProfile,
  Accounts,
  Credentials,
  Knock,
  MerchantAccount,
  OpenedAccount,
} from './accounts/account.ts';
export type { Audit, AuditChange, AuditEntry, AuditQuery } from './audit.ts';
export { type AppendAudit, openAuditRecords } from './audit-records.ts';
export { type By, byOperator, type Caller, callerMay, type KeyCaller, type StaffCaller } from './caller.ts';
export type { ApiKey, Keys } from './key.ts';
export {
  houseSlugs,
  isZone,
  type Merchant,
  type MerchantChange,
  type MerchantProfile,
  type Platform,
  slugPattern,
} from './merchant.ts';
export { type Permission, permissionNames, permissions, type Role, roleMay, roles, scopeNames } from './permissions.ts';
export type { OpenedSession, Place, Session, Sessions } from './staff/session.ts';
export type { Link, Staff, StaffMember } from './staff/staff.ts';

export interface Merchants extends Register {
  /** Real as soon as a real account is configured or stored; then there is no sandbox. */
  readonly platform: Platform;
  readonly accounts: Accounts;
  readonly staff: Staff;
  readonly sessions: Sessions;
  readonly keys: Keys;
  readonly audit: Audit;
  /** For changes in other rooms: tells the audit inside the change's own transaction. */
  readonly appendAudit: AppendAudit;
}

export interface MerchantsOptions {
  database: Database;
  clock: Clock;
  ids: Ids;
  log: Log;
  vault: Vault;
  random: Random;
  /** Counts the tries to guess a password. */
  buckets: RateBuckets;
  /** May the sandbox run: `auto` gives way to a real account that is stored, `on` does not start beside one. */
  sandbox: 'auto' | 'on' | 'off';
  /** What each channel's accounts can do. */
  capabilities: Readonly<Record<ChannelName, CapabilitiesOf>>;
}

/** Merchants, their accounts, and who did what. Throws `config.invalid` when the sandbox would run beside a real account. */
export async function openMerchants(options: MerchantsOptions): Promise<Merchants> {
  const { database, clock, ids } = options;
  const records = await openMerchantRecords(database);
  const accountRecords = await openAccountRecords(database);
  const { append, ...audit } = await openAuditRecords({ database, clock, ids });
  const platform = await choosePlatform(accountRecords, options.sandbox);
  const register = createRegister({ database, records, append, clock, ids, platform });
  const accounts = await openAccounts({ ...options, records: accountRecords, append, platform });
  const opening = { ...options, audit: { append } };
  const staff = await openStaff(opening);
  const signing = { ...register, merchantOf: async (id: Id<'merchant'>) => onPlatform(platform, await register.merchantOf(id)) };
  const keys = await openKeys({ ...opening, merchants: signing });
  const sessions = await openSessions({ ...opening, passwords: createPasswords(options), merchants: signing });
  return { ...register, platform, accounts, staff, sessions, keys, audit, appendAudit: append };
}

/** Who has signed in to try things out must not come in beside real accounts. */
const onPlatform = (platform: Platform, merchant: Merchant | undefined) =>
  merchant?.platform === platform ? merchant : undefined;

async function choosePlatform(records: AccountRecords, sandbox: MerchantsOptions['sandbox']): Promise<Platform> {
  if (sandbox === 'off') return 'real';
  const real = await records.findReal();
  if (!real) return 'sandbox';
  if (sandbox === 'auto') return 'real';
  throw fault(
    'config.invalid',
    `SANDBOX is on, but the real account ${real.name} (${real.appId}) is stored here, and they never run side by side: ` +
      'start with SANDBOX=off, or give the sandbox a DATA_DIR or MONGODB_URI of its own.',
  );
}

import type { Clock } from '../kernel/clock.ts';
import { fault } from '../kernel/errors.ts';
import type { Id, Ids } from '../kernel/ids.ts';
import { createSingleFlight } from '../kernel/single-flight.ts';
import {
  type AccountProfile,
  checkAccount,
  checkMerchant,
  type Merchant,
  type MerchantAccount,
  type MerchantProfile,
} from './merchant.ts';
import { type Database, openMerchantRecords } from './records.ts';

export type { Audit, AuditEntry, AuditQuery } from './audit.ts';
export { type By, byOperator, type Caller, callerMay, type KeyCaller, type StaffCaller } from './caller.ts';
export type { AccountProfile, Merchant, MerchantAccount, MerchantProfile } from './merchant.ts';
export { type Permission, permissionNames, permissions, type Role, roleMay, roles } from './permissions.ts';

export interface Merchants {
  /** The merchant with this slug, made if there is none; its name, zone and language become those given. Safe to race and to repeat. */
  ensureMerchant(profile: MerchantProfile): Promise<Merchant>;
  /** The merchant's account with this channel and app id, made if there is none; its name and original id become those given. Safe to race and to repeat. */
  ensureAccount<Channel extends string>(
    merchantId: Id<'merchant'>,
    profile: AccountProfile<Channel>,
  ): Promise<MerchantAccount<Channel>>;
  /** The merchant as stored at most 5 s ago, and as last ensured by this process. */
  merchantOf(merchantId: Id<'merchant'>): Promise<Merchant | undefined>;
}

const copyLifetime = 5_000;

/** Merchants and their accounts. Profiles that make no sense are refused as `request.malformed`, an unknown merchant as `request.not-found`. */
export async function openMerchants(parts: { database: Database; clock: Clock; ids: Ids }): Promise<Merchants> {
  const { clock, ids } = parts;
  const records = await openMerchantRecords(parts.database);
  const readOnce = createSingleFlight<Merchant | undefined>();
  /** Every message asks for its merchant, who changes once in a while: another process's change is seen when the copy is too old. */
  const copies = new Map<Id<'merchant'>, { merchant: Merchant; readAt: number }>();

  async function read(merchantId: Id<'merchant'>): Promise<Merchant | undefined> {
    const merchant = await records.findMerchant(merchantId);
    if (merchant) copies.set(merchantId, { merchant, readAt: clock.now() });
    return merchant;
  }

  return {
    async ensureMerchant(profile) {
      checkMerchant(profile);
      const merchant = await records.saveMerchant(profile, ids(), clock.now());
      copies.delete(merchant.id);
      return merchant;
    },
    async ensureAccount(merchantId, profile) {
      checkAccount(profile);
      if (!(await records.findMerchant(merchantId))) throw fault('request.not-found', `there is no merchant ${merchantId}`);
      return records.saveAccount(merchantId, profile, ids(), clock.now());
    },
    async merchantOf(merchantId) {
      const copy = copies.get(merchantId);
      if (copy && clock.now() - copy.readAt < copyLifetime) return copy.merchant;
      return readOnce(merchantId, () => read(merchantId));
    },
  };
}

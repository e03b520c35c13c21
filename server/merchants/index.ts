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

export type { AccountProfile, Merchant, MerchantAccount, MerchantProfile } from './merchant.ts';

export interface Merchants {
  /** The merchant with this slug, made if there is none; its name, zone and language become those given. Safe to race and to repeat. */
  ensureMerchant(profile: MerchantProfile): Promise<Merchant>;
  /** The merchant's account with this channel and app id, made if there is none; its name and original id become those given. Safe to race and to repeat. */
  ensureAccount<Channel extends string>(
    merchantId: Id<'merchant'>,
    profile: AccountProfile<Channel>,
  ): Promise<MerchantAccount<Channel>>;
  /** The merchant as stored now; those who ask while it is being read share one read. */
  merchantOf(merchantId: Id<'merchant'>): Promise<Merchant | undefined>;
}

/** Merchants and their accounts. Profiles that make no sense are refused as `request.malformed`, an unknown merchant as `request.not-found`. */
export async function openMerchants(parts: { database: Database; clock: Clock; ids: Ids }): Promise<Merchants> {
  const { clock, ids } = parts;
  const records = await openMerchantRecords(parts.database);
  const readOnce = createSingleFlight<Merchant | undefined>();

  return {
    async ensureMerchant(profile) {
      checkMerchant(profile);
      return records.saveMerchant(profile, ids(), clock.now());
    },
    async ensureAccount(merchantId, profile) {
      checkAccount(profile);
      if (!(await records.findMerchant(merchantId))) throw fault('request.not-found', `there is no merchant ${merchantId}`);
      return records.saveAccount(merchantId, profile, ids(), clock.now());
    },
    merchantOf: (merchantId) => readOnce(merchantId, () => records.findMerchant(merchantId)),
  };
}

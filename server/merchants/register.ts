import type { Clock } from '../kernel/clock.ts';
import { fault } from '../kernel/errors.ts';
import type { Id, Ids } from '../kernel/ids.ts';
import { createSingleFlight } from '../kernel/single-flight.ts';
import type { AppendAudit } from './audit-records.ts';
import { type By, byOperator } from './caller.ts';
import {
  checkMerchant,
  houseSlugs,
  type Merchant,
  type MerchantChange,
  type MerchantProfile,
  type Platform,
} from './merchant.ts';
import { type Database, isDuplicate, type MerchantRecords, type Session } from './merchant-records.ts';

/** The merchants of this server. */
export interface Register {
  /** The house's merchant with this slug: made from the profile if there is none, else as people have edited it since. Safe to race and to repeat. */
  ensureMerchant(profile: MerchantProfile): Promise<Merchant>;
  /** The merchant as stored at most 5 s ago, and as last changed by this process; undefined for one of the other platform. */
  merchantOf(merchantId: Id<'merchant'>): Promise<Merchant | undefined>;
  findBySlug(slug: string): Promise<Merchant | undefined>;
  /** The merchant, when there is exactly one. */
  only(): Promise<Merchant | undefined>;
  /** Changes what people edit. `request.stale` when `version` is not the stored one. */
  edit(merchantId: Id<'merchant'>, change: MerchantChange, version: number, by: By): Promise<Merchant>;
  /** Opens a further merchant; the audits of both keep it. A slug that is taken is refused as `request.refused`. A repeat with the same id gives the same merchant. */
  create(houseId: Id<'merchant'>, id: Id<'merchant'>, profile: MerchantProfile, by: By): Promise<Merchant>;
}

interface RegisterOptions {
  database: Database;
  records: MerchantRecords;
  append: AppendAudit;
  clock: Clock;
  ids: Ids;
  platform: Platform;
}

const copyLifetime = 5_000;

/** Merchants as this process knows them. Profiles that make no sense are refused as `request.malformed`. */
export function createRegister(options: RegisterOptions): Register {
  const { records, clock, ids, platform } = options;
  const readOnce = createSingleFlight<Merchant | undefined>();
  /** Every message asks for its merchant, who changes once in a while: another process's change is seen when the copy is too old. */
  const copies = new Map<Id<'merchant'>, { merchant: Merchant; readAt: number }>();

  function keep(merchant: Merchant): Merchant {
    const copy = copies.get(merchant.id);
    // A read that began before a change must not undo it.
    if (copy && copy.merchant.version > merchant.version) return copy.merchant;
    copies.set(merchant.id, { merchant, readAt: clock.now() });
    return merchant;
  }
  async function read(merchantId: Id<'merchant'>): Promise<Merchant | undefined> {
    const merchant = await records.find(merchantId);
    // A merchant of the other platform is nobody here: no session, key or link of it opens anything.
    return merchant?.platform === platform ? keep(merchant) : undefined;
  }

  return {
    async ensureMerchant(profile) {
      checkMerchant(profile);
      await records.completeHouse(profile.slug, platform);
      const merchant =
        (await records.findBySlug(platform, profile.slug)) ??
        (await insertMerchant(options, newMerchant(options, ids(), profile, true), [], byOperator)) ??
        (await records.findBySlug(platform, profile.slug));
      if (!merchant) throw fault('server.cannot-start', `The slug ${profile.slug} is taken by a merchant of another platform.`);
      return keep(merchant);
    },
    async merchantOf(merchantId) {
      const copy = copies.get(merchantId);
      if (copy && clock.now() - copy.readAt < copyLifetime) return copy.merchant;
      return readOnce(merchantId, () => read(merchantId));
    },
    findBySlug: (slug) => records.findBySlug(platform, slug),
    async only() {
      const [first, second] = await records.findFirst(platform, 2);
      return second ? undefined : first;
    },
    edit: async (merchantId, change, version, by) => keep(await editMerchant(options, merchantId, change, version, by)),
    async create(houseId, id, profile, by) {
      checkMerchant(profile);
      const isReserved = (Object.values(houseSlugs) as string[]).includes(profile.slug);
      const made = isReserved
        ? undefined
        : await insertMerchant(options, newMerchant(options, id, profile, false), [houseId], by);
      const merchant = made ?? (await records.find(id));
      if (!merchant) throw fault('request.refused', `The slug ${profile.slug} is taken: choose another.`);
      return keep(merchant);
    },
  };
}

function newMerchant(
  { clock, platform }: RegisterOptions,
  id: Id<'merchant'>,
  profile: MerchantProfile,
  isHouse: boolean,
): Merchant {
  const { slug, name, zone, language } = profile;
  return Object.freeze({
    ...{ id, slug, name, zone, language, isHouse, platform },
    currency: 'CNY',
    version: 1,
    madeAt: clock.now(),
  });
}

/** Undefined when its id or its slug is taken. */
async function insertMerchant(
  { database, records, append }: RegisterOptions,
  merchant: Merchant,
  alsoToldTo: readonly Id<'merchant'>[],
  by: By,
): Promise<Merchant | undefined> {
  const { id, slug, name, zone, language } = merchant;
  const change = {
    by,
    action: 'merchant.created',
    subject: { kind: 'merchant', id, name },
    after: { slug, name, zone, language },
  };
  const insert = async (session: Session) => {
    await records.insert(session, merchant);
    for (const merchantId of [id, ...alsoToldTo]) await append(session, merchantId, change);
    return merchant;
  };
  return database.transact(insert).catch((error: unknown) => {
    if (isDuplicate(error)) return undefined;
    throw error;
  });
}

function editMerchant(
  { database, records, append }: RegisterOptions,
  merchantId: Id<'merchant'>,
  { name, zone, language }: MerchantChange,
  version: number,
  by: By,
): Promise<Merchant> {
  return database.transact(async (session) => {
    const merchant = await records.find(merchantId, session);
    if (!merchant) throw fault('request.not-found', `There is no merchant ${merchantId}.`);
    if (merchant.version !== version) throw stale();
    const wanted = { name: name ?? merchant.name, zone: zone ?? merchant.zone, language: language ?? merchant.language };
    checkMerchant({ ...wanted, slug: merchant.slug });
    const fields = (['name', 'zone', 'language'] as const).filter((field) => wanted[field] !== merchant[field]);
    if (fields.length === 0) return merchant;
    const pick = (from: typeof wanted) => Object.fromEntries(fields.map((field) => [field, from[field]]));
    const changed = await records.change(session, merchantId, version, pick(wanted));
    if (!changed) throw stale();
    const subject = { kind: 'merchant', id: merchantId, name: changed.name };
    await append(session, merchantId, { by, action: 'merchant.edited', subject, before: pick(merchant), after: pick(wanted) });
    return changed;
  });
}

function stale() {
  return fault('request.stale', 'Somebody has changed this merchant meanwhile: read it anew, then change it.');
}

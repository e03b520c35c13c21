import { fault } from '../kernel/errors.ts';
import type { Id } from '../kernel/ids.ts';
import { type Language, languages } from '../texts/index.ts';

/** What a merchant is made from. */
export interface MerchantProfile {
  /** The merchant's name in addresses and config; never changes. Lower-case letters, digits and hyphens. */
  readonly slug: string;
  /** As people read it. */
  readonly name: string;
  /** IANA time zone in which the merchant's days begin and end, such as Asia/Shanghai. */
  readonly zone: string;
  /** What is spoken where the follower's own words do not tell. */
  readonly language: Language;
}

export interface Merchant extends MerchantProfile {
  readonly id: Id<'merchant'>;
}

/** What an account is made from. Merchants know no platform: the channel's name is the caller's word. */
export interface AccountProfile<Channel extends string> {
  readonly channel: Channel;
  /** The platform's id of the account (AppID); never changes. */
  readonly appId: string;
  /** The id under which the platform addresses the account in messages (gh_… on WeChat). */
  readonly originalId: string;
  readonly name: string;
}

export interface MerchantAccount<Channel extends string> extends AccountProfile<Channel> {
  readonly id: Id<'account'>;
  readonly merchantId: Id<'merchant'>;
}

/** Refuses a profile that makes no sense as `request.malformed`. */
export function checkMerchant({ slug, name, zone, language }: MerchantProfile): void {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/.test(slug)) {
    throw fault('request.malformed', 'a merchant slug has 1 to 64 lower-case letters, digits and inner hyphens');
  }
  if (name.trim() === '') throw fault('request.malformed', 'a merchant needs a name');
  if (!languages.includes(language))
    throw fault('request.malformed', `"${language}" is none of the languages ${languages.join(', ')}`);
  if (!isZone(zone)) throw fault('request.malformed', `"${zone}" is no IANA time zone`);
}

/** Refuses a profile with an empty field as `request.malformed`. */
export function checkAccount(profile: AccountProfile<string>): void {
  for (const field of ['channel', 'appId', 'originalId', 'name'] as const) {
    if (profile[field].trim() === '') throw fault('request.malformed', `an account needs its ${field}`);
  }
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

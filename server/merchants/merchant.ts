import { fault } from '../kernel/errors.ts';
import type { Id } from '../kernel/ids.ts';
import { type Language, languages } from '../texts/index.ts';

/** Which side of the wire there is: the real platforms, or the sandbox. They never run side by side. */
export type Platform = 'real' | 'sandbox';

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
  /** All money is in this currency's smallest unit (fen). */
  readonly currency: 'CNY';
  /** Is it the house's own, made at first start: its owner may open others. */
  readonly isHouse: boolean;
  /** A merchant of the sandbox is a try-out: it is not found beside real accounts. */
  readonly platform: Platform;
  readonly version: number;
  readonly madeAt: number;
}

/** What people change about a merchant. */
export type MerchantChange = { readonly [Key in 'name' | 'zone' | 'language']?: MerchantProfile[Key] | undefined };

/** The slug of the house's own merchant. No other merchant gets one of them: starting beside the other platform makes it. */
export const houseSlugs = { real: 'main', sandbox: 'demo' } as const satisfies Record<Platform, string>;

export const slugPattern = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** Refuses a profile that makes no sense as `request.malformed`. */
export function checkMerchant({ slug, name, zone, language }: MerchantProfile): void {
  if (!slugPattern.test(slug)) {
    throw fault('request.malformed', 'a merchant slug has 1 to 64 lower-case letters, digits and inner hyphens');
  }
  if (name.trim() === '') throw fault('request.malformed', 'a merchant needs a name');
  if (!languages.includes(language))
    throw fault('request.malformed', `"${language}" is none of the languages ${languages.join(', ')}`);
  if (!isZone(zone)) throw fault('request.malformed', `"${zone}" is no IANA time zone`);
}

/** Is it a time zone that this machine knows. */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

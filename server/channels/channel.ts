import type { Id } from '../kernel/ids.ts';

/** The platforms on which a merchant can have accounts. */
export type ChannelName = 'wechat';

/** What the platform has made of an account: its capabilities follow from this. */
export interface AccountTraits {
  readonly kind: 'subscription' | 'service';
  readonly isVerified: boolean;
  /** Permissions that the platform has granted beyond those of its kind, by the platform's names. */
  readonly permissions: readonly string[];
}

/** What an account may be able to do on its platform. */
export type Capability =
  | 'menu'
  | 'personal-menus'
  | 'customer-messages'
  | 'template-messages'
  | 'subscription-notices'
  | 'mass-sending'
  | 'materials'
  | 'followers'
  | 'tags'
  | 'entry-codes'
  | 'web-sign-in'
  | 'positions'
  | 'page-sharing'
  | 'cards'
  | 'statistics';

/** Why an account cannot do something: stable words, for which the pages have sentences. */
export type CapabilityReason = 'needs-service-account' | 'needs-verification' | 'needs-permission';

/** Can it be done, and if not, why not. A permission with that name, once the platform has granted it, may change the answer. */
export type Ability =
  | { readonly can: true; readonly permission: string }
  | { readonly can: false; readonly permission: string; readonly reason: CapabilityReason };

export type Capabilities = Readonly<Record<Capability, Ability>>;

/** What an account with these traits can do: each channel has one such table. */
export type CapabilitiesOf = (traits: AccountTraits) => Capabilities;

/** One official account of a merchant, as far as every room may know it. */
export interface Account {
  readonly id: Id<'account'>;
  readonly merchantId: Id<'merchant'>;
  readonly channel: ChannelName;
}

/** What a follower did or said, in words that all channels share. Places are GCJ-02 degrees. */
export type Content =
  | { kind: 'text'; text: string }
  | { kind: 'image'; mediaId?: string; url?: string }
  | { kind: 'voice'; mediaId: string; format?: string; text?: string }
  | { kind: 'video'; mediaId: string; thumbnailId?: string }
  | { kind: 'place'; latitude: number; longitude: number; label: string }
  | { kind: 'link'; title: string; text: string; url: string }
  | { kind: 'file'; title: string; fileKey: string }
  | { kind: 'follow'; entryCode?: string }
  | { kind: 'unfollow' }
  | { kind: 'scan'; entryCode: string }
  | { kind: 'position'; latitude: number; longitude: number; precisionMeters: number }
  | { kind: 'menu'; key: string }
  | { kind: 'menu-link'; url: string }
  /** A notice of the platform that no follower waits on: kept, acknowledged, answered with nothing. */
  | { kind: 'notice'; name: string }
  /** A kind that this version does not know: kept as it came, acknowledged, answered with nothing. */
  | { kind: 'unknown'; name: string };

/** One inbound message, verified, opened and parsed, before anything was done about it. */
export interface Inbound {
  readonly account: Account;
  /** The follower's id on this account (openid). */
  readonly openid: string;
  /** When the platform says it was sent; whole seconds on WeChat, epoch ms here. */
  readonly sentAt: number;
  /** What makes it one message among all of its account: equal for the platform's repeats, different for anything else. */
  readonly key: string;
  readonly content: Content;
  /** Every field as it came, nested ones by path ("ScanCodeInfo/ScanType"), always strings; a list where an element repeats. */
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
}

/** What a follower is answered within the callback. `none` acknowledges and shows nothing. */
export type Reply = { kind: 'text'; text: string } | { kind: 'none' };

/** What a follower can be told beside the callback. */
export type Telling = Exclude<Reply, { kind: 'none' }>;

/** What came of telling it. Reasons are stable words. */
export type TellingOutcome =
  | { readonly outcome: 'sent' }
  /** For good: the platform does not take it, or the account cannot send it. */
  | { readonly outcome: 'refused'; readonly reason: string }
  /** The platform certainly did not take it; it may later. */
  | { readonly outcome: 'not-taken'; readonly reason: string }
  /** The platform may have taken it: to tell it again could tell it twice. */
  | { readonly outcome: 'unknown'; readonly reason: string };

/** An account that is to be checked, and what came of its callbacks. */
export interface CheckedAccount {
  readonly id: string;
  readonly appId: string;
  readonly appSecret?: string | undefined;
  readonly mode: 'plain' | 'compatible' | 'safe';
  readonly platform: 'real' | 'sandbox';
  readonly capabilities: Capabilities;
  /** The latest first: `greeted` for a test of the address, `answered` for a message, else the code of the fault. */
  readonly knocks: readonly { readonly outcome: string; readonly at: number }[];
}

/** One step of a check of an account: outwards, what we ask of the platform; inwards, what it brings us. Names and reasons are stable. */
export interface CheckStep {
  readonly name: string;
  readonly side: 'out' | 'in';
  /** `waiting`: it cannot be told yet, since a step before it failed or nothing has happened. */
  readonly outcome: 'passed' | 'failed' | 'waiting';
  /** Why it failed or what it waits for. */
  readonly reason?: string;
  /** An address, a date or the like that belongs to the reason. */
  readonly detail?: string;
  readonly milliseconds?: number;
}

/** Whether an account works, and which step does not. */
export interface AccountCheck {
  /** Epoch ms. */
  readonly startedAt: number;
  readonly milliseconds: number;
  readonly steps: readonly CheckStep[];
}

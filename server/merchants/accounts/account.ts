import type { AccountTraits, Capabilities, Capability, ChannelName } from '../../channels/channel.ts';
import type { Id } from '../../kernel/ids.ts';
import type { Page, PageQuery } from '../../kernel/page.ts';
import type { By } from '../caller.ts';
import type { Platform } from '../merchant.ts';

/** What an account is made from. Merchants know no platform: the channel's name is the caller's word. */
export interface AccountProfile {
  readonly channel: ChannelName;
  /** The platform's id of the account (AppID); never changes. */
  readonly appId: string;
  /** The id under which the platform addresses the account in messages (gh_… on WeChat). */
  readonly originalId: string;
  readonly name: string;
  readonly traits: AccountTraits;
  /** How the platform encrypts its messages; never taken from a request. */
  readonly mode: 'plain' | 'compatible' | 'safe';
}

/** An account without what is secret about it. */
export interface MerchantAccount extends AccountProfile {
  readonly id: Id<'account'>;
  readonly merchantId: Id<'merchant'>;
  /** Where its settings stand: what the configuration (or the sandbox) names cannot be edited elsewhere. */
  readonly source: 'configuration' | 'console';
  /** Of the real platform, or of the sandbox: they never run side by side. */
  readonly platform: Platform;
  readonly hasAppSecret: boolean;
  /** When a callback was first answered; token and key can be read until then, and never again. */
  readonly connectedAt?: number;
  readonly version: number;
  readonly madeAt: number;
}

/** What people edit about an account. */
export type AccountChange = {
  readonly [Key in 'name' | 'originalId' | 'traits' | 'mode']?: AccountProfile[Key] | undefined;
} & { readonly appSecret?: string | undefined };

/** What callbacks are checked against and calls are signed with. Sealed at rest, never logged, never shown again once used. */
export interface Credentials {
  readonly token: string;
  readonly encodingAesKey?: string;
  /** While keys are changed: what the platform signs and seals with the old ones is answered with them. */
  readonly previousToken?: string;
  readonly previousEncodingAesKey?: string;
  readonly appSecret?: string;
}

/** An account as this process works with it: hand it on no further than to its channel. */
export interface OpenedAccount extends MerchantAccount {
  readonly credentials: Credentials;
}

/** The last time that callbacks of an account came to an outcome: `greeted` (a test of the address), `answered` (a message), or the code of the fault that refused them. */
export interface Knock {
  readonly outcome: string;
  readonly at: number;
}

export interface Accounts {
  /**
   * The account that the configuration or the sandbox names, made if there is none; it becomes what is given, and while this process runs
   * nobody edits it. `keptIn` says where its settings stand instead. Safe to race and to repeat.
   */
  ensure(
    merchantId: Id<'merchant'>,
    given: AccountProfile & { credentials: Credentials; keptIn: string },
  ): Promise<OpenedAccount>;
  list(merchantId: Id<'merchant'>, query: PageQuery): Promise<Page<MerchantAccount>>;
  find(merchantId: Id<'merchant'>, id: Id<'account'>): Promise<MerchantAccount | undefined>;
  /** Adds an account with a token and key of our making, and the AppSecret if it is known yet. An app id that the merchant has already is refused as `request.refused`. */
  add(
    merchantId: Id<'merchant'>,
    id: Id<'account'>,
    profile: AccountProfile & { appSecret?: string | undefined },
    by: By,
  ): Promise<MerchantAccount>;
  /** Changes what people edit. `request.stale` when `version` is not the stored one, `request.refused` for an account of the configuration. */
  edit(merchantId: Id<'merchant'>, id: Id<'account'>, change: AccountChange, version: number, by: By): Promise<MerchantAccount>;
  /** Token and key, to be pasted into the platform's settings. Refused as `request.refused` once the platform has used them. The audit keeps who looked. */
  readKeys(merchantId: Id<'merchant'>, id: Id<'account'>, by: By): Promise<Pick<Credentials, 'token' | 'encodingAesKey'>>;
  /** A new token and key, readable until they are used; with those before callbacks are answered until an hour after that. */
  renewKeys(merchantId: Id<'merchant'>, id: Id<'account'>, version: number, by: By): Promise<MerchantAccount>;
  /** Forgets the account's credentials and answers its callbacks no more; members and what happened stay. */
  remove(merchantId: Id<'merchant'>, id: Id<'account'>, version: number, by: By): Promise<void>;
  /** The account with its credentials, as stored at most 5 s ago and as last changed by this process; the same object until it changes. */
  open(channel: string, id: Id<'account'>): Promise<OpenedAccount | undefined>;
  /** Notes an outcome of a callback; writes at most once a second an account and outcome. The first message that is answered connects the account. */
  knocked(account: OpenedAccount, outcome: string): void;
  /** What came of this account's callbacks, the latest first. */
  knocks(merchantId: Id<'merchant'>, id: Id<'account'>): Promise<readonly Knock[]>;

  /** What the platform lets the account do, and why not the rest. */
  capabilitiesOf(account: Pick<AccountProfile, 'channel' | 'traits'>): Capabilities;
  /** Refuses what the account cannot do as `account.incapable`, in words that say what is missing: before anything is tried. */
  requireCapability(account: Pick<AccountProfile, 'channel' | 'traits' | 'name'>, capability: Capability): void;

  /** Seals anew what an older key has sealed, so that the older key can go. */
  reseal(): Promise<void>;
  /** Resolves when all outcomes noted so far are written. */
  idle(): Promise<void>;
}

import type { Ability, Capability } from '../channels/channel.ts';
import type { Permission, Role } from '../merchants/permissions.ts';

/*
 * What the console and the API say to each other under `/api/v1`, as JSON: types alone, so that pages can import them. The routes' schemas
 * decide; test/api/contract.test.ts holds these types to them. Times are epoch ms; `version` is also the ETag.
 */

/** Problem details (RFC 9457) of every refusal. */
export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  /** Stable; a page may switch over it. */
  code: string;
  detail: string;
  /** The request's id. */
  instance: string;
  /** Which fields cannot be used: `body.name`. */
  errors?: readonly { path: string; code: string; message: string }[];
  /** After how many ms it makes sense to try again. */
  retryAfter?: number;
}

export interface Listed<Item> {
  items: readonly Item[];
  /** The cursor of the next page; absent at the end. */
  next?: string;
}

export type Language = 'zh' | 'en';

export interface Merchant {
  id: string;
  slug: string;
  name: string;
  /** IANA name of the time zone. */
  zone: string;
  language: Language;
  version: number;
}

export interface StaffMember {
  id: string;
  name: string;
  login: string;
  role: Role;
  storeIds: readonly string[];
  hasPassword: boolean;
  hasCode: boolean;
  madeAt: number;
  lastSeenAt?: number;
  version: number;
}

/** Who is signed in: `GET /session`, and what signing in answers. */
export interface SignedIn {
  staff: StaffMember;
  merchant: Merchant;
  permissions: readonly Permission[];
  expiresAt: number;
}

/** What the sign-in page shows: the only merchant if there is one. */
export interface Door {
  merchant?: { slug: string; name: string };
  hasSandbox: boolean;
}

/** What a one-time link is for. */
export interface LinkLook {
  purpose: 'join' | 'enter';
  role: Role;
  name: string;
  login?: string;
  merchantName: string;
  expiresAt: number;
}

export interface AccountTraits {
  kind: 'subscription' | 'service';
  isVerified: boolean;
  permissions: readonly string[];
}

export type AccountMode = 'plain' | 'compatible' | 'safe';

export interface Account {
  id: string;
  channel: string;
  appId: string;
  originalId: string;
  name: string;
  traits: AccountTraits;
  mode: AccountMode;
  source: 'configuration' | 'console';
  platform: 'real' | 'sandbox';
  hasAppSecret: boolean;
  connectedAt?: number;
  madeAt: number;
  version: number;
}

export interface AccountDetail extends Account {
  callbackUrl: string;
  capabilities: Readonly<Record<Capability, Ability>>;
}

/** What is pasted into the platform's settings. */
export interface AccountKeys {
  token: string;
  encodingAesKey?: string;
  callbackUrl: string;
}

export interface CheckStep {
  name: string;
  side: 'out' | 'in';
  outcome: 'passed' | 'failed' | 'waiting';
  reason?: string;
  detail?: string;
  milliseconds?: number;
}

/** `POST /accounts/{accountId}/checks`. */
export interface Check {
  startedAt: number;
  milliseconds: number;
  steps: readonly CheckStep[];
}

/** A one-time link that still opens something. */
export interface Link {
  id: string;
  purpose: 'join' | 'enter';
  role: Role;
  storeIds: readonly string[];
  name: string;
  staffId?: string;
  madeAt: number;
  expiresAt: number;
}

/** A link just made; `url` is shown this once. */
export interface MadeLink {
  link: Link;
  token: string;
  url: string;
}

export interface ApiKey {
  id: string;
  name: string;
  scopes: readonly Permission[];
  /** The beginning of the key, for people to recognise it by. */
  hint: string;
  madeAt: number;
  expiresAt?: number;
  lastUsedAt?: number;
  version: number;
}

/** A key just made; `secret` is shown this once. */
export interface MadeKey {
  key: ApiKey;
  secret: string;
}

/** Where somebody is signed in. */
export interface Session {
  id: string;
  madeAt: number;
  lastUsedAt: number;
  expiresAt: number;
  address: string;
  agent: string;
  isCurrent: boolean;
}

export interface AuditEntry {
  id: string;
  at: number;
  by: {
    actor: { kind: 'staff' | 'key' | 'operator' | 'nobody'; id?: string; name: string };
    address?: string;
    requestId?: string;
  };
  action: string;
  subject: { kind: string; id: string; name?: string };
  before?: Readonly<Record<string, unknown>>;
  after?: Readonly<Record<string, unknown>>;
}

export type EventType = 'follower.followed' | 'follower.unfollowed';

export interface Webhook {
  id: string;
  name: string;
  url: string;
  /** Absent: everything. */
  kinds?: readonly EventType[];
  state: 'active' | 'paused' | 'broken';
  /** The receiver paused it itself, by the answer 410. */
  isGone?: boolean;
  brokenSince?: number;
  nextTryAt?: number;
  previousSecretUntil?: number;
  position: number;
  madeAt: number;
  version: number;
}

/** A webhook with a secret just made; `secret` is shown this once. */
export interface MadeWebhook {
  webhook: Webhook;
  secret: string;
}

/** How one try of a delivery went; `failure` is absent when it was taken. */
export interface Attempt {
  at: number;
  milliseconds: number;
  status?: number;
  failure?: string;
}

export interface Delivery {
  id: string;
  eventId: string;
  type: EventType;
  position: number;
  memberId: string;
  state: 'waiting' | 'delivered' | 'given-up';
  attempts: number;
  madeAt: number;
  nextTryAt?: number;
  endedAt?: number;
  last?: Attempt;
}

/** `POST /webhooks/{webhookId}/test`. */
export interface TestedWebhook extends Attempt {
  /** The first of what the receiver answered. */
  body?: string;
}

/** A person as one account knows them. */
export interface Follower {
  id: string;
  accountId: string;
  openid: string;
  isFollowing: boolean;
  metAt: number;
  followedAt?: number;
  leftAt?: number;
  entryCode?: string;
}

/** The person across all accounts of the merchant. */
export interface Member {
  id: string;
  metAt: number;
  /** Their followers are gone then. */
  erasedAt?: number;
  followers: readonly Follower[];
}

/** Something that happened, at its position of the merchant's stream. */
export interface MemberEvent {
  type: EventType;
  position: number;
  at: number;
  data: { memberId: string; followerId: string; accountId: string; entryCode?: string; isOutdated?: true };
}

/** What is known of an erasure. */
export interface Receipt {
  id: string;
  memberId: string;
  state: 'begun' | 'done';
  begunAt: number;
  doneAt?: number;
  rooms: readonly { room: string; hadSomething: boolean }[];
}

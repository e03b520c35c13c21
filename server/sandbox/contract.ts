/**
 * What the sandbox's page and its server say to each other under `/sandbox/api`: types alone, so that the page can import them.
 *
 * | request | body | answer |
 * | --- | --- | --- |
 * | `GET state` | | `SandboxState` |
 * | `POST followers` | `NewFollower` | 201 `Follower` |
 * | `POST followers/:openid/follow` | `FollowRequest` | 202 `Begun` |
 * | `POST followers/:openid/unfollow` | `{}` | 202 `Begun` |
 * | `POST followers/:openid/messages` | `Speech` | 202 `Begun` |
 * | `GET followers/:openid/subscriptions` | | `Subscription[]` |
 * | `POST followers/:openid/subscriptions` | `SubscriptionAnswers` | 202 `Begun` |
 * | `POST followers/:openid/subscriptions/end` | `SubscriptionEnd` | 202 `Begun` |
 * | `PUT followers/:openid/settings` | `FollowerSettings` | `Follower` |
 * | `GET media/:mediaId` | | the file |
 * | `GET followers/:openid/menu` | | `PhoneMenu` |
 * | `GET followers/:openid/messages?before&limit` | | `Page<Message>`, oldest first |
 * | `GET accounts` | | `OwnedAccount[]` |
 * | `POST accounts` | `NewAccount` | 201 `OwnedAccount` |
 * | `PUT accounts/:appId/server` | `ServerSettings` | `ServerVerdict` |
 * | `PUT accounts/:appId/addresses` | `AddressList` | `OwnedAccount` |
 * | `GET accounts/:appId/codes` | | `EntryCode[]`, the newest 50 first |
 * | `GET wire?before&limit&find&kind&direction&verdict` | | `Page<WireRow>`, newest first |
 * | `GET wire/:id` | | `WireDetail` |
 * | `GET events?after` | | server-sent events, see `SandboxEvents` |
 *
 * Bodies are `application/json` of at most 64 KiB. Faults are answered as RFC 9457 problem details: what the platform would not
 * let a follower do is 409 `request.refused` with the reason in `detail`. Times are epoch milliseconds.
 */

import type { Message } from './chat-contract.ts';
import type { CallbackFault, CallFault } from './faults.ts';

export type * from './chat-contract.ts';

/** How an account's callbacks travel: 明文, 兼容, 安全. */
export type Mode = 'plain' | 'compatible' | 'safe';

/** The page's first question; `cursor` is where its event stream starts, so that nothing falls between the two. */
export interface SandboxState {
  accounts: Account[];
  followers: Follower[];
  /** Hand it to `GET events?after=`. */
  cursor: string;
  /** The sandbox's clock, epoch ms. */
  now: number;
}

/** One official account as its followers see it; credentials are never part of it. */
export interface Account {
  appId: string;
  /** The `gh_…` id that stands as ToUserName in callbacks. */
  originalId: string;
  name: string;
  kind: AccountKind;
  isVerified: boolean;
  mode: Mode;
  /** Where callbacks go; absent until the server is connected. */
  callbackUrl?: string;
}

/** 订阅号, 服务号. */
export type AccountKind = 'subscription' | 'service';

export interface NewAccount {
  /** 1–32 characters; no two accounts have the same. */
  name: string;
  kind: AccountKind;
  isVerified: boolean;
}

/** An account as its owner sees it on the platform's own page, with its credentials. */
export interface OwnedAccount extends Account {
  appSecret: string;
  /** The white list: whence tokens may be asked for. Nobody may when it is empty. */
  addresses: string[];
  /** Absent until the platform has taken some. */
  server?: ServerSettings;
}

/** What the owner enters so that callbacks arrive: 服务器配置. */
export interface ServerSettings {
  /** http or https. */
  url: string;
  /** 3–32 letters and digits. */
  token: string;
  /** 43 letters and digits; plain mode alone does without. */
  encodingAesKey?: string;
  mode: Mode;
}

/** What the platform found when it tested the address. Settings that were not accepted are not kept. */
export interface ServerVerdict {
  isAccepted: boolean;
  account: OwnedAccount;
  /** The test in the wire log. */
  row: WireRow;
}

export interface AddressList {
  /** IPv4 or IPv6 addresses, at most 50. */
  addresses: string[];
}

/** A person with a phone. They can be known without following. */
export interface Follower {
  openid: string;
  appId: string;
  name: string;
  isFollowing: boolean;
  /** When they followed last, epoch ms; stays after they unfollow. */
  followedAt?: number;
  unfollowedAt?: number;
  /** The account's black list: it hears nothing more from them. */
  isBlocked?: boolean;
  /** They have switched the account's messages off. */
  refusesMessages?: boolean;
  /** How they came when they followed last. */
  scene?: SubscribeScene;
  /** The scene of the QR code by which they last came, if ever by one. */
  entryCode?: string;
  /** What the account calls them. */
  remark?: string;
  /** The account's tags that they bear, the last applied at the end. */
  tagIds?: number[];
  /** The same on all accounts of one Open Platform account; absent where there is none. */
  unionid?: string;
  /** Their phone's; iOS where nothing is said. */
  system?: PhoneSystem;
  /** What `snsapi_userinfo` tells of them. */
  pictureUrl?: string;
  /** What they give to mini programs that ask for it. */
  phoneNumber?: string;
}

export type PhoneSystem = 'ios' | 'android' | 'other';

/** How a follower came, as the platform calls it (wechat.md §5). */
export type SubscribeScene =
  | ('ADD_SCENE_SEARCH' | 'ADD_SCENE_ACCOUNT_MIGRATION' | 'ADD_SCENE_PROFILE_CARD' | 'ADD_SCENE_QR_CODE')
  | ('ADD_SCENE_PROFILE_LINK' | 'ADD_SCENE_PROFILE_ITEM' | 'ADD_SCENE_PAID' | 'ADD_SCENE_WECHAT_ADVERTISEMENT')
  | ('ADD_SCENE_REPRINT' | 'ADD_SCENE_LIVESTREAM' | 'ADD_SCENE_CHANNELS' | 'ADD_SCENE_WXA' | 'ADD_SCENE_OTHERS');

export interface NewFollower {
  /** 1–32 characters, of which at least one is seen. */
  name: string;
  /** Which account's; the first account's when absent. */
  appId?: string;
}

export interface FollowRequest {
  /** The scene of the QR code by which they came, 1–64 characters. */
  entryCode?: string;
}

/** Delivery has begun: its outcome comes as events (`message`, `wire`). */
export interface Begun {
  deliveryId: string;
  follower: Follower;
  /** The line that appeared in the chat at once; absent for what shows none. */
  message?: Message;
}

/** `items`, and whether there are more beyond the last of them (ask again with `before` = the id of the oldest item). */
export interface Page<Item> {
  items: Item[];
  hasMore: boolean;
}

/** What the platform made of an answer: shown, nothing to show, or a fault of the server. */
export type Verdict = 'accepted' | 'acknowledged' | 'refused';

/** Which rule decided over an answer; `section` is its place in the platform's facts. The page has words for each code. */
export type RuleCode =
  | 'reply-shown'
  | 'handed-over'
  | 'success'
  | 'empty'
  | 'address-echoed'
  | 'address-not-echoed'
  | 'late'
  | 'unreachable'
  | 'interrupted'
  | 'wrong-status'
  | 'too-large'
  | 'not-xml'
  | 'not-encrypted'
  | 'wrong-signature'
  | 'undecipherable'
  | 'missing-field'
  | 'wrong-receiver'
  | 'unknown-type'
  | 'text-too-long'
  | CallRule;

/** Which rule decided over a call of the server. */
export type CallRule =
  | 'call-answered'
  | 'unknown-call'
  | 'wrong-method'
  | 'malformed-call'
  | 'wrong-grant'
  | 'no-app-id'
  | 'no-secret'
  | 'unknown-app'
  | 'wrong-secret'
  | 'address-not-allowed'
  | 'no-token'
  | 'wrong-token'
  | 'token-over'
  | 'quota-used-up'
  | 'not-granted'
  | 'value-missing'
  | 'value-wrong'
  | 'limit-passed'
  | 'nothing-there'
  | 'used-already'
  | 'out-of-time'
  | 'not-to-this-person'
  | 'too-fast'
  | 'fault-chosen';

/** One try of a callback, or one call of the server, as a row of the wire log. Ids sort by time. */
export interface WireRow {
  id: string;
  /** When the try began, epoch ms. */
  at: number;
  /** `callback`: from the platform to the server; `call`: from the server to the platform. */
  direction: 'callback' | 'call';
  /** MsgType, or the Event of an event (`text`, `location`, `subscribe`, …), `echostr` for the address check, or the name of a call (`cgi-bin/token`). */
  kind: string;
  /** Empty on a call that names no account. */
  appId: string;
  openid?: string;
  followerName?: string;
  /** What it says in short: the text, the label, the key. */
  excerpt?: string;
  deliveryId?: string;
  /** 1–3; of a call always 1. */
  attempt: number;
  /** HTTP status; absent when nothing came back. */
  status?: number;
  milliseconds: number;
  verdict: Verdict;
  rule: RuleCode;
  /** What went wrong with it by choice; absent where nothing did. */
  fault?: CallFault | CallbackFault;
  /** "1.2", "2": the section of the platform's facts. */
  section: string;
}

/** One try with everything that went over the wire. Texts beyond 16 Ki characters are cut, which `isCut` says. Secrets and tokens of a call are masked. */
export interface WireDetail extends WireRow {
  request: {
    method: 'GET' | 'POST';
    path: string;
    query: Record<string, string>;
    headers: Record<string, string>;
    body: string;
    /** The message's XML before it was sealed; equals `body` in plain mode, absent for the address check. */
    decoded?: string;
  };
  /** Absent when nothing came back. */
  answer?: {
    headers: Record<string, string>;
    body: string;
    isCut: boolean;
    /** The reply's XML once opened; absent when there is none or it could not be opened. */
    decoded?: string;
  };
  /** What was checked, in order, up to the first that failed. */
  checks: Check[];
  /** What went wrong in plain English, for whoever has to mend it; absent when nothing did. */
  why?: string;
}

export interface Check {
  name: 'in-time' | 'status' | 'size' | 'xml' | 'signature' | 'decrypt' | 'app-id' | 'receiver' | 'type' | 'echo' | CallCheck;
  passed: boolean;
}

/** What is checked of a call, in this order. */
export type CallCheck =
  | ('method' | 'grant' | 'app-id' | 'secret' | 'address' | 'token')
  | ('granted' | 'quota' | 'body' | 'fields' | 'state' | 'fault');

/**
 * The events of `GET events`, by name, as JSON in `data`. Each has an id; a stream taken up with `Last-Event-ID` (or `?after=`)
 * continues behind it. `reset` says that this is no longer possible (a restart, too long away): read everything anew.
 * A comment line comes every 15 s.
 */
export interface SandboxEvents {
  account: Account;
  follower: Follower;
  message: Message;
  wire: WireRow;
  /** The account is seen to type until then, epoch ms; a time that is over ends it. */
  typing: { openid: string; until: number };
  reset: { cursor: string };
}

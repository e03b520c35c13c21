import type { AccountKind, Follower } from './contract.ts';
import type { FaultPlan } from './faults.ts';

/**
 * How tests, tools and the page set any state of the sandbox, under `/sandbox/api/script`: types alone. Nothing of it is told to the
 * server by a callback: it is how things stand, not what somebody does. docs/sandbox.md has examples.
 *
 * | request | body | answer |
 * | --- | --- | --- |
 * | `GET script` | | `ScriptState` |
 * | `POST script/clock` | `ClockPush` | `SandboxTime` |
 * | `PUT script/faults` | `FaultPlan` | `FaultState` |
 * | `PATCH script/accounts/:appId` | `AccountTraits` | `Account` |
 * | `PUT script/accounts/:appId/quotas` | `QuotaUse` | 204 |
 * | `PUT script/accounts/:appId/outcomes` | `Outcomes` | 204 |
 * | `POST script/accounts/:appId/tokens/end` | `{}` | 204 |
 * | `POST script/accounts/:appId/followers` | `NewPeople` | 201 `{ openids }` |
 * | `PATCH script/followers/:openid` | `PersonState` | `Follower` |
 * | `PUT script/followers/:openid/window` | `WindowState` | 204 |
 * | `PUT script/followers/:openid/grants` | `GrantState` | 204 |
 * | `POST script/followers/:openid/codes` | `NewLoginCode` | 201 `{ code }` |
 */
export interface ScriptState {
  clock: SandboxTime;
  faults: FaultState;
}

export interface SandboxTime {
  /** The sandbox's clock, epoch ms. */
  now: number;
  /** How far it is ahead of the machine's, ms. */
  ahead: number;
}

/** Forward by 1 ms to 400 days: what was to happen on the way happens at once. Or back to the machine's time. */
export type ClockPush = { forward: number } | { ahead: 0 };

export interface FaultState {
  plan: FaultPlan;
  /** How often each rule has struck since the plan was set. */
  struck: { calls: number[]; callbacks: number[] };
}

export interface AccountTraits {
  kind?: AccountKind;
  isVerified?: boolean;
}

export interface QuotaUse {
  /** A call by its path: `cgi-bin/user/get`. */
  call: string;
  /** How often it was made today. */
  used: number;
}

/** What comes of all that the account sends from now on, as the platform's events say it; what is not said goes well. */
export interface Outcomes {
  /** Nobody gets the mass message: `send fail`, or `err(10001)` and the like, each a reason of the platform (wechat.md §1.4). */
  mass?: 'send fail' | `err(${number})`;
  /** Nobody gets the template message. */
  template?: 'failed:user block' | 'failed: system failed';
  /** What is published is refused: 2 originality, 3 routine, 4 audit. */
  publication?: 2 | 3 | 4;
}

/** What is so of a person; what is not said stays as it is. Who follows without a time follows since now. */
export type PersonState = { [Field in Exclude<keyof Follower, 'openid' | 'appId'>]?: Follower[Field] | undefined };

export interface NewPeople {
  /** 1 to 10,000. Names and openids are made up where none are said. */
  followers: (PersonState & { openid?: string | undefined })[];
}

export interface WindowState {
  /** How many customer messages may still be sent. */
  messages: number;
  /** For how long, ms. */
  lasts: number;
}

/** How many messages a follower has agreed to, beside what was answered on the phone. */
export interface GrantState {
  /** `one-off` is the old one-off message: its grants are for one scene. */
  place: 'account' | 'mini-program' | 'one-off';
  templateId: string;
  scene?: number;
  messages: number;
}

export interface NewLoginCode {
  /** `oauth` for `sns/oauth2/access_token`, `login` for `sns/jscode2session`, `phone` for `wxa/business/getuserphonenumber`. */
  kind: 'oauth' | 'login' | 'phone';
  /** Of an oauth code; `snsapi_base` where nothing is said. */
  scope?: 'snsapi_base' | 'snsapi_userinfo';
}

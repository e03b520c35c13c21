import type { Id } from '../kernel/ids.ts';

/** The account on which somebody is met: as much of it as this room needs. */
export interface AccountKey {
  readonly id: Id<'account'>;
  readonly merchantId: Id<'merchant'>;
}

/** A person as one account knows them. Times are epoch ms. */
export interface Follower {
  readonly id: Id<'follower'>;
  readonly merchantId: Id<'merchant'>;
  readonly accountId: Id<'account'>;
  /** The person across all accounts of the merchant. */
  readonly memberId: Id<'member'>;
  readonly openid: string;
  /** True from first contact on, since platforms deliver what followers send; then as the latest follow or unfollow says. */
  readonly isFollowing: boolean;
  readonly metAt: number;
  /** When they last followed, if that was ever told. */
  readonly followedAt?: number;
  /** When they last unfollowed; kept when they return, so that one who returns can be told from one who is new. */
  readonly leftAt?: number;
  /** The entry code through which they last followed. */
  readonly entryCode?: string;
}

/** What happened to a follower, appended once and never changed. It names the person by ids only. */
export interface Happening {
  readonly id: Id<'happening'>;
  readonly kind: 'followed' | 'unfollowed';
  /** The caller's idempotency key: what has it has happened once. */
  readonly uniqueNumber: string;
  readonly accountId: Id<'account'>;
  readonly followerId: Id<'follower'>;
  readonly memberId: Id<'member'>;
  /** When it happened, by the platform. */
  readonly at: number;
  /** When it was written down. */
  readonly recordedAt: number;
  readonly entryCode?: string;
  /** It came after something that happened later, and so it did not change the follower. */
  readonly isOutdated?: true;
}

/** The person across all accounts of the merchant. */
export interface Member {
  readonly id: Id<'member'>;
  readonly metAt: number;
  /** When the person had themselves erased: their followers are gone. */
  readonly erasedAt?: number;
  readonly followers: readonly Follower[];
}

/** Which members are asked for: those who are met on this account, those of whom a follower follows or has left. */
export interface MemberQuery {
  readonly accountId?: Id<'account'> | undefined;
  readonly isFollowing?: boolean | undefined;
}

/** A change of a follower before it has happened. */
export type Change = Pick<Happening, 'kind' | 'uniqueNumber' | 'at' | 'entryCode'>;

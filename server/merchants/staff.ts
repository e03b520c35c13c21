import type { Id } from '../kernel/ids.ts';
import type { Page, PageQuery } from '../kernel/page.ts';
import type { By, Caller } from './caller.ts';
import type { Role } from './permissions.ts';

/** Somebody who works for a merchant. */
export interface StaffMember {
  readonly id: Id<'staff'>;
  readonly merchantId: Id<'merchant'>;
  readonly name: string;
  /** Phone number or e-mail address, lower-cased; unique within the merchant. */
  readonly login: string;
  readonly role: Role;
  /** The stores they are bound to; empty: all of the merchant's. */
  readonly storeIds: readonly Id<'store'>[];
  readonly hasPassword: boolean;
  /** Is a one-time code asked for at sign-in. */
  readonly hasCode: boolean;
  readonly madeAt: number;
  readonly lastSeenAt?: number;
  readonly version: number;
}

/** What a one-time link is for: to join the staff, or to sign in and choose a new password. */
export interface Link {
  readonly id: Id<'link'>;
  readonly purpose: 'join' | 'enter';
  readonly role: Role;
  readonly storeIds: readonly Id<'store'>[];
  /** Whom it is meant for, in the words of who made it. */
  readonly name: string;
  readonly staffId?: Id<'staff'>;
  readonly madeAt: number;
  /** Epoch ms after which it opens nothing. */
  readonly expiresAt: number;
}

/** The staff of each merchant and the links that let people in. `caller` is on whose behalf; without one it is the operator, who may all of it. */
export interface Staff {
  list(merchantId: Id<'merchant'>, query: PageQuery): Promise<Page<StaffMember>>;
  find(merchantId: Id<'merchant'>, id: Id<'staff'>): Promise<StaffMember | undefined>;
  /** Changes name, role and stores. Nobody changes whom they could not have invited, nor their own role; the last owner stays one. Ends sessions when the role changes. */
  edit(
    caller: Caller | undefined,
    merchantId: Id<'merchant'>,
    id: Id<'staff'>,
    change: Partial<Pick<StaffMember, 'name' | 'role' | 'storeIds'>>,
    version: number,
    by: By,
  ): Promise<StaffMember>;
  /** Takes somebody off the staff: their sessions end with the same write. The last owner stays. */
  remove(caller: Caller | undefined, merchantId: Id<'merchant'>, id: Id<'staff'>, version: number, by: By): Promise<void>;

  /** Links that still open something, newest first. */
  links(merchantId: Id<'merchant'>, query: PageQuery): Promise<Page<Link>>;
  /** An invitation; its token is given once and stored as a digest. Nobody invites to a role that theirs does not give. */
  invite(
    caller: Caller | undefined,
    merchantId: Id<'merchant'>,
    id: Id<'link'>,
    wanted: Pick<Link, 'role' | 'storeIds' | 'name'>,
    by: By,
  ): Promise<{ link: Link; token: string }>;
  /** A sign-in link for somebody who has lost their password; one at a time. */
  sendIn(
    caller: Caller | undefined,
    merchantId: Id<'merchant'>,
    id: Id<'link'>,
    staffId: Id<'staff'>,
    by: By,
  ): Promise<{ link: Link; token: string }>;
  revokeLink(caller: Caller | undefined, merchantId: Id<'merchant'>, id: Id<'link'>, by: By): Promise<void>;
  /**
   * The token of the owner's link of a merchant that has no owner yet, printed at start: each call makes the one before worthless. Undefined
   * once there is an owner, unless `evenSo`: then it signs the first owner in, and ends their one-time codes, since who has the server has the
   * house.
   */
  ownerLink(merchantId: Id<'merchant'>, evenSo: boolean): Promise<string | undefined>;
}

import type { Database, Session as Transaction } from '../../database/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import { fault } from '../../kernel/errors.ts';
import type { Id } from '../../kernel/ids.ts';
import type { Page, PageQuery } from '../../kernel/page.ts';
import type { Random } from '../../kernel/random.ts';
import type { AppendAudit } from '../audit-records.ts';
import { type By, type Caller, callerLooksAfter } from '../caller.ts';
import type { Role } from '../permissions.ts';
import { openLinkRecords } from './link-records.ts';
import { createLinks } from './links.ts';
import { openSessionRecords } from './session-records.ts';
import { openStaffRecords } from './staff-records.ts';

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
  /** Changes name, role and stores. Nobody changes whom they could not have invited, nor their own role; the last owner stays one. When the role changes, their sessions end; when it or the stores do, links that they made open nothing. */
  edit(
    caller: Caller | undefined,
    merchantId: Id<'merchant'>,
    id: Id<'staff'>,
    change: Partial<Pick<StaffMember, 'name' | 'role' | 'storeIds'>>,
    version: number,
    by: By,
  ): Promise<StaffMember>;
  /** Takes somebody off the staff: their sessions, and links that they made, end with the same write. The last owner stays. */
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

interface StaffParts {
  database: Database;
  clock: Clock;
  random: Random;
  audit: { append: AppendAudit };
}

type Editable = Partial<Pick<StaffMember, 'name' | 'role' | 'storeIds'>>;

/** The staff in this database. */
export async function openStaff({ database, clock, random, audit: { append } }: StaffParts): Promise<Staff> {
  const records = await openStaffRecords(database);
  const sessions = await openSessionRecords(database);
  const links = await openLinkRecords(database);
  const { transact } = database;

  /** Whom the caller may look after, as stored; else `request.not-found` or `request.forbidden`. */
  async function findLookedAfter(caller: Caller | undefined, merchantId: Id<'merchant'>, id: Id<'staff'>) {
    const found = await records.find(merchantId, id);
    if (!found) throw unknown();
    if (!callerLooksAfter(caller, found.staff) && caller?.id !== id) throw outranked();
    return found.staff;
  }

  /** What they came in by, and what they could come back by. */
  async function endDoors(transaction: Transaction, merchantId: Id<'merchant'>, id: Id<'staff'>) {
    await sessions.removeAll(transaction, merchantId, id);
    await links.removeOf(transaction, merchantId, id);
    await links.removeMadeBy(transaction, merchantId, id);
  }

  return {
    list: records.list,
    async find(merchantId, id) {
      return (await records.find(merchantId, id))?.staff;
    },

    async edit(caller, merchantId, id, wanted, version, by) {
      const before = await findLookedAfter(caller, merchantId, id);
      const change = changedOf(before, wanted);
      refuseEdit(caller, before, change);
      if (before.version !== version) throw stale();
      if (Object.keys(change).length === 0) return before;
      return transact(async (transaction) => {
        const after = await records.edit(transaction, merchantId, id, version, change);
        if (!after) throw stale();
        if (before.role === 'owner' && after.role !== 'owner' && !(await records.leavesOwner(transaction, merchantId, id)))
          throw lastOwner();
        if (after.role !== before.role) await endDoors(transaction, merchantId, id);
        // Of other stores than before, they could not have made these.
        else if (change.storeIds !== undefined) await links.removeMadeBy(transaction, merchantId, id);
        await append(transaction, merchantId, {
          by,
          action: 'staff.edited',
          subject: subjectOf(before),
          ...told(before, change),
        });
        return after;
      });
    },

    async remove(caller, merchantId, id, version, by) {
      const before = await findLookedAfter(caller, merchantId, id);
      if (!callerLooksAfter(caller, before)) throw outranked();
      await transact(async (transaction) => {
        if (!(await records.remove(transaction, merchantId, id, version))) throw stale();
        if (before.role === 'owner' && !(await records.leavesOwner(transaction, merchantId, id))) throw lastOwner();
        await endDoors(transaction, merchantId, id);
        const { login, role, storeIds } = before;
        await append(transaction, merchantId, {
          by,
          action: 'staff.removed',
          subject: subjectOf(before),
          before: { login, role, storeIds },
        });
      });
    },

    ...createLinks({ transact, clock, random, append, links, staff: records }),
  };
}

/** What the audit tells of somebody of the staff. */
export const subjectOf = ({ id, name }: Pick<StaffMember, 'id' | 'name'>) => ({ kind: 'staff', id, name });

/** What of the wanted is not so already: saving what is there changes nothing. */
function changedOf(before: StaffMember, { name, role, storeIds }: Editable): Editable {
  return {
    ...(name === undefined || name === before.name ? {} : { name }),
    ...(role === undefined || role === before.role ? {} : { role }),
    ...(storeIds === undefined || String(storeIds) === String(before.storeIds) ? {} : { storeIds }),
  };
}

function refuseEdit(caller: Caller | undefined, before: StaffMember, change: Editable): void {
  const isRank = change.role !== undefined || change.storeIds !== undefined;
  if (isRank && caller?.id === before.id)
    throw fault('request.forbidden', 'Nobody changes their own role or stores: ask another owner.');
  if (isRank && !callerLooksAfter(caller, { ...before, ...change })) throw outranked();
}

function told(before: StaffMember, change: Editable) {
  const fields = Object.keys(change) as (keyof Editable)[];
  return { before: Object.fromEntries(fields.map((field) => [field, before[field]])), after: change };
}

const unknown = () => fault('request.not-found', 'There is nobody of this id on the staff.');
const stale = () => fault('request.stale', 'Somebody was faster: read it anew, and decide again.');
const outranked = () => fault('request.forbidden', 'Your role does not look after theirs: ask an owner.');
const lastOwner = () => fault('request.refused', 'The last owner stays: make somebody else an owner first.');

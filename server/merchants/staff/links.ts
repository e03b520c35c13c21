import type { Session as Transaction } from '../../database/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import { digestOf } from '../../kernel/digest.ts';
import { fault } from '../../kernel/errors.ts';
import type { Id } from '../../kernel/ids.ts';
import type { Random } from '../../kernel/random.ts';
import type { AppendAudit } from '../audit-records.ts';
import { type By, byOperator, type Caller, callerLooksAfter } from '../caller.ts';
import type { FoundLink, LinkRecords } from './link-records.ts';
import { makeToken } from './secret-token.ts';
import type { Link, Staff, StaffMember } from './staff.ts';
import type { StaffRecords } from './staff-records.ts';

interface LinkParts {
  transact<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  clock: Clock;
  random: Random;
  append: AppendAudit;
  links: LinkRecords;
  staff: StaffRecords;
}

const day = 86_400_000;
const joinLasts = 7 * day;
const enterLasts = day;
const ownersLasts = 30 * day;

/** The one-time links of `Staff`: made, listed and revoked; sign-in.ts uses them up. */
export function createLinks(parts: LinkParts): Pick<Staff, 'links' | 'invite' | 'sendIn' | 'revokeLink' | 'ownerLink'> {
  const { clock, links, staff } = parts;

  /** The link with a token made anew, also when it was there already; the audit keeps the first time. */
  async function put(transaction: Transaction, link: FoundLink, by: By): Promise<string> {
    const token = makeToken(parts.random, 'swl_');
    const maker = by.actor.id === undefined ? {} : { madeBy: by.actor.id };
    if (await links.put(transaction, { ...link, ...maker }, digestOf(token)))
      await parts.append(transaction, link.merchantId, {
        by,
        action: 'link.made',
        subject: subjectOf(link),
        after: termsOf(link),
      });
    return token;
  }

  /** Whose role or stores were taken away since they called makes no link any more: it would outlast what was theirs. */
  async function refuseFormer(transaction: Transaction, caller: Caller | undefined, wanted: Pick<Link, 'role' | 'storeIds'>) {
    if (caller?.kind !== 'staff') return;
    const isThere = await staff.hold(transaction, caller.merchantId, caller.id);
    const self = isThere ? await staff.find(caller.merchantId, caller.id, transaction) : undefined;
    if (!self) throw fault('request.forbidden', 'You are on the staff no more.');
    refuseOutranked({ ...caller, role: self.staff.role, storeIds: self.staff.storeIds }, wanted);
  }

  return {
    links: (merchantId, query) => links.list(merchantId, query, clock.now()),

    async invite(caller, merchantId, id, { role, storeIds, name }, by) {
      refuseOutranked(caller, { role, storeIds });
      const madeAt = clock.now();
      const link: Link = { id, purpose: 'join', role, storeIds, name, madeAt, expiresAt: madeAt + joinLasts };
      const token = await parts.transact(async (transaction) => {
        await refuseFormer(transaction, caller, link);
        return put(transaction, { ...link, merchantId, isOperators: false }, by);
      });
      return { link, token };
    },

    async sendIn(caller, merchantId, id, staffId, by) {
      return parts.transact(async (transaction) => {
        if (!(await staff.hold(transaction, merchantId, staffId))) throw unknownStaff();
        // As they are once they are held: a role that they are given at this moment comes before or after.
        const found = await staff.find(merchantId, staffId, transaction);
        if (!found) throw unknownStaff();
        refuseOutranked(caller, found.staff);
        await refuseFormer(transaction, caller, found.staff);
        const link = enterLink(id, found.staff, clock.now());
        await links.removeOf(transaction, merchantId, staffId, id);
        return { link, token: await put(transaction, { ...link, merchantId, isOperators: false }, by) };
      });
    },

    async revokeLink(caller, merchantId, id, by) {
      const link = await links.find(merchantId, id, clock.now());
      if (!link) throw unknownLink();
      refuseOutranked(caller, link);
      await parts.transact(async (transaction) => {
        if (!(await links.remove(transaction, merchantId, id))) throw unknownLink();
        await parts.append(transaction, merchantId, {
          by,
          action: 'link.revoked',
          subject: subjectOf(link),
          before: termsOf(link),
        });
      });
    },

    async ownerLink(merchantId, evenSo) {
      const owner = await staff.findFirstOwner(merchantId);
      if (owner && !evenSo) return undefined;
      const now = clock.now();
      // It has its merchant's id: there is one of it, whoever asks for it and however often.
      const id = merchantId as string as Id<'link'>;
      const join = { id, purpose: 'join' as const, role: 'owner' as const, storeIds: [], name: '', madeAt: now };
      const link: Link = owner ? enterLink(id, owner, now) : { ...join, expiresAt: now + ownersLasts };
      return parts.transact((transaction) => put(transaction, { ...link, merchantId, isOperators: true }, byOperator));
    },
  };
}

/** What the audit tells of a link. */
export const subjectOf = ({ id, name }: Link) => ({ kind: 'link', id, name });

const termsOf = ({ purpose, role, storeIds, staffId, expiresAt }: Link) => ({
  purpose,
  role,
  storeIds,
  ...(staffId === undefined ? {} : { staffId }),
  expiresAt,
});

const enterLink = (id: Id<'link'>, { id: staffId, name, role, storeIds }: StaffMember, madeAt: number): Link => ({
  id,
  purpose: 'enter',
  role,
  storeIds,
  name,
  staffId,
  madeAt,
  expiresAt: madeAt + enterLasts,
});

function refuseOutranked(caller: Caller | undefined, wanted: Pick<Link, 'role' | 'storeIds'>): void {
  if (!callerLooksAfter(caller, wanted))
    throw fault('request.forbidden', `Your role does not let others be ${wanted.role} there: ask an owner.`);
}

const unknownStaff = () => fault('request.not-found', 'There is nobody of this id on the staff.');
const unknownLink = () => fault('request.not-found', 'There is no such link, or it is used or over.');

import { digestOf } from '../../kernel/digest.ts';
import { detailedFault, fault } from '../../kernel/errors.ts';
import type { By } from '../caller.ts';
import type { Attempt } from './attempts.ts';
import type { FoundLink, LinkRecords } from './link-records.ts';
import { subjectOf as subjectOfLink } from './links.ts';
import { isLogin, normalizeLogin } from './login.ts';
import { checkPassword } from './password.ts';
import type { OpenedSession, Place, Sessions, SigningMerchant } from './session.ts';
import { codeNeeded, orTakenBack, readCode, type SignInParts, writeSession, wrong } from './sign-in.ts';
import type { StaffMember } from './staff.ts';
import type { StaffWithSecrets } from './staff-records.ts';

type LinkUseParts = SignInParts & { links: LinkRecords };
type Given = Parameters<Sessions['useLink']>[1];

/** What is known of a link that is about to be used, and by whom. */
interface Use {
  readonly token: string;
  readonly link: FoundLink;
  readonly merchant: SigningMerchant;
  readonly place: Place;
  readonly by: By;
}

/** Looking at one-time links, and using them up. */
export function createLinkUse(parts: LinkUseParts): Pick<Sessions, 'look' | 'useLink'> {
  const { clock, merchants, links, staff } = parts;

  /** The link of a token; a token that opens nothing is a try to guess one. */
  async function findLink(token: string, place: Place) {
    const attempt = await parts.attempts.begin(place.address);
    if (!attempt.ok) throw attempt.fault;
    const link = await links.findByDigest(digestOf(token), clock.now());
    const merchant = link && (await merchants.merchantOf(link.merchantId));
    if (!link || !merchant) throw over();
    await attempt.takeBack();
    return { link, merchant };
  }

  return {
    async look(token, place) {
      const { link, merchant } = await findLink(token, place);
      const { merchantId, isOperators: _, ...rest } = link;
      const found = link.staffId && (await staff.find(merchantId, link.staffId));
      return { ...rest, merchantName: merchant.name, ...(found ? { login: found.staff.login } : {}) };
    },

    async useLink(token, given, place, by) {
      const { link, merchant } = await findLink(token, place);
      const use = { token, link, merchant, place, by };
      return link.purpose === 'join' ? join(parts, use, given) : enter(parts, use, given);
    },
  };
}

async function join(parts: LinkUseParts, use: Use, given: Given): Promise<OpenedSession> {
  const { link, merchant, place, by } = use;
  const { merchantId, role, storeIds } = link;
  const name = given.name ?? link.name;
  const login = normalizeLogin(given.login ?? '');
  if (name === '') throw missing('name', 'Say what you are called.');
  if (!isLogin(login)) throw missing('login', 'A login is a phone number or an e-mail address.');
  if (given.password === undefined) throw missing('password', 'Choose a password.');
  checkPassword(given.password, { login, merchantName: merchant.name });
  const password = await parts.passwords.hash(given.password);
  const madeAt = parts.clock.now();
  const has = { hasPassword: true, hasCode: false };
  const member: StaffMember = {
    ...{ id: parts.ids<'staff'>(), merchantId, name, login, role, storeIds },
    ...{ ...has, madeAt, lastSeenAt: madeAt, version: 1 },
  };
  return parts.transact(async (transaction) => {
    if (!(await parts.links.use(transaction, merchantId, digestOf(use.token), madeAt))) throw over();
    await parts.staff.insert(transaction, member, password);
    await parts.append(transaction, merchantId, {
      by: { ...by, actor: { kind: 'staff', id: member.id, name } },
      action: 'staff.joined',
      subject: { kind: 'staff', id: member.id, name },
      after: { login, role, storeIds, linkId: link.id },
    });
    return writeSession(parts, transaction, member, place, by);
  });
}

async function enter(parts: LinkUseParts, use: Use, given: Given): Promise<OpenedSession> {
  const { link, merchant, place } = use;
  const found = link.staffId && (await parts.staff.find(link.merchantId, link.staffId));
  if (!found) throw over();
  if (given.password !== undefined) checkPassword(given.password, { login: found.staff.login, merchantName: merchant.name });
  // Who has the server has the house: nobody else can help an owner who has lost the app and the recovery codes.
  const code = link.isOperators ? 'waived' : readCode(parts, found, given.code);
  if (code === 'needed') throw codeNeeded();
  const attempt = code === 'none' || code === 'waived' ? untried : await parts.attempts.begin(place.address, targetOf(found));
  if (!attempt.ok) throw attempt.fault;
  if (!code) throw wrong();
  const hash = given.password === undefined ? undefined : parts.passwords.hash(given.password);
  const password = hash && (await orTakenBack(attempt, hash));
  const opened = await parts.transact(async (transaction) => {
    const { merchantId, id } = found.staff;
    if (!(await parts.links.use(transaction, merchantId, digestOf(use.token), parts.clock.now()))) throw over();
    const change = { password, lastSeenAt: parts.clock.now(), ...(link.isOperators ? { code: 'stop' as const } : {}) };
    if (!(await parts.staff.prove(transaction, merchantId, id, { code }, change))) throw wrong();
    if (password !== undefined) await parts.sessions.removeAll(transaction, merchantId, id);
    await tellEntered(parts, transaction, use, found, password !== undefined);
    const entered = await parts.staff.find(merchantId, id, transaction);
    return writeSession(parts, transaction, entered?.staff ?? found.staff, place, use.by);
  });
  await attempt.takeBack();
  return opened;
}

async function tellEntered(
  { append }: LinkUseParts,
  transaction: Parameters<LinkUseParts['append']>[0],
  { link, by }: Use,
  { staff, code }: StaffWithSecrets,
  isNewPassword: boolean,
): Promise<void> {
  await append(transaction, staff.merchantId, {
    by: { ...by, actor: { kind: 'staff', id: staff.id, name: staff.name } },
    action: 'link.used',
    subject: subjectOfLink(link),
    after: { staffId: staff.id, passwordChanged: isNewPassword, codesStopped: link.isOperators && code !== undefined },
  });
}

const untried: Attempt & { ok: true } = { ok: true, takeBack: async () => {} };

/** As whom wrong tries are counted that need somebody's session or link: apart from those that strangers make at their login. */
export const targetOf = ({ staff }: StaffWithSecrets) => ({ merchant: staff.merchantId, staffId: staff.id });

function missing(field: string, message: string) {
  return detailedFault('request.invalid', message, { fields: [{ path: `body.${field}`, code: `${field}.unusable`, message }] });
}

const over = () => fault('link.over', 'This link is used, over or none of ours: ask for a new one.');

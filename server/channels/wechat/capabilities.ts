import type { Ability, AccountTraits, Capabilities, Capability, CapabilityReason } from '../channel.ts';

/** What one capability asks of an account. */
interface Rule {
  /** The call that the platform grants or refuses with 48001: the name under which it is granted to an account (权限集). */
  readonly permission: string;
  /** What the manual says: no permission changes it. */
  readonly stated?: readonly Need[];
  /** What is usual, where the manual leaves it open: it does not count once the platform has granted the permission. */
  readonly usual?: readonly Need[];
}

/** Undefined when the account has what is needed. */
type Need = (traits: AccountTraits) => CapabilityReason | undefined;

const service: Need = ({ kind }) => (kind === 'service' ? undefined : 'needs-service-account');
const verified: Need = ({ isVerified }) => (isVerified ? undefined : 'needs-verification');
/** Service accounts have it from the start, subscription accounts once they are verified. */
const verifiedUnlessService: Need = (traits) => (traits.kind === 'service' ? undefined : verified(traits));
const granted: Need = () => 'needs-permission';

/** Which account can do what: one row a capability, each with its page in wechat.md. */
const rules = {
  /** §4 */
  menu: { permission: 'menu/create', usual: [verifiedUnlessService] },
  /** §4; menus by tag */
  'personal-menus': { permission: 'menu/addconditional', usual: [verified] },
  /** §7 */
  'customer-messages': { permission: 'message/custom/send', usual: [verified] },
  /** §8.1 */
  'template-messages': { permission: 'message/template/send', stated: [service], usual: [verified] },
  /** §8.2 */
  'subscription-notices': { permission: 'message/subscribe/bizsend', usual: [verified] },
  /** §6.3 says it of subscription accounts */
  'mass-sending': { permission: 'message/mass/sendall', usual: [verified] },
  /** §6.1 */
  materials: { permission: 'material/add_material', usual: [verified] },
  /** §5 */
  followers: { permission: 'user/get', usual: [verified] },
  /** §5 */
  tags: { permission: 'tags/create', usual: [verified] },
  /** §9.1 */
  'entry-codes': { permission: 'qrcode/create', usual: [service, verified] },
  /** §10.1 */
  'web-sign-in': { permission: 'sns/oauth2', usual: [service, verified] },
  /** §1.4; the event LOCATION */
  positions: { permission: 'event/location', usual: [service, verified] },
  /** §3.3; the page may be shared with words and a picture of its own */
  'page-sharing': { permission: 'ticket/getticket', usual: [verified] },
  /** §11.0: creation of ordinary coupons is being taken down, account by account */
  cards: { permission: 'card/create', stated: [verified], usual: [granted] },
  /** §12 */
  statistics: { permission: 'datacube', usual: [verified] },
} as const satisfies Record<Capability, Rule>;

/** What a WeChat account with these traits can do, and the first reason why not for the rest. */
export function wechatCapabilities(traits: AccountTraits): Capabilities {
  const abilities = Object.entries(rules).map(([capability, rule]) => [capability, abilityOf(rule, traits)] as const);
  return Object.freeze(Object.fromEntries(abilities)) as Capabilities;
}

function abilityOf({ permission, stated = [], usual = [] }: Rule, traits: AccountTraits): Ability {
  const needs = traits.permissions.includes(permission) ? stated : [...stated, ...usual];
  const reason = needs.map((need) => need(traits)).find((missing) => missing !== undefined);
  return reason === undefined ? { can: true, permission } : { can: false, permission, reason };
}

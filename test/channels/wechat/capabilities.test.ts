import { describe, expect, it } from 'vitest';
import type { Ability, AccountTraits, Capability } from '../../../server/channels/channel.ts';
import { wechatCapabilities } from '../../../server/channels/wechat/index.ts';

const kinds = {
  'an unverified subscription account': { kind: 'subscription', isVerified: false },
  'a verified subscription account': { kind: 'subscription', isVerified: true },
  'an unverified service account': { kind: 'service', isVerified: false },
  'a verified service account': { kind: 'service', isVerified: true },
} as const;

/** In the order of `kinds`: can, or why not. */
const table: [Capability, ...string[]][] = [
  ['menu', 'needs-verification', 'can', 'can', 'can'],
  ['personal-menus', 'needs-verification', 'can', 'needs-verification', 'can'],
  ['customer-messages', 'needs-verification', 'can', 'needs-verification', 'can'],
  ['template-messages', 'needs-service-account', 'needs-service-account', 'needs-verification', 'can'],
  ['subscription-notices', 'needs-verification', 'can', 'needs-verification', 'can'],
  ['mass-sending', 'needs-verification', 'can', 'needs-verification', 'can'],
  ['materials', 'needs-verification', 'can', 'needs-verification', 'can'],
  ['followers', 'needs-verification', 'can', 'needs-verification', 'can'],
  ['tags', 'needs-verification', 'can', 'needs-verification', 'can'],
  ['entry-codes', 'needs-service-account', 'needs-service-account', 'needs-verification', 'can'],
  ['web-sign-in', 'needs-service-account', 'needs-service-account', 'needs-verification', 'can'],
  ['positions', 'needs-service-account', 'needs-service-account', 'needs-verification', 'can'],
  ['page-sharing', 'needs-verification', 'can', 'needs-verification', 'can'],
  ['cards', 'needs-verification', 'needs-permission', 'needs-verification', 'needs-permission'],
  ['statistics', 'needs-verification', 'can', 'needs-verification', 'can'],
];

const abilitiesOf = (traits: Omit<AccountTraits, 'permissions'>, permissions: readonly string[] = []) =>
  wechatCapabilities({ ...traits, permissions });
const wordOf = (ability: Ability) => (ability.can ? 'can' : ability.reason);

describe.each(Object.entries(kinds))('%s', (name, traits) => {
  it('can do what the platform gives its kind', () => {
    const place = Object.keys(kinds).indexOf(name) + 1;
    const words = Object.entries(abilitiesOf(traits)).map(([capability, ability]) => [capability, wordOf(ability)]);
    expect(words).toEqual(table.map((row) => [row[0], row[place]]));
  });

  it('can do what the platform has granted it beyond that, unless the manual rules it out', () => {
    for (const [capability, { permission }] of Object.entries(abilitiesOf(traits))) {
      const after = abilitiesOf(traits, [permission])[capability as Capability];
      const isRuledOut =
        (capability === 'template-messages' && traits.kind === 'subscription') || (capability === 'cards' && !traits.isVerified);
      expect(after.can, capability).toBe(!isRuledOut);
    }
  });
});

it('a permission opens its own capability and no other', () => {
  const before = abilitiesOf(kinds['an unverified subscription account']);
  const after = abilitiesOf(kinds['an unverified subscription account'], ['menu/create', 'something/else']);
  expect({ ...after, menu: before.menu }).toEqual(before);
});

it('each capability has a permission of its own', () => {
  const permissions = Object.values(abilitiesOf(kinds['a verified service account'])).map(({ permission }) => permission);
  expect(new Set(permissions).size).toBe(permissions.length);
});

import { BookLock, Building2, CodeXml, IdCard, type LucideIcon, Plug, UserRoundCog, Users } from 'lucide-react';
import type { ComponentType } from 'react';
import type { Permission } from '../../../server/merchants/permissions.ts';
import type { Texts } from './texts/zh.ts';

/** A part of the console: one row is its place in the navigation, its address and its chunk. */
export interface Room {
  /** The address behind `#/`; what the room has inside is its own (`*`). */
  path: string;
  name: keyof Texts['rooms'];
  /** Under which heading of the navigation; a room without one is reached from elsewhere. */
  group?: keyof Texts['groups'];
  icon: LucideIcon;
  /** Who may see it: who has any one of these; everybody where there are none. */
  permissions: readonly Permission[];
  load(): Promise<ComponentType>;
}

/** In the order of the navigation. */
export const rooms: readonly Room[] = [
  {
    path: 'members',
    name: 'members',
    group: 'trade',
    icon: Users,
    permissions: ['member.read'],
    load: async () => (await import('./pages/members/members-page.tsx')).MembersPage,
  },
  {
    path: 'accounts',
    name: 'accounts',
    group: 'manage',
    icon: Plug,
    permissions: ['account.read'],
    load: async () => (await import('./pages/accounts/accounts-page.tsx')).AccountsPage,
  },
  {
    path: 'staff',
    name: 'staff',
    group: 'manage',
    icon: IdCard,
    permissions: ['staff.read'],
    load: async () => (await import('./pages/staff/staff-page.tsx')).StaffPage,
  },
  {
    path: 'api',
    name: 'keys',
    group: 'manage',
    icon: CodeXml,
    permissions: ['key.edit', 'webhook.read'],
    load: async () => (await import('./pages/keys/api-page.tsx')).ApiPage,
  },
  {
    path: 'audit',
    name: 'audit',
    group: 'manage',
    icon: BookLock,
    permissions: ['audit.read'],
    load: async () => (await import('./pages/audit/audit-page.tsx')).AuditPage,
  },
  {
    path: 'settings',
    name: 'settings',
    group: 'manage',
    icon: Building2,
    permissions: ['merchant.read'],
    load: async () => (await import('./pages/merchant/merchant-page.tsx')).MerchantPage,
  },
  {
    path: 'me',
    name: 'me',
    icon: UserRoundCog,
    permissions: [],
    load: async () => (await import('./pages/security/security-page.tsx')).SecurityPage,
  },
];

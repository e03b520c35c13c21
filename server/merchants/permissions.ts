/** What a member of the staff may be. */
export const roles = ['owner', 'manager', 'clerk', 'agent'] as const;
export type Role = (typeof roles)[number];

/** Who may do what: one row a permission, with the roles that have it. API keys have those that their scopes name. */
export const permissions = {
  'merchant.read': ['owner', 'manager', 'clerk', 'agent'],
  'merchant.edit': ['owner', 'manager'],
  /** Opens a further merchant on this server; only the owner of the house's own merchant has it. */
  'merchant.create': ['owner'],
  'account.read': ['owner', 'manager'],
  'account.edit': ['owner'],
  'staff.read': ['owner', 'manager'],
  'staff.edit': ['owner', 'manager'],
  'key.edit': ['owner'],
  'webhook.read': ['owner', 'manager'],
  'webhook.edit': ['owner'],
  'audit.read': ['owner', 'manager'],
  'member.read': ['owner', 'manager', 'agent'],
  'member.export': ['owner'],
  'member.erase': ['owner'],
  'event.read': ['owner', 'manager'],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof permissions;
export const permissionNames = Object.keys(permissions) as Permission[];

/** What a key may have: all but to open merchants and to make keys, since a key that leaked must not make others. */
export const scopeNames: readonly Permission[] = permissionNames.filter(
  (name) => name !== 'merchant.create' && name !== 'key.edit',
);

/** Which roles a role may give, take and look after: nobody hands out more than they have. */
export const rolesGivenBy = {
  owner: ['owner', 'manager', 'clerk', 'agent'],
  manager: ['clerk', 'agent'],
  clerk: [],
  agent: [],
} as const satisfies Record<Role, readonly Role[]>;

/** Has this role the permission. */
export const roleMay = (role: Role, permission: Permission): boolean =>
  (permissions[permission] as readonly Role[]).includes(role);

import type { Id } from '../kernel/ids.ts';
import { type Permission, permissionNames, type Role, roleMay, rolesGivenBy, scopeNames } from './permissions.ts';

/** Somebody of the staff, signed in. */
export interface StaffCaller {
  readonly kind: 'staff';
  readonly merchantId: Id<'merchant'>;
  readonly id: Id<'staff'>;
  readonly sessionId: string;
  readonly name: string;
  readonly role: Role;
  /** The stores they are bound to; empty: all of the merchant's. */
  readonly storeIds: readonly Id<'store'>[];
  /** Is it the house's own merchant, whose owner may open others. */
  readonly isHouse: boolean;
}

/** A program with an API key. */
export interface KeyCaller {
  readonly kind: 'key';
  readonly merchantId: Id<'merchant'>;
  readonly id: Id<'key'>;
  readonly name: string;
  readonly scopes: readonly Permission[];
}

export type Caller = StaffCaller | KeyCaller;

/** On whose behalf and from where something is changed: every function that changes something takes it, and the audit keeps it. */
export interface By {
  readonly actor: { readonly kind: 'staff' | 'key' | 'operator' | 'nobody'; readonly id?: string; readonly name: string };
  /** The caller's network address. */
  readonly address?: string;
  readonly requestId?: string;
}

/** What the process itself does at start, as its configuration says. */
export const byOperator: By = { actor: { kind: 'operator', name: 'configuration' } };

/** May the caller do this. */
export function callerMay(caller: Caller, permission: Permission): boolean {
  if (caller.kind === 'key') return caller.scopes.includes(permission) && scopeNames.includes(permission);
  return roleMay(caller.role, permission) && (permission !== 'merchant.create' || caller.isHouse);
}

/**
 * May the caller give this role at these stores, and look after who has it: nobody hands out more than they have. A key gives no role that
 * may more than its scopes name. Without a caller it is the operator.
 */
export function callerLooksAfter(
  caller: Caller | undefined,
  { role, storeIds }: { role: Role; storeIds: readonly Id<'store'>[] },
): boolean {
  if (!caller) return true;
  if (caller.kind === 'key')
    return (
      includes(rolesGivenBy.manager, role) && permissionNames.every((name) => !roleMay(role, name) || callerMay(caller, name))
    );
  const isBound = caller.role !== 'owner' && caller.storeIds.length > 0;
  const reaches = !isBound || (storeIds.length > 0 && storeIds.every((id) => caller.storeIds.includes(id)));
  return reaches && includes(rolesGivenBy[caller.role], role);
}

const includes = (given: readonly Role[], role: Role): boolean => given.includes(role);

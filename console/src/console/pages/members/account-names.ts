import type { Account } from '../../../../../server/api/contract.ts';
import { useList } from '../../api/resource.ts';
import { useMay } from '../../session/session-store.ts';

/** The merchant's accounts, for whoever may see them. Once a view: each use reads them. */
export function useAccounts(): readonly Account[] {
  return useList<Account>(useMay('account.read') ? '/accounts?limit=200' : undefined).data ?? [];
}

/** The name of an account; undefined for one that is gone, or not to be seen. */
export function nameOf(accounts: readonly Account[], accountId: string): string | undefined {
  return accounts.find(({ id }) => id === accountId)?.name;
}

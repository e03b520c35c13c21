import type { Account } from '../../../../../server/api/contract.ts';
import { useList } from '../../api/resource.ts';
import { useMay } from '../../session/session-store.ts';

/** The merchant's accounts, for whoever may see them. */
export function useAccounts(): readonly Account[] {
  return useList<Account>(useMay('account.read') ? '/accounts?limit=200' : undefined).data ?? [];
}

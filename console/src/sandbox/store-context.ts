import { createContext, useContext, useSyncExternalStore } from 'react';
import type { SandboxStore } from './sandbox-store.ts';
import type { View } from './view.ts';

export const StoreContext = createContext<SandboxStore | undefined>(undefined);

/** The sandbox's store and what it holds now. */
export function useSandbox(): { store: SandboxStore; view: View } {
  const store = useContext(StoreContext);
  if (!store) throw new Error('rendered outside the sandbox page');
  return { store, view: useSyncExternalStore(store.subscribe, store.view) };
}

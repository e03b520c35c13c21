import { useSyncExternalStore } from 'react';
import type { SignedIn } from '../../../../server/api/contract.ts';
import type { Permission } from '../../../../server/merchants/permissions.ts';
import { asProblem, type Problem } from '../api/problem.ts';
import { onSessionOver, request } from '../api/request.ts';
import { forgetResources } from '../api/resource.ts';

/** Who sits before the page. `over`: their session ended while they worked; what they see stays until they sign in again. */
export type SessionState =
  | { kind: 'unknown' }
  | { kind: 'failed'; problem: Problem }
  | { kind: 'nobody' }
  | { kind: 'in' | 'over'; session: SignedIn };

let state: SessionState = { kind: 'unknown' };
const listeners = new Set<() => void>();
/** What waits for somebody to sign in again. */
let waiting: ((isRenewed: boolean) => void)[] = [];
/** Tells the other pages of this browser, which share its cookie, that somebody came or went. */
const others = new BroadcastChannel('service-window.session');
others.onmessage = () => void recheck();

onSessionOver(() => {
  if (state.kind !== 'in' && state.kind !== 'over') return Promise.resolve(false);
  become({ kind: 'over', session: state.session });
  return new Promise((resolve) => waiting.push(resolve));
});

export function useSessionState(): SessionState {
  return useSyncExternalStore(subscribe, () => state);
}

/** Who is signed in. For what is inside the frame, which shows nothing to nobody. */
export function useSession(): SignedIn {
  const current = useSessionState();
  if (current.kind !== 'in' && current.kind !== 'over') throw new Error('this part is for people who are signed in');
  return current.session;
}

/** May whoever is signed in do this. */
export function useMay(permission: Permission): boolean {
  return useSession().permissions.includes(permission);
}

/** Asks the server who this is. */
export async function loadSession(): Promise<void> {
  try {
    const session = await request<SignedIn>('GET', '/session', { needsSession: false });
    become({ kind: 'in', session });
  } catch (error) {
    const problem = asProblem(error);
    become(problem.status === 401 ? { kind: 'nobody' } : { kind: 'failed', problem });
  }
}

/** Somebody signed in. Whoever comes back finds what they left; somebody else finds nothing of it. */
export function enter(session: SignedIn): void {
  const isSame = state.kind === 'over' && state.session.staff.id === session.staff.id;
  if (!isSame) forgetResources();
  become({ kind: 'in', session });
  wake(isSame);
  others.postMessage('entered');
}

/** What a change of one's own name or of the shop's answered. */
export function update(change: Partial<SignedIn>): void {
  if (state.kind === 'in' || state.kind === 'over') become({ ...state, session: { ...state.session, ...change } });
}

/** Ends the session on the server and here. */
export async function leave(): Promise<void> {
  await request('DELETE', '/session', { needsSession: false }).catch((error: unknown) => {
    // Over already is as good; otherwise the cookie still opens: say so rather than pretend.
    if (asProblem(error).status !== 401) throw error;
  });
  giveUp();
  others.postMessage('left');
}

/** Whoever was here will not sign in again: the page is nobody's. */
export function giveUp(): void {
  forgetResources();
  become({ kind: 'nobody' });
  wake(false);
}

/** Another page of this browser has signed in or out: this one must not show one person what another did, nor act as somebody else. */
async function recheck(): Promise<void> {
  const before = state;
  await loadSession();
  if (before.kind !== 'in' && before.kind !== 'over') return;
  if (state.kind === 'nobody') become({ kind: 'over', session: before.session });
  else if (state.kind === 'in' && state.session.staff.id === before.session.staff.id) wake(true);
  else location.reload();
}

function wake(isRenewed: boolean) {
  const wakened = waiting;
  waiting = [];
  for (const resolve of wakened) resolve(isRenewed);
}

function become(next: SessionState) {
  state = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

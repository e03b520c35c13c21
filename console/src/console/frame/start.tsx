import { Navigate } from 'react-router';
import { rooms } from '../rooms.ts';
import { useSession } from '../session/session-store.ts';
import { maySee } from './navigation.tsx';

/** The first address leads to the first room that may be seen; whoever connects accounts begins there. */
export function Start() {
  const { permissions } = useSession();
  const seen = rooms.filter((room) => maySee(room, permissions));
  const first = (permissions.includes('account.edit') && seen.find(({ path }) => path === 'accounts')) || seen[0];
  return <Navigate to={`/${first?.path ?? 'me'}`} replace />;
}

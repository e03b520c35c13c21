import { type ReactNode, useEffect } from 'react';
import { permissions as rolesByPermission } from '../../../../server/merchants/permissions.ts';
import type { Room } from '../rooms.ts';
import { useSession } from '../session/session-store.ts';
import { Forbidden } from '../states/forbidden.tsx';
import { useTexts } from '../texts/texts.ts';
import { maySee } from './navigation.tsx';

/** Shows the room to whoever may see it, and says to others who can. */
export function RoomGate({ room, children }: { room: Room; children: ReactNode }) {
  const texts = useTexts();
  const { permissions } = useSession();
  const name = texts.rooms[room.name];
  useEffect(() => {
    document.title = `${name} · ${texts.product}`;
  }, [name, texts]);
  if (maySee(room, permissions)) return children;
  const roles = room.permissions.flatMap((permission) => [...rolesByPermission[permission]]);
  return <Forbidden title={texts.forbiddenRoom(name)} roles={[...new Set(roles)]} />;
}

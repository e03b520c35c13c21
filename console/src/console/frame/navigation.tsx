import { ArrowUpRight, FlaskConical } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { NavLink } from 'react-router';
import type { Door } from '../../../../server/api/contract.ts';
import { Mark } from '../../shared/mark.tsx';
import { useResource } from '../api/resource.ts';
import { type Room, rooms } from '../rooms.ts';
import { useSession } from '../session/session-store.ts';
import { useTexts } from '../texts/texts.ts';

/** The rooms that whoever is signed in may see. On a narrow screen it lies over the page and is closed by Escape or a tap beside it. */
export function Navigation({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const texts = useTexts();
  const { merchant, permissions } = useSession();
  const hasSandbox = useResource<Door>('/door').data?.hasSandbox ?? false;
  const seen = rooms.filter((room) => maySee(room, permissions));
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    nav.current?.querySelector('a')?.focus();
    const close = (event: KeyboardEvent) => event.key === 'Escape' && onClose();
    addEventListener('keydown', close);
    return () => removeEventListener('keydown', close);
  }, [isOpen, onClose]);

  return (
    <>
      <nav ref={nav} className="nav" aria-label={texts.navigation}>
        <NavLink className="brand" to="/">
          <Mark />
          <span>
            <b>{texts.product}</b>
            <small>{merchant.name}</small>
          </span>
        </NavLink>
        {groups.map((group) => {
          const inside = seen.filter((room) => room.group === group);
          if (inside.length === 0) return null;
          return (
            <div key={group} className="nav-part">
              <p className="nav-group" id={`nav-${group}`}>
                {texts.groups[group]}
              </p>
              <ul aria-labelledby={`nav-${group}`}>
                {inside.map(({ path, name, icon: Icon }) => (
                  <li key={path}>
                    <NavLink className="nav-item" to={`/${path}`}>
                      <Icon className="icon" aria-hidden="true" />
                      {texts.rooms[name]}
                    </NavLink>
                  </li>
                ))}
              </ul>
            </div>
          );
        })}
        {hasSandbox && (
          <a className="nav-item nav-out" href="../sandbox/">
            <FlaskConical className="icon" aria-hidden="true" />
            {texts.openSandbox}
            <ArrowUpRight className="icon" aria-hidden="true" />
          </a>
        )}
      </nav>
      <button type="button" className="nav-scrim" tabIndex={-1} aria-hidden="true" onClick={onClose} />
    </>
  );
}

/** May who has these permissions see the room. */
export function maySee(room: Room, permissions: readonly string[]): boolean {
  return room.permissions.length === 0 || room.permissions.some((permission) => permissions.includes(permission));
}

const groups = ['trade', 'manage'] as const;

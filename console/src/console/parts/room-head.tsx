import type { ReactNode } from 'react';
import './parts.css';

interface RoomHeadProps {
  title: string;
  /** What the room says of itself, in a few words. */
  about?: ReactNode;
  /** Its one main action, behind quieter ones. */
  actions?: ReactNode;
}

/** The head of a room. */
export function RoomHead({ title, about, actions }: RoomHeadProps) {
  return (
    <div className="title">
      <h1>{title}</h1>
      {about && <span className="muted">{about}</span>}
      {actions && <div className="actions">{actions}</div>}
    </div>
  );
}

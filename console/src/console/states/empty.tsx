import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

interface EmptyProps {
  icon: LucideIcon;
  /** What will be here. */
  title: string;
  text: string;
  /** The one thing to do. */
  action?: ReactNode;
}

/** A view with nothing in it yet. */
export function Empty({ icon: Icon, title, text, action }: EmptyProps) {
  return (
    <section className="empty">
      <Icon className="icon" aria-hidden="true" />
      <h2>{title}</h2>
      <p className="muted">{text}</p>
      {action}
    </section>
  );
}

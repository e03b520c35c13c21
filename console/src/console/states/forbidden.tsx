import { LockKeyhole } from 'lucide-react';
import type { Role } from '../../../../server/merchants/permissions.ts';
import { useTexts } from '../texts/texts.ts';

/** What may not be seen or done, and who can. */
export function Forbidden({ title, roles }: { title: string; roles: readonly Role[] }) {
  const texts = useTexts();
  return (
    <section className="empty">
      <LockKeyhole className="icon" aria-hidden="true" />
      <h1>{title}</h1>
      <p className="muted">{texts.whoCan(roles.map((role) => texts.roles[role]).join(texts.and))}</p>
    </section>
  );
}

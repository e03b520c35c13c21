import { RoomHead } from '../../parts/room-head.tsx';
import { useSession } from '../../session/session-store.ts';
import { useTexts } from '../../texts/texts.ts';
import { CodePanel } from './code-panel.tsx';
import { PasswordPanel } from './password-panel.tsx';
import { SessionsPanel } from './sessions-panel.tsx';
import { useSecurityTexts } from './texts.ts';
import './security.css';

/** One's own password, one-time codes and sessions. */
export function SecurityPage() {
  const common = useTexts();
  const texts = useSecurityTexts();
  const { staff } = useSession();
  return (
    <>
      <RoomHead title={common.rooms.me} about={texts.as(staff.name, staff.login)} />
      <div className="security">
        <PasswordPanel />
        <CodePanel />
        <SessionsPanel />
      </div>
    </>
  );
}

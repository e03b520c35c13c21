import { useState } from 'react';
import type { MadeLink, StaffMember } from '../../../../../server/api/contract.ts';
import { useAction } from '../../api/action.ts';
import { request } from '../../api/request.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { ProblemNote } from '../../states/problem-note.tsx';
import { useTexts } from '../../texts/texts.ts';
import { LinkDialog } from './link-dialog.tsx';
import { useStaffTexts } from './texts.ts';

interface SendInDialogProps {
  person: StaffMember;
  onMade: () => void;
  onClose: () => void;
}

/** Says what a sign-in link is for before one is made: the one before stops working. */
export function SendInDialog({ person, onMade, onClose }: SendInDialogProps) {
  const common = useTexts();
  const texts = useStaffTexts();
  const [made, setMade] = useState<MadeLink>();
  const action = useAction((_: undefined, key) => request<MadeLink>('POST', `/staff/${person.id}/links`, { idempotent: key }));
  if (made) return <LinkDialog made={made} onClose={onClose} />;

  async function make() {
    const answer = await action.run(undefined);
    if (!answer) return;
    setMade(answer);
    onMade();
  }

  return (
    <Dialog
      title={texts.sendInTitle(person.name)}
      width={440}
      okText={texts.makeLink}
      cancelText={common.cancel}
      confirmLoading={action.isRunning}
      onOk={make}
      onCancel={onClose}
    >
      <div className="stack">
        <p className="dialog-text">{texts.sendInText(person.name)}</p>
        <ProblemNote problem={action.problem} />
      </div>
    </Dialog>
  );
}

import { Form, Input } from 'antd';
import { useState } from 'react';
import type { MadeLink } from '../../../../../server/api/contract.ts';
import { type Role, rolesGivenBy } from '../../../../../server/merchants/permissions.ts';
import { useAction } from '../../api/action.ts';
import { useFormProblem } from '../../api/form-problem.ts';
import { request } from '../../api/request.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { useSession } from '../../session/session-store.ts';
import { ProblemNote } from '../../states/problem-note.tsx';
import { useTexts } from '../../texts/texts.ts';
import { LinkDialog } from './link-dialog.tsx';
import { RoleChoice } from './role-choice.tsx';
import { useStaffTexts } from './texts.ts';

interface Invitation {
  name: string;
  role: Role;
}

/** Asks whom to invite and as what, then shows the link. */
export function InviteDialog({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
  const common = useTexts();
  const texts = useStaffTexts();
  const given = rolesGivenBy[useSession().staff.role];
  const [made, setMade] = useState<MadeLink>();
  const [form] = Form.useForm<Invitation>();
  const action = useAction((wanted: Invitation, key) =>
    request<MadeLink>('POST', '/links', { body: { ...wanted, storeIds: [] }, idempotent: key }),
  );
  useFormProblem(form, action.problem);
  if (made) return <LinkDialog made={made} onClose={onClose} />;

  async function submit(wanted: Invitation) {
    const answer = await action.run(wanted);
    if (!answer) return;
    setMade(answer);
    onMade();
  }

  return (
    <Dialog
      title={texts.inviteTitle}
      width={480}
      okText={texts.makeLink}
      cancelText={common.cancel}
      confirmLoading={action.isRunning}
      onOk={form.submit}
      onCancel={onClose}
    >
      <Form<Invitation>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ role: given.includes('clerk' as never) ? 'clerk' : given[0] }}
        onFinish={submit}
      >
        <p className="dialog-text muted form-lead">{texts.inviteText}</p>
        <Form.Item
          name="name"
          label={texts.inviteName}
          extra={texts.inviteNameHint}
          rules={[{ required: true, whitespace: true, message: texts.nameNeeded }]}
        >
          <Input autoFocus autoComplete="off" maxLength={60} />
        </Form.Item>
        <Form.Item name="role" label={texts.inviteRole}>
          <RoleChoice roles={given} />
        </Form.Item>
        <ProblemNote problem={action.problem} />
      </Form>
    </Dialog>
  );
}

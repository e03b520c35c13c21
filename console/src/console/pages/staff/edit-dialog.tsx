import { App, Form, Input } from 'antd';
import type { StaffMember } from '../../../../../server/api/contract.ts';
import { type Role, rolesGivenBy } from '../../../../../server/merchants/permissions.ts';
import { useEdit } from '../../api/edit.ts';
import { useFormProblem } from '../../api/form-problem.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { update, useSession } from '../../session/session-store.ts';
import { changesBetween } from '../../states/changes.ts';
import { ProblemNote } from '../../states/problem-note.tsx';
import { StaleNote } from '../../states/stale-note.tsx';
import { useTexts } from '../../texts/texts.ts';
import { RoleChoice } from './role-choice.tsx';
import { useStaffTexts } from './texts.ts';

interface Fields {
  name: string;
  role: Role;
}

interface EditDialogProps {
  person: StaffMember;
  onSaved: () => void;
  onClose: () => void;
}

/** Changes somebody's name and role. When another was quicker it shows what they changed and asks how to go on. */
export function EditDialog({ person, onSaved, onClose }: EditDialogProps) {
  const common = useTexts();
  const texts = useStaffTexts();
  const { message } = App.useApp();
  const { staff: me } = useSession();
  const isMe = me.id === person.id;
  const [form] = Form.useForm<Fields>();
  const edit = useEdit<StaffMember, Partial<Fields>>(`/staff/${person.id}`, person);
  useFormProblem(form, edit.problem);

  async function submit({ name, role }: Fields) {
    const saved = await edit.run({ name, ...(isMe || role === edit.base.role ? {} : { role }) });
    if (!saved) return;
    if (isMe) update({ staff: saved });
    onSaved();
    onClose();
    void message.success(texts.saved(saved.name));
  }

  function takeTheirs() {
    if (edit.theirs) form.setFieldsValue({ name: edit.theirs.name, role: edit.theirs.role });
    edit.goOn();
    onSaved();
  }

  const say = (_: keyof StaffMember, value: unknown) => common.roles[value as Role] ?? String(value);
  return (
    <Dialog
      title={texts.editTitle(person.name)}
      width={480}
      okText={common.save}
      cancelText={common.cancel}
      confirmLoading={edit.isRunning}
      okButtonProps={{ disabled: edit.theirs !== undefined }}
      onOk={form.submit}
      onCancel={onClose}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ name: person.name, role: person.role }}
        onFinish={submit}
      >
        <Form.Item name="name" label={texts.name} rules={[{ required: true, whitespace: true, message: texts.nameNeeded }]}>
          <Input autoComplete="off" maxLength={60} />
        </Form.Item>
        <Form.Item name="role" label={texts.role} extra={isMe ? texts.ownRole : texts.roleChanges}>
          <RoleChoice roles={isMe ? [person.role] : rolesGivenBy[me.role]} disabled={isMe} />
        </Form.Item>
        {edit.theirs && (
          <StaleNote
            changes={changesBetween(edit.base, edit.theirs, { name: texts.name, role: texts.role }, say)}
            onKeepMine={edit.goOn}
            onTakeTheirs={takeTheirs}
          />
        )}
        <ProblemNote problem={edit.problem} />
      </Form>
    </Dialog>
  );
}

import { App, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import type { StaffMember } from '../../../../../server/api/contract.ts';
import { type Role, rolesGivenBy } from '../../../../../server/merchants/permissions.ts';
import { useAction } from '../../api/action.ts';
import { Problem } from '../../api/problem.ts';
import { request } from '../../api/request.ts';
import { update, useSession } from '../../session/session-store.ts';
import { ProblemNote } from '../../states/problem-note.tsx';
import { changesBetween, StaleNote } from '../../states/stale-note.tsx';
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
  const [base, setBase] = useState(person);
  const [theirs, setTheirs] = useState<StaffMember>();
  const action = useAction((fields: Fields) => save(base, fields, isMe));

  async function submit(fields: Fields) {
    const saved = await action.run(fields);
    if (!saved) return;
    if (saved.isStale) return setTheirs(saved.person);
    if (isMe) update({ staff: saved.person });
    onSaved();
    onClose();
    void message.success(texts.saved(saved.person.name));
  }

  function goOn(isTheirs: boolean) {
    if (!theirs) return;
    setBase(theirs);
    if (isTheirs) form.setFieldsValue({ name: theirs.name, role: theirs.role });
    setTheirs(undefined);
    onSaved();
  }

  const say = (_: keyof StaffMember, value: unknown) => common.roles[value as Role] ?? String(value);
  return (
    <Modal
      open
      title={texts.editTitle(person.name)}
      width={480}
      okText={common.save}
      cancelText={common.cancel}
      confirmLoading={action.isRunning}
      okButtonProps={{ disabled: theirs !== undefined }}
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
        <Form.Item
          name="name"
          label={texts.name}
          rules={[{ required: true, whitespace: true, message: texts.nameNeeded }]}
          {...(action.problem?.fields.name ? { validateStatus: 'error', help: action.problem.fields.name } : {})}
        >
          <Input autoComplete="off" maxLength={60} />
        </Form.Item>
        <Form.Item name="role" label={texts.role} extra={isMe ? texts.ownRole : texts.roleChanges}>
          <RoleChoice roles={isMe ? [person.role] : rolesGivenBy[me.role]} disabled={isMe} />
        </Form.Item>
        {theirs && (
          <StaleNote
            changes={changesBetween(base, theirs, { name: texts.name, role: texts.role }, say)}
            onKeepMine={() => goOn(false)}
            onTakeTheirs={() => goOn(true)}
          />
        )}
        <ProblemNote problem={action.problem} />
      </Form>
    </Modal>
  );
}

/** Saves what differs; when somebody else was quicker, what they made of it. */
async function save(base: StaffMember, { name, role }: Fields, isMe: boolean) {
  const path = `/staff/${base.id}`;
  const body = { name, ...(isMe || role === base.role ? {} : { role }) };
  try {
    return { isStale: false, person: await request<StaffMember>('PATCH', path, { body, ifMatch: base.version }) };
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'request.stale') throw error;
    return { isStale: true, person: await request<StaffMember>('GET', path) };
  }
}

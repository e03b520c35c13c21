import { App, Form, Modal } from 'antd';
import type { AccountDetail } from '../../../../../server/api/contract.ts';
import { useEdit } from '../../api/edit.ts';
import { useFormProblem } from '../../api/form-problem.ts';
import { changesBetween } from '../../states/changes.ts';
import { ProblemNote } from '../../states/problem-note.tsx';
import { StaleNote } from '../../states/stale-note.tsx';
import { useTexts } from '../../texts/texts.ts';
import { AccountFields, type AccountFormFields, bodyOf, fieldsOf } from './account-fields.tsx';
import { useAccountTexts } from './texts.ts';

interface EditAccountProps {
  account: AccountDetail;
  onSaved: () => void;
  onClose: () => void;
}

/** Changes what people edit of an account; its app id is what it is. */
export function EditAccount({ account, onSaved, onClose }: EditAccountProps) {
  const texts = useAccountTexts();
  const common = useTexts();
  const { message } = App.useApp();
  const [form] = Form.useForm<AccountFormFields>();
  const edit = useEdit<AccountDetail, object>(`/accounts/${account.id}`, account);
  useFormProblem(form, edit.problem);

  async function submit(fields: AccountFormFields) {
    if (!(await edit.run(bodyOf(fields, edit.base.traits.permissions)))) return;
    onSaved();
    onClose();
    void message.success(texts.saved);
  }

  const labels = { name: texts.nameLabel, originalId: texts.originalId, mode: texts.mode, traits: texts.kind };
  return (
    <Modal
      open
      title={texts.editTitle(account.name)}
      width={520}
      okText={common.save}
      cancelText={common.cancel}
      confirmLoading={edit.isRunning}
      okButtonProps={{ disabled: edit.theirs !== undefined }}
      onOk={form.submit}
      onCancel={onClose}
    >
      <Form<AccountFormFields>
        name="account"
        form={form}
        layout="vertical"
        requiredMark={false}
        scrollToFirstError
        initialValues={fieldsOf(account)}
        onFinish={submit}
      >
        <AccountFields existing={account} />
        {edit.theirs && (
          <StaleNote
            changes={changesBetween(edit.base, edit.theirs, labels, (field, value) => {
              if (field === 'mode') return texts.modes[value as AccountDetail['mode']];
              if (field !== 'traits') return String(value);
              const { kind, isVerified } = value as AccountDetail['traits'];
              return texts.kindOf(kind, isVerified);
            })}
            onKeepMine={edit.goOn}
            onTakeTheirs={() => {
              if (edit.theirs) form.setFieldsValue(fieldsOf(edit.theirs));
              edit.goOn();
            }}
          />
        )}
        <ProblemNote problem={edit.problem} />
      </Form>
    </Modal>
  );
}

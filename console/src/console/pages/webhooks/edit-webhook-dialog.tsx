import { App, Form } from 'antd';
import type { EventType, Webhook } from '../../../../../server/api/contract.ts';
import { useEdit } from '../../api/edit.ts';
import { useFormProblem } from '../../api/form-problem.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { changesBetween } from '../../states/changes.ts';
import { ProblemNote } from '../../states/problem-note.tsx';
import { StaleNote } from '../../states/stale-note.tsx';
import { useTexts } from '../../texts/texts.ts';
import { useWebhookTexts } from './texts.ts';
import { fieldsOf, kindsOf, WebhookFields, type WebhookFormFields } from './webhook-fields.tsx';

interface EditWebhookDialogProps {
  webhook: Webhook;
  onSaved: () => void;
  onClose: () => void;
}

/** Edits a webhook. When another was quicker it shows what they changed and asks how to go on. */
export function EditWebhookDialog({ webhook, onSaved, onClose }: EditWebhookDialogProps) {
  const common = useTexts();
  const texts = useWebhookTexts();
  const { message } = App.useApp();
  const [form] = Form.useForm<WebhookFormFields>();
  const edit = useEdit<Webhook, { name: string; url: string; kinds: readonly EventType[] | null }>(
    `/webhooks/${webhook.id}`,
    webhook,
  );
  useFormProblem(form, edit.problem);

  async function submit({ name, url, kinds }: WebhookFormFields) {
    const saved = await edit.run({ name, url: url.trim(), kinds: kindsOf(kinds) ?? null });
    if (!saved) return;
    onSaved();
    onClose();
    void message.success(texts.saved);
  }

  function takeTheirs() {
    form.setFieldsValue(fieldsOf(edit.theirs));
    edit.goOn();
    onSaved();
  }

  function say(field: keyof Webhook, value: unknown): string {
    if (field !== 'kinds') return String(value);
    return Array.isArray(value) ? value.map((kind: EventType) => texts.kind[kind]).join(common.and) : texts.everything;
  }

  return (
    <Dialog
      title={texts.editTitle(webhook.name)}
      width={520}
      okText={common.save}
      cancelText={common.cancel}
      confirmLoading={edit.isRunning}
      okButtonProps={{ disabled: edit.theirs !== undefined }}
      onOk={form.submit}
      onCancel={onClose}
    >
      <Form<WebhookFormFields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={fieldsOf(webhook)}
        onFinish={submit}
      >
        <WebhookFields />
        {edit.theirs && (
          <StaleNote
            changes={changesBetween(edit.base, edit.theirs, { name: texts.name, url: texts.url, kinds: texts.kinds }, say)}
            onKeepMine={edit.goOn}
            onTakeTheirs={takeTheirs}
          />
        )}
        <ProblemNote problem={edit.problem} />
      </Form>
    </Dialog>
  );
}

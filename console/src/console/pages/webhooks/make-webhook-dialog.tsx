import { Form } from 'antd';
import { useState } from 'react';
import type { MadeWebhook } from '../../../../../server/api/contract.ts';
import { useAction } from '../../api/action.ts';
import { useFormProblem } from '../../api/form-problem.ts';
import { request } from '../../api/request.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { ProblemNote } from '../../states/problem-note.tsx';
import { useTexts } from '../../texts/texts.ts';
import { SecretDialog } from './secret-dialog.tsx';
import { useWebhookTexts } from './texts.ts';
import { fieldsOf, kindsOf, WebhookFields, type WebhookFormFields } from './webhook-fields.tsx';

/** Makes a webhook, then shows its secret. */
export function MakeWebhookDialog({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
  const common = useTexts();
  const texts = useWebhookTexts();
  const [form] = Form.useForm<WebhookFormFields>();
  const [made, setMade] = useState<MadeWebhook>();
  const action = useAction(({ name, url, kinds }: WebhookFormFields, key) => {
    const wanted = kindsOf(kinds);
    const body = { name, url: url.trim(), ...(wanted ? { kinds: wanted } : {}) };
    return request<MadeWebhook>('POST', '/webhooks', { body, idempotent: key });
  });
  useFormProblem(form, action.problem);
  if (made) return <SecretDialog made={made} onClose={onClose} />;

  async function submit(fields: WebhookFormFields) {
    const answer = await action.run(fields);
    if (!answer) return;
    setMade(answer);
    onMade();
  }

  return (
    <Dialog
      title={texts.make}
      width={520}
      okText={texts.make}
      cancelText={common.cancel}
      confirmLoading={action.isRunning}
      onOk={form.submit}
      onCancel={onClose}
    >
      <Form<WebhookFormFields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={fieldsOf(undefined)}
        onFinish={submit}
      >
        <WebhookFields />
        <ProblemNote problem={action.problem} />
      </Form>
    </Dialog>
  );
}

import { App, Form, Input } from 'antd';
import type { Webhook } from '../../../../../server/api/contract.ts';
import { useAction } from '../../api/action.ts';
import { useFormProblem } from '../../api/form-problem.ts';
import { request } from '../../api/request.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { ProblemNote } from '../../states/problem-note.tsx';
import { useTexts } from '../../texts/texts.ts';
import { useWebhookTexts } from './texts.ts';

/** Asks since when events are to be sent again. */
export function ReplayDialog({ webhook, onBegun, onClose }: { webhook: Webhook; onBegun: () => void; onClose: () => void }) {
  const common = useTexts();
  const texts = useWebhookTexts();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ since: string }>();
  const action = useAction(async (since: number, key) => {
    await request('POST', `/webhooks/${webhook.id}/replays`, { body: { since }, idempotent: key });
    return true;
  });
  useFormProblem(form, action.problem);

  async function submit({ since }: { since: string }) {
    if (!(await action.run(new Date(since).getTime()))) return;
    onBegun();
    onClose();
    void message.success(texts.replayDone);
  }

  return (
    <Dialog
      title={texts.replayTitle}
      width={440}
      okText={texts.replay}
      cancelText={common.cancel}
      confirmLoading={action.isRunning}
      onOk={form.submit}
      onCancel={onClose}
    >
      <Form form={form} layout="vertical" requiredMark={false} initialValues={{ since: startOfToday() }} onFinish={submit}>
        <p className="dialog-text form-lead">{texts.replayText}</p>
        <Form.Item name="since" label={texts.when} rules={[{ required: true, message: texts.replayNeeded }]}>
          <Input type="datetime-local" autoFocus />
        </Form.Item>
        <ProblemNote problem={action.problem} />
      </Form>
    </Dialog>
  );
}

/** As a field of local time wants it: 2026-07-16T00:00. */
function startOfToday(): string {
  const now = new Date();
  const two = (part: number) => String(part).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}T00:00`;
}

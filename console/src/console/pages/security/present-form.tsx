import { Button, Form, Input } from 'antd';
import { useAction } from '../../api/action.ts';
import { ProblemNote, useSecondsUntil } from '../../states/problem-note.tsx';
import { useTexts } from '../../texts/texts.ts';
import { useSecurityTexts } from './texts.ts';

interface PresentFormProps {
  doIt: string;
  work(present: string): Promise<void>;
  onCancel: () => void;
}

/** Asks for the present password and does something with it. */
export function PresentForm({ doIt, work, onCancel }: PresentFormProps) {
  const common = useTexts();
  const texts = useSecurityTexts();
  const action = useAction((present: string) => work(present));
  const seconds = useSecondsUntil(action.problem?.retryAt);
  return (
    <Form<{ present: string }> layout="vertical" requiredMark={false} onFinish={({ present }) => void action.run(present)}>
      <Form.Item name="present" label={texts.present} rules={[{ required: true, message: texts.presentNeeded }]}>
        <Input.Password autoFocus autoComplete="current-password" />
      </Form.Item>
      <div className="stack">
        <ProblemNote problem={action.problem} words={texts.presentProblems} />
        <span className="row">
          <Button type="primary" htmlType="submit" loading={action.isRunning} disabled={seconds > 0}>
            {doIt}
          </Button>
          <Button type="text" onClick={onCancel}>
            {common.cancel}
          </Button>
        </span>
      </div>
    </Form>
  );
}

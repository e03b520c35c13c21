import { Button, Form, Input } from 'antd';
import { useAction } from '../../api/action.ts';
import { ProblemNote, useSecondsUntil } from '../../states/problem-note.tsx';
import { useTexts } from '../../texts/texts.ts';
import { useSecurityTexts } from './texts.ts';

interface CodeFormProps {
  label: string;
  doIt: string;
  /** Six digits and nothing else: a recovery code will not do. */
  isNumeric?: boolean;
  work(code: string, key: string): Promise<void>;
  onCancel: () => void;
}

/** Asks for a one-time code and does something with it. */
export function CodeForm({ label, doIt, isNumeric = false, work, onCancel }: CodeFormProps) {
  const common = useTexts();
  const texts = useSecurityTexts();
  const action = useAction((code: string, key) => work(code, key));
  const seconds = useSecondsUntil(action.problem?.retryAt);
  return (
    <Form<{ code: string }>
      layout="vertical"
      requiredMark={false}
      onFinish={({ code }) => void action.run(code.replace(/\s/g, ''))}
    >
      <Form.Item name="code" label={label} rules={[{ required: true, whitespace: true, message: texts.codeNeeded }]}>
        <Input
          className="code-input"
          autoFocus
          autoComplete="one-time-code"
          inputMode={isNumeric ? 'numeric' : 'text'}
          maxLength={40}
          spellCheck={false}
        />
      </Form.Item>
      <div className="stack">
        <ProblemNote problem={action.problem} words={texts.codeProblems} />
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

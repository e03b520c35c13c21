import { App, Button, Form, Input } from 'antd';
import { useAction } from '../../api/action.ts';
import { useFormProblem } from '../../api/form-problem.ts';
import { request } from '../../api/request.ts';
import { loadSession, useSession } from '../../session/session-store.ts';
import { ProblemNote, useSecondsUntil } from '../../states/problem-note.tsx';
import { useSecurityTexts } from './texts.ts';

interface Fields {
  present?: string;
  password: string;
}

/** Changes the password; the present one is asked for where there is one. */
export function PasswordPanel() {
  const texts = useSecurityTexts();
  const { message } = App.useApp();
  const { hasPassword, login } = useSession().staff;
  const [form] = Form.useForm<Fields>();
  const action = useAction(async (fields: Fields) => {
    await request('PUT', '/session/password', { body: fields });
    return true;
  });
  useFormProblem(form, action.problem);
  const seconds = useSecondsUntil(action.problem?.retryAt);

  async function submit(fields: Fields) {
    if (!(await action.run(fields))) return;
    form.resetFields();
    void message.success(texts.passwordChanged);
    await loadSession();
  }

  return (
    <section className="panel padded stack">
      <h2>{texts.password}</h2>
      <p className="muted">{texts.passwordText}</p>
      <Form<Fields> form={form} layout="vertical" requiredMark={false} onFinish={submit}>
        {/* For password managers, which keep what is changed under this name. */}
        <input
          className="sr"
          type="text"
          name="username"
          autoComplete="username"
          value={login}
          readOnly
          tabIndex={-1}
          aria-hidden
        />
        {hasPassword && (
          <Form.Item name="present" label={texts.present} rules={[{ required: true, message: texts.presentNeeded }]}>
            <Input.Password autoComplete="current-password" />
          </Form.Item>
        )}
        <Form.Item
          name="password"
          label={texts.fresh}
          rules={[{ required: true, min: 10, message: texts.tooShort }]}
          validateTrigger="onBlur"
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <div className="stack">
          <ProblemNote problem={action.problem} words={texts.passwordProblems} />
          <span>
            <Button htmlType="submit" loading={action.isRunning} disabled={seconds > 0}>
              {hasPassword ? texts.changePassword : texts.setPassword}
            </Button>
          </span>
        </div>
      </Form>
    </section>
  );
}

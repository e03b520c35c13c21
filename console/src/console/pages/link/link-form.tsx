import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import type { LinkLook, SignedIn } from '../../../../../server/api/contract.ts';
import { useAction } from '../../api/action.ts';
import { useFormProblem } from '../../api/form-problem.ts';
import { asProblem } from '../../api/problem.ts';
import { request } from '../../api/request.ts';
import { useSignInTexts } from '../../session/texts.ts';
import { ProblemNote, useSecondsUntil } from '../../states/problem-note.tsx';
import { useLinkTexts } from './texts.ts';

interface UseLinkFormProps {
  token: string;
  look: LinkLook;
  onUsed: (session: SignedIn) => void;
}

interface LinkFields {
  name?: string;
  login?: string;
  password: string;
  code?: string;
}

const shortestPassword = 10;

/** What a link asks for: to join, a name, a login and a password; to come back, a new password and the one-time code where one is in use. */
export function UseLinkForm({ token, look, onUsed }: UseLinkFormProps) {
  const texts = useLinkTexts();
  const { problems } = useSignInTexts();
  const [form] = Form.useForm<LinkFields>();
  const [asksCode, setAsksCode] = useState(false);
  const isJoin = look.purpose === 'join';
  const action = useAction((fields: LinkFields) =>
    request<SignedIn>('POST', '/links/use', { body: { token, ...fields }, needsSession: false }).catch((error: unknown) => {
      if (asProblem(error).code !== 'session.code-needed') throw error;
      setAsksCode(true);
      if (fields.code) throw error;
      return undefined;
    }),
  );
  useFormProblem(form, action.problem);
  const seconds = useSecondsUntil(action.problem?.retryAt);
  const required = (label: string) => ({ required: true, whitespace: true, message: texts.needed(label) });

  async function submit(fields: LinkFields) {
    const session = await action.run(fields);
    if (session) onUsed(session);
  }

  return (
    <Form<LinkFields>
      name="link"
      form={form}
      layout="vertical"
      size="large"
      requiredMark={false}
      initialValues={{ name: look.name, login: look.login }}
      onFinish={submit}
    >
      {isJoin && (
        <>
          <Form.Item name="name" label={texts.name} extra={texts.nameHint} rules={[required(texts.name)]}>
            <Input autoComplete="name" maxLength={60} autoFocus />
          </Form.Item>
          <Form.Item name="login" label={texts.login} extra={texts.loginHint} rules={[required(texts.login)]}>
            <Input autoComplete="username" autoCapitalize="off" spellCheck={false} maxLength={120} />
          </Form.Item>
        </>
      )}
      {!isJoin && look.login && <input type="hidden" autoComplete="username" value={look.login} readOnly />}
      <Form.Item
        name="password"
        label={isJoin ? texts.password : texts.newPassword}
        extra={texts.passwordHint}
        rules={[
          { required: true, message: texts.needed(texts.password) },
          { min: shortestPassword, message: texts.tooShort },
        ]}
      >
        <Input.Password autoComplete="new-password" maxLength={200} autoFocus={!isJoin} />
      </Form.Item>
      {asksCode && (
        <Form.Item name="code" label={texts.code} extra={texts.codeHint} rules={[required(texts.code)]}>
          <Input autoComplete="one-time-code" autoFocus maxLength={40} />
        </Form.Item>
      )}
      <ProblemNote
        problem={action.problem}
        words={{
          'session.code-needed': problems.wrongCode,
          'session.refused': problems.wrongCode,
          'request.too-many': problems['request.too-many'],
          'link.over': { title: texts.overTitle, text: texts.overText },
        }}
      />
      <Button type="primary" htmlType="submit" block loading={action.isRunning} disabled={seconds > 0}>
        {isJoin ? texts.join : texts.enter}
      </Button>
    </Form>
  );
}

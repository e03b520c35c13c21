import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import type { SignedIn } from '../../../../server/api/contract.ts';
import { useAction } from '../api/action.ts';
import { asProblem } from '../api/problem.ts';
import { request } from '../api/request.ts';
import { ProblemNote, useSecondsUntil } from '../states/problem-note.tsx';
import { useSignInTexts } from './texts.ts';
import './sign-in-form.css';

interface SignInFormProps {
  /** The shop's short name; asked for where it is not known. */
  merchant: string | undefined;
  login?: string;
  /** The same person comes back: only the password is asked for. */
  isLoginFixed?: boolean;
  onSignedIn: (session: SignedIn) => void;
}

interface SignInFields {
  merchant?: string;
  login: string;
  password: string;
  code?: string;
}

/** Signs in by password, and by one-time code where one is asked for. */
export function SignInForm({ merchant, login, isLoginFixed = false, onSignedIn }: SignInFormProps) {
  const texts = useSignInTexts();
  const [asksCode, setAsksCode] = useState(false);
  const [isForgotten, setForgotten] = useState(false);
  const action = useAction((fields: SignInFields) =>
    request<SignedIn>('POST', '/sessions', { body: { merchant, ...fields }, needsSession: false }).catch((error: unknown) => {
      if (asProblem(error).code !== 'session.code-needed') throw error;
      setAsksCode(true);
      // A code that was given and is still asked for was wrong.
      if (fields.code) throw error;
      return undefined;
    }),
  );
  const seconds = useSecondsUntil(action.problem?.retryAt);

  async function submit(fields: SignInFields) {
    const session = await action.run(isLoginFixed ? { ...fields, login: login ?? '' } : fields);
    if (session) onSignedIn(session);
  }

  return (
    <Form<SignInFields>
      name="sign-in"
      className="sign-in-form"
      layout="vertical"
      size="large"
      requiredMark={false}
      initialValues={{ login, merchant: merchant ?? '' }}
      // Another login may be free to try.
      onValuesChange={() => seconds > 0 && action.clear()}
      onFinish={submit}
    >
      {merchant === undefined && (
        <Form.Item
          name="merchant"
          label={texts.shop}
          extra={texts.shopHint}
          rules={[{ required: true, message: texts.needed(texts.shop) }]}
        >
          <Input autoComplete="organization" autoCapitalize="off" spellCheck={false} autoFocus />
        </Form.Item>
      )}
      {!isLoginFixed && (
        <Form.Item name="login" label={texts.login} rules={[{ required: true, message: texts.needed(texts.login) }]}>
          <Input autoComplete="username" autoCapitalize="off" spellCheck={false} autoFocus={merchant !== undefined} />
        </Form.Item>
      )}
      <div className="with-link">
        <Form.Item name="password" label={texts.password} rules={[{ required: true, message: texts.needed(texts.password) }]}>
          <Input.Password autoComplete="current-password" autoFocus={isLoginFixed} />
        </Form.Item>
        <Button type="link" size="small" aria-expanded={isForgotten} onClick={() => setForgotten(!isForgotten)}>
          {texts.forgot}
        </Button>
      </div>
      {isForgotten && (
        <p className="note" role="status">
          {texts.forgotWords}
        </p>
      )}
      {asksCode && (
        <Form.Item
          name="code"
          label={texts.code}
          extra={texts.codeHint}
          rules={[{ required: true, message: texts.needed(texts.code) }]}
        >
          <Input autoComplete="one-time-code" autoFocus maxLength={40} />
        </Form.Item>
      )}
      <ProblemNote
        problem={action.problem}
        words={
          asksCode
            ? { ...texts.problems, 'session.refused': texts.problems.wrongCode, 'session.code-needed': texts.problems.wrongCode }
            : texts.problems
        }
      />
      <Button type="primary" htmlType="submit" block loading={action.isRunning} disabled={seconds > 0}>
        {texts.signIn}
      </Button>
    </Form>
  );
}

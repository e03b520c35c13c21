import { Button, Form } from 'antd';
import { useNavigate } from 'react-router';
import type { Account } from '../../../../../server/api/contract.ts';
import { permissions } from '../../../../../server/merchants/permissions.ts';
import { useAction } from '../../api/action.ts';
import { useFormProblem } from '../../api/form-problem.ts';
import { request } from '../../api/request.ts';
import { RoomHead } from '../../parts/room-head.tsx';
import { useMay } from '../../session/session-store.ts';
import { Forbidden } from '../../states/forbidden.tsx';
import { ProblemNote } from '../../states/problem-note.tsx';
import { useTexts } from '../../texts/texts.ts';
import { AccountFields, type AccountFormFields, bodyOf } from './account-fields.tsx';
import { SandboxHint } from './sandbox-hint.tsx';
import { useAccountTexts } from './texts.ts';

/** The first of the three steps: what the platform calls the account. */
export function NewAccountPage() {
  const texts = useAccountTexts();
  const common = useTexts();
  const navigate = useNavigate();
  const [form] = Form.useForm<AccountFormFields>();
  const action = useAction((fields: AccountFormFields, key) =>
    request<Account>('POST', '/accounts', { body: { channel: 'wechat', ...bodyOf(fields) }, idempotent: key }),
  );
  useFormProblem(form, action.problem);

  async function submit(fields: AccountFormFields) {
    const account = await action.run(fields);
    // Whoever has just made it is the one who pastes its token and key.
    if (account) void navigate(`/accounts/${account.id}`, { replace: true, state: { showsKeys: true } });
  }

  if (!useMay('account.edit'))
    return <Forbidden title={common.forbiddenRoom(texts.newTitle)} roles={permissions['account.edit']} />;
  return (
    <>
      <RoomHead title={texts.newTitle} about={texts.newAbout} />
      <div className="first">
        <section className="panel padded" aria-label={texts.newTitle}>
          <Form<AccountFormFields>
            name="new-account"
            form={form}
            className="account-form"
            layout="vertical"
            requiredMark={false}
            scrollToFirstError
            initialValues={{ kind: 'service', isVerified: true, permissions: [], mode: 'safe' }}
            onFinish={submit}
          >
            <AccountFields />
            <div className="stack">
              <ProblemNote problem={action.problem} words={{ 'request.refused': texts.taken }} />
              <div className="form-actions">
                <Button type="primary" htmlType="submit" loading={action.isRunning}>
                  {texts.create}
                </Button>
                <Button type="text" onClick={() => void navigate('/accounts')}>
                  {common.cancel}
                </Button>
              </div>
            </div>
          </Form>
        </section>
        <aside className="soon">
          <SandboxHint />
        </aside>
      </div>
    </>
  );
}

import { Button, Checkbox, Form, Input, Select } from 'antd';
import { useState } from 'react';
import type { MadeKey } from '../../../../../server/api/contract.ts';
import type { Permission } from '../../../../../server/merchants/permissions.ts';
import { useAction } from '../../api/action.ts';
import { useFormProblem } from '../../api/form-problem.ts';
import { request } from '../../api/request.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useSession } from '../../session/session-store.ts';
import { ProblemNote } from '../../states/problem-note.tsx';
import { useTexts } from '../../texts/texts.ts';
import { useKeyTexts } from './texts.ts';

interface Fields {
  name: string;
  scopes: Permission[];
  /** 0: never. */
  days: number;
}

interface MakeKeyDialogProps {
  onMade: () => void;
  onClose: () => void;
}

/** Asks what a key is for and what it may do, then shows it this once. */
export function MakeKeyDialog({ onMade, onClose }: MakeKeyDialogProps) {
  const [made, setMade] = useState<MadeKey>();
  if (made) return <MadeKeyDialog made={made} onClose={onClose} />;
  return (
    <WantedKeyDialog
      onMade={(key) => {
        setMade(key);
        onMade();
      }}
      onClose={onClose}
    />
  );
}

function WantedKeyDialog({ onMade, onClose }: { onMade: (made: MadeKey) => void; onClose: () => void }) {
  const common = useTexts();
  const texts = useKeyTexts();
  const { permissions } = useSession();
  const [form] = Form.useForm<Fields>();
  const action = useAction((body: { name: string; scopes: Permission[]; expiresAt?: number }, key) =>
    request<MadeKey>('POST', '/keys', { body, idempotent: key }),
  );
  useFormProblem(form, action.problem);

  async function submit({ name, scopes, days }: Fields) {
    // The end of that day by the hour, so that a second try is the same wish.
    const expiry = days === 0 ? {} : { expiresAt: Math.ceil(Date.now() / hour) * hour + days * 24 * hour };
    const made = await action.run({ name, scopes, ...expiry });
    if (made) onMade(made);
  }

  return (
    <Dialog
      title={texts.makeTitle}
      width={560}
      okText={texts.make}
      cancelText={common.cancel}
      confirmLoading={action.isRunning}
      onOk={form.submit}
      onCancel={onClose}
    >
      <Form<Fields> form={form} layout="vertical" requiredMark={false} initialValues={{ scopes: [], days: 0 }} onFinish={submit}>
        <Form.Item name="name" label={texts.name} rules={[{ required: true, whitespace: true, message: texts.nameNeeded }]}>
          <Input autoFocus autoComplete="off" maxLength={60} placeholder={texts.nameExample} />
        </Form.Item>
        <Form.Item name="scopes" label={texts.scopes} rules={[{ required: true, message: texts.chooseScopes }]}>
          <Checkbox.Group className="scope-choice">
            {permissions.filter(mayBeKeys).map((scope) => (
              <Checkbox key={scope} value={scope}>
                {common.permissions[scope]}
                {texts.scopeMeans[scope] && <small>{texts.scopeMeans[scope]}</small>}
              </Checkbox>
            ))}
          </Checkbox.Group>
        </Form.Item>
        <Form.Item name="days" label={texts.expiry}>
          <Select
            options={[0, 30, 90, 365].map((days) => ({ value: days, label: days === 0 ? texts.never : texts.expiryIn(days) }))}
          />
        </Form.Item>
        <ProblemNote problem={action.problem} />
      </Form>
    </Dialog>
  );
}

/** The key, shown this once; only the button closes it. */
function MadeKeyDialog({ made: { key, secret }, onClose }: { made: MadeKey; onClose: () => void }) {
  const texts = useKeyTexts();
  const readable = key.scopes.find((scope) => reads[scope]);
  return (
    <Dialog
      title={texts.madeTitle(key.name)}
      width={560}
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      footer={
        <Button type="primary" onClick={onClose}>
          {texts.done}
        </Button>
      }
    >
      <div className="stack">
        <p className="dialog-text">{texts.madeText}</p>
        <CopyLine text={secret} label={texts.copy} />
        {readable && (
          <>
            <h3>{texts.tryIt}</h3>
            <CopyLine
              text={`curl -H 'Authorization: Bearer ${secret}' ${new URL(`../api/v1/${reads[readable]}`, location.origin + location.pathname)}`}
              label={texts.copyCommand}
            />
          </>
        )}
      </div>
    </Dialog>
  );
}

/** What a key can be tried with: the list that each scope opens. */
const reads: Partial<Record<Permission, string>> = {
  'merchant.read': 'merchant',
  'account.read': 'accounts',
  'staff.read': 'staff',
  'webhook.read': 'webhooks',
  'audit.read': 'audit',
  'member.read': 'members',
  'event.read': 'events',
};

/** A key makes no keys and opens no shops. */
const mayBeKeys = (permission: Permission) => permission !== 'key.edit' && permission !== 'merchant.create';
const hour = 3_600_000;

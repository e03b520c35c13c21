import { App, Checkbox, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import type { EventType, MadeWebhook, Webhook } from '../../../../../server/api/contract.ts';
import { useAction } from '../../api/action.ts';
import { Problem } from '../../api/problem.ts';
import { request } from '../../api/request.ts';
import { ProblemNote } from '../../states/problem-note.tsx';
import { changesBetween, StaleNote } from '../../states/stale-note.tsx';
import { useTexts } from '../../texts/texts.ts';
import { SecretDialog } from './secret-dialog.tsx';
import { useWebhookTexts } from './texts.ts';

interface Fields {
  name: string;
  url: string;
  /** None: everything. */
  kinds: EventType[];
}

type Saved = { kind: 'made'; made: MadeWebhook } | { kind: 'edited' } | { kind: 'stale'; theirs: Webhook };

interface WebhookDialogProps {
  /** The one to edit; a new one where there is none. */
  webhook?: Webhook;
  onSaved: () => void;
  onClose: () => void;
}

/** Makes a webhook and shows its secret, or edits one. */
export function WebhookDialog({ webhook, onSaved, onClose }: WebhookDialogProps) {
  const common = useTexts();
  const texts = useWebhookTexts();
  const { message } = App.useApp();
  const [form] = Form.useForm<Fields>();
  const [base, setBase] = useState(webhook);
  const [theirs, setTheirs] = useState<Webhook>();
  const [made, setMade] = useState<MadeWebhook>();
  const action = useAction((fields: Fields, key) => (base ? edit(base, fields) : make(fields, key)));
  const faults = action.problem?.fields ?? {};
  if (made) return <SecretDialog made={made} onClose={onClose} />;

  async function submit(fields: Fields) {
    const saved = await action.run(fields);
    if (!saved) return;
    if (saved.kind === 'stale') return setTheirs(saved.theirs);
    onSaved();
    if (saved.kind === 'made') return setMade(saved.made);
    onClose();
    void message.success(texts.saved);
  }

  function goOn(isTheirs: boolean) {
    if (!theirs) return;
    setBase(theirs);
    if (isTheirs) form.setFieldsValue(fieldsOf(theirs));
    setTheirs(undefined);
    onSaved();
  }

  const sayKinds = (_: keyof Webhook, value: unknown) =>
    Array.isArray(value)
      ? value.map((kind: EventType) => texts.kind[kind]).join(common.and)
      : value === undefined
        ? texts.everything
        : String(value);
  return (
    <Modal
      open
      title={webhook ? texts.editTitle(webhook.name) : texts.make}
      width={520}
      okText={webhook ? common.save : texts.make}
      cancelText={common.cancel}
      confirmLoading={action.isRunning}
      okButtonProps={{ disabled: theirs !== undefined }}
      onOk={form.submit}
      onCancel={onClose}
    >
      <Form<Fields> form={form} layout="vertical" requiredMark={false} initialValues={fieldsOf(webhook)} onFinish={submit}>
        <Form.Item
          name="name"
          label={texts.name}
          rules={[{ required: true, whitespace: true, message: texts.nameNeeded }]}
          {...faultOf(faults.name)}
        >
          <Input autoFocus autoComplete="off" maxLength={60} placeholder={texts.nameExample} />
        </Form.Item>
        <Form.Item
          name="url"
          label={texts.url}
          extra={texts.urlHint}
          rules={[{ required: true, whitespace: true, message: texts.urlNeeded }]}
          {...faultOf(faults.url)}
        >
          <Input type="url" inputMode="url" autoComplete="off" spellCheck={false} placeholder="https://" maxLength={2000} />
        </Form.Item>
        <Form.Item name="kinds" label={texts.kinds} {...faultOf(faults.kinds)}>
          <Checkbox.Group>
            {eventTypes.map((kind) => (
              <Checkbox key={kind} value={kind}>
                {texts.kind[kind]}
              </Checkbox>
            ))}
          </Checkbox.Group>
        </Form.Item>
        {base && theirs && (
          <StaleNote
            changes={changesBetween(base, theirs, { name: texts.name, url: texts.url, kinds: texts.kinds }, sayKinds)}
            onKeepMine={() => goOn(false)}
            onTakeTheirs={() => goOn(true)}
          />
        )}
        <ProblemNote problem={action.problem} />
      </Form>
    </Modal>
  );
}

const eventTypes: readonly EventType[] = ['follower.followed', 'follower.unfollowed'];

const fieldsOf = (webhook: Webhook | undefined): Fields => ({
  name: webhook?.name ?? '',
  url: webhook?.url ?? '',
  kinds: [...(webhook?.kinds ?? eventTypes)],
});

/** All of them is everything, also what will be added later. */
const kindsOf = (kinds: readonly EventType[]) => (kinds.length === 0 || kinds.length === eventTypes.length ? undefined : kinds);

async function make({ name, url, kinds }: Fields, key: string): Promise<Saved> {
  const wanted = kindsOf(kinds);
  const body = { name, url: url.trim(), ...(wanted ? { kinds: wanted } : {}) };
  return { kind: 'made', made: await request<MadeWebhook>('POST', '/webhooks', { body, idempotent: key }) };
}

async function edit(base: Webhook, { name, url, kinds }: Fields): Promise<Saved> {
  const path = `/webhooks/${base.id}`;
  const body = { name, url: url.trim(), kinds: kindsOf(kinds) ?? null };
  try {
    await request<Webhook>('PATCH', path, { body, ifMatch: base.version });
    return { kind: 'edited' };
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'request.stale') throw error;
    return { kind: 'stale', theirs: await request<Webhook>('GET', path) };
  }
}

const faultOf = (words: string | undefined) => (words === undefined ? {} : { validateStatus: 'error' as const, help: words });

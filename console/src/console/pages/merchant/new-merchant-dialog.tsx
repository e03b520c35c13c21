import { Form, Input, Modal } from 'antd';
import { useState } from 'react';
import type { Merchant } from '../../../../../server/api/contract.ts';
import { useAction } from '../../api/action.ts';
import { useFormProblem } from '../../api/form-problem.ts';
import { request } from '../../api/request.ts';
import { CodePicture } from '../../parts/code-picture.tsx';
import { CopyLine } from '../../parts/copy-line.tsx';
import { ProblemNote } from '../../states/problem-note.tsx';
import { useTexts } from '../../texts/texts.ts';
import { useMerchantTexts } from './texts.ts';

interface NewMerchantFields {
  name: string;
  slug: string;
}

/** Opens a further shop on this server, in the zone and language of this one, and gives the link that makes its reader the owner. */
export function NewMerchantDialog({ house, onClose }: { house: Merchant; onClose: () => void }) {
  const texts = useMerchantTexts();
  const common = useTexts();
  const [form] = Form.useForm<NewMerchantFields>();
  const [made, setMade] = useState<{ merchant: Merchant; url: string }>();
  const action = useAction((fields: NewMerchantFields, key) =>
    request<{ merchant: Merchant; url: string }>('POST', '/merchants', {
      body: { ...fields, zone: house.zone, language: house.language },
      idempotent: key,
    }),
  );
  useFormProblem(form, action.problem);
  const needed = (label: string) => ({ required: true, whitespace: true, message: texts.needed(label) });

  async function submit(fields: NewMerchantFields) {
    const answer = await action.run(fields);
    if (answer) setMade(answer);
  }

  if (made)
    return (
      <Modal
        open
        title={texts.openedTitle(made.merchant.name)}
        footer={null}
        width={480}
        mask={{ closable: false }}
        onCancel={onClose}
      >
        <div className="stack">
          <p>{texts.openedText}</p>
          <CodePicture text={made.url} label={texts.ownerLink} />
          <CopyLine text={made.url} label={texts.copyLink} />
        </div>
      </Modal>
    );
  return (
    <Modal
      open
      title={texts.openTitle}
      width={480}
      okText={texts.open}
      cancelText={common.cancel}
      confirmLoading={action.isRunning}
      onOk={form.submit}
      onCancel={onClose}
    >
      <Form<NewMerchantFields> name="new-merchant" form={form} layout="vertical" requiredMark={false} onFinish={submit}>
        <Form.Item name="name" label={texts.name} rules={[needed(texts.name)]}>
          <Input autoComplete="off" maxLength={60} autoFocus />
        </Form.Item>
        <Form.Item
          name="slug"
          label={texts.slug}
          extra={texts.newSlugHint}
          rules={[needed(texts.slug), { pattern: /^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/, message: texts.slugWrong }]}
        >
          <Input className="mono" autoComplete="off" autoCapitalize="off" spellCheck={false} maxLength={64} />
        </Form.Item>
        <ProblemNote problem={action.problem} words={{ 'request.refused': texts.slugTaken }} />
      </Form>
    </Modal>
  );
}

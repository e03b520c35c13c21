import { App, Button, Form, Input, Radio, Select } from 'antd';
import { useState } from 'react';
import type { Language, Merchant } from '../../../../../server/api/contract.ts';
import { useEdit } from '../../api/edit.ts';
import { useFormProblem } from '../../api/form-problem.ts';
import { useResource } from '../../api/resource.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { RoomHead } from '../../parts/room-head.tsx';
import { update, useMay } from '../../session/session-store.ts';
import { changesBetween } from '../../states/changes.ts';
import { Bones } from '../../states/page-skeleton.tsx';
import { ProblemNote } from '../../states/problem-note.tsx';
import { StaleNote } from '../../states/stale-note.tsx';
import { View } from '../../states/view.tsx';
import { useTexts } from '../../texts/texts.ts';
import { NewMerchantDialog } from './new-merchant-dialog.tsx';
import { useMerchantTexts } from './texts.ts';
import './merchant.css';

/** "商户设置": what the shop is called, where its days begin and what it speaks. */
export function MerchantPage() {
  const texts = useMerchantTexts();
  const merchant = useResource<Merchant>('/merchant');
  const mayOpen = useMay('merchant.create');
  const [isOpening, setOpening] = useState(false);
  return (
    <>
      <RoomHead
        title={texts.title}
        about={texts.about}
        actions={mayOpen && <Button onClick={() => setOpening(true)}>{texts.open}</Button>}
      />
      {isOpening && merchant.data && <NewMerchantDialog house={merchant.data} onClose={() => setOpening(false)} />}
      <View resource={merchant} skeleton={<Bones rows={4} height={56} />}>
        {(data) => (
          <div className="panel padded settings">
            <MerchantForm merchant={data} onSaved={merchant.set} />
            <Facts merchant={data} />
          </div>
        )}
      </View>
    </>
  );
}

interface MerchantFields {
  name: string;
  zone: string;
  language: Language;
}

function MerchantForm({ merchant, onSaved }: { merchant: Merchant; onSaved: (merchant: Merchant) => void }) {
  const texts = useMerchantTexts();
  const { save } = useTexts();
  const { message } = App.useApp();
  const mayEdit = useMay('merchant.edit');
  const [form] = Form.useForm<MerchantFields>();
  const [isTouched, setTouched] = useState(false);
  const edit = useEdit<Merchant, MerchantFields>('/merchant', merchant);
  useFormProblem(form, edit.problem);

  async function submit(fields: MerchantFields) {
    const saved = await edit.run(fields);
    if (!saved) return;
    setTouched(false);
    onSaved(saved);
    update({ merchant: saved });
    void message.success(texts.saved);
  }

  const labels = { name: texts.name, zone: texts.zone, language: texts.language };
  return (
    <Form<MerchantFields>
      name="merchant"
      form={form}
      layout="vertical"
      requiredMark={false}
      disabled={!mayEdit}
      initialValues={merchant}
      onValuesChange={() => setTouched(true)}
      onFinish={submit}
    >
      <Form.Item
        name="name"
        label={texts.name}
        extra={texts.nameHint}
        rules={[{ required: true, whitespace: true, message: texts.nameNeeded }]}
      >
        <Input autoComplete="organization" maxLength={60} />
      </Form.Item>
      <Form.Item name="zone" label={texts.zone} extra={texts.zoneHint}>
        <Select showSearch options={zones(merchant.zone).map((value) => ({ value, label: value }))} />
      </Form.Item>
      <Form.Item name="language" label={texts.language} extra={texts.languageHint}>
        <Radio.Group
          optionType="button"
          options={(['zh', 'en'] as const).map((value) => ({ value, label: texts.languages[value] }))}
        />
      </Form.Item>
      <div className="stack">
        {edit.theirs && (
          <StaleNote
            changes={changesBetween(edit.base, edit.theirs, labels, (field, value) =>
              field === 'language' ? texts.languages[value as Language] : String(value),
            )}
            onKeepMine={edit.goOn}
            onTakeTheirs={() => {
              if (edit.theirs) form.setFieldsValue(edit.theirs);
              edit.goOn();
            }}
          />
        )}
        <ProblemNote problem={edit.problem} />
        {mayEdit ? (
          <Button
            type="primary"
            htmlType="submit"
            disabled={!isTouched || edit.theirs !== undefined}
            loading={edit.isRunning}
            className="save"
          >
            {save}
          </Button>
        ) : (
          <p className="muted">{texts.readOnly}</p>
        )}
      </div>
    </Form>
  );
}

/** What does not change. */
function Facts({ merchant }: { merchant: Merchant }) {
  const texts = useMerchantTexts();
  return (
    <dl className="facts">
      <dt>{texts.slug}</dt>
      <dd>
        <span className="mono">{merchant.slug}</span>
        <small>{texts.slugHint}</small>
      </dd>
      <dt>{texts.door}</dt>
      <dd>
        <CopyLine text={doorOf(merchant.slug)} label={texts.copyDoor} />
      </dd>
      <dt>{texts.currency}</dt>
      <dd>{texts.cny}</dd>
    </dl>
  );
}

/** The address at which this shop's people sign in. */
const doorOf = (slug: string) => `${location.origin}${location.pathname}#/sign-in?merchant=${encodeURIComponent(slug)}`;

/** What the browser knows, and what is set, which the server may know under another name. */
function zones(present: string): string[] {
  const known = Intl.supportedValuesOf('timeZone');
  return known.includes(present) ? known : [present, ...known];
}

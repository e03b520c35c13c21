import { Checkbox, Form, Input, Radio, Select } from 'antd';
import type { AccountDetail, AccountMode } from '../../../../../server/api/contract.ts';
import { useCapabilityTexts } from './capability-texts.ts';
import { useAccountTexts } from './texts.ts';

/** What the forms of an account hold. The names of the fields are those of the request's body, where there is one. */
export interface AccountFormFields {
  name: string;
  kind: 'service' | 'subscription';
  isVerified: boolean;
  permissions: string[];
  appId: string;
  originalId: string;
  appSecret?: string;
  mode: AccountMode;
}

/** The account's fields; `existing` is what is edited, absent for a new one. */
export function AccountFields({ existing }: { existing?: AccountDetail }) {
  const texts = useAccountTexts();
  const needed = (label: string) => ({ required: true, whitespace: true, message: texts.needed(label) });
  return (
    <>
      <Form.Item name="name" label={texts.nameLabel} rules={[needed(texts.nameLabel)]}>
        <Input autoComplete="off" maxLength={60} placeholder={texts.nameExample} autoFocus />
      </Form.Item>
      <Form.Item name="kind" label={texts.kind} extra={texts.kindHint}>
        <Radio.Group
          optionType="button"
          options={(['service', 'subscription'] as const).map((value) => ({ value, label: texts.kinds[value] }))}
        />
      </Form.Item>
      <Form.Item name="isVerified" valuePropName="checked">
        <Checkbox>{texts.verified}</Checkbox>
      </Form.Item>
      {!existing && (
        <Form.Item
          name="appId"
          label={texts.appId}
          extra={texts.appIdHint}
          normalize={trimmed}
          rules={[needed(texts.appId), { pattern: /^wx[0-9a-f]{16}$/, message: texts.appIdWrong }]}
        >
          <Input className="mono" autoComplete="off" spellCheck={false} maxLength={60} />
        </Form.Item>
      )}
      <Form.Item
        name="originalId"
        label={texts.originalId}
        extra={texts.originalIdHint}
        normalize={trimmed}
        rules={[needed(texts.originalId), { pattern: /^gh_[0-9A-Za-z]{1,32}$/, message: texts.originalIdWrong }]}
      >
        <Input className="mono" autoComplete="off" spellCheck={false} maxLength={60} />
      </Form.Item>
      <Form.Item
        name="appSecret"
        label={texts.secret}
        extra={existing?.hasAppSecret ? texts.secretKept : texts.secretHint}
        normalize={trimmed}
        rules={[{ pattern: /^[0-9a-f]{32}$/, message: texts.secretWrong }]}
      >
        <Input.Password className="mono" autoComplete="off" spellCheck={false} maxLength={60} />
      </Form.Item>
      <Form.Item name="mode" label={texts.mode}>
        <Radio.Group className="mode-choice">
          {(['safe', 'compatible', 'plain'] as const).map((mode) => (
            <Radio key={mode} value={mode}>
              {texts.modes[mode]}
              <small> {texts.modeWords[mode]}</small>
            </Radio>
          ))}
        </Radio.Group>
      </Form.Item>
      {existing && <GrantedPermissions account={existing} />}
    </>
  );
}

/** What the platform has granted beyond the account's kind: only what would change an answer can be chosen. */
function GrantedPermissions({ account }: { account: AccountDetail }) {
  const texts = useAccountTexts();
  const { names } = useCapabilityTexts();
  const open = Object.entries(account.capabilities).filter(
    ([, { can, permission }]) => !can || account.traits.permissions.includes(permission),
  );
  if (open.length === 0) return null;
  return (
    <Form.Item name="permissions" label={texts.granted} extra={texts.grantedHint}>
      <Select
        mode="multiple"
        optionFilterProp="label"
        options={open.map(([name, { permission }]) => ({ value: permission, label: names[name as keyof typeof names] ?? name }))}
      />
    </Form.Item>
  );
}

/** Copied ids often bring spaces along; a field that is just as long as the id would cut it instead. */
const trimmed = (value: string) => value.trim();

/** The body's fields from the form's; `granted` is what the account has where the form had nothing to choose. */
export function bodyOf(
  { kind, isVerified, permissions, appSecret, ...rest }: AccountFormFields,
  granted: readonly string[] = [],
) {
  return {
    ...rest,
    traits: { kind, isVerified, permissions: permissions ?? granted },
    ...(appSecret ? { appSecret } : {}),
  };
}

/** The form's fields from an account. */
export const fieldsOf = ({ name, traits, appId, originalId, mode }: AccountDetail): AccountFormFields => ({
  ...{ name, appId, originalId, mode },
  kind: traits.kind,
  isVerified: traits.isVerified,
  permissions: [...traits.permissions],
});

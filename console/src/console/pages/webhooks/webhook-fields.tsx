import { Checkbox, Form, Input } from 'antd';
import type { EventType, Webhook } from '../../../../../server/api/contract.ts';
import { useWebhookTexts } from './texts.ts';

/** A webhook as its form holds it. */
export interface WebhookFormFields {
  name: string;
  url: string;
  /** None, like all: everything. */
  kinds: EventType[];
}

/** What people say about a webhook. */
export function WebhookFields() {
  const texts = useWebhookTexts();
  return (
    <>
      <Form.Item name="name" label={texts.name} rules={[{ required: true, whitespace: true, message: texts.nameNeeded }]}>
        <Input autoFocus autoComplete="off" maxLength={60} placeholder={texts.nameExample} />
      </Form.Item>
      <Form.Item
        name="url"
        label={texts.url}
        extra={texts.urlHint}
        rules={[{ required: true, pattern: /^\s*https?:\/\/\S/, message: texts.urlNeeded }]}
      >
        <Input type="url" inputMode="url" autoComplete="off" spellCheck={false} placeholder="https://" maxLength={2000} />
      </Form.Item>
      <Form.Item name="kinds" label={texts.kinds}>
        <Checkbox.Group options={eventTypes.map((value) => ({ value, label: texts.kind[value] }))} />
      </Form.Item>
    </>
  );
}

export const fieldsOf = (webhook: Webhook | undefined): WebhookFormFields => ({
  name: webhook?.name ?? '',
  url: webhook?.url ?? '',
  kinds: [...(webhook?.kinds ?? eventTypes)],
});

/** All of them is everything, also what will be added later: undefined. */
export const kindsOf = (kinds: readonly EventType[]) =>
  kinds.length === 0 || kinds.length === eventTypes.length ? undefined : kinds;

const eventTypes: readonly EventType[] = ['follower.followed', 'follower.unfollowed'];

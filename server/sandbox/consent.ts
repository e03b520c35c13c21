import { z } from 'zod';
import type { SubscriptionAnswers, SubscriptionEnd } from './contract.ts';
import type { Grant } from './grant-records.ts';
import { event, type Notice } from './speech.ts';

const placeSchema = z.enum(['account', 'mini-program']);
const templateIdSchema = z.string().min(1).max(64);

/** What a follower answers to the question whether an account may send them messages. */
export const answersSchema = z.strictObject({
  place: placeSchema,
  answers: z
    .array(z.strictObject({ templateId: templateIdSchema, isAccepted: z.boolean() }))
    .min(1)
    // As many as one dialog asks for at most.
    .max(3),
}) satisfies z.ZodType<SubscriptionAnswers>;

/** Which messages a follower switches off in the settings. */
export const endSchema = z.strictObject({
  place: placeSchema,
  templateId: templateIdSchema,
}) satisfies z.ZodType<SubscriptionEnd>;

/** Each message that was agreed to. */
export function grantsOf(openid: string, { place, answers }: SubscriptionAnswers): Grant[] {
  return answers.flatMap(({ templateId, isAccepted }) => (isAccepted ? [{ openid, place, templateId }] : []));
}

/** The event of the dialog (wechat.md §1.4). */
export function answeredNotice({ place, answers }: SubscriptionAnswers): Notice {
  const lists = answers.map(({ templateId, isAccepted }) => {
    const list = [
      ['TemplateId', templateId],
      ['SubscribeStatusString', isAccepted ? 'accept' : 'reject'],
      ['PopupScene', place === 'account' ? 1 : 0],
    ] as const;
    return ['List', list] as const;
  });
  return event('subscribe_msg_popup_event', answers[0]?.templateId, ['SubscribeMsgPopupEvent', lists]);
}

/** The event of the settings (wechat.md §1.4). */
export function endedNotice({ templateId }: SubscriptionEnd): Notice {
  const list = [
    ['TemplateId', templateId],
    ['SubscribeStatusString', 'reject'],
  ] as const;
  return event('subscribe_msg_change_event', templateId, ['SubscribeMsgChangeEvent', [['List', list]]]);
}

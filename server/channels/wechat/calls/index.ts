import { draftCalls, publishCalls } from './articles.ts';
import { codeCalls } from './codes.ts';
import { massCalls } from './mass.ts';
import { materialCalls, mediaCalls } from './media.ts';
import { menuCalls } from './menus.ts';
import { messageCalls } from './messages.ts';
import { subscriptionCalls, templateCalls } from './notices.ts';
import { peopleCalls, tagCalls } from './people.ts';
import { platformCalls } from './platform.ts';
import type { CallRow } from './row.ts';
import { signInCalls } from './sign-in.ts';
import { statisticsCalls } from './statistics.ts';

/** Every call that we make, under the platform's own name, which is its path: a further one is one row. */
export const calls = {
  ...platformCalls,
  ...menuCalls,
  ...peopleCalls,
  ...tagCalls,
  ...messageCalls,
  ...templateCalls,
  ...subscriptionCalls,
  ...codeCalls,
  ...signInCalls,
  ...mediaCalls,
  ...materialCalls,
  ...draftCalls,
  ...publishCalls,
  ...massCalls,
  ...statisticsCalls,
} satisfies Readonly<Record<string, CallRow<object, unknown>>>;

export type CallName = keyof typeof calls;

/** What a call sends. */
export type SentBy<Name extends CallName> = (typeof calls)[Name] extends CallRow<infer Sent, unknown> ? Sent : never;
/** What it answers. */
export type AnswerOf<Name extends CallName> = (typeof calls)[Name] extends CallRow<infer _Sent, infer Answer> ? Answer : never;

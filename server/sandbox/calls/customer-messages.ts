import type { CallParts } from '../call-table.ts';
import { openDraftRecords } from '../draft-records.ts';
import { openMediaRecords } from '../media-records.ts';
import { customerContent } from './customer-contents.ts';
import { textOf, wholeNumberOf } from './fields.ts';
import { checkFollows, checkTakesMessages, receiverOf } from './receivers.ts';
import { type AccountCall, type AccountRows, ok, refuse } from './row.ts';

/** How long it is seen that the account types. */
const typingLasts = 15_000;
/** How long ago the follower must have done something at most. */
const typingNeeds = 30_000;

/** §7: messages that the account sends to those who were just in touch. */
export async function customerMessageCalls({ database, records, post, events }: CallParts): Promise<AccountRows> {
  const shelves = { media: await openMediaRecords(database), drafts: await openDraftRecords(database) };
  const row = { method: 'POST', section: '7', opens: 'token', needs: { isVerified: true } } as const;

  async function send(call: AccountCall) {
    const person = await receiverOf(records, call);
    const content = await customerContent(call, shelves);
    // Here who has left is told apart from who never came.
    if (!person.isFollowing && person.followedAt !== undefined) refuse('out-of-time', ...outOfTime);
    checkFollows(person);
    checkTakesMessages(person);
    const taken = await records.windows.take(person._id, call.now);
    if (taken === 'out of time') refuse('out-of-time', ...outOfTime);
    if (taken === 'out of messages') refuse('used-already', 45047, 'out of response count limit');
    events.publish('typing', { openid: person._id, until: call.now });
    await post.show([person._id], content);
    return ok;
  }

  async function type(call: AccountCall) {
    const { _id: openid } = await receiverOf(records, call);
    const command = textOf(call.body, 'command', [45072, 'invalid command']);
    if (command !== 'Typing' && command !== 'CancelTyping') refuse('value-wrong', 45072, 'invalid command');
    const now = call.now;
    const until = command === 'Typing' ? now + typingLasts : now;
    if (command === 'CancelTyping') await records.windows.endTyping(openid);
    else {
      const begun = await records.windows.beginTyping(openid, { since: now - typingNeeds, now, until });
      if (begun === 'nothing done') refuse('out-of-time', 45080, 'can not send typing without user interaction in 30 seconds');
      if (begun === 'typing already') refuse('too-fast', 45081, 'already in typing state');
    }
    events.publish('typing', { openid, until });
    return ok;
  }

  /** The same for one of several businesses behind the account. */
  const forBusiness = (answer: typeof send) => (call: AccountCall) => {
    wholeNumberOf(call.body, 'businessid');
    return answer(call);
  };

  return {
    'cgi-bin/message/custom/send': { ...row, quota: 500_000, answer: send },
    'cgi-bin/message/custom/typing': { ...row, quota: 500_000, answer: type },
    'cgi-bin/message/custom/business/send': { ...row, quota: 500_000, answer: forBusiness(send) },
    'cgi-bin/message/custom/business/typing': { ...row, quota: 500_000, answer: forBusiness(type) },
  };
}

const outOfTime = [45015, 'response out of time limit or subscription is canceled'] as const;

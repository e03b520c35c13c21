import { expect } from 'vitest';
import type { FaultReport, InboxLeft, Sent } from './fault-story.ts';

/** What must hold whatever went wrong; `seed` stands in the message of what does not. */
export function expectEachAnsweredOnce(report: FaultReport, seed: number): void {
  const { sent, inbox, outbox, followers, members, happened, log } = report;
  const told = `seed ${seed}`;
  const rows = new Map(inbox.map((row) => [keyOf(row.message.openid, row.message.content.text), row]));
  const arrived = sent.filter(({ struck }) => !struck.every((fault) => fault === 'lost'));

  // One row a message, and none but theirs.
  expect(inbox.map(({ message }) => keyOf(message.openid, message.content.text)).sort(), told).toEqual(
    arrived.map(({ openid, text }) => keyOf(openid, text)).sort(),
  );
  expect(
    inbox.filter(({ state, untoldSince }) => state !== 'answered' || untoldSince !== undefined),
    told,
  ).toEqual([]);
  // One follower and one member a person, one effect a follow.
  expect(followers.map(({ openid }) => openid).sort(), told).toEqual([...new Set(arrived.map(({ openid }) => openid))].sort());
  expect(new Set(followers.map(({ memberId }) => memberId)).size, told).toBe(followers.length);
  expect(members, told).toBe(followers.length);
  const follows = arrived.filter(({ text }) => text === undefined);
  expect(new Set(happened.map(({ uniqueNumber }) => uniqueNumber)).size, told).toBe(follows.length);
  expect(happened, told).toHaveLength(follows.length);

  const late = inbox.filter(({ isLate }) => isLate);
  expect(outbox.map(({ uniqueNumber }) => uniqueNumber).sort(), told).toEqual(late.map(({ _id }) => _id).sort());
  expect(
    arrived.flatMap((one) => faultOf(one, rows.get(keyOf(one.openid, one.text)), report) ?? []),
    told,
  ).toEqual([]);
  // What the platform may have taken was never sent again, whatever it answered.
  expect(
    [...report.taken].filter(([, count]) => count > 1),
    told,
  ).toEqual([]);

  expect([...report.statuses.keys()], told).toEqual([200]);
  expect(report.mostTokenCallsAtOnce, told).toBe(1);
  for (const secret of report.secrets) expect(log.includes(secret), told).toBe(false);
  // Neither a token of the platform nor what people wrote.
  expect(log, told).not.toMatch(/86_[\w-]{20}|今天有什么|想好了/);
}

/** What is wrong with the way in which this message was answered; undefined when nothing is. */
function faultOf({ openid, text, shown, struck }: Sent, row: InboxLeft | undefined, { outbox, shown: seen }: FaultReport) {
  const wrong = (why: string) => `${openid} ${text ?? 'follow'}: ${why} (${struck.join(', ')})`;
  if (!row) return wrong('has no row');
  if (!row.isLate) {
    if (typeof shown !== 'string')
      return shown.content.kind === 'text' && shown.content.text === row.answer?.text
        ? undefined
        : wrong('was shown another answer');
    // The platform itself lost every one of its answers.
    return struck.every((fault) => fault === 'lost' || fault === 'answer-lost') ? undefined : wrong(`was shown ${shown}`);
  }
  if (typeof shown !== 'string') return wrong('was answered twice: within the callback and later');
  const telling = outbox.find(({ uniqueNumber }) => uniqueNumber === row._id);
  if (telling?.state === 'sent') {
    const isSeen = seen.some((one) => one.openid === openid && one.text === telling.content.text);
    return isSeen ? undefined : wrong('is said to be told and was not');
  }
  const hasReason = ['refused', 'unknown', 'expired'].includes(telling?.state ?? '') && telling?.reason !== undefined;
  return hasReason ? undefined : wrong(`is left ${telling?.state} without a reason`);
}

/** Each text is one message's alone; who follows does so once. */
const keyOf = (openid: string, text: string | undefined): string => `${openid} ${text ?? 'follow'}`;

import { digestOf } from '../../kernel/digest.ts';
import type { CallParts } from '../call-table.ts';
import type { MassRecord, openMassRecords } from '../mass-records.ts';
import { monthOf } from '../months.ts';
import { openOutcomeRecords } from '../outcome-records.ts';
import type { FollowerRecord } from '../records.ts';
import { type Elements, event, type Notice } from '../speech.ts';

/** Sends what was submitted. */
export interface MassRun {
  /** Begins in a moment. */
  start(id: string, appId: string): void;
}

/** How long a message waits before it is sent: its answer is there first. */
const delay = 1_000;
const stepSize = 500;
/** How many of a service account's messages a follower gets in a month (wechat.md §6.3). */
const mostAMonth = 4;

export function createMassRun(
  { database, records, post, work, clock }: Pick<CallParts, 'database' | 'records' | 'post' | 'work' | 'clock'>,
  masses: Awaited<ReturnType<typeof openMassRecords>>,
): MassRun {
  const outcomes = openOutcomeRecords(database);

  async function send(id: string, appId: string): Promise<void> {
    const { mass: refusal } = await outcomes.find(appId);
    const account = await records.findAccount(appId);
    const most = account?.kind === 'service' ? mostAMonth : Number.MAX_SAFE_INTEGER;
    for (;;) {
      const mass = await masses.find(appId, id);
      if (mass?.status !== 'SENDING') return;
      if (refusal !== undefined && mass.sentUpTo === '') return end(mass, refusal);
      const people = await masses.next(mass, stepSize);
      if (people.length === 0) return end(mass);
      const { receivers, counts } = sorted(people);
      const sentUpTo = people.at(-1)?._id ?? '';
      const step = { id, from: mass.sentUpTo, sentUpTo, receivers, counts, month: monthOf(clock.now()), most };
      const takers = await masses.takeStep(step);
      if (takers) for (const content of mass.contents) await post.show(takers, content);
    }
  }

  async function end({ _id, appId, sent, used }: MassRecord, refusal?: string): Promise<void> {
    const ended = await masses.end(_id, sent > 0 ? 'SEND_SUCCESS' : 'SEND_FAIL');
    if (!ended) return;
    // Only a message that reached somebody counts.
    if (sent === 0) for (const use of used) await masses.giveBack(appId, use);
    await post.tell(appId, senderOf(appId), finishNotice(ended, refusal));
  }

  return { start: (id, appId) => work.later(delay, () => send(id, appId)) };
}

/** Who of these may get a message; the others were left out, or have left. */
function sorted(people: readonly FollowerRecord[]) {
  const following = people.filter(({ isFollowing }) => isFollowing);
  const receivers = following.filter(({ isBlocked, refusesMessages }) => !isBlocked && !refusesMessages);
  const counts = {
    total: people.length,
    filtered: following.length - receivers.length,
    failed: people.length - following.length,
  };
  return { receivers: receivers.map(({ _id }) => _id), counts };
}

/** The event that tells what became of a message (wechat.md §1.4). */
function finishNotice({ _id, sent, total, filtered, failed, articleUrls }: MassRecord, refusal: string | undefined): Notice {
  const status = refusal ?? (sent > 0 ? 'send success' : 'send fail');
  const urls = articleUrls.map(
    (url, index) =>
      [
        'item',
        [
          ['ArticleIdx', index + 1],
          ['ArticleUrl', url],
        ],
      ] as const,
  );
  const articles: Elements = [
    [
      'CopyrightCheckResult',
      [
        ['Count', 0],
        ['ResultList', []],
        ['CheckState', 0],
      ],
    ],
    [
      'ArticleUrlResult',
      [
        ['Count', urls.length],
        ['ResultList', urls],
      ],
    ],
  ];
  return event(
    'MASSSENDJOBFINISH',
    status,
    ['MsgID', BigInt(_id)],
    ['Status', status],
    ['TotalCount', total],
    ['FilterCount', total - filtered],
    ['SentCount', sent],
    ['ErrorCount', failed],
    ...(urls.length > 0 ? articles : []),
  );
}

/** Whoever sent it on the platform's side: always the same for an account, and none of its followers. */
function senderOf(appId: string): string {
  return `o${digestOf(appId).slice(0, 27)}`;
}

import { Button } from 'antd';
import { useState } from 'react';
import type { Account, MemberEvent } from '../../../../../server/api/contract.ts';
import { currentLanguage } from '../../../shared/preferences.ts';
import { useAction } from '../../api/action.ts';
import { request } from '../../api/request.ts';
import { useResource } from '../../api/resource.ts';
import { ProblemNote } from '../../states/problem-note.tsx';
import { View } from '../../states/view.tsx';
import { formatExactly, formatWhen, useNow } from '../../texts/times.ts';
import { nameOf } from './account-names.ts';
import { useMemberTexts } from './texts.ts';

interface EventPage {
  items: readonly MemberEvent[];
  /** The position to read on after. */
  next: number;
}

/** What happened to one member, in the order in which it did. */
export function MemberEvents({ memberId, accounts }: { memberId: string; accounts: readonly Account[] }) {
  const now = useNow();
  const texts = useMemberTexts();
  const path = `/events?memberId=${memberId}&limit=${together}`;
  const events = useResource<EventPage>(path);
  const [isAtEnd, setAtEnd] = useState(false);
  const reading = useAction((after: number) => request<EventPage>('GET', `${path}&after=${after}`));

  async function readOn(known: EventPage) {
    const page = await reading.run(known.next);
    if (!page) return;
    setAtEnd(page.items.length < together);
    events.set({ items: [...known.items, ...page.items], next: page.next });
  }

  return (
    <section className="panel padded stack">
      <h2>{texts.happened}</h2>
      <View resource={events}>
        {(known) => (
          <>
            {known.items.length === 0 && <p className="muted">{texts.nothingHappened}</p>}
            <ol className="happened">
              {known.items.map((event) => (
                <Happened key={event.position} event={event} now={now} account={nameOf(accounts, event.data.accountId)} />
              ))}
            </ol>
            <ProblemNote problem={reading.problem} />
            {known.items.length > 0 && known.items.length % together === 0 && !isAtEnd && (
              <span>
                <Button loading={reading.isRunning} onClick={() => readOn(known)}>
                  {texts.later}
                </Button>
              </span>
            )}
          </>
        )}
      </View>
    </section>
  );
}

interface HappenedProps {
  event: MemberEvent;
  now: number;
  account: string | undefined;
}

function Happened({ event: { type, at, data }, now, account }: HappenedProps) {
  const texts = useMemberTexts();
  const language = currentLanguage();
  return (
    <li>
      <time className="muted" title={formatExactly(at, language)}>
        {formatWhen(at, now, language)}
      </time>
      <span>
        {[
          `${texts.event[type]}${account ? ` ${account}` : ''}`,
          data.entryCode && texts.through(data.entryCode),
          data.isOutdated && texts.outdated,
        ]
          .filter(Boolean)
          .join(' · ')}
      </span>
    </li>
  );
}

const together = 100;

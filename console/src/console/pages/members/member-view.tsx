import { Button } from 'antd';
import { ChevronLeft, Download } from 'lucide-react';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import type { Account, Member } from '../../../../../server/api/contract.ts';
import { currentLanguage } from '../../../shared/preferences.ts';
import { apiPath } from '../../api/request.ts';
import { useResource } from '../../api/resource.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { RoomHead } from '../../parts/room-head.tsx';
import { useMay } from '../../session/session-store.ts';
import { View } from '../../states/view.tsx';
import { formatExactly, formatWhen, useNow } from '../../texts/times.ts';
import { nameOf, useAccounts } from './account-names.ts';
import { EraseDialog } from './erase-dialog.tsx';
import { FollowerState } from './follower-state.tsx';
import { MemberEvents } from './member-events.tsx';
import { useMemberTexts } from './texts.ts';

/** One member: on which accounts they are met, what happened, and what they may ask for: an export, or to be forgotten. */
export function MemberView() {
  const texts = useMemberTexts();
  const { memberId } = useParams();
  const member = useResource<Member>(`/members/${memberId}`);
  const accounts = useAccounts();
  const seesEvents = useMay('event.read');
  return (
    <>
      <Link className="row" to="/members">
        <ChevronLeft className="icon" aria-hidden="true" />
        {texts.all}
      </Link>
      <View resource={member}>
        {(data) => (
          <>
            <MemberHead member={data} onErased={member.reload} />
            {data.followers.length > 0 && <Followers member={data} accounts={accounts} />}
            {seesEvents && <MemberEvents memberId={data.id} accounts={accounts} />}
          </>
        )}
      </View>
    </>
  );
}

function MemberHead({ member, onErased }: { member: Member; onErased: () => void }) {
  const texts = useMemberTexts();
  const mayExport = useMay('member.export');
  const mayErase = useMay('member.erase');
  const [isErasing, setErasing] = useState(false);
  const now = useNow();
  const language = currentLanguage();
  return (
    <>
      <RoomHead
        title={texts.member}
        about={
          <>
            <span className="mono">{member.id}</span> · {texts.met} {formatWhen(member.metAt, now, language)}{' '}
            {member.erasedAt !== undefined && (
              <span className="tag" title={formatExactly(member.erasedAt, language)}>
                {texts.erasedAt(formatWhen(member.erasedAt, now, language))}
              </span>
            )}
          </>
        }
        actions={
          member.erasedAt === undefined && (
            <>
              {mayErase && (
                <Button type="text" danger onClick={() => setErasing(true)}>
                  {texts.erase}
                </Button>
              )}
              {mayExport && (
                <Button
                  href={`${apiPath}/members/${member.id}/export`}
                  download
                  title={texts.exportMeans}
                  icon={<Download className="icon" />}
                >
                  {texts.exportOne}
                </Button>
              )}
            </>
          )
        }
      />
      {isErasing && <EraseDialog member={member} onErased={onErased} onClose={() => setErasing(false)} />}
    </>
  );
}

function Followers({ member, accounts }: { member: Member; accounts: readonly Account[] }) {
  const texts = useMemberTexts();
  const now = useNow();
  return (
    <section className="panel listed">
      <div className="panel-head">
        <h2>{texts.followers}</h2>
      </div>
      <DataTable
        caption={texts.followers}
        rows={member.followers}
        keyOf={({ id }) => id}
        columns={[
          {
            title: texts.account,
            cell: ({ accountId }) => nameOf(accounts, accountId) ?? <span className="mono">{accountId}</span>,
          },
          { title: texts.state, cell: (follower) => <FollowerState follower={follower} now={now} /> },
          { title: texts.code, cell: ({ entryCode }) => entryCode ?? <span className="muted">{texts.noCode}</span> },
          { title: texts.openid, cell: ({ openid }) => <span className="mono">{openid}</span> },
        ]}
      />
    </section>
  );
}

import { Button, Select } from 'antd';
import { Download, SearchX, Users } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, useSearchParams } from 'react-router';
import type { Account, Member } from '../../../../../server/api/contract.ts';
import { currentLanguage } from '../../../shared/preferences.ts';
import { apiPath } from '../../api/request.ts';
import { useList } from '../../api/resource.ts';
import { DataTable, ReadMore } from '../../parts/data-table.tsx';
import { RoomHead } from '../../parts/room-head.tsx';
import { useMay } from '../../session/session-store.ts';
import { Empty } from '../../states/empty.tsx';
import { View } from '../../states/view.tsx';
import { useTexts } from '../../texts/texts.ts';
import { formatExactly, formatWhen, useNow } from '../../texts/times.ts';
import { nameOf, useAccounts } from './account-names.ts';
import { FollowerState } from './follower-state.tsx';
import { useMemberTexts } from './texts.ts';

/** Who was met, the latest first. The filters stand in the address. */
export function MemberList({ tabs }: { tabs: ReactNode }) {
  const common = useTexts();
  const texts = useMemberTexts();
  const mayExport = useMay('member.export');
  const [address, setAddress] = useSearchParams();
  const query = address.toString();
  const accounts = useAccounts();
  const members = useList<Member>(`/members${query && `?${query}`}`);
  const clear = () => setAddress({}, { replace: true });

  return (
    <>
      <RoomHead
        title={common.rooms.members}
        about={texts.about}
        actions={
          mayExport && (
            <Button href={`${apiPath}/followers.csv`} download icon={<Download className="icon" />}>
              {texts.exportFollowers}
            </Button>
          )
        }
      />
      {tabs}
      <Filters address={address} accounts={accounts} onChange={(next) => setAddress(next, { replace: true })} />
      <section className="panel listed" aria-busy={members.isReading}>
        <View resource={members}>
          {(rows) =>
            rows.length > 0 || members.hasMore ? (
              <>
                <MemberTable rows={rows} accounts={accounts} />
                <ReadMore list={members} />
              </>
            ) : query ? (
              <Empty icon={SearchX} title={texts.noneFound} text="" action={<Button onClick={clear}>{texts.clear}</Button>} />
            ) : (
              <Empty icon={Users} title={texts.empty} text={texts.emptyText} />
            )
          }
        </View>
      </section>
    </>
  );
}

interface FiltersProps {
  address: URLSearchParams;
  accounts: readonly Account[];
  onChange: (next: URLSearchParams) => void;
}

function Filters({ address, accounts, onChange }: FiltersProps) {
  const texts = useMemberTexts();
  const shown = address.get('isFollowing') ?? '';
  function set(name: string, value: string) {
    const next = new URLSearchParams(address);
    if (value) next.set(name, value);
    else next.delete(name);
    onChange(next);
  }
  return (
    <search className="filters">
      <fieldset className="segment">
        <legend className="sr">{texts.shown}</legend>
        {[
          ['', texts.everybody],
          ['true', texts.following],
          ['false', texts.left],
        ].map(([value = '', label]) => (
          <button key={value} type="button" aria-pressed={shown === value} onClick={() => set('isFollowing', value)}>
            {label}
          </button>
        ))}
      </fieldset>
      {accounts.length > 1 && (
        <Select
          aria-label={texts.account}
          placeholder={texts.anyAccount}
          allowClear
          value={address.get('accountId')}
          options={accounts.map(({ id, name }) => ({ value: id, label: name }))}
          popupMatchSelectWidth={false}
          onChange={(id: string | null | undefined) => set('accountId', id ?? '')}
        />
      )}
    </search>
  );
}

function MemberTable({ rows, accounts }: { rows: readonly Member[]; accounts: readonly Account[] }) {
  const common = useTexts();
  const texts = useMemberTexts();
  const now = useNow();
  const language = currentLanguage();
  return (
    <DataTable
      caption={common.rooms.members}
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        {
          title: texts.member,
          cell: ({ id }) => (
            <Link className="mono" to={`/members/${id}`} aria-label={texts.open(id)}>
              {id}
            </Link>
          ),
        },
        {
          title: texts.state,
          cell: ({ followers }) => (
            <span className="follower-states">
              {followers.map((follower) => (
                <FollowerState key={follower.id} follower={follower} now={now} account={nameOf(accounts, follower.accountId)} />
              ))}
            </span>
          ),
        },
        {
          title: texts.code,
          cell: ({ followers }) =>
            [...new Set(followers.flatMap(({ entryCode }) => entryCode ?? []))].join(common.and) || (
              <span className="muted">{texts.noCode}</span>
            ),
        },
        {
          title: texts.met,
          cell: ({ metAt }) => <time title={formatExactly(metAt, language)}>{formatWhen(metAt, now, language)}</time>,
        },
      ]}
    />
  );
}

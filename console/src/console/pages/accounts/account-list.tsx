import { Button } from 'antd';
import { Plug, Plus } from 'lucide-react';
import { Link, useNavigate } from 'react-router';
import type { Account } from '../../../../../server/api/contract.ts';
import { usePreferences } from '../../../shared/preferences.ts';
import { useList } from '../../api/resource.ts';
import { type Column, DataTable, ReadMore } from '../../parts/data-table.tsx';
import { RoomHead } from '../../parts/room-head.tsx';
import { useMay } from '../../session/session-store.ts';
import { Empty } from '../../states/empty.tsx';
import { View } from '../../states/view.tsx';
import { formatDate } from '../../texts/times.ts';
import { SandboxHint } from './sandbox-hint.tsx';
import { useAccountTexts } from './texts.ts';

/** The accounts that there are, and the one thing to do while there is none. */
export function AccountList() {
  const texts = useAccountTexts();
  const navigate = useNavigate();
  const mayEdit = useMay('account.edit');
  const accounts = useList<Account>('/accounts');
  const columns = useColumns();
  const add = mayEdit && (
    <Button type="primary" icon={<Plus className="icon" />} onClick={() => void navigate('new')}>
      {texts.add}
    </Button>
  );
  const isEmpty = accounts.data?.length === 0;

  return (
    <>
      <RoomHead
        title={texts.title}
        about={accounts.data && !isEmpty ? texts.about(accounts.data.length) : undefined}
        actions={!isEmpty && add}
      />
      <View resource={accounts}>
        {(rows) =>
          rows.length === 0 ? (
            <div className="first">
              <div className="panel">
                <Empty icon={Plug} title={texts.emptyTitle} text={texts.emptyText} action={add} />
              </div>
              <aside className="soon">
                <SandboxHint />
              </aside>
            </div>
          ) : (
            <div className="panel listed">
              <DataTable caption={texts.title} columns={columns} rows={rows} keyOf={({ id }) => id} />
              <ReadMore list={accounts} />
            </div>
          )
        }
      </View>
    </>
  );
}

function useColumns(): Column<Account>[] {
  const texts = useAccountTexts();
  const [{ language }] = usePreferences();
  return [
    {
      title: texts.name,
      cell: ({ id, name, traits }) => (
        <>
          <Link to={id}>{name}</Link>
          <small>{texts.kindOf(traits.kind, traits.isVerified)}</small>
        </>
      ),
    },
    { title: texts.appId, cell: ({ appId }) => <span className="mono">{appId}</span> },
    { title: texts.mode, cell: ({ mode }) => texts.modes[mode] },
    { title: texts.state, cell: (account) => <AccountState account={account} /> },
    { title: texts.madeAt, cell: ({ madeAt }) => formatDate(madeAt, language) },
  ];
}

/** How far an account is, in words. */
export function AccountState({ account }: { account: Account }) {
  const texts = useAccountTexts();
  return (
    <span className="row">
      {account.connectedAt !== undefined && <span className="tag ok">{texts.connected}</span>}
      {account.connectedAt === undefined && (
        <span className="tag amber">{account.source === 'configuration' ? texts.waitsForMessage : texts.notConnected}</span>
      )}
      {account.platform === 'sandbox' && <span className="tag">{texts.sandbox}</span>}
    </span>
  );
}

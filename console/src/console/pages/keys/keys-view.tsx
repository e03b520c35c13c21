import { App, Button } from 'antd';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import type { ApiKey } from '../../../../../server/api/contract.ts';
import { currentLanguage } from '../../../shared/preferences.ts';
import { request } from '../../api/request.ts';
import { useList } from '../../api/resource.ts';
import { AskFirst } from '../../parts/ask-first.tsx';
import { DataTable, ReadMore } from '../../parts/data-table.tsx';
import { Empty } from '../../states/empty.tsx';
import { View } from '../../states/view.tsx';
import { useTexts } from '../../texts/texts.ts';
import { formatDate, formatExactly, formatWhen, useNow } from '../../texts/times.ts';
import { MakeKeyDialog } from './make-key-dialog.tsx';
import { useKeyTexts } from './texts.ts';

/** The merchant's API keys: what each may do, whether it is used, and how to end it. */
export function KeysView() {
  const texts = useKeyTexts();
  const keys = useList<ApiKey>('/keys');
  const [isMaking, setMaking] = useState(false);
  const [leaving, setLeaving] = useState<ApiKey>();
  const make = (
    <Button type="primary" icon={<Plus className="icon" />} onClick={() => setMaking(true)}>
      {texts.make}
    </Button>
  );

  return (
    <section className="panel listed">
      <View resource={keys}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty icon={KeyRound} title={texts.empty} text={texts.emptyText} action={make} />
          ) : (
            <>
              <div className="panel-head">
                <span className="muted">{texts.emptyText}</span>
                <span className="push">{make}</span>
              </div>
              <KeyTable rows={rows} onRevoke={setLeaving} />
              <ReadMore list={keys} />
            </>
          )
        }
      </View>
      {isMaking && <MakeKeyDialog onMade={keys.reload} onClose={() => setMaking(false)} />}
      {leaving && <RevokeDialog apiKey={leaving} onGone={keys.reload} onClose={() => setLeaving(undefined)} />}
    </section>
  );
}

function KeyTable({ rows, onRevoke }: { rows: readonly ApiKey[]; onRevoke: (key: ApiKey) => void }) {
  const common = useTexts();
  const texts = useKeyTexts();
  const now = useNow();
  return (
    <DataTable
      caption={texts.tab}
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        {
          title: texts.name,
          cell: ({ name, hint }) => (
            <span>
              <b>{name}</b>
              <small className="mono nowrap">{hint}…</small>
            </span>
          ),
        },
        { title: texts.scopes, cell: ({ scopes }) => scopes.map((scope) => common.permissions[scope]).join(common.and) },
        {
          title: texts.lastUsed,
          cell: ({ lastUsedAt }) =>
            lastUsedAt === undefined ? (
              <span className="muted nowrap">{texts.neverUsed}</span>
            ) : (
              <time className="nowrap" title={formatExactly(lastUsedAt, currentLanguage())}>
                {formatWhen(lastUsedAt, now, currentLanguage())}
              </time>
            ),
        },
        { title: texts.expires, cell: ({ expiresAt }) => <Expiry at={expiresAt} now={now} /> },
        {
          title: texts.actions,
          isQuiet: true,
          cell: (key) => (
            <span className="row-actions">
              <Button type="link" size="small" aria-label={`${texts.revoke}: ${key.name}`} onClick={() => onRevoke(key)}>
                {texts.revoke}
              </Button>
            </span>
          ),
        },
      ]}
    />
  );
}

function Expiry({ at, now }: { at: number | undefined; now: number }) {
  const texts = useKeyTexts();
  if (at === undefined) return <span className="muted nowrap">{texts.never}</span>;
  if (at <= now) return <span className="tag stop">{texts.over}</span>;
  return (
    <time className="nowrap" title={formatExactly(at, currentLanguage())}>
      {formatDate(at, currentLanguage())}
    </time>
  );
}

function RevokeDialog({ apiKey, onGone, onClose }: { apiKey: ApiKey; onGone: () => void; onClose: () => void }) {
  const texts = useKeyTexts();
  const { message } = App.useApp();
  const now = useNow();
  const used =
    apiKey.lastUsedAt === undefined ? texts.notUsedYet : texts.lastUsedAt(formatWhen(apiKey.lastUsedAt, now, currentLanguage()));
  return (
    <AskFirst
      title={texts.revokeTitle(apiKey.name)}
      doIt={texts.revokeIt}
      leaveIt={texts.keep}
      work={() => request('DELETE', `/keys/${apiKey.id}`)}
      onDone={() => {
        onGone();
        onClose();
        void message.success(texts.revoked(apiKey.name));
      }}
      onClose={onClose}
    >
      <p className="dialog-text">{texts.revokeText(used)}</p>
    </AskFirst>
  );
}

import { App, Button } from 'antd';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import type { AccountDetail } from '../../../../../server/api/contract.ts';
import { usePreferences } from '../../../shared/preferences.ts';
import { request } from '../../api/request.ts';
import { type Resource, useResource } from '../../api/resource.ts';
import { AskFirst } from '../../parts/ask-first.tsx';
import { RoomHead } from '../../parts/room-head.tsx';
import { useMay } from '../../session/session-store.ts';
import { Bones } from '../../states/page-skeleton.tsx';
import { View } from '../../states/view.tsx';
import { formatWhen, useNow } from '../../texts/times.ts';
import { AccountState } from './account-list.tsx';
import { CallbackStep } from './callback-step.tsx';
import { CapabilityPanel } from './capability-panel.tsx';
import { CheckStep } from './check-step.tsx';
import { EditAccount } from './edit-account.tsx';
import { SandboxHint } from './sandbox-hint.tsx';
import { Step } from './step.tsx';
import { useAccountTexts } from './texts.ts';

/** One account: its three steps, and what it can do. */
export function AccountPage() {
  const { accountId = '' } = useParams();
  const account = useResource<AccountDetail>(`/accounts/${accountId}`);
  return (
    <View resource={account} skeleton={<Bones rows={3} height={110} />}>
      {(data) => <OpenAccount key={data.id} account={data} resource={account} />}
    </View>
  );
}

function OpenAccount({ account, resource }: { account: AccountDetail; resource: Resource<AccountDetail> }) {
  const texts = useAccountTexts();
  const [{ language }] = usePreferences();
  const now = useNow();
  const { connectedAt, source } = account;
  const isToDo = connectedAt === undefined && source === 'console';
  const about = isToDo ? texts.stepsLeft : texts.settled;
  return (
    <>
      <RoomHead
        title={isToDo ? texts.stepsTitle(account.name) : account.name}
        about={connectedAt === undefined ? about : texts.connectedSince(formatWhen(connectedAt, now, language))}
        actions={<AccountState account={account} />}
      />
      <div className="first">
        <div className="steps">
          <CredentialsStep account={account} onSaved={resource.reload} />
          <CallbackStep account={account} onChanged={resource.reload} />
          <CheckStep account={account} onChecked={resource.reload} />
        </div>
        <aside className="soon">
          <CapabilityPanel account={account} />
          {isToDo && <SandboxHint hasAccount={account.platform === 'sandbox'} />}
          <Disconnect account={account} />
        </aside>
      </div>
    </>
  );
}

function CredentialsStep({ account, onSaved }: { account: AccountDetail; onSaved: () => void }) {
  const texts = useAccountTexts();
  const mayEdit = useMay('account.edit');
  const [isEditing, setEditing] = useState(false);
  const isConfigured = account.source === 'configuration';
  return (
    <Step
      state="done"
      title={texts.credentials}
      text={
        <>
          {texts.profile(account.name, texts.kindOf(account.traits.kind, account.traits.isVerified))} · AppID{' '}
          <span className="mono">{account.appId}</span> · {account.hasAppSecret ? texts.secretStored : texts.secretMissing}
        </>
      }
      action={
        isConfigured ? (
          <span className="tag" title={texts.configuredHint}>
            {account.platform === 'sandbox' ? texts.demo : texts.configured}
          </span>
        ) : (
          mayEdit && (
            <Button type="link" onClick={() => setEditing(true)}>
              {texts.edit}
            </Button>
          )
        )
      }
    >
      {isEditing && <EditAccount account={account} onSaved={onSaved} onClose={() => setEditing(false)} />}
    </Step>
  );
}

/** At the end of the page, away from what connects. */
function Disconnect({ account }: { account: AccountDetail }) {
  const texts = useAccountTexts();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const mayEdit = useMay('account.edit');
  const [isAsking, setAsking] = useState(false);
  if (!mayEdit || account.source === 'configuration') return null;
  return (
    <>
      <Button type="text" danger className="disconnect" onClick={() => setAsking(true)}>
        {texts.remove}
      </Button>
      {isAsking && (
        <AskFirst
          title={texts.removeTitle(account.name)}
          doIt={texts.removeDo}
          leaveIt={texts.removeNot}
          work={() => request('DELETE', `/accounts/${account.id}`, { ifMatch: account.version })}
          onDone={() => {
            void message.success(texts.removed(account.name));
            void navigate('/accounts', { replace: true });
          }}
          onClose={() => setAsking(false)}
        >
          <p>{texts.removeText}</p>
        </AskFirst>
      )}
    </>
  );
}

import { Button } from 'antd';
import { Eye } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import type { AccountDetail, AccountKeys } from '../../../../../server/api/contract.ts';
import { useAction } from '../../api/action.ts';
import { request } from '../../api/request.ts';
import { AskFirst } from '../../parts/ask-first.tsx';
import { CopyLine } from '../../parts/copy-line.tsx';
import { useMay } from '../../session/session-store.ts';
import { ProblemNote } from '../../states/problem-note.tsx';
import { Step } from './step.tsx';
import { useAccountTexts } from './texts.ts';

interface CallbackStepProps {
  account: AccountDetail;
  onChanged: () => void;
}

/** What is pasted into the platform's settings. Token and key are shown on demand until the platform has used them, and never again. */
export function CallbackStep({ account, onChanged }: CallbackStepProps) {
  const texts = useAccountTexts();
  const isConnected = account.connectedAt !== undefined;
  const isConfigured = account.source === 'configuration';
  const isShowable = !isConnected && !isConfigured;
  const isSandbox = account.platform === 'sandbox';
  const toDo = isSandbox ? texts.callbackSandbox : texts.callbackText;
  const settled = isConfigured ? (isSandbox ? texts.callbackDemo : texts.callbackConfigured) : texts.callbackConnected;
  return (
    <Step
      state={isShowable ? 'waiting' : 'done'}
      title={texts.callback}
      text={isShowable ? toDo : settled}
      action={<span className="tag">{texts.modes[account.mode]}</span>}
    >
      <dl className="copies">
        <dt>{texts.url}</dt>
        <dd>
          <CopyLine text={account.callbackUrl} label={texts.copyUrl} />
        </dd>
        {isShowable && <Keys account={account} />}
      </dl>
      {account.platform === 'real' && isUnreachable(account.callbackUrl) && <p className="note">{texts.unreachableUrl}</p>}
      {isConnected && !isConfigured && <Renew account={account} onRenewed={onChanged} />}
    </Step>
  );
}

/** Does the address lead to the reader's own machine: the real platform cannot follow it. */
const isUnreachable = (url: string) => /^(localhost|127\..*|\[::1\])$/.test(new URL(url).hostname);

function Keys({ account }: { account: AccountDetail }) {
  const texts = useAccountTexts();
  const mayEdit = useMay('account.edit');
  const [keys, setKeys] = useState<AccountKeys>();
  const action = useAction(() => request<AccountKeys>('GET', `/accounts/${account.id}/keys`));
  async function show() {
    const answer = await action.run(undefined);
    if (answer) setKeys(answer);
  }
  useShownAtOnce(show);

  if (!mayEdit) return null;
  if (!keys)
    return (
      <dd className="show-keys">
        <Button icon={<Eye className="icon" />} loading={action.isRunning} onClick={show}>
          {texts.showKeys}
        </Button>
        <small>{texts.showKeysText}</small>
        <ProblemNote problem={action.problem} words={{ 'request.refused': texts.keysUsed }} />
      </dd>
    );
  return (
    <>
      <dt>{texts.token}</dt>
      <dd>
        <CopyLine text={keys.token} label={texts.copyToken} />
      </dd>
      {keys.encodingAesKey !== undefined && (
        <>
          <dt>{texts.aesKey}</dt>
          <dd>
            <CopyLine text={keys.encodingAesKey} label={texts.copyKey} />
          </dd>
        </>
      )}
    </>
  );
}

/** Right after the account was made, or its keys renewed: who comes from there wants them now. Once only, so that going back shows nothing. */
function useShownAtOnce(show: () => Promise<void>) {
  const { pathname, state } = useLocation();
  const navigate = useNavigate();
  const wantsKeys = (state as { showsKeys?: boolean } | null)?.showsKeys === true;
  // biome-ignore lint/correctness/useExhaustiveDependencies: shown once, when the view opens.
  useEffect(() => {
    if (!wantsKeys) return;
    void navigate(pathname, { replace: true, state: null });
    void show();
  }, [wantsKeys]);
}

function Renew({ account, onRenewed }: { account: AccountDetail; onRenewed: () => void }) {
  const texts = useAccountTexts();
  const mayEdit = useMay('account.edit');
  const navigate = useNavigate();
  const [isAsking, setAsking] = useState(false);
  if (!mayEdit) return null;
  return (
    <>
      <Button type="text" className="renew" onClick={() => setAsking(true)}>
        {texts.renew}
      </Button>
      {isAsking && (
        <AskFirst
          title={texts.renewTitle}
          doIt={texts.renewDo}
          leaveIt={texts.keep}
          work={() => request('POST', `/accounts/${account.id}/keys`, { ifMatch: account.version })}
          onDone={() => {
            setAsking(false);
            onRenewed();
            void navigate(`/accounts/${account.id}`, { replace: true, state: { showsKeys: true } });
          }}
          onClose={() => setAsking(false)}
        >
          <p>{texts.renewText}</p>
        </AskFirst>
      )}
    </>
  );
}

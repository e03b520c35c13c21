import { Button } from 'antd';
import { FileText, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import type { AccountDetail, Check } from '../../../../../server/api/contract.ts';
import { useAction } from '../../api/action.ts';
import { request } from '../../api/request.ts';
import { useMay } from '../../session/session-store.ts';
import { ProblemNote } from '../../states/problem-note.tsx';
import { formatSecond } from '../../texts/times.ts';
import { CheckLanes } from './check-lanes.tsx';
import { haltOf, recordOf } from './check-record.ts';
import { useCheckTexts } from './check-texts.ts';
import { Step } from './step.tsx';

interface CheckStepProps {
  account: AccountDetail;
  onChecked: () => void;
}

/** The check: which step fails, why, and the way out. */
export function CheckStep({ account, onChecked }: CheckStepProps) {
  const texts = useCheckTexts();
  const mayEdit = useMay('account.edit');
  const [check, setCheck] = useState<Check>();
  const action = useAction((_: undefined, key) => request<Check>('POST', `/accounts/${account.id}/checks`, { idempotent: key }));
  const halt = check && haltOf(check.steps);
  const isConnected = account.connectedAt !== undefined;

  async function run() {
    const answer = await action.run(undefined);
    if (!answer) return;
    setCheck(answer);
    onChecked();
  }

  const state = halt?.outcome === 'failed' ? 'halted' : check && !halt ? 'done' : 'waiting';
  return (
    <Step
      state={state}
      title={texts.title}
      text={
        <span role="status">
          {action.isRunning ? texts.running : check ? sayResult(texts, check) : mayEdit ? texts.notYet : texts.notYours}
        </span>
      }
      action={
        mayEdit && (
          <Button
            type={isConnected && !halt ? 'default' : 'primary'}
            icon={<RefreshCw className="icon" />}
            loading={action.isRunning}
            onClick={run}
          >
            {check ? texts.again : texts.begin}
          </Button>
        )
      }
    >
      <ProblemNote problem={action.problem} onRetry={run} />
      {check && <CheckLanes account={account} check={check} />}
      {check && (
        <p className="record">
          <FileText className="icon" aria-hidden="true" />
          <span>{texts.record}</span>
          <Button type="link" size="small" onClick={() => save(`check-${account.appId}.json`, recordOf(account, check))}>
            {texts.download}
          </Button>
        </p>
      )}
    </Step>
  );
}

function sayResult(texts: ReturnType<typeof useCheckTexts>, check: Check): string {
  const halt = haltOf(check.steps);
  const step = halt && (texts.steps[halt.name] ?? halt.name);
  const result = step ? (halt.outcome === 'failed' ? texts.halted(step) : texts.waits(step)) : texts.passed;
  return texts.result(result, texts.took(formatSecond(check.startedAt), Math.max(0.1, check.milliseconds / 1000).toFixed(1)));
}

/** Gives a text to the reader as a file. */
function save(name: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

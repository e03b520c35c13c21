import { Button } from 'antd';
import { RefreshCw, Send } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import type { Delivery } from '../../../../../server/api/contract.ts';
import { currentLanguage } from '../../../shared/preferences.ts';
import { useList } from '../../api/resource.ts';
import { DataTable, ReadMore } from '../../parts/data-table.tsx';
import { useMay } from '../../session/session-store.ts';
import { Empty } from '../../states/empty.tsx';
import { View } from '../../states/view.tsx';
import { useTexts } from '../../texts/texts.ts';
import { formatExactly, formatUntil, formatWhen, useNow } from '../../texts/times.ts';
import { useFailureWords } from './test-verdict.tsx';
import { useWebhookTexts } from './texts.ts';

type Shown = Delivery['state'] | 'all';

interface DeliveriesProps {
  webhookId: string;
  /** Was something just set going, of which more will be known in a moment. */
  isSending: boolean;
}

/** What a webhook was sent, newest first, and what came of it. */
export function Deliveries({ webhookId, isSending }: DeliveriesProps) {
  const common = useTexts();
  const texts = useWebhookTexts();
  const [shown, setShown] = useState<Shown>('all');
  const list = useList<Delivery>(`/webhooks/${webhookId}/deliveries${shown === 'all' ? '' : `?state=${shown}`}`);
  const { reload } = list;
  useEffect(() => {
    if (!isSending) return;
    const timer = setTimeout(reload, aMoment);
    return () => clearTimeout(timer);
  }, [isSending, reload]);
  return (
    <section className="panel listed">
      <div className="panel-head">
        <h2>{texts.deliveries}</h2>
        <span className="push row">
          <fieldset className="segment">
            <legend className="sr">{texts.filter}</legend>
            {(['all', 'waiting', 'delivered', 'given-up'] as const).map((state) => (
              <button key={state} type="button" aria-pressed={state === shown} onClick={() => setShown(state)}>
                {state === 'all' ? texts.allStates : texts.deliveryState[state]}
              </button>
            ))}
          </fieldset>
          <Button
            aria-label={common.reload}
            title={common.reload}
            icon={<RefreshCw className="icon" />}
            loading={list.isReading}
            onClick={list.reload}
          />
        </span>
      </div>
      <View resource={list}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty icon={Send} title={texts.noDeliveries} text={shown === 'all' ? texts.noDeliveriesText : ''} />
          ) : (
            <>
              <DeliveryTable rows={rows} />
              <ReadMore list={list} />
            </>
          )
        }
      </View>
    </section>
  );
}

function DeliveryTable({ rows }: { rows: readonly Delivery[] }) {
  const texts = useWebhookTexts();
  const now = useNow();
  const seesMembers = useMay('member.read');
  return (
    <DataTable
      caption={texts.deliveries}
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        { title: texts.position, isNumber: true, cell: ({ position }) => position },
        {
          title: texts.event,
          cell: ({ type, memberId }) => (
            <span>
              {texts.kind[type]}
              <small className="mono">{seesMembers ? <Link to={`/members/${memberId}`}>{memberId}</Link> : memberId}</small>
            </span>
          ),
        },
        {
          title: texts.when,
          cell: ({ madeAt }) => (
            <time title={formatExactly(madeAt, currentLanguage())}>{formatWhen(madeAt, now, currentLanguage())}</time>
          ),
        },
        { title: texts.result, cell: (delivery) => <Result delivery={delivery} now={now} /> },
      ]}
    />
  );
}

function Result({ delivery: { state, attempts, last, nextTryAt }, now }: { delivery: Delivery; now: number }) {
  const texts = useWebhookTexts();
  const why = useFailureWords();
  const details = [
    attempts > 0 && texts.tries(attempts),
    last && (last.failure === undefined ? texts.milliseconds(last.milliseconds) : why(last)),
    state === 'waiting' &&
      attempts > 0 &&
      nextTryAt !== undefined &&
      texts.nextTry(formatUntil(nextTryAt, now, currentLanguage())),
  ].filter(Boolean);
  return (
    <span>
      <span className={`tag ${tone[state]}`}>{texts.deliveryState[state]}</span>
      {details.length > 0 && <small>{details.join(' · ')}</small>}
    </span>
  );
}

const aMoment = 2_000;

const tone = { waiting: 'amber', delivered: 'ok', 'given-up': 'stop' } as const;

import { Button } from 'antd';
import { Plus, Webhook as WebhookIcon } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Webhook } from '../../../../../server/api/contract.ts';
import { useList } from '../../api/resource.ts';
import { DataTable, ReadMore } from '../../parts/data-table.tsx';
import { useMay } from '../../session/session-store.ts';
import { Empty } from '../../states/empty.tsx';
import { View } from '../../states/view.tsx';
import { useTexts } from '../../texts/texts.ts';
import { MakeWebhookDialog } from './make-webhook-dialog.tsx';
import { useWebhookTexts } from './texts.ts';
import { WebhookState } from './webhook-state.tsx';

/** The merchant's webhooks and how each does. */
export function WebhooksView() {
  const common = useTexts();
  const texts = useWebhookTexts();
  const mayEdit = useMay('webhook.edit');
  const webhooks = useList<Webhook>('/webhooks');
  const [isMaking, setMaking] = useState(false);
  const make = mayEdit && (
    <Button type="primary" icon={<Plus className="icon" />} onClick={() => setMaking(true)}>
      {texts.make}
    </Button>
  );

  return (
    <section className="panel listed">
      <View resource={webhooks}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty
              icon={WebhookIcon}
              title={texts.empty}
              text={mayEdit ? texts.emptyText : common.whoCan(common.roles.owner)}
              action={make}
            />
          ) : (
            <>
              <div className="panel-head">
                <span className="muted">{texts.about}</span>
                <span className="push">{make}</span>
              </div>
              <WebhookTable rows={rows} />
              <ReadMore list={webhooks} />
            </>
          )
        }
      </View>
      {isMaking && <MakeWebhookDialog onMade={webhooks.reload} onClose={() => setMaking(false)} />}
    </section>
  );
}

function WebhookTable({ rows }: { rows: readonly Webhook[] }) {
  const common = useTexts();
  const texts = useWebhookTexts();
  return (
    <DataTable
      caption={texts.all}
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        {
          title: texts.name,
          cell: ({ id, name, url }) => (
            <span>
              <Link to={`/api/webhooks/${id}`}>
                <b>{name}</b>
              </Link>
              <small className="mono">{url}</small>
            </span>
          ),
        },
        {
          title: texts.kinds,
          cell: ({ kinds }) => kinds?.map((kind) => texts.kind[kind]).join(common.and) ?? texts.everything,
        },
        { title: texts.state, cell: (webhook) => <WebhookState webhook={webhook} /> },
      ]}
    />
  );
}

import { App, Button } from 'antd';
import { ChevronLeft } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { MadeWebhook, TestedWebhook, Webhook } from '../../../../../server/api/contract.ts';
import { currentLanguage } from '../../../shared/preferences.ts';
import { useAction } from '../../api/action.ts';
import { request } from '../../api/request.ts';
import { type Resource, useResource } from '../../api/resource.ts';
import { AskFirst } from '../../parts/ask-first.tsx';
import { useMay } from '../../session/session-store.ts';
import { ProblemNote } from '../../states/problem-note.tsx';
import { View } from '../../states/view.tsx';
import { useTexts } from '../../texts/texts.ts';
import { formatExactly } from '../../texts/times.ts';
import { Deliveries } from './deliveries.tsx';
import { EditWebhookDialog } from './edit-webhook-dialog.tsx';
import { ReplayDialog } from './replay-dialog.tsx';
import { SecretDialog } from './secret-dialog.tsx';
import { TestVerdict } from './test-verdict.tsx';
import { useWebhookTexts } from './texts.ts';
import { WebhookState } from './webhook-state.tsx';

/** One webhook: how it does, what it was sent, and all that can be done to it. */
export function WebhookView() {
  const texts = useWebhookTexts();
  const { webhookId } = useParams();
  const webhook = useResource<Webhook>(`/webhooks/${webhookId}`);
  const mayEdit = useMay('webhook.edit');
  const [turn, setTurn] = useState(0);
  return (
    <>
      <Link className="row" to="/api/webhooks">
        <ChevronLeft className="icon" aria-hidden="true" />
        {texts.all}
      </Link>
      <View resource={webhook}>
        {(data) => (
          <>
            <section className="panel padded stack">
              <Facts webhook={data} />
              {mayEdit && <Doings webhook={data} resource={webhook} onSending={() => setTurn(turn + 1)} />}
            </section>
            {/* Read anew whenever something is sent. */}
            <Deliveries key={turn} webhookId={data.id} isSending={turn > 0} />
          </>
        )}
      </View>
    </>
  );
}

function Facts({ webhook }: { webhook: Webhook }) {
  const common = useTexts();
  const texts = useWebhookTexts();
  const { name, url, kinds, previousSecretUntil } = webhook;
  return (
    <div className="stack">
      <h2 className="row">
        {name}
        <WebhookState webhook={webhook} />
      </h2>
      <p className="mono">{url}</p>
      <p className="muted">
        {kinds?.map((kind) => texts.kind[kind]).join(common.and) ?? texts.everything}
        {previousSecretUntil !== undefined && previousSecretUntil > Date.now() && (
          <> · {texts.oldUntil(formatExactly(previousSecretUntil, currentLanguage()))}</>
        )}
      </p>
    </div>
  );
}

type Doing = 'edit' | 'renew' | 'replay' | 'remove';

interface DoingsProps {
  webhook: Webhook;
  resource: Resource<Webhook>;
  onSending: () => void;
}

function Doings({ webhook, resource, onSending }: DoingsProps) {
  const texts = useWebhookTexts();
  const { message } = App.useApp();
  const [doing, setDoing] = useState<Doing>();
  const testing = useAction((_: undefined, key) =>
    request<TestedWebhook>('POST', `/webhooks/${webhook.id}/test`, { idempotent: key }),
  );
  const [tested, setTested] = useState<TestedWebhook>();
  const switching = useAction((state: 'active' | 'paused') =>
    request<Webhook>('PATCH', `/webhooks/${webhook.id}`, { body: { state }, ifMatch: webhook.version }),
  );

  async function test() {
    setTested(undefined);
    setTested(await testing.run(undefined));
  }
  async function turn(state: 'active' | 'paused') {
    const changed = await switching.run(state);
    if (!changed) return resource.reload();
    resource.set(changed);
    onSending();
    void message.success(state === 'active' ? texts.resumed : texts.paused);
  }

  return (
    <>
      <div className="doings">
        <Button type="primary" loading={testing.isRunning} onClick={test}>
          {texts.test}
        </Button>
        {webhook.state === 'active' ? (
          <Button title={texts.pauseMeans} loading={switching.isRunning} onClick={() => turn('paused')}>
            {texts.pause}
          </Button>
        ) : (
          <Button loading={switching.isRunning} onClick={() => turn('active')}>
            {texts.resume}
          </Button>
        )}
        <Button onClick={() => setDoing('replay')}>{texts.replay}</Button>
        <Button onClick={() => setDoing('edit')}>{texts.edit}</Button>
        <Button onClick={() => setDoing('renew')}>{texts.renew}</Button>
        <Button className="push" type="text" danger onClick={() => setDoing('remove')}>
          {texts.remove}
        </Button>
      </div>
      <ProblemNote problem={testing.problem ?? switching.problem} />
      {tested && <TestVerdict tested={tested} />}
      {doing && (
        <Dialogs
          doing={doing}
          webhook={webhook}
          onChanged={resource.reload}
          onSending={onSending}
          onClose={() => setDoing(undefined)}
        />
      )}
    </>
  );
}

interface DialogsProps {
  doing: Doing;
  webhook: Webhook;
  onChanged: () => void;
  onSending: () => void;
  onClose: () => void;
}

function Dialogs({ doing, webhook, onChanged, onSending, onClose }: DialogsProps) {
  const texts = useWebhookTexts();
  const { message } = App.useApp();
  const navigate = useNavigate();
  if (doing === 'edit') return <EditWebhookDialog webhook={webhook} onSaved={onChanged} onClose={onClose} />;
  if (doing === 'replay') return <ReplayDialog webhook={webhook} onBegun={onSending} onClose={onClose} />;
  if (doing === 'renew') return <RenewDialog webhook={webhook} onChanged={onChanged} onClose={onClose} />;
  return (
    <AskFirst
      title={texts.removeTitle(webhook.name)}
      doIt={texts.remove}
      leaveIt={texts.keep}
      work={() => request('DELETE', `/webhooks/${webhook.id}`, { ifMatch: webhook.version })}
      onDone={() => {
        void message.success(texts.removed(webhook.name));
        void navigate('/api/webhooks');
      }}
      onClose={() => {
        // Refused because somebody else was quicker: the next try begins with what they made of it.
        onChanged();
        onClose();
      }}
    >
      <p className="dialog-text">{texts.removeText}</p>
    </AskFirst>
  );
}

function RenewDialog({ webhook, onChanged, onClose }: Omit<DialogsProps, 'doing' | 'onSending'>) {
  const texts = useWebhookTexts();
  const [made, setMade] = useState<MadeWebhook>();
  if (made) return <SecretDialog made={made} onClose={onClose} />;
  return (
    <AskFirst
      title={texts.renewTitle}
      doIt={texts.renew}
      leaveIt={texts.keep}
      work={async (key) => {
        setMade(await request<MadeWebhook>('POST', `/webhooks/${webhook.id}/secret`, { idempotent: key }));
      }}
      onDone={onChanged}
      onClose={onClose}
    >
      <p className="dialog-text">{texts.renewText}</p>
    </AskFirst>
  );
}

import { lazy, Suspense } from 'react';
import { NavLink, Route, Routes } from 'react-router';
import { RoomHead } from '../../parts/room-head.tsx';
import { useMay } from '../../session/session-store.ts';
import { Bones } from '../../states/page-skeleton.tsx';
import { useTexts } from '../../texts/texts.ts';
import { KeysView } from './keys-view.tsx';
import { useKeyTexts } from './texts.ts';

const WebhooksView = lazy(async () => ({ default: (await import('../webhooks/webhooks-view.tsx')).WebhooksView }));
const WebhookView = lazy(async () => ({ default: (await import('../webhooks/webhook-view.tsx')).WebhookView }));

/** What programs use: keys that they come in with, and webhooks that tell them what happened. */
export function ApiPage() {
  const common = useTexts();
  const texts = useKeyTexts();
  const hasKeys = useMay('key.edit');
  const hasWebhooks = useMay('webhook.read');
  return (
    <>
      <RoomHead
        title={common.rooms.keys}
        about={texts.about}
        actions={
          <a href="../api/" target="_blank" rel="noreferrer">
            {texts.reference}
          </a>
        }
      />
      {hasKeys && hasWebhooks && (
        <nav className="tabs" aria-label={common.rooms.keys}>
          <NavLink to="/api" end>
            {texts.tab}
          </NavLink>
          <NavLink to="/api/webhooks">{texts.webhooksTab}</NavLink>
        </nav>
      )}
      <Suspense fallback={<Bones />}>
        <Routes>
          <Route index element={hasKeys ? <KeysView /> : <WebhooksView />} />
          <Route path="webhooks" element={<WebhooksView />} />
          <Route path="webhooks/:webhookId" element={<WebhookView />} />
        </Routes>
      </Suspense>
    </>
  );
}

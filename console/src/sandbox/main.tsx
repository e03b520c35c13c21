import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../shared/tokens.css';
import '../shared/base.css';
import '../shared/controls.css';
import './sandbox.css';
import './phone/phone.css';
import './phone/chat.css';
import './phone/bars.css';
import './phone/sheet.css';
import './phone/ask.css';
import './phone/menu.css';
import './phone/subscriptions.css';
import './wire/wire.css';
import './wire/wire-open.css';
import './accounts/accounts.css';
import './world/world.css';
import { SandboxPage } from './page.tsx';
import { createSandboxStore } from './sandbox-store.ts';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');

const store = createSandboxStore();
void store.load();
createRoot(root).render(
  <StrictMode>
    <SandboxPage store={store} />
  </StrictMode>,
);

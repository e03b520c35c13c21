import { App, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router';
import '../shared/tokens.css';
import '../shared/base.css';
import '../shared/controls.css';
import './console.css';
import { usePreferences } from '../shared/preferences.ts';
import { createConsoleRouter } from './router.tsx';
import { loadSession } from './session/session-store.ts';
import { useTheme } from './theme.ts';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');

void loadSession();
const router = createConsoleRouter();
createRoot(root).render(
  <StrictMode>
    <Console />
  </StrictMode>,
);

function Console() {
  const theme = useTheme();
  const [{ language }] = usePreferences();
  return (
    <ConfigProvider
      theme={theme}
      locale={language === 'zh' ? zhCN : enUS}
      // A space between two Chinese characters of a button is antd's taste, not ours.
      button={{ autoInsertSpace: false }}
    >
      <App>
        <RouterProvider router={router} />
      </App>
    </ConfigProvider>
  );
}

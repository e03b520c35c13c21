import { IdCard, Languages, LayoutDashboard, Monitor, Moon, Sun } from 'lucide-react';
import { Mark } from '../shared/mark.tsx';
import { type Theme, usePreferences } from '../shared/preferences.ts';
import { People } from './people.tsx';
import { useSandbox } from './store-context.ts';
import { describeKind, useTexts } from './texts/texts.ts';
import { accountOf } from './view.ts';
import { Clock } from './world/clock.tsx';

/** The top bar: which account, which person, and how the page is shown. */
export function Bar({ onOpenAccounts }: { onOpenAccounts: () => void }) {
  const { view } = useSandbox();
  const texts = useTexts();
  const account = accountOf(view);
  return (
    <header className="bar">
      <div className="brand">
        <Mark />
        <h1>
          {texts.sandbox}
          <small>
            {account &&
              `${account.name} · ${describeKind(account, texts)} · ${account.callbackUrl ? texts.mode[account.mode] : texts.notConnected}`}
          </small>
        </h1>
      </div>
      <People />
      <Clock />
      <button type="button" className="button bare accounts-button" aria-haspopup="dialog" onClick={onOpenAccounts}>
        <IdCard className="icon" aria-hidden="true" />
        <span>{texts.accounts.open}</span>
      </button>
      <a className="button bare accounts-button" href="../console/">
        <LayoutDashboard className="icon" aria-hidden="true" />
        <span>{texts.console}</span>
      </a>
      <Preferences />
    </header>
  );
}

function Preferences() {
  const [{ language, theme }, change] = usePreferences();
  const texts = useTexts();
  const Icon = themeIcons[theme];
  return (
    <div className="preferences">
      <button
        type="button"
        className="button bare language"
        aria-label={texts.language.label}
        onClick={() => change({ language: language === 'zh' ? 'en' : 'zh' })}
      >
        <Languages className="icon" aria-hidden="true" />
        <span lang={language === 'zh' ? 'en' : 'zh-CN'}>{texts.language.switchTo}</span>
      </button>
      <button
        type="button"
        className="button bare square"
        aria-label={texts.theme[theme]}
        title={texts.theme[theme]}
        onClick={() => change({ theme: nextTheme[theme] })}
      >
        <Icon className="icon" aria-hidden="true" />
      </button>
    </div>
  );
}

const themeIcons = { system: Monitor, light: Sun, dark: Moon };
const nextTheme: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };

import { useSyncExternalStore } from 'react';

export type Language = 'zh' | 'en';
export type Theme = 'system' | 'light' | 'dark';

export interface Preferences {
  language: Language;
  theme: Theme;
}

const key = 'service-window.preferences';
const listeners = new Set<() => void>();
let preferences = restore();
apply();

/** The reader's language and theme, and how to change them. Kept in this browser; the browser's own language and the system's theme until chosen. */
export function usePreferences(): [Preferences, (change: Partial<Preferences>) => void] {
  return [useSyncExternalStore(subscribe, () => preferences), change];
}

/** The language that the page is in, for what is no component. */
export const currentLanguage = (): Language => preferences.language;

function change(changed: Partial<Preferences>) {
  preferences = { ...preferences, ...changed };
  try {
    localStorage.setItem(key, JSON.stringify(preferences));
  } catch {
    // A browser that keeps nothing still shows what was chosen, until it is closed.
  }
  apply();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function apply() {
  const root = document.documentElement;
  root.lang = preferences.language === 'zh' ? 'zh-CN' : 'en';
  if (preferences.theme === 'system') delete root.dataset.theme;
  else root.dataset.theme = preferences.theme;
}

function restore(): Preferences {
  const stored = parse();
  return {
    language:
      stored.language === 'zh' || stored.language === 'en' ? stored.language : navigator.language.startsWith('zh') ? 'zh' : 'en',
    theme: stored.theme === 'light' || stored.theme === 'dark' ? stored.theme : 'system',
  };
}

function parse(): { language?: unknown; theme?: unknown } {
  try {
    return { ...JSON.parse(localStorage.getItem(key) ?? '{}') };
  } catch {
    return {};
  }
}

import type { ReactNode } from 'react';
import { Mark } from '../../shared/mark.tsx';
import { usePreferences } from '../../shared/preferences.ts';
import { useTexts } from '../texts/texts.ts';
import { useSignInTexts } from './texts.ts';
import { Town } from './town.tsx';
import './door.css';

interface DoorProps {
  /** The shop's name, once it is known. */
  shop: string | undefined;
  title: string;
  about?: string | undefined;
  children: ReactNode;
  foot?: ReactNode;
}

/** What stands around everything that leads in: the town on one side, the form on the other. */
export function Door({ shop, title, about, children, foot }: DoorProps) {
  const texts = useTexts();
  const { town } = useSignInTexts();
  return (
    <main className="sign-in">
      <section className="town" aria-label={texts.product}>
        <Town />
        <span className="brand">
          <Mark />
          <span>
            <b>{texts.product}</b>
            <small>{shop}</small>
          </span>
        </span>
        <div className="town-words">
          <p>{town.line}</p>
          <p>{town.text}</p>
        </div>
      </section>
      <section className="door" aria-label={title}>
        <LanguageSwitch />
        <div className="door-inside">
          <h1>{title}</h1>
          {about && <p className="muted">{about}</p>}
          {children}
        </div>
        {foot && <div className="door-foot">{foot}</div>}
      </section>
    </main>
  );
}

function LanguageSwitch() {
  const [{ language }, change] = usePreferences();
  return (
    <span className="segment door-language">
      <button type="button" lang="zh-CN" aria-pressed={language === 'zh'} onClick={() => change({ language: 'zh' })}>
        中文
      </button>
      <button type="button" lang="en" aria-pressed={language === 'en'} onClick={() => change({ language: 'en' })}>
        English
      </button>
    </span>
  );
}

import { Languages, LogOut, Menu, Monitor, Moon, Sun, X } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Link, Navigate, Outlet, useLocation, useNavigation } from 'react-router';
import { type Theme, usePreferences } from '../../shared/preferences.ts';
import { leave, loadSession, useSessionState } from '../session/session-store.ts';
import { SignInAgain } from '../session/sign-in-again.tsx';
import { PageSkeleton } from '../states/page-skeleton.tsx';
import { ProblemPage } from '../states/problem-note.tsx';
import { useTexts } from '../texts/texts.ts';
import { Navigation } from './navigation.tsx';
import './frame.css';

/** What stands around every room: navigation, who is signed in, and the way out. Nobody is led to the sign-in page, and back here from it. */
export function Frame() {
  const state = useSessionState();
  const location = useLocation();
  // Somebody is on their way already, to a one-time link maybe: to lead them to the sign-in page would call that off.
  const isLeaving = useNavigation().state !== 'idle';
  if (state.kind === 'unknown' || (state.kind === 'nobody' && isLeaving)) return <PageSkeleton />;
  if (state.kind === 'failed') return <ProblemPage problem={state.problem} onRetry={() => void loadSession()} />;
  if (state.kind === 'nobody') return <Navigate to="/sign-in" replace state={{ from: location }} />;
  return (
    <>
      <Shell>
        <Outlet />
      </Shell>
      {state.kind === 'over' && <SignInAgain session={state.session} />}
    </>
  );
}

function Shell({ children }: { children: ReactNode }) {
  const texts = useTexts();
  const location = useLocation();
  const [isOpen, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: going elsewhere closes it.
  useEffect(() => setOpen(false), [location.pathname]);

  function close() {
    setOpen(false);
    opener.current?.focus();
  }

  return (
    <div className="console" data-open={isOpen || undefined}>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        {texts.skip}
      </button>
      <Navigation isOpen={isOpen} onClose={close} />
      <div className="page">
        <header className="topbar">
          <button
            ref={opener}
            type="button"
            className="icon-button open-navigation"
            aria-label={isOpen ? texts.close : texts.openNavigation}
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? <X className="icon" aria-hidden="true" /> : <Menu className="icon" aria-hidden="true" />}
          </button>
          <span className="push" />
          <PreferenceButtons />
          <Me />
        </header>
        <main className="sheet" ref={main} tabIndex={-1}>
          {children}
        </main>
      </div>
    </div>
  );
}

/** Language and theme; on every page, also before anybody signed in. */
export function PreferenceButtons() {
  const [{ language, theme }, change] = usePreferences();
  const texts = useTexts();
  const Icon = themeIcons[theme];
  return (
    <>
      <button
        type="button"
        className="icon-button"
        aria-label={texts.language.label}
        title={texts.language.label}
        onClick={() => change({ language: language === 'zh' ? 'en' : 'zh' })}
      >
        <Languages className="icon" aria-hidden="true" />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={texts.theme[theme]}
        title={texts.theme[theme]}
        onClick={() => change({ theme: nextTheme[theme] })}
      >
        <Icon className="icon" aria-hidden="true" />
      </button>
    </>
  );
}

const themeIcons = { system: Monitor, light: Sun, dark: Moon };
const nextTheme: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };

function Me() {
  const state = useSessionState();
  const texts = useTexts();
  const [hasFailed, setFailed] = useState(false);
  if (state.kind !== 'in' && state.kind !== 'over') return null;
  const { staff } = state.session;
  return (
    <>
      <Link className="me" to="/me" title={texts.me}>
        <span className="face" aria-hidden="true">
          {[...staff.name][0]}
        </span>
        <span className="me-words">
          {staff.name}
          <small>{texts.roles[staff.role]}</small>
        </span>
      </Link>
      <button
        type="button"
        className="icon-button"
        aria-label={texts.leave}
        title={texts.leave}
        onClick={() => void leave().catch(() => setFailed(true))}
      >
        <LogOut className="icon" aria-hidden="true" />
      </button>
      {hasFailed && (
        <p className="leave-failed" role="alert">
          {texts.leaveFailed}
        </p>
      )}
    </>
  );
}

import { Button } from 'antd';
import { TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Problem } from '../api/problem.ts';
import { useTexts } from '../texts/texts.ts';

interface Words {
  title: string;
  /** Where nothing is said the server's own words stand. */
  text?: string;
}

interface ProblemNoteProps {
  problem: Problem | undefined;
  /** Shown as "try again", and counted down to where the server says when. */
  onRetry?: (() => void) | undefined;
  /** Words of the view for codes that it knows better. */
  words?: Readonly<Record<string, Words>>;
}

/** What happened, whether anything is lost, and what to do. Read out when it appears; nothing while there is no problem. */
export function ProblemNote({ problem, onRetry, words = {} }: ProblemNoteProps) {
  const texts = useTexts();
  const seconds = useSecondsUntil(problem?.retryAt);
  if (!problem) return null;
  const said: Words = words[problem.code] ?? texts.problems[problem.code] ?? { title: texts.refused };
  return (
    <div className="problem" role="alert">
      <TriangleAlert className="icon" aria-hidden="true" />
      <div>
        <b>{said.title}</b>
        <p>{said.text ?? problem.message}</p>
        <FieldWords problem={problem} />
        {seconds > 0 && <p className="muted">{texts.retryIn(seconds)}</p>}
        {problem.status >= 500 && problem.requestId && <p className="muted mono">{texts.reference(problem.requestId)}</p>}
      </div>
      {onRetry && (
        <Button size="small" disabled={seconds > 0} onClick={onRetry}>
          {texts.retry}
        </Button>
      )}
    </div>
  );
}

/** The same where a whole page could not be shown. */
export function ProblemPage({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  return (
    <main className="problem-page">
      <ProblemNote problem={problem} onRetry={onRetry} />
    </main>
  );
}

/** Whole seconds until a time, counted down; 0 when it is over or there is none. */
export function useSecondsUntil(at: number | undefined): number {
  const [now, setNow] = useState(() => Date.now());
  const seconds = at === undefined ? 0 : Math.max(0, Math.ceil((at - now) / 1000));
  const isWaiting = at !== undefined;
  useEffect(() => {
    if (!isWaiting) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isWaiting]);
  return seconds;
}

/** Faults of fields that the form has no place for are said here; those at their fields are read there. */
function FieldWords({ problem }: { problem: Problem }) {
  const unplaced = Object.entries(problem.fields).filter(([name]) => name === '' || name.startsWith('header'));
  return unplaced.map(([name, message]) => <p key={name}>{message}</p>);
}

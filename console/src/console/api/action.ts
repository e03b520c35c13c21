import { useCallback, useRef, useState } from 'react';
import { asProblem, type Problem } from './problem.ts';

/** Something that a person does to the server. */
export interface Action<Input, Answer> {
  /** Does it; undefined when it was refused (see `problem`) or is under way already: a double click is one. */
  run(input: Input): Promise<Answer | undefined>;
  isRunning: boolean;
  /** Why it was refused last; gone with the next try. */
  problem: Problem | undefined;
  clear(): void;
}

/**
 * An action whose `work` gets an Idempotency-Key: the same one for as long as the same input is tried, so that a try whose answer was lost
 * is not done twice.
 */
export function useAction<Input, Answer>(work: (input: Input, key: string) => Promise<Answer>): Action<Input, Answer> {
  const [state, setState] = useState<{ isRunning: boolean; problem?: Problem }>({ isRunning: false });
  const under = useRef(false);
  const last = useRef<{ input: string; key: string } | undefined>(undefined);
  const latest = useRef(work);
  latest.current = work;

  const run = useCallback(async (input: Input) => {
    if (under.current) return undefined;
    under.current = true;
    const said = JSON.stringify(input) ?? '';
    if (last.current?.input !== said) last.current = { input: said, key: newKey() };
    setState({ isRunning: true });
    try {
      const answer = await latest.current(input, last.current.key);
      last.current = undefined;
      setState({ isRunning: false });
      return answer;
    } catch (error) {
      const problem = asProblem(error);
      // Refused for good: the next try is another one. Unanswered: it may have been done.
      if (problem.status >= 400 && problem.status < 500) last.current = undefined;
      setState({ isRunning: false, problem });
      return undefined;
    } finally {
      under.current = false;
    }
  }, []);

  return { run, ...state, problem: state.problem, clear: useCallback(() => setState({ isRunning: false }), []) };
}

/** Without crypto.randomUUID, which browsers keep from pages over plain HTTP. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

import { useEffect, useState } from 'react';
import { RequestFailure } from '../shared/request.ts';
import { useSandbox } from './store-context.ts';
import type { Texts } from './texts/texts.ts';

/** What to tell the person: the platform's reason, or `unreachable`, which says what is lost and what is not. */
export function describeFailure(error: unknown, texts: Texts, unreachable: string): string {
  return error instanceof RequestFailure && error.kind === 'refused' ? texts.refused(error.message) : unreachable;
}

/** What went wrong with the last thing that was tried here. No longer said once the server is back. */
export function useFailure() {
  const { connection } = useSandbox().view;
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    if (connection === 'live') setFailure(undefined);
  }, [connection]);
  return [failure, setFailure] as const;
}

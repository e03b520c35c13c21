import { useState } from 'react';
import { type Action, useAction } from './action.ts';
import { Problem } from './problem.ts';
import { request } from './request.ts';

/** Editing one thing that others may edit too. */
export interface Edit<Thing, Change> extends Action<Change, Thing> {
  /** What the person began with. */
  base: Thing;
  /** What somebody else has made of it meanwhile; saving waits until the person has said how to go on. */
  theirs: Thing | undefined;
  /** Goes on from theirs: what is typed is saved over it, or dropped by the form. */
  goOn(): void;
}

/** Saves changes of what is at `path` under the version that was read; when somebody else was quicker, reads what they made of it. */
export function useEdit<Thing extends { version: number }, Change extends object>(
  path: string,
  thing: Thing,
): Edit<Thing, Change> {
  const [base, setBase] = useState(thing);
  const [theirs, setTheirs] = useState<Thing>();
  const action = useAction(async (change: Change) => {
    try {
      const saved = await request<Thing>('PATCH', path, { body: change, ifMatch: base.version });
      setBase(saved);
      return saved;
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'request.stale') throw error;
      setTheirs(await request<Thing>('GET', path));
      return undefined;
    }
  });
  return {
    ...action,
    base,
    theirs,
    goOn() {
      if (theirs) setBase(theirs);
      setTheirs(undefined);
    },
  };
}

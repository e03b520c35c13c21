import type { ReactNode } from 'react';
import type { Resource } from '../api/resource.ts';
import { useTexts } from '../texts/texts.ts';
import { Bones } from './page-skeleton.tsx';
import { ProblemNote } from './problem-note.tsx';

interface ViewProps<Data> {
  resource: Resource<Data>;
  /** In the shape of what will be there. */
  skeleton?: ReactNode;
  children(data: Data): ReactNode;
}

/** Shows what was read: its skeleton while it is read, why it could not be read, and what was there before while it is read again. */
export function View<Data>({ resource, skeleton, children }: ViewProps<Data>) {
  const texts = useTexts();
  const { data, problem, isReading, reload } = resource;
  const nothing = texts.problems['request.not-found'];
  // Who reads fills in nothing: what is wrong can only be the address of the page.
  const isNothing = problem?.status === 404 || problem?.code === 'request.invalid';
  return (
    <>
      <ProblemNote
        problem={problem}
        {...(nothing && { words: { 'request.invalid': nothing } })}
        onRetry={isNothing ? undefined : reload}
      />
      {data === undefined && isReading && (
        <div aria-busy="true">
          <span className="sr" role="status">
            {texts.loading}
          </span>
          {skeleton ?? <Bones />}
        </div>
      )}
      {data !== undefined && children(data)}
    </>
  );
}

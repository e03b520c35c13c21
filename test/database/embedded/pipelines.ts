import { expect } from 'vitest';
import { runPipeline } from '../../../server/database/embedded/aggregate.ts';
import type { Document } from '../../../server/database/embedded/document.ts';
import { compileFilter } from '../../../server/database/embedded/match.ts';
import { stored } from './values.ts';

/** What a pipeline gives, types as the wire would make of them. */
export function piped(documents: Document[], stages: Document[], others: Record<string, Document[]> = {}): Document[] {
  const results = runPipeline(documents.map(stored), stages, {
    variables: {},
    lookup: (name, filter) => (others[name] ?? []).map(stored).filter(compileFilter(filter)),
  });
  return [...results].map(stored);
}

export const refusedWith = (code: number) => expect.objectContaining({ code });

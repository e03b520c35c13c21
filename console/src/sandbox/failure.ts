import { RequestFailure } from '../shared/request.ts';
import type { Texts } from './texts/texts.ts';

/** What to tell the person: the platform's reason, or `unreachable`, which says what is lost and what is not. */
export function describeFailure(error: unknown, texts: Texts, unreachable: string): string {
  return error instanceof RequestFailure && error.kind === 'refused' ? texts.refused(error.message) : unreachable;
}

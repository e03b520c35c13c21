import { readAnswerBody } from '../kernel/answer-body.ts';
import type { Clock } from '../kernel/clock.ts';

/** One request of the platform. */
export interface Sent {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** What came back: an answer, or why none did. `stopped` is the sandbox's own doing. */
export type Outcome =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: Record<string, string>; readonly body: Buffer }
  | { readonly kind: 'too-large'; readonly status: number; readonly headers: Record<string, string>; readonly body: Buffer }
  | { readonly kind: 'late' }
  | { readonly kind: 'unreachable'; readonly why: string }
  | { readonly kind: 'stopped' };

/** The platform waits 5 s for an answer (wechat.md §1.2). */
export const patience = 5_000;
/** Bytes of an answer that are read. The platform names no limit; no reply that it knows comes near this one. */
export const largestAnswer = 128 * 1024;
/** What the page shows of an answer's headers. */
const headersShown = ['content-type', 'content-length'];

/** Sends one request and waits for its whole answer, 5 s at most by `clock`. Follows no redirect. Never throws. */
export async function exchange({ method, url, headers, body }: Sent, clock: Clock, stopping: AbortSignal): Promise<Outcome> {
  const late = new AbortController();
  const stopTimer = clock.after(patience, () => late.abort());
  try {
    const response = await fetch(url, {
      method,
      headers: { ...headers, 'accept-encoding': 'identity' },
      redirect: 'manual',
      signal: AbortSignal.any([late.signal, stopping]),
      ...(method === 'POST' && { body }),
    });
    const answer = await readAnswerBody(response.body, largestAnswer);
    return {
      kind: answer.isWhole ? 'answer' : 'too-large',
      status: response.status,
      headers: shownOf(response),
      body: answer.bytes,
    };
  } catch (error) {
    if (stopping.aborted) return { kind: 'stopped' };
    if (late.signal.aborted) return { kind: 'late' };
    return { kind: 'unreachable', why: reasonOf(error) };
  } finally {
    stopTimer();
  }
}

function shownOf(response: Response): Record<string, string> {
  return Object.fromEntries([...response.headers].filter(([name]) => headersShown.includes(name)));
}

/** fetch says only "fetch failed"; the reason is its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return cause.message || ('code' in cause ? String(cause.code) : cause.name);
}

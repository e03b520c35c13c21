import { currentLanguage } from '../../shared/preferences.ts';
import { Problem } from './problem.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface RequestOptions {
  body?: object;
  /** The version that was read: the change is refused (412) when there is a newer one. */
  ifMatch?: number | undefined;
  /** An Idempotency-Key: the same key and body are done once, however often they are sent. */
  idempotent?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Does 401 mean that the session is over; not where signing in itself is what is refused. */
  needsSession?: boolean;
}

/** Where the API is, seen from the page: relative, so that it holds behind a proxy that serves both under a path. */
export const apiPath = '../api/v1';

/**
 * Asks the API. Throws a Problem for every refusal and when no answer comes. When the session is over it waits until somebody has signed in
 * again, then asks once more: what was typed is neither lost nor sent twice.
 */
export async function request<Answer = void>(method: Method, path: string, options: RequestOptions = {}): Promise<Answer> {
  try {
    return await send<Answer>(method, path, options);
  } catch (error) {
    const isOver = error instanceof Problem && error.code === 'request.unauthenticated' && options.needsSession !== false;
    if (!isOver || !renewSession) throw error;
    if (!(await renewSession())) throw error;
    return await send<Answer>(method, path, options);
  }
}

let renewSession: (() => Promise<boolean>) | undefined;

/** Says how a session that is over is renewed: resolves to whether somebody has signed in again. */
export function onSessionOver(renew: () => Promise<boolean>): void {
  renewSession = renew;
}

async function send<Answer>(method: Method, path: string, options: RequestOptions): Promise<Answer> {
  const { body, ifMatch, idempotent, signal } = options;
  const response = await fetch(`${apiPath}${path}`, {
    method,
    headers: {
      'Accept-Language': currentLanguage(),
      ...(body ? { 'Content-Type': 'application/json' } : {}),
      ...(ifMatch === undefined ? {} : { 'If-Match': `"${ifMatch}"` }),
      ...(idempotent === undefined ? {} : { 'Idempotency-Key': idempotent }),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    ...(signal ? { signal } : {}),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new Problem(0, undefined, { cause: error });
  });
  if (response.status === 204) return undefined as Answer;
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok && answer !== undefined) return answer as Answer;
  throw new Problem(response.status, typeof answer === 'object' && answer !== null ? answer : undefined);
}

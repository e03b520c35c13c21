/** Why a request got no answer: what the server said (`refused`), or that it could not be reached (`unreachable`). */
export class RequestFailure extends Error {
  override readonly name = 'RequestFailure';
  readonly kind: 'refused' | 'unreachable';

  constructor(kind: 'refused' | 'unreachable', message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Reads JSON. Throws a RequestFailure with the server's own words where it gave some (RFC 9457 problem details). */
export function read<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  return request<Answer>(path, signal ? { signal } : {});
}

/** Sends JSON and reads the JSON that comes back. Fails as `read` does. */
export function send<Answer>(path: string, body: object, method: 'POST' | 'PUT' = 'POST'): Promise<Answer> {
  return request<Answer>(path, { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
}

async function request<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(path, init).catch((error: unknown) => {
    if (init.signal?.aborted) throw error;
    throw new RequestFailure('unreachable', String(error), { cause: error });
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body as Answer;
  const isProblem = typeof body === 'object' && body !== null && 'detail' in body && typeof body.detail === 'string';
  // A 5xx is a server on its way down or up, or a proxy without one: the same to the reader as no answer.
  throw new RequestFailure(
    response.status >= 500 || response.ok ? 'unreachable' : 'refused',
    isProblem ? String(body.detail) : `HTTP ${response.status}`,
  );
}

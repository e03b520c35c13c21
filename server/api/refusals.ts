import type { FaultCode } from '../kernel/errors.ts';
import type { Route } from './route.ts';

/** How a call of this row may be refused: what follows from the row, and its own. */
export function refusalsOf(route: Route): FaultCode[] {
  const { method, allow, params, query, body, isConditional, isRepeatable, refusals = [] } = route;
  const isChange = method !== 'GET';
  const isKept = method === 'POST' && isRepeatable !== false;
  const codes: (FaultCode | false | undefined)[] = [
    (body || isKept) && 'request.malformed',
    'request.unauthenticated',
    (allow !== 'anyone' || isChange) && 'request.forbidden',
    params && 'request.not-found',
    isKept && 'request.refused',
    isKept && 'request.repeated-differently',
    isConditional && 'request.stale',
    body && 'request.too-large',
    isChange && 'request.unsupported-type',
    (params || query || body) && 'request.invalid',
    isConditional && 'request.unconditional',
    'request.too-many',
    'server.unavailable',
    ...refusals,
  ];
  return [...new Set(codes.filter((code) => code !== false && code !== undefined))];
}

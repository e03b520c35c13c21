import type { FaultCode } from '../kernel/errors.ts';
import { isKept } from './repeats.ts';
import type { Route } from './route.ts';

/** How a call of this row may be refused: what follows from the row, and its own. */
export function refusalsOf(route: Route): FaultCode[] {
  const { method, allow, params, query, body, isConditional, refusals = [] } = route;
  const isChange = method !== 'GET';
  const codes: (FaultCode | false | undefined)[] = [
    (body || isKept(route)) && 'request.malformed',
    'request.unauthenticated',
    (allow !== 'anyone' || isChange) && 'request.forbidden',
    params && 'request.not-found',
    isKept(route) && 'request.refused',
    isKept(route) && 'request.repeated-differently',
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

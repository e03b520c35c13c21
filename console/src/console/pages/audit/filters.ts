/** What is looked for in the audit, as it stands in the page's address. Days are `2026-07-16`, in the reader's own zone. */
export interface AuditFilters {
  find: string;
  actorId: string;
  action: string;
  subjectId: string;
  since: string;
  until: string;
}

export const noFilters: AuditFilters = { find: '', actorId: '', action: '', subjectId: '', since: '', until: '' };

/** The filters that an address names; what it does not name is not looked for. */
export function readFilters(address: URLSearchParams): AuditFilters {
  return Object.fromEntries(filterNames.map((name) => [name, address.get(name) ?? ''])) as unknown as AuditFilters;
}

/** The filters as an address names them: empty ones are left out. */
export function writeFilters(filters: AuditFilters): URLSearchParams {
  return new URLSearchParams(
    filterNames.filter((name) => filters[name] !== '').map((name): [string, string] => [name, filters[name]]),
  );
}

/** What the API is asked: days become points of time, and the last day counts to its end. */
export function queryOf(filters: AuditFilters): string {
  const query = writeFilters({ ...filters, find: filters.find.trim(), since: '', until: '' });
  const since = startOf(filters.since);
  const until = startOf(filters.until, 1);
  if (since !== undefined) query.set('since', String(since));
  if (until !== undefined) query.set('until', String(until));
  const text = query.toString();
  return text && `?${text}`;
}

/** The first moment of a day, or of one some days later; undefined for what is no day. */
function startOf(day: string, later = 0): number | undefined {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!parts) return undefined;
  return new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]) + later).getTime();
}

const filterNames = Object.keys(noFilters) as (keyof AuditFilters)[];

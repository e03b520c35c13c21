import type { Context } from 'koa';
import { fault } from '../kernel/errors.ts';
import type { By, Caller, KeyCaller, StaffCaller } from '../merchants/index.ts';

/** How those who call are told apart. */
export interface Doors {
  /** Whose session this token is of. */
  findSession(token: string): Promise<StaffCaller | undefined>;
  /** Whose API key this is. */
  findKey(secret: string): Promise<KeyCaller | undefined>;
}

/** The cookie's name; over HTTPS with a prefix that binds it to this host. */
export const cookieName = (isSecure: boolean): string => (isSecure ? '__Host-session' : 'session');

/** Who calls: by bearer token (API key or session), else by cookie. Undefined for nobody; a token that opens nothing is refused rather than taken for nobody. */
export async function findCaller(ctx: Context, doors: Doors, isSecure: boolean): Promise<Caller | undefined> {
  const header = ctx.get('authorization');
  if (header) {
    const token = /^Bearer ([\w-]{16,200})$/i.exec(header)?.[1];
    const caller = token && (await (token.startsWith('swk_') ? doors.findKey(token) : doors.findSession(token)));
    if (!caller) throw fault('request.unauthenticated', 'The bearer token opens nothing: it is wrong, over or revoked.');
    return caller;
  }
  const cookie = ctx.cookies.get(cookieName(isSecure));
  if (!cookie) return undefined;
  return doors.findSession(cookie);
}

/**
 * Refuses a change that another site's page asks for with the reader's cookie. Browsers name the page's origin with every such request;
 * who sends a bearer token is no browser that was talked into it.
 */
export function refuseForeignOrigin(ctx: Context, publicHost: string | undefined): void {
  if (ctx.get('authorization')) return;
  const site = ctx.get('sec-fetch-site');
  const origin = ctx.get('origin');
  const isForeign =
    (site !== '' && site !== 'same-origin' && site !== 'none') ||
    (origin !== '' && !(URL.canParse(origin) && [ctx.get('host'), publicHost].includes(new URL(origin).host)));
  if (isForeign) throw fault('request.forbidden', 'The request comes from the page of another site.');
}

/** On whose behalf a call changes something. */
export function byOf(caller: Caller | undefined, address: string, requestId: string): By {
  const actor = caller ? { kind: caller.kind, id: caller.id, name: caller.name } : { kind: 'nobody' as const, name: '' };
  return { actor, address, requestId };
}

import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { FaultCode } from '../kernel/errors.ts';
import type { Id } from '../kernel/ids.ts';
import type { By, Caller, Permission, StaffCaller } from '../merchants/index.ts';
import type { Language } from '../texts/index.ts';

/** Where all routes are. */
export const apiPrefix = '/api/v1';

/** Who may call a route: who has the permission, anybody of the staff who is signed in, or anyone at all. */
export type Allow = Permission | 'staff' | 'anyone';

/** Who calls a route that lets these in. */
export type CallerOf<Allowed extends Allow> = 'anyone' extends Allowed
  ? Caller | undefined
  : 'staff' extends Allowed
    ? StaffCaller
    : Caller;

/** A call that was let in and whose input is what its schemas say. */
export interface ApiRequest<Allowed extends Allow, Params, Query, Body> {
  readonly caller: CallerOf<Allowed>;
  /** On whose behalf, for whatever the call changes. */
  readonly by: By;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The version that If-Match names: 0 where the route does not ask for one. */
  readonly version: number;
  /** What the caller speaks, by Accept-Language. */
  readonly language: Language;
  /** The caller's network address, through the proxies that are trusted. */
  readonly address: string;
  /** The first part of User-Agent, for people to recognise their sessions by. */
  readonly agent: string;
  /** Ids for what the call makes: a repeat with the same Idempotency-Key gets the same ones in the same order. */
  newId<Kind extends string>(): Id<Kind>;
}

/** What a call is answered with. */
export type Answer =
  | {
      readonly status: 200 | 201 | 202 | 204;
      /** Held to the route's schema: what that does not name does not leave. */
      readonly body?: unknown;
      /** The version of what is answered, for ETag, where the body is not itself what has it. */
      readonly version?: number;
      /** A session that the caller's browser is to keep, or the end of it. */
      readonly session?: { readonly token: string; readonly expiresAt: number } | 'over';
    }
  | { readonly status: 200; readonly stream: Readable; readonly fileName: string };

/** What a status of a route means: JSON of this schema, a file of this media type, or nothing. */
export interface AnswerSpec {
  readonly says: string;
  readonly schema?: z.ZodType;
  readonly type?: string;
}

export interface RouteSpec<Allowed extends Allow, Params, Query, Body> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Under `/api/v1`, parameters in braces: `/staff/{staffId}`. */
  readonly path: string;
  /** What it is for, in one sentence of English, for the reference. */
  readonly summary: string;
  readonly allow: Allowed;
  readonly params?: z.ZodType<Params>;
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  /** Asks for If-Match: what people edit is never overwritten unseen. */
  readonly isConditional?: boolean;
  /** False for a POST that a repeat with the same Idempotency-Key works again: what hands out a session is not kept. */
  readonly isRepeatable?: false;
  /** The largest body in bytes; 64 KiB where nothing is said. */
  readonly largestBody?: number;
  readonly answers: Readonly<Partial<Record<200 | 201 | 202 | 204, AnswerSpec>>>;
  /** Refusals of its own, beyond those that follow from the rest of the row. */
  readonly refusals?: readonly FaultCode[];
  handle(request: ApiRequest<Allowed, Params, Query, Body>): Promise<Answer>;
}

/** A row of the API with its types folded away: what the dispatcher and the reference read. */
export type Route = RouteSpec<Allow, never, never, never>;

/** One endpoint: everything that is known of it stands in this row. */
export function route<Allowed extends Allow, Params = undefined, Query = undefined, Body = undefined>(
  spec: RouteSpec<Allowed, Params, Query, Body>,
): Route {
  return spec as unknown as Route;
}

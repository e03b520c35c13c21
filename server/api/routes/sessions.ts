import { z } from 'zod';
import { fault } from '../../kernel/errors.ts';
import { type Merchants, type OpenedSession, roles } from '../../merchants/index.ts';
import { type Answer, type Route, route } from '../route.ts';
import { textSchema, timeSchema } from '../schemas.ts';
import { codeSchema, passwordSchema, type SignedInParts, signedInSchema, tellSignedIn } from '../signed-in.ts';

export interface SessionRoutesParts extends SignedInParts {
  merchants: Pick<Merchants, 'merchantOf' | 'findBySlug' | 'only'>;
  /** Is there a sandbox to try things in. */
  hasSandbox: boolean;
}

const as = z.enum(['cookie', 'bearer']).default('cookie');
const token = z.string().min(16).max(200);
const login = z.string().min(1).max(200);

const openedSchema = signedInSchema.extend({ token: z.string().optional() });

const lookSchema = z.object({
  purpose: z.enum(['join', 'enter']),
  role: z.enum(roles),
  name: z.string(),
  login: z.string().optional(),
  merchantName: z.string(),
  expiresAt: timeSchema,
});

/** Signing in, by password or by one-time link. */
export function sessionRoutes(parts: SessionRoutesParts): readonly Route[] {
  return [...doorRoutes(parts), ...linkUseRoutes(parts)];
}

function doorRoutes(parts: SessionRoutesParts): readonly Route[] {
  const { sessions, merchants, hasSandbox } = parts;
  return [
    route({
      method: 'GET',
      path: '/door',
      summary: 'What the sign-in page shows: the merchant of this short name, or the only one there is.',
      allow: 'anyone',
      query: z.strictObject({ merchant: z.string().max(64).optional() }),
      answers: {
        200: {
          says: 'The merchant, if it is known which.',
          schema: z.object({ merchant: z.object({ slug: z.string(), name: z.string() }).optional(), hasSandbox: z.boolean() }),
        },
      },
      async handle({ query }) {
        const merchant = await (query.merchant === undefined ? merchants.only() : merchants.findBySlug(query.merchant));
        return { status: 200, body: { merchant, hasSandbox } };
      },
    }),
    route({
      method: 'POST',
      path: '/sessions',
      summary: 'Signs in by login and password, and by a one-time code where one is asked for.',
      allow: 'anyone',
      body: z.strictObject({
        merchant: z.string().min(1).max(64).optional(),
        login,
        password: passwordSchema,
        code: codeSchema.optional(),
        as,
      }),
      isRepeatable: false,
      answers: {
        201: {
          says: 'Who is signed in; the token is a cookie, or in the body if a bearer token was asked for.',
          schema: openedSchema,
        },
      },
      refusals: ['session.refused', 'session.code-needed'],
      async handle({ body: { merchant, as: how, ...given }, address, agent, by }) {
        return opened(parts, await sessions.signIn(merchant, given, { address, agent }, by), how);
      },
    }),
  ];
}

function linkUseRoutes(parts: SessionRoutesParts): readonly Route[] {
  const { sessions } = parts;
  return [
    route({
      method: 'POST',
      path: '/links/look',
      summary: 'Tells what a one-time link is for, without using it up.',
      allow: 'anyone',
      body: z.strictObject({ token }),
      isRepeatable: false,
      answers: { 200: { says: 'What it is for.', schema: lookSchema } },
      refusals: ['link.over'],
      handle: async ({ body, address, agent }) => ({ status: 200, body: await sessions.look(body.token, { address, agent }) }),
    }),
    route({
      method: 'POST',
      path: '/links/use',
      summary:
        'Uses a one-time link up: joins the staff with a login and a password, or signs in, with a new password or without.',
      allow: 'anyone',
      body: z.strictObject({
        token,
        name: textSchema(60).optional(),
        login: login.optional(),
        password: passwordSchema.optional(),
        code: codeSchema.optional(),
        as,
      }),
      isRepeatable: false,
      answers: { 201: { says: 'Who is signed in, as for a sign-in by password.', schema: openedSchema } },
      refusals: ['link.over', 'session.refused', 'session.code-needed', 'request.refused'],
      async handle({ body: { token: link, as: how, ...given }, address, agent, by }) {
        return opened(parts, await sessions.useLink(link, given, { address, agent }, by), how);
      },
    }),
  ];
}

async function opened(parts: SessionRoutesParts, session: OpenedSession, how: 'cookie' | 'bearer'): Promise<Answer> {
  const caller = await parts.sessions.find(session.token);
  if (!caller) throw fault('session.refused', 'The session was ended as it began: sign in again.');
  const body = await tellSignedIn(parts, caller, session.expiresAt);
  if (how === 'bearer') return { status: 201, body: { ...body, token: session.token } };
  return { status: 201, body, session };
}

import { z } from 'zod';
import { fault } from '../../kernel/errors.ts';
import { type Route, route } from '../route.ts';
import { idSchema, timeSchema } from '../schemas.ts';
import { codeSchema, passwordSchema, type SignedInParts, signedInSchema, tellSignedIn } from '../signed-in.ts';

const sessionSchema = z.object({
  id: idSchema('session'),
  madeAt: timeSchema,
  lastUsedAt: timeSchema,
  expiresAt: timeSchema,
  address: z.string(),
  agent: z.string(),
  isCurrent: z.boolean(),
});

/** What somebody who is signed in does with their sessions, password and one-time codes. */
export function ownSessionRoutes(parts: SignedInParts): readonly Route[] {
  return [...sessionRows(parts), ...passwordRows(parts), ...codeRows(parts)];
}

function sessionRows(parts: SignedInParts): readonly Route[] {
  const { sessions } = parts;
  return [
    route({
      method: 'GET',
      path: '/session',
      summary: 'Tells who is signed in, and what they may do.',
      allow: 'staff',
      answers: { 200: { says: 'Who is signed in.', schema: signedInSchema } },
      async handle({ caller }) {
        const session = await sessions.present(caller);
        if (!session) throw fault('request.unauthenticated', 'This session is over: sign in again.');
        return { status: 200, body: await tellSignedIn(parts, caller, session.expiresAt) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/session',
      summary: 'Signs out.',
      allow: 'staff',
      answers: { 204: { says: 'The session is over.' } },
      refusals: ['request.not-found'],
      async handle({ caller, by }) {
        await sessions.end(caller, caller.sessionId, by);
        return { status: 204, session: 'over' };
      },
    }),
    route({
      method: 'GET',
      path: '/session/all',
      summary: "Lists the caller's own sessions, the last used first.",
      allow: 'staff',
      answers: { 200: { says: 'The sessions.', schema: z.object({ items: z.array(sessionSchema) }) } },
      async handle({ caller }) {
        const items = (await sessions.list(caller)).map((session) => ({
          ...session,
          isCurrent: session.id === caller.sessionId,
        }));
        return { status: 200, body: { items } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/session/others',
      summary: "Ends the caller's other sessions.",
      allow: 'staff',
      answers: { 204: { says: 'They are over.' } },
      async handle({ caller, by }) {
        await sessions.endOthers(caller, by);
        return { status: 204 };
      },
    }),
    route({
      method: 'DELETE',
      path: '/session/all/{sessionId}',
      summary: "Ends one of the caller's sessions.",
      allow: 'staff',
      params: z.object({ sessionId: idSchema('session') }),
      answers: { 204: { says: 'It is over.' } },
      refusals: ['request.not-found'],
      async handle({ caller, params, by }) {
        await sessions.end(caller, params.sessionId, by);
        return { status: 204, ...(params.sessionId === caller.sessionId ? { session: 'over' as const } : {}) };
      },
    }),
  ];
}

function passwordRows({ sessions }: SignedInParts): readonly Route[] {
  return [
    route({
      method: 'PUT',
      path: '/session/password',
      summary: "Changes the caller's password. Their other sessions end.",
      allow: 'staff',
      body: z.strictObject({ present: passwordSchema.optional(), password: passwordSchema }),
      answers: { 204: { says: 'The new password holds.' } },
      refusals: ['session.refused'],
      async handle({ caller, body, by }) {
        await sessions.changePassword(caller, body, by);
        return { status: 204 };
      },
    }),
  ];
}

function codeRows({ sessions }: SignedInParts): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/session/code',
      summary:
        'Gives who knows the present password a secret for an authenticator app. Nothing changes before a code of it was shown.',
      allow: 'staff',
      body: z.strictObject({ present: passwordSchema.optional() }),
      isRepeatable: false,
      answers: { 200: { says: 'The otpauth URL, to be shown as a QR code.', schema: z.object({ url: z.string() }) } },
      refusals: ['session.refused', 'request.refused'],
      handle: async ({ caller, body, by }) => ({ status: 200, body: await sessions.beginCode(caller, body.present, by) }),
    }),
    route({
      method: 'PUT',
      path: '/session/code',
      summary: 'From now on a one-time code is asked for at sign-in.',
      allow: 'staff',
      body: z.strictObject({ code: codeSchema }),
      answers: {
        200: {
          says: 'Ten recovery codes, each good for once, shown this once.',
          schema: z.object({ recoveryCodes: z.array(z.string()) }),
        },
      },
      refusals: ['session.refused', 'request.refused'],
      handle: async ({ caller, body, by }) => ({ status: 200, body: await sessions.confirmCode(caller, body.code, by) }),
    }),
    route({
      method: 'POST',
      path: '/session/code/stop',
      summary: 'Asks for no one-time code any more; wants one last.',
      allow: 'staff',
      body: z.strictObject({ code: codeSchema }),
      isRepeatable: false,
      answers: { 204: { says: 'No code is asked for.' } },
      refusals: ['session.refused', 'request.refused'],
      async handle({ caller, body, by }) {
        await sessions.stopCode(caller, body.code, by);
        return { status: 204 };
      },
    }),
  ];
}

import { z } from 'zod';
import { fault } from '../../kernel/errors.ts';
import { callerMay, type Keys, permissionNames, scopeNames } from '../../merchants/index.ts';
import { type Route, route } from '../route.ts';
import { idSchema, pageQuery, pageSchema, textSchema, timeSchema } from '../schemas.ts';

const keySchema = z
  .object({
    id: idSchema('key'),
    name: z.string(),
    scopes: z.array(z.enum(permissionNames)),
    hint: z.string(),
    madeAt: timeSchema,
    expiresAt: timeSchema.optional(),
    lastUsedAt: timeSchema.optional(),
    version: z.int(),
  })
  .meta({ id: 'ApiKey' });

const wanted = z.strictObject({
  name: textSchema(60),
  scopes: z.array(z.enum(scopeNames)).min(1).max(scopeNames.length),
  expiresAt: timeSchema.optional(),
});

/** The API keys of a merchant. */
export function keyRoutes({ keys }: { keys: Keys }): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/keys',
      summary: 'Lists the API keys, newest first, without their secrets.',
      allow: 'key.edit',
      query: pageQuery,
      answers: { 200: { says: 'One page of the keys.', schema: pageSchema(keySchema) } },
      handle: async ({ caller, query }) => ({ status: 200, body: await keys.list(caller.merchantId, query) }),
    }),
    route({
      method: 'POST',
      path: '/keys',
      summary: 'Makes an API key that may what its scopes name. Its secret is shown this once.',
      allow: 'key.edit',
      body: wanted,
      answers: {
        201: {
          says: 'The key, and once its secret, to be sent as a bearer token.',
          schema: z.object({ key: keySchema, secret: z.string() }),
        },
      },
      async handle({ caller, body, by, newId }) {
        const beyond = body.scopes.filter((scope) => !callerMay(caller, scope));
        if (beyond.length > 0) throw fault('request.forbidden', `You do not have ${beyond.join(', ')} to give.`);
        return { status: 201, body: await keys.make(caller.merchantId, newId<'key'>(), body, by) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/keys/{keyId}',
      summary: 'Revokes an API key: it opens nothing any more.',
      allow: 'key.edit',
      params: z.object({ keyId: idSchema('key') }),
      answers: { 204: { says: 'It is revoked.' } },
      refusals: ['request.not-found'],
      async handle({ caller, params, by }) {
        await keys.revoke(caller.merchantId, params.keyId, by);
        return { status: 204 };
      },
    }),
  ];
}

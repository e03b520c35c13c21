import { z } from 'zod';
import { attemptFailures, deliveryStates, eventTypes, type Webhooks } from '../../webhooks/index.ts';
import { type Route, route } from '../route.ts';
import { idSchema, pageQuery, pageSchema, textSchema, timeSchema } from '../schemas.ts';

const positionSchema = z.int().min(0);
const kindsSchema = z.array(z.enum(eventTypes)).min(1).max(eventTypes.length);
const urlSchema = z
  .url({ protocol: /^https?$/ })
  .max(2_000)
  .describe('Begins with https:// and leads to a public address.');

const webhookSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    url: z.string(),
    kinds: kindsSchema.optional().describe('What it is told of; absent: everything.'),
    state: z.enum(['active', 'paused', 'broken']).describe('broken: after ten failures in a row one try at a time is made.'),
    isGone: z.boolean().optional().describe('The receiver paused it itself, by the answer 410.'),
    brokenSince: timeSchema.optional(),
    nextTryAt: timeSchema.optional().describe('When a broken one is tried again.'),
    previousSecretUntil: timeSchema.optional().describe('Until then the secret before this one signs too.'),
    position: positionSchema.describe('Events up to this position have been put up for delivery.'),
    madeAt: timeSchema,
    version: z.int(),
  })
  .meta({ id: 'Webhook' });

const attemptSchema = z
  .object({
    at: timeSchema,
    milliseconds: z.int().min(0),
    status: z.int().optional(),
    failure: z.enum(attemptFailures).optional().describe('Absent when it was answered with 2xx.'),
  })
  .meta({ id: 'Attempt' });

const deliverySchema = z
  .object({
    id: z.string(),
    eventId: z.string().describe('What webhook-id says, at every try.'),
    type: z.enum(eventTypes),
    position: positionSchema,
    memberId: z.string(),
    state: z.enum(deliveryStates),
    attempts: z.int().min(0),
    madeAt: timeSchema,
    nextTryAt: timeSchema.optional(),
    endedAt: timeSchema.optional(),
    last: attemptSchema.optional(),
  })
  .meta({ id: 'Delivery' });

const madeSchema = z.object({ webhook: webhookSchema, secret: z.string() });
const webhookPath = z.object({ webhookId: idSchema('webhook') });

/** A merchant's webhooks: made, edited, watched. */
export function webhookRoutes({ webhooks }: { webhooks: Webhooks }): readonly Route[] {
  return [...makingRoutes(webhooks), ...editingRoutes(webhooks), ...secretRoutes(webhooks), ...deliveryRoutes(webhooks)];
}

function makingRoutes(webhooks: Webhooks): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/webhooks',
      summary: 'Lists the webhooks, newest first, without their secrets.',
      allow: 'webhook.read',
      query: pageQuery,
      answers: { 200: { says: 'One page of the webhooks.', schema: pageSchema(webhookSchema) } },
      handle: async ({ caller, query }) => ({ status: 200, body: await webhooks.list(caller.merchantId, query) }),
    }),
    route({
      method: 'POST',
      path: '/webhooks',
      summary: 'Makes a webhook that is told what happens from now on. Its secret is shown this once.',
      allow: 'webhook.edit',
      body: z.strictObject({ name: textSchema(60), url: urlSchema, kinds: kindsSchema.optional() }),
      answers: { 201: { says: 'The webhook, and once the secret that signs its deliveries.', schema: madeSchema } },
      async handle({ caller, body: { name, url, kinds }, by, newId }) {
        const wanted = { name, url, ...(kinds === undefined ? {} : { kinds }) };
        const made = await webhooks.make(caller.merchantId, newId<'webhook'>(), wanted, by);
        return { status: 201, body: made, version: made.webhook.version };
      },
    }),
  ];
}

function editingRoutes(webhooks: Webhooks): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/webhooks/{webhookId}',
      summary: 'Reads a webhook.',
      allow: 'webhook.read',
      params: webhookPath,
      answers: { 200: { says: 'The webhook, without its secret.', schema: webhookSchema } },
      refusals: ['request.not-found'],
      async handle({ caller, params }) {
        const webhook = await webhooks.find(caller.merchantId, params.webhookId);
        return { status: 200, body: webhook, version: webhook.version };
      },
    }),
    route({
      method: 'PATCH',
      path: '/webhooks/{webhookId}',
      summary: 'Changes a webhook, pauses it, or sets it active; then all that waits is tried at once.',
      allow: 'webhook.edit',
      isConditional: true,
      params: webhookPath,
      body: z.strictObject({
        name: textSchema(60).optional(),
        url: urlSchema.optional(),
        kinds: kindsSchema.nullable().optional().describe('null: everything.'),
        state: z.enum(['active', 'paused']).optional(),
      }),
      answers: { 200: { says: 'The webhook as it is now.', schema: webhookSchema } },
      refusals: ['request.not-found'],
      async handle({ caller, params, body, version, by }) {
        const webhook = await webhooks.edit(caller.merchantId, params.webhookId, body, version, by);
        return { status: 200, body: webhook, version: webhook.version };
      },
    }),
    route({
      method: 'DELETE',
      path: '/webhooks/{webhookId}',
      summary: 'Removes a webhook: nothing more is sent to it.',
      allow: 'webhook.edit',
      isConditional: true,
      params: webhookPath,
      answers: { 204: { says: 'It is removed.' } },
      refusals: ['request.not-found'],
      async handle({ caller, params, version, by }) {
        await webhooks.remove(caller.merchantId, params.webhookId, version, by);
        return { status: 204 };
      },
    }),
  ];
}

function secretRoutes(webhooks: Webhooks): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/webhooks/{webhookId}/secret',
      summary: 'Gives a webhook a new secret, shown this once; the one before signs too for 24 hours.',
      allow: 'webhook.edit',
      params: webhookPath,
      answers: { 201: { says: 'The webhook, and once its new secret.', schema: madeSchema } },
      refusals: ['request.not-found'],
      async handle({ caller, params, by, newId }) {
        const made = await webhooks.renewSecret(caller.merchantId, params.webhookId, newId<'secret'>(), by);
        return { status: 201, body: made, version: made.webhook.version };
      },
    }),
    route({
      method: 'POST',
      path: '/webhooks/{webhookId}/test',
      summary: 'Sends one webhook.tested now, whatever the state, and tells how the receiver answered.',
      allow: 'webhook.edit',
      params: webhookPath,
      answers: {
        200: {
          says: 'How it went, with the first KiB of what the receiver answered.',
          schema: attemptSchema.extend({ body: z.string().optional() }).meta({ id: 'TestedWebhook' }),
        },
      },
      refusals: ['request.not-found'],
      handle: async ({ caller, params }) => ({ status: 200, body: await webhooks.test(caller.merchantId, params.webhookId) }),
    }),
  ];
}

function deliveryRoutes(webhooks: Webhooks): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/webhooks/{webhookId}/deliveries',
      summary: 'Lists what a webhook was sent or is to be sent, newest first; those that ended are kept for 30 days.',
      allow: 'webhook.read',
      params: webhookPath,
      query: pageQuery.extend({ state: z.enum(deliveryStates).optional() }),
      answers: { 200: { says: 'One page of the deliveries.', schema: pageSchema(deliverySchema) } },
      refusals: ['request.not-found'],
      handle: async ({ caller, params, query }) => ({
        status: 200,
        body: await webhooks.deliveries(caller.merchantId, params.webhookId, query),
      }),
    }),
    route({
      method: 'POST',
      path: '/webhooks/{webhookId}/replays',
      summary: 'Delivers again what happened after a position, or what was written down since a time, with the same ids.',
      allow: 'webhook.edit',
      params: webhookPath,
      body: z.union([z.strictObject({ after: positionSchema }), z.strictObject({ since: timeSchema })]),
      answers: { 202: { says: 'It begins at the position that the webhook now names.', schema: webhookSchema } },
      refusals: ['request.not-found'],
      async handle({ caller, params, body, by }) {
        const webhook = await webhooks.replay(caller.merchantId, params.webhookId, body, by);
        return { status: 202, body: webhook };
      },
    }),
  ];
}

import { z } from 'zod';
import type { MemberEvents, PlacedHappening } from '../../members/index.ts';
import { eventTypes } from '../../webhooks/index.ts';
import { type Route, route } from '../route.ts';
import { idSchema, timeSchema } from '../schemas.ts';

const positionSchema = z.int().min(0);

const eventSchema = z
  .object({
    id: z.string().describe('The same as webhook-id in deliveries.'),
    type: z.enum(eventTypes),
    position: positionSchema,
    at: timeSchema.describe('When it happened, by the platform.'),
    recordedAt: timeSchema.describe('When it was written down.'),
    data: z.object({
      memberId: z.string(),
      followerId: z.string(),
      accountId: z.string(),
      entryCode: z.string().optional(),
      isOutdated: z.literal(true).optional().describe('It came after something that happened later, and changed nothing.'),
    }),
  })
  .meta({ id: 'Event' });

const eventQuery = z.strictObject({
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  memberId: idSchema('member').optional(),
});

/** What happened to a merchant's followers, to be read from a position on. */
export function eventRoutes({ events }: { events: MemberEvents }): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/events',
      summary:
        'Reads what happened to followers, in the order of positions, from a position on. Ask again with `next` for what comes.',
      allow: 'event.read',
      query: eventQuery,
      answers: {
        200: {
          says: 'The events after that position; `next` is the last position among them, or the one that was asked with.',
          schema: z.object({ items: z.array(eventSchema), next: positionSchema }),
        },
      },
      async handle({ caller, query }) {
        const items = await events.read(caller.merchantId, query);
        return { status: 200, body: { items: items.map(toEvent), next: items.at(-1)?.position ?? query.after } };
      },
    }),
  ];
}

function toEvent({ id, kind, position, at, recordedAt, ...data }: PlacedHappening) {
  return { id, type: `follower.${kind}`, position, at, recordedAt, data };
}

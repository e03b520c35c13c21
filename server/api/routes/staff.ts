import { z } from 'zod';
import { fault } from '../../kernel/errors.ts';
import type { Id } from '../../kernel/ids.ts';
import { roles, type Staff } from '../../merchants/index.ts';
import { type Route, route } from '../route.ts';
import { idSchema, pageQuery, pageSchema, textSchema, timeSchema } from '../schemas.ts';

interface StaffRoutesParts {
  staff: Staff;
  /** The page of the console that a link's token opens. */
  linkUrl(token: string): string;
}

const role = z.enum(roles);
const storeIds = z.array(idSchema('store')).max(200);
const name = textSchema(60);

/** Somebody of the staff, as the API shows them. */
export const staffSchema = z
  .object({
    id: idSchema('staff'),
    name: z.string(),
    login: z.string(),
    role,
    storeIds,
    hasPassword: z.boolean(),
    hasCode: z.boolean(),
    madeAt: timeSchema,
    lastSeenAt: timeSchema.optional(),
    version: z.int(),
  })
  .meta({ id: 'StaffMember' });

const linkSchema = z
  .object({
    id: idSchema('link'),
    purpose: z.enum(['join', 'enter']),
    role,
    storeIds,
    name: z.string(),
    staffId: idSchema('staff').optional(),
    madeAt: timeSchema,
    expiresAt: timeSchema,
  })
  .meta({ id: 'Link' });
const newLinkSchema = z.object({ link: linkSchema, token: z.string(), url: z.url() }).meta({ id: 'NewLink' });

const staffPath = z.object({ staffId: idSchema('staff') });
const linkPath = z.object({ linkId: idSchema('link') });

/** The staff and the one-time links that let people in. */
export function staffRoutes(parts: StaffRoutesParts): readonly Route[] {
  return [...memberRoutes(parts), ...linkRoutes(parts)];
}

function memberRoutes({ staff }: StaffRoutesParts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/staff',
      summary: 'Lists who works for the merchant, the longest there first.',
      allow: 'staff.read',
      query: pageQuery,
      answers: { 200: { says: 'One page of the staff.', schema: pageSchema(staffSchema) } },
      handle: async ({ caller, query }) => ({ status: 200, body: await staff.list(caller.merchantId, query) }),
    }),
    route({
      method: 'GET',
      path: '/staff/{staffId}',
      summary: 'Reads one of the staff.',
      allow: 'staff.read',
      params: staffPath,
      answers: { 200: { says: 'Who it is.', schema: staffSchema } },
      refusals: ['request.not-found'],
      async handle({ caller, params }) {
        const found = await staff.find(caller.merchantId, params.staffId);
        if (!found) throw unknown();
        return { status: 200, body: found, version: found.version };
      },
    }),
    route({
      method: 'PATCH',
      path: '/staff/{staffId}',
      summary: 'Changes the name, the role or the stores of one of the staff. A new role ends their sessions.',
      allow: 'staff.edit',
      params: staffPath,
      body: z.strictObject({ name: name.optional(), role: role.optional(), storeIds: storeIds.optional() }),
      isConditional: true,
      answers: { 200: { says: 'Who it is from now on.', schema: staffSchema } },
      refusals: ['request.not-found', 'request.refused'],
      async handle({ caller, params, body, version, by }) {
        const edited = await staff.edit(caller, caller.merchantId, params.staffId, body, version, by);
        return { status: 200, body: edited, version: edited.version };
      },
    }),
    route({
      method: 'DELETE',
      path: '/staff/{staffId}',
      summary: 'Takes somebody off the staff: their sessions end at once. The last owner stays.',
      allow: 'staff.edit',
      params: staffPath,
      isConditional: true,
      answers: { 204: { says: 'They are gone.' } },
      refusals: ['request.not-found', 'request.refused'],
      async handle({ caller, params, version, by }) {
        await staff.remove(caller, caller.merchantId, params.staffId, version, by);
        return { status: 204 };
      },
    }),
  ];
}

function linkRoutes({ staff, linkUrl }: StaffRoutesParts): readonly Route[] {
  const shown = (made: Awaited<ReturnType<Staff['invite']>>) => ({ ...made, url: linkUrl(made.token) });
  return [
    route({
      method: 'GET',
      path: '/links',
      summary: 'Lists the one-time links that still open something, newest first.',
      allow: 'staff.read',
      query: pageQuery,
      answers: { 200: { says: 'One page of the links, without what opens them.', schema: pageSchema(linkSchema) } },
      handle: async ({ caller, query }) => ({ status: 200, body: await staff.links(caller.merchantId, query) }),
    }),
    route({
      method: 'POST',
      path: '/links',
      summary: 'Invites somebody by a link that works once, for seven days. Nobody invites to a role that theirs does not give.',
      allow: 'staff.edit',
      body: z.strictObject({ role, name, storeIds: storeIds.default([]) }),
      answers: { 201: { says: 'The link, and once what opens it.', schema: newLinkSchema } },
      async handle({ caller, body, by, newId }) {
        return { status: 201, body: shown(await staff.invite(caller, caller.merchantId, newId<'link'>(), body, by)) };
      },
    }),
    route({
      method: 'POST',
      path: '/staff/{staffId}/links',
      summary: 'Makes a link by which one of the staff signs in and may choose a new password: it works once, for a day.',
      allow: 'staff.edit',
      params: staffPath,
      answers: { 201: { says: 'The link, and once what opens it.', schema: newLinkSchema } },
      refusals: ['request.not-found'],
      async handle({ caller, params, by, newId }) {
        const id: Id<'link'> = newId();
        return { status: 201, body: shown(await staff.sendIn(caller, caller.merchantId, id, params.staffId, by)) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/links/{linkId}',
      summary: 'Revokes a link: it opens nothing any more.',
      allow: 'staff.edit',
      params: linkPath,
      answers: { 204: { says: 'It is revoked.' } },
      refusals: ['request.not-found'],
      async handle({ caller, params, by }) {
        await staff.revokeLink(caller, caller.merchantId, params.linkId, by);
        return { status: 204 };
      },
    }),
  ];
}

const unknown = () => fault('request.not-found', 'There is nobody of this id on the staff.');

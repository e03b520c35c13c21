import { z } from 'zod';
import { fault } from '../../kernel/errors.ts';
import type { Id } from '../../kernel/ids.ts';
import { isZone, type Merchants, slugPattern } from '../../merchants/index.ts';
import { languages } from '../../texts/index.ts';
import { type Route, route } from '../route.ts';
import { idSchema, textSchema, timeSchema } from '../schemas.ts';

interface MerchantRoutesParts {
  merchants: Pick<Merchants, 'merchantOf' | 'edit' | 'create'>;
  /** The token of a one-time link for the owner of a merchant that has none yet. */
  ownerLink(merchantId: Id<'merchant'>): Promise<string | undefined>;
  /** The page of the console that a link's token opens. */
  linkUrl(token: string): string;
}

const slug = z.string().regex(slugPattern, 'must be 1 to 64 lower-case letters, digits and inner hyphens');
const name = textSchema(60);
const zone = z.string().max(64).refine(isZone, 'must be a time zone such as Asia/Shanghai');
const language = z.enum(languages);

/** A merchant, as the API shows it. */
export const merchantSchema = z
  .object({
    id: idSchema('merchant'),
    slug: z.string(),
    name: z.string(),
    zone: z.string(),
    language,
    currency: z.literal('CNY'),
    isHouse: z.boolean(),
    madeAt: timeSchema,
    version: z.int(),
  })
  .meta({ id: 'Merchant' });

/** The merchant that the caller belongs to, and, for the house's owner, further ones. */
export function merchantRoutes({ merchants, ownerLink, linkUrl }: MerchantRoutesParts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/merchant',
      summary: 'Reads the merchant that the caller belongs to.',
      allow: 'merchant.read',
      answers: { 200: { says: 'The merchant.', schema: merchantSchema } },
      async handle({ caller }) {
        const merchant = await merchants.merchantOf(caller.merchantId);
        return { status: 200, body: merchant, ...(merchant && { version: merchant.version }) };
      },
    }),
    route({
      method: 'PATCH',
      path: '/merchant',
      summary: 'Changes the name, the time zone or the language of the merchant.',
      allow: 'merchant.edit',
      body: z.strictObject({ name: name.optional(), zone: zone.optional(), language: language.optional() }),
      isConditional: true,
      answers: { 200: { says: 'The merchant from now on.', schema: merchantSchema } },
      async handle({ caller, body, version, by }) {
        const merchant = await merchants.edit(caller.merchantId, body, version, by);
        return { status: 200, body: merchant, version: merchant.version };
      },
    }),
    route({
      method: 'POST',
      path: '/merchants',
      summary: 'Opens a further merchant on this server, and gives a one-time link for its owner.',
      allow: 'merchant.create',
      body: z.strictObject({ slug, name, zone, language }),
      answers: {
        201: {
          says: 'The merchant, and the link that makes its reader the owner. The link is shown this once.',
          schema: z.object({ merchant: merchantSchema, url: z.url() }),
        },
      },
      refusals: ['request.refused'],
      async handle({ caller, body, by, newId }) {
        const merchant = await merchants.create(caller.merchantId, newId(), body, by);
        const token = await ownerLink(merchant.id);
        if (token === undefined) throw fault('request.refused', `The merchant ${merchant.slug} has an owner already.`);
        return { status: 201, body: { merchant, url: linkUrl(token) }, version: merchant.version };
      },
    }),
  ];
}

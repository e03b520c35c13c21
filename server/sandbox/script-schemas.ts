import { z } from 'zod';
import type {
  AccountTraits,
  ClockPush,
  GrantState,
  NewLoginCode,
  NewPeople,
  Outcomes,
  PersonState,
  QuotaUse,
  WindowState,
} from './script-contract.ts';
import { entryCodeSchema, nameSchema } from './speech.ts';

const time = z.number().int().min(0).max(8_640_000_000_000);
const day = 86_400_000;

const person = {
  name: nameSchema.optional(),
  isFollowing: z.boolean().optional(),
  followedAt: time.optional(),
  unfollowedAt: time.optional(),
  isBlocked: z.boolean().optional(),
  refusesMessages: z.boolean().optional(),
  scene: z
    .enum([
      ...(['ADD_SCENE_SEARCH', 'ADD_SCENE_ACCOUNT_MIGRATION', 'ADD_SCENE_PROFILE_CARD', 'ADD_SCENE_QR_CODE'] as const),
      ...(['ADD_SCENE_PROFILE_LINK', 'ADD_SCENE_PROFILE_ITEM', 'ADD_SCENE_PAID', 'ADD_SCENE_WECHAT_ADVERTISEMENT'] as const),
      ...(['ADD_SCENE_REPRINT', 'ADD_SCENE_LIVESTREAM', 'ADD_SCENE_CHANNELS', 'ADD_SCENE_WXA', 'ADD_SCENE_OTHERS'] as const),
    ])
    .optional(),
  entryCode: entryCodeSchema.optional(),
  remark: z.string().max(29).optional(),
  tagIds: z.array(z.number().int().min(0)).max(20).optional(),
  unionid: z.string().min(1).max(64).optional(),
  system: z.enum(['ios', 'android', 'other']).optional(),
  pictureUrl: z.string().max(1024).optional(),
  phoneNumber: z
    .string()
    .regex(/^\d{5,20}$/)
    .optional(),
};

export const personSchema = z.strictObject(person) satisfies z.ZodType<PersonState>;
export const newPeopleSchema = z.strictObject({
  followers: z
    .array(
      z.strictObject({
        ...person,
        openid: z
          .string()
          .regex(/^[\w-]{1,64}$/)
          .optional(),
      }),
    )
    .min(1)
    .max(10_000),
}) satisfies z.ZodType<NewPeople>;
export const clockSchema = z.union([
  z.strictObject({
    forward: z
      .number()
      .int()
      .min(1)
      .max(400 * day),
  }),
  z.strictObject({ ahead: z.literal(0) }),
]) satisfies z.ZodType<ClockPush>;
export const traitsSchema = z.strictObject({
  kind: z.enum(['subscription', 'service']).exactOptional(),
  isVerified: z.boolean().exactOptional(),
}) satisfies z.ZodType<AccountTraits>;
export const quotaSchema = z.strictObject({
  call: z.string().min(1).max(100),
  used: z.number().int().min(0).max(1_000_000_000),
}) satisfies z.ZodType<QuotaUse>;
export const outcomesSchema = z.strictObject({
  mass: z
    .union([
      z.literal('send fail'),
      z.templateLiteral(['err(', z.number(), ')']).refine((text) => /^err\([1-4]\d{4}\)$/.test(text)),
    ])
    .exactOptional(),
  template: z.enum(['failed:user block', 'failed: system failed']).exactOptional(),
  publication: z.literal([2, 3, 4]).exactOptional(),
}) satisfies z.ZodType<Outcomes>;
export const windowSchema = z.strictObject({
  messages: z.number().int().min(0).max(100),
  lasts: z
    .number()
    .int()
    .min(0)
    .max(30 * day),
}) satisfies z.ZodType<WindowState>;
export const grantSchema = z.strictObject({
  place: z.enum(['account', 'mini-program', 'one-off']),
  templateId: z.string().min(1).max(64),
  scene: z.number().int().min(0).max(10_000).exactOptional(),
  messages: z.number().int().min(0).max(1_000),
}) satisfies z.ZodType<GrantState>;
export const loginCodeSchema = z.strictObject({
  kind: z.enum(['oauth', 'login', 'phone']),
  scope: z.enum(['snsapi_base', 'snsapi_userinfo']).exactOptional(),
}) satisfies z.ZodType<NewLoginCode>;
export const emptySchema = z.strictObject({});

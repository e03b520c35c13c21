import { z } from 'zod';
import type { WechatLanguage } from './people.ts';
import { ask, done, get, post } from './row.ts';

/** The token of one person, who let us read who they are; it is no access token of the account. */
const personToken = z.object({
  access_token: z.string(),
  expires_in: z.int(),
  refresh_token: z.string(),
  openid: z.string(),
  scope: z.string(),
  /** 1 for a page that is only looked at: the person is none, and must not be bound. */
  is_snapshotuser: z.int().default(0),
  unionid: z.string().optional(),
});
const profile = z.object({
  openid: z.string(),
  nickname: z.string().default(''),
  headimgurl: z.string().default(''),
  privilege: z.array(z.string()).default([]),
  unionid: z.string().optional(),
});

const watermark = z.object({ timestamp: z.int(), appid: z.string() });
const phone = z.object({
  phoneNumber: z.string(),
  purePhoneNumber: z.string(),
  /** Documented as a text, and sent as a number. */
  countryCode: z.union([z.string(), z.int()]).transform(String),
  watermark,
});
const sessionProof = { fixed: { sig_method: 'hmac_sha256' } } as const;

interface SessionQuery {
  readonly openid: string;
  /** Of `signSession`. */
  readonly signature: string;
}

/** Who a person is: on web pages (wechat.md §10.1) and in mini-programs (§10.2). */
export const signInCalls = {
  /** A code works once: when the answer is lost the person is sent for another. */
  'sns/oauth2/access_token': get<{ readonly code: string }>()(personToken, {
    ...{ proofs: ['appid', 'secret'], fixed: { grant_type: 'authorization_code' }, mayRepeat: false, needs: 'web-sign-in' },
  }),
  'sns/oauth2/refresh_token': get<{ readonly refresh_token: string }>()(personToken, {
    ...{ proofs: ['appid'], fixed: { grant_type: 'refresh_token' } },
  }),
  'sns/userinfo': get<{ readonly access_token: string; readonly openid: string; readonly lang?: WechatLanguage }>()(profile, {
    proofs: [],
  }),
  'sns/auth': get<{ readonly access_token: string; readonly openid: string }>()(done, { proofs: [] }),

  'sns/jscode2session': get<{ readonly js_code: string }>()(
    z.object({ openid: z.string(), session_key: z.string(), unionid: z.string().optional() }),
    { proofs: ['appid', 'secret'], fixed: { grant_type: 'authorization_code' }, mayRepeat: false },
  ),
  'wxa/checksession': get<SessionQuery>()(done, sessionProof),
  'wxa/resetusersessionkey': get<SessionQuery>()(z.object({ openid: z.string(), session_key: z.string() }), {
    ...sessionProof,
    mayRepeat: false,
  }),
  /** Each costs money, and its code works once. */
  'wxa/business/getuserphonenumber': post<{ readonly code: string; readonly openid?: string }>()(z.object({ phone_info: phone })),
  'wxa/getpaidunionid': get<
    { readonly openid: string } & (
      | { readonly transaction_id: string }
      | { readonly mch_id: string; readonly out_trade_no: string }
    )
  >()(z.object({ unionid: z.string() })),
  /** Has this text come from the platform. It spells the field so. */
  'wxa/business/checkencryptedmsg': ask<{ readonly encrypted_msg_hash: string }>()(
    z.object({ vaild: z.boolean(), create_time: z.int().optional() }),
  ),
};

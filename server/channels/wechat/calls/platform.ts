import { z } from 'zod';
import { ask, done, get, post } from './row.ts';

const addresses = z.object({ ip_list: z.array(z.string()) });
const ticketSeconds = z.int();

/** What the platform tells of itself and of our calls (wechat.md §1.2, §3.2, §3.3). */
export const platformCalls = {
  'cgi-bin/getcallbackip': get()(addresses),
  'cgi-bin/get_api_domain_ip': get()(addresses),
  /** Has the platform try to reach us. */
  'cgi-bin/callback/check': ask<{
    readonly action: 'all' | 'dns' | 'ping';
    readonly check_operator: 'DEFAULT' | 'CHINANET' | 'UNICOM' | 'CAP';
  }>()(
    z.object({
      dns: z.array(z.object({ ip: z.string(), real_operator: z.string() })).default([]),
      ping: z
        .array(z.object({ ip: z.string(), from_operator: z.string(), package_loss: z.string(), time: z.string() }))
        .default([]),
    }),
  ),

  /** Begins all counts of the day anew; ten times a month. */
  'cgi-bin/clear_quota': post()(done, { proofs: ['access_token', 'appid'] }),
  /** The same without a token, which counts against the same ten: for when no token can be had any more. */
  'cgi-bin/clear_quota/v2': post()(done, { proofs: ['appid', 'appsecret'] }),
  'cgi-bin/openapi/quota/get': ask<{ readonly cgi_path: string }>()(
    z.object({ quota: z.object({ daily_limit: z.int(), used: z.int(), remain: z.int() }) }),
  ),
  'cgi-bin/openapi/quota/clear': post<{ readonly cgi_path: string }>()(done),
  /** What came of a call by the `rid` of its answer, for seven days. */
  'cgi-bin/openapi/rid/get': ask<{ readonly rid: string }>()(
    z.object({
      request: z.object({
        invoke_time: z.int(),
        cost_in_ms: z.int(),
        request_url: z.string(),
        request_body: z.string(),
        response_body: z.string(),
      }),
    }),
  ),

  /** What web pages are signed with. */
  'cgi-bin/ticket/getticket': get<{ readonly type: 'jsapi' | 'wx_card' }>()(
    z.object({ ticket: z.string().min(1), expires_in: ticketSeconds }),
    { needs: 'page-sharing' },
  ),
};

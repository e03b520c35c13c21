import { PlatformError } from '../../kernel/errors.ts';
import type { WechatApi } from './api.ts';

/** The call that gives tokens. */
export const tokenCall = 'cgi-bin/stable_token';

/** What a call of the platform is allowed by. */
export interface AccessToken {
  readonly token: string;
  /** For how many ms it is good from now on. */
  readonly lifetime: number;
}

/**
 * Asks the platform for the account's token. The stable call is used: it gives the same token to all who ask and voids nobody's.
 * Forced, it makes a new one and voids the old one at once, at most every 30 s and 20 times a day. A refusal is thrown as a PlatformError.
 */
export async function fetchToken(
  api: Pick<WechatApi, 'call'>,
  { appId, appSecret, isForced = false }: { appId: string; appSecret: string; isForced?: boolean },
): Promise<AccessToken> {
  const grant = { grant_type: 'client_credential', appid: appId, secret: appSecret };
  const answer = await api.call(tokenCall, { body: isForced ? { ...grant, force_refresh: true } : grant });
  const { access_token: token, expires_in: seconds } = answer;
  if (typeof token !== 'string' || token === '' || typeof seconds !== 'number')
    throw new PlatformError(
      { channel: 'wechat', api: tokenCall, code: 'malformed', retry: 'no' },
      `WeChat's ${tokenCall} answered without a token`,
    );
  return { token, lifetime: seconds * 1000 };
}

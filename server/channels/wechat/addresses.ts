/** Where people are sent: pages and pictures of the platform itself. Nothing is called. */

interface SignInPage {
  readonly appId: string;
  /** Where the person comes back to, with `code` and `state`; on the account's own domain. */
  readonly redirectUrl: string;
  /** `snsapi_base` asks nothing and tells the openid; `snsapi_userinfo` asks and tells name and picture. */
  readonly scope: 'snsapi_base' | 'snsapi_userinfo';
  /** At most 128 letters and digits. */
  readonly state: string;
  readonly forcesPopup?: boolean;
}

const openPages = 'https://open.weixin.qq.com';
const accountPages = 'https://mp.weixin.qq.com';

/** The page on which a person lets a web page know who they are (wechat.md §10.1). The order of what it takes counts. */
export function signInUrl({ appId, redirectUrl, scope, state, forcesPopup = false }: SignInPage, base = openPages): string {
  const query = [
    ['appid', appId],
    ['redirect_uri', redirectUrl],
    ['response_type', 'code'],
    ['scope', scope],
    ['state', state],
    ...(forcesPopup ? [['forcePopup', 'true']] : []),
  ].map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`);
  return `${base}/connect/oauth2/authorize?${query.join('&')}#wechat_redirect`;
}

/** The page on which a person agrees to one message (wechat.md §8.1). `scene` is 0 … 10,000; `reserved` comes back. */
export function confirmOnceUrl(
  page: { appId: string; scene: number; templateId: string; redirectUrl: string; reserved?: string },
  base = accountPages,
): string {
  const { appId, scene, templateId, redirectUrl, reserved = '' } = page;
  const query = [
    ['action', 'get_confirm'],
    ['appid', appId],
    ['scene', String(scene)],
    ['template_id', templateId],
    ['redirect_url', redirectUrl],
    ['reserved', reserved],
  ].map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`);
  return `${base}/mp/subscribemsg?${query.join('&')}#wechat_redirect`;
}

/** The picture of an entry code, by the ticket that made it (wechat.md §9.1). */
export const entryCodePicture = (ticket: string, base = accountPages): string =>
  `${base}/cgi-bin/showqrcode?ticket=${encodeURIComponent(ticket)}`;

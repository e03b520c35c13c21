import { createHmac, hash } from 'node:crypto';

/** What a web page hands to `wx.config`, beside the app id and what it wants to do. */
export interface PageSignature {
  /** Epoch seconds. */
  readonly timestamp: number;
  readonly nonceStr: string;
  readonly signature: string;
}

/** Signs a page by its address as the browser shows it; what follows a # is not signed (wechat.md §3.3). */
export function signPage(ticket: string, page: { url: string; nonceStr: string; timestamp: number }): PageSignature {
  const { url, nonceStr, timestamp } = page;
  const address = url.split('#', 1)[0];
  const signature = hash('sha1', `jsapi_ticket=${ticket}&noncestr=${nonceStr}&timestamp=${timestamp}&url=${address}`);
  return { timestamp, nonceStr, signature };
}

/** Signs what a page says of a card. Values alone are signed, in the order of their bytes; what is not given adds nothing (wechat.md §11.6). */
export function signCard(
  ticket: string,
  card: { cardId: string; nonceStr: string; timestamp: number; code?: string | undefined; openid?: string | undefined },
): string {
  const values = [ticket, String(card.timestamp), card.cardId, card.code ?? '', card.openid ?? '', card.nonceStr];
  return hash('sha1', values.sort(byBytes).join(''));
}

/** Proves to the platform that we have a mini-program's session key: the key as it is written signs the body, or nothing (wechat.md §10.2). */
export function signSession(sessionKey: string, body = ''): string {
  return createHmac('sha256', sessionKey).update(body).digest('hex');
}

/** Is this what a mini-program got as `rawData` and `signature` in the session of this key (wechat.md §10.3). */
export function isSignedBySession(rawData: string, signature: string, sessionKey: string): boolean {
  return hash('sha1', rawData + sessionKey) === signature;
}

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

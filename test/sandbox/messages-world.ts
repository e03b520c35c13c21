import { createManualClock } from '../support/clock.ts';
import { browse } from './browser.ts';
import type { Answer, Received } from './listener.ts';
import { openWorld } from './world.ts';

/** What a call was answered. */
export interface Answered {
  errcode?: number;
  errmsg?: string;
  [field: string]: unknown;
}

export const minute = 60_000;
export const hour = 60 * minute;

/** A sandbox with a clock that stands, its page, a token, and somebody who follows. */
export async function openMessages(
  kind: 'service' | 'subscription' = 'service',
  isVerified = true,
  answer: (received: Received) => Answer = () => ({ body: 'success' }),
) {
  const clock = createManualClock();
  const world = await openWorld({ clock, kind, isVerified, answer });
  const page = await browse(world.sandbox);
  const { appId, appSecret } = world.account;
  const grant = { grant_type: 'client_credential', appid: appId, secret: appSecret };

  /** A call's address with a token that is good now. */
  async function path(name: string, query: Record<string, string> = {}) {
    const { body } = await page.call('cgi-bin/stable_token', grant);
    const { access_token } = body as { access_token: string };
    return `${name}?${new URLSearchParams({ access_token, ...query })}`;
  }
  /** A call by the account's token: a POST of this body, or a GET. */
  async function call(name: string, sent?: object, query?: Record<string, string>): Promise<Answered> {
    return (await page.call(await path(name, query), sent)).body;
  }
  /** A file, as a form of its own. */
  async function upload(name: string, bytes: Uint8Array, query: Record<string, string> = {}, more: Record<string, string> = {}) {
    const form = new FormData();
    form.set('media', new Blob([new Uint8Array(bytes)]), 'file.bin');
    for (const [field, value] of Object.entries(more)) form.set(field, value);
    const response = await fetch(`http://127.0.0.1:${page.port}/${await path(name, query)}`, { method: 'POST', body: form });
    return (await response.json()) as Answered;
  }
  /** What the account has sent of its own accord, in the order of the chat. */
  async function shown(openid = world.openid) {
    return (await world.sandbox.chat(openid)).filter(({ from }) => from === 'account').map(({ content }) => content);
  }
  return { ...world, clock, page, call, upload, shown, path };
}

export const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
export const jpeg = Buffer.from('ffd8ffe000104a464946', 'hex');
export const mp3 = Buffer.from('4944330300000000', 'hex');
export const mp4 = Buffer.from('000000186674797069736f6d', 'hex');

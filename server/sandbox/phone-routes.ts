import type Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import { fault } from '../kernel/errors.ts';
import { readJson } from '../kernel/json-body.ts';
import type { CodeRecords } from './calls/code-records.ts';
import type { MenuButton, MenuRecords } from './calls/menu-records.ts';
import { menuFor } from './calls/menus.ts';
import { answersSchema, endSchema } from './consent.ts';
import type { Begun, EntryCode, Follower, FollowerSettings, PhoneButton, PhoneMenu, Subscription } from './contract.ts';
import type { Grant } from './grant-records.ts';
import type { MediaRecords } from './media-records.ts';
import { type Begin, type Platform, refuseUnknown } from './platform.ts';
import type { Records } from './records.ts';
import { parse } from './speech.ts';
import type { TemplateRecord, TemplateRecords } from './template-records.ts';

interface PhoneRoutesOptions {
  records: Records;
  platform: Platform;
  templates: TemplateRecords;
  media: MediaRecords;
  menus: MenuRecords;
  codes: CodeRecords;
}

/** Bytes of a request's body. */
const largestBody = 64 * 1024;
const codesShown = 50;
const settingsSchema = z.strictObject({ refusesMessages: z.boolean() }) satisfies z.ZodType<FollowerSettings>;
/** Pictures and sounds are shown; anything else would be. */
const shownTypes = /^(image\/(jpeg|png|gif|bmp)|audio\/|video\/)/;

/** What a follower agrees to and switches off, and the files that come into chats. */
export function phoneRoutes(router: Router, options: PhoneRoutesOptions): void {
  const { records, platform, templates, media } = options;
  menuRoutes(router, options);

  router.get('/followers/:openid/subscriptions', async (ctx) => {
    const follower = (await records.findFollower(openidOf(ctx))) ?? refuseUnknown(openidOf(ctx));
    const grants = await records.grants.list(follower._id);
    const own = await templates.list(follower.appId, 'subscription');
    ctx.body = own.map((template) => subscriptionOf(template, grants)) satisfies Subscription[];
  });

  router.post('/followers/:openid/subscriptions', async (ctx) => {
    const answers = parse(answersSchema, await readJson(ctx.req, largestBody), 'answer');
    answerBegun(ctx, await platform.answerSubscriptions(openidOf(ctx), answers));
  });

  router.post('/followers/:openid/subscriptions/end', async (ctx) => {
    const end = parse(endSchema, await readJson(ctx.req, largestBody), 'subscription');
    answerBegun(ctx, await platform.endSubscription(openidOf(ctx), end));
  });

  router.put('/followers/:openid/settings', async (ctx) => {
    const settings = parse(settingsSchema, await readJson(ctx.req, largestBody), 'settings');
    ctx.body = (await platform.changeSettings(openidOf(ctx), settings)) satisfies Follower;
  });

  router.get('/media/:mediaId', async (ctx) => {
    const file = await media.file(ctx.params.mediaId ?? '');
    if (!file || !shownTypes.test(file.contentType)) throw fault('request.not-found', 'The sandbox has no such file.');
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.set('Content-Security-Policy', "default-src 'none'; sandbox");
    ctx.type = file.contentType;
    ctx.body = Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.byteLength);
  });
}

/** What can be tapped and scanned. */
function menuRoutes(router: Router, { records, menus, codes }: PhoneRoutesOptions): void {
  router.get('/followers/:openid/menu', async (ctx) => {
    const follower = (await records.findFollower(openidOf(ctx))) ?? refuseUnknown(openidOf(ctx));
    const menu = menuFor(follower, await menus.all(follower.appId));
    ctx.body = (menu ? { menuId: menu._id, buttons: menu.button.map(phoneButton) } : { buttons: [] }) satisfies PhoneMenu;
  });

  router.get('/accounts/:appId/codes', async (ctx) => {
    const found = await codes.list(ctx.params.appId ?? '', codesShown);
    ctx.body = found.map(({ _id, scene, url, expiresAt }) => ({
      ticket: _id,
      scene,
      url,
      ...(expiresAt !== undefined && { expiresAt }),
    })) satisfies EntryCode[];
  });
}

function phoneButton({ name, type, key, url, pagepath, sub_button: below }: MenuButton): PhoneButton {
  return {
    name,
    ...(type !== undefined && { type }),
    ...(key !== undefined && { key }),
    ...(url !== undefined && { url }),
    ...(pagepath !== undefined && { path: pagepath }),
    below: below.map(phoneButton),
  };
}

/** The step is kept and its callback on its way: what comes of it is told by events. */
export function answerBegun(ctx: Context, { begun, done }: Begin): void {
  // The courier itself reports what goes wrong on the way.
  done.catch(() => {});
  ctx.status = 202;
  ctx.body = begun satisfies Begun;
}

export function openidOf(ctx: Context & { params?: Record<string, string | undefined> }): string {
  return ctx.params?.openid ?? '';
}

function subscriptionOf({ _id, title }: TemplateRecord, grants: readonly (Grant & { left: number })[]): Subscription {
  const leftAt = (place: Grant['place']) => grants.find((grant) => grant.templateId === _id && grant.place === place)?.left ?? 0;
  return { templateId: _id, title, left: { account: leftAt('account'), 'mini-program': leftAt('mini-program') } };
}

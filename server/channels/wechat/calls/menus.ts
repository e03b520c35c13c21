import { z } from 'zod';
import { ask, done, get, longId, post } from './row.ts';

/** What a tap on a button does. */
export type MenuAction =
  | { readonly type: 'click'; readonly key: string }
  | { readonly type: 'view'; readonly url: string }
  | {
      readonly type:
        | 'scancode_push'
        | 'scancode_waitmsg'
        | 'pic_sysphoto'
        | 'pic_photo_or_album'
        | 'pic_weixin'
        | 'location_select';
      readonly key: string;
    }
  | { readonly type: 'media_id' | 'view_limited'; readonly media_id: string }
  | { readonly type: 'article_id' | 'article_view_limited'; readonly article_id: string }
  | { readonly type: 'miniprogram'; readonly url: string; readonly appid: string; readonly pagepath: string };

/** A button of the first level: it acts, or opens one to five others. */
export type MenuButton = { readonly name: string } & (MenuAction | { readonly sub_button: readonly SubButton[] });
export type SubButton = { readonly name: string } & MenuAction;

/** Who sees a personal menu; at least one of them. The platform refuses anything that tells where somebody is from. */
export interface MenuRule {
  readonly tag_id?: string;
  /** 1 iOS, 2 Android, 3 other. */
  readonly client_platform_type?: '1' | '2' | '3';
}

interface Menu {
  readonly button: readonly MenuButton[];
}

const readAction = {
  name: z.string(),
  type: z.string().optional(),
  key: z.string().optional(),
  url: z.string().optional(),
  media_id: z.string().optional(),
  article_id: z.string().optional(),
  appid: z.string().optional(),
  pagepath: z.string().optional(),
};
const readSubButton = z.object(readAction);
const readButton = z.object({ ...readAction, sub_button: z.array(readSubButton).default([]) });
const readMenu = { button: z.array(readButton), menuid: longId.optional() };

/** A menu that was made on the platform's own pages holds what it says itself, and nests otherwise. */
const readOwnAction = { ...readAction, value: z.string().optional() };
const readOwnButton = z.object({
  ...readOwnAction,
  sub_button: z
    .object({ list: z.array(z.object(readOwnAction)) })
    .transform(({ list }) => list)
    .default([]),
});

/** The account's menus (wechat.md §4). */
export const menuCalls = {
  /** Replaces the default menu. */
  'cgi-bin/menu/create': ask<Menu>()(done, { needs: 'menu' }),
  'cgi-bin/menu/get': get()(
    z.object({
      menu: z.object(readMenu),
      conditionalmenu: z
        .array(
          z.object({
            ...readMenu,
            matchrule: z.object({ tag_id: longId.optional(), client_platform_type: longId.optional() }),
          }),
        )
        .default([]),
    }),
    { needs: 'menu' },
  ),
  /** The menu as followers see it, wherever it was made. */
  'cgi-bin/get_current_selfmenu_info': get()(
    z.object({ is_menu_open: z.int(), selfmenu_info: z.object({ button: z.array(readOwnButton).default([]) }).optional() }),
    { needs: 'menu' },
  ),
  /** Deletes the default menu and every personal one. */
  'cgi-bin/menu/delete': get()(done, { needs: 'menu' }),
  'cgi-bin/menu/addconditional': post<Menu & { readonly matchrule: MenuRule }>()(z.object({ menuid: longId }), {
    needs: 'personal-menus',
    limits: { day: 2_000 },
  }),
  'cgi-bin/menu/delconditional': post<{ readonly menuid: string }>()(done, {
    needs: 'personal-menus',
    limits: { day: 2_000 },
  }),
  /** Which menu somebody (an openid or a WeChat id) sees. */
  'cgi-bin/menu/trymatch': ask<{ readonly user_id: string }>()(z.object({ button: z.array(readButton) }), {
    needs: 'personal-menus',
    limits: { day: 20_000 },
  }),
};

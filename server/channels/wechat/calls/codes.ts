import { z } from 'zod';
import { ask, file, post } from './row.ts';

interface Colour {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

interface Look {
  /** Pixels, 280 to 1280. */
  readonly width?: number;
  readonly auto_color?: boolean;
  readonly line_color?: Colour;
  readonly is_hyaline?: boolean;
  readonly env_version?: 'release' | 'trial' | 'develop';
}

/** What an entry code stands for: a number or a text, for a while (30 days at most) or for good (100,000 in all). */
export type EntryCode =
  | {
      readonly action_name: 'QR_SCENE';
      readonly expire_seconds: number;
      readonly action_info: { readonly scene: { readonly scene_id: number } };
    }
  | {
      readonly action_name: 'QR_STR_SCENE';
      readonly expire_seconds: number;
      readonly action_info: { readonly scene: { readonly scene_str: string } };
    }
  | { readonly action_name: 'QR_LIMIT_SCENE'; readonly action_info: { readonly scene: { readonly scene_id: number } } }
  | { readonly action_name: 'QR_LIMIT_STR_SCENE'; readonly action_info: { readonly scene: { readonly scene_str: string } } };

/** Where a link into the mini-program leads and how long it lasts: until a time (epoch seconds), or for some days. */
type Expiry =
  | { readonly expire_type: 0; readonly expire_time: number }
  | { readonly expire_type: 1; readonly expire_interval: number };

interface Place {
  readonly path?: string;
  readonly query?: string;
  readonly env_version?: 'release' | 'trial' | 'develop';
}

const opened = z.object({
  appid: z.string(),
  path: z.string().default(''),
  query: z.string().default(''),
  /** Epoch seconds; 0 for what never ends. */
  create_time: z.int(),
  expire_time: z.int(),
  env_version: z.string().default('release'),
});
const visits = z.object({ remain_visit_quota: z.int() }).optional();
const codesADay = { limits: { day: 500_000 } };

/** Codes and links that lead to an account or a mini-program (wechat.md §9). */
export const codeCalls = {
  /** The ticket is what `entryCodePicture` shows. */
  'cgi-bin/qrcode/create': post<EntryCode>()(
    z.object({ ticket: z.string(), expire_seconds: z.int().optional(), url: z.string() }),
    { needs: 'entry-codes' },
  ),
  /** At most 4 KB for at most 30 days. */
  'cgi-bin/shorten/gen': post<{ readonly long_data: string; readonly expire_seconds?: number }>()(
    z.object({ short_key: z.string() }),
  ),
  'cgi-bin/shorten/fetch': ask<{ readonly short_key: string }>()(
    z.object({ long_data: z.string(), create_time: z.int(), expire_seconds: z.int() }),
  ),

  /** Of these and the square ones 100,000 in all. */
  'wxa/getwxacode': post<{ readonly path: string } & Look>()(file, { givesFile: true }),
  'cgi-bin/wxaapp/createwxaqrcode': post<{ readonly path: string; readonly width?: number }>()(file, { givesFile: true }),
  /** Any number of them; the scene has at most 32 characters. */
  'wxa/getwxacodeunlimit': ask<{ readonly scene: string; readonly page?: string; readonly check_path?: boolean } & Look>()(file, {
    givesFile: true,
    limits: { minute: 5_000 },
  }),

  'wxa/genwxashortlink': post<{ readonly page_url: string; readonly page_title?: string; readonly is_permanent?: boolean }>()(
    z.object({ link: z.string() }),
  ),
  'wxa/generatescheme': post<{ readonly jump_wxa?: Place; readonly is_expire: true } & Expiry>()(
    z.object({ openlink: z.string() }),
    codesADay,
  ),
  'wxa/generatenfcscheme': post<{ readonly jump_wxa?: Place; readonly model_id: string; readonly sn?: string }>()(
    z.object({ openlink: z.string() }),
  ),
  'wxa/generate_urllink': post<Place & Expiry>()(z.object({ url_link: z.string() }), codesADay),
  'wxa/queryscheme': ask<{ readonly scheme: string; readonly query_type?: 0 | 1 }>()(
    z.object({ scheme_info: opened.optional(), quota_info: visits }),
  ),
  'wxa/query_urllink': ask<{ readonly url_link: string; readonly query_type?: 0 | 1 }>()(
    z.object({ url_link_info: opened.optional(), quota_info: visits }),
  ),
};

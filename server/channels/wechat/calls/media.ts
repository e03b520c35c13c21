import { z } from 'zod';
import type { ApiFile } from '../api.ts';
import { ask, done, get, orFile, post, upload } from './row.ts';

interface Upload {
  readonly media: ApiFile;
}
export type MediaType = 'image' | 'voice' | 'video' | 'thumb';

const news = z.object({
  title: z.string().default(''),
  author: z.string().default(''),
  digest: z.string().default(''),
  content: z.string().default(''),
  content_source_url: z.string().default(''),
  thumb_media_id: z.string().default(''),
  thumb_url: z.string().optional(),
  url: z.string().optional(),
});
const timed = { media_id: z.string(), update_time: z.int() };
const counts = { total_count: z.int(), item_count: z.int() };
const materials = { needs: 'materials' } as const;

/** Files that last three days, and pictures for texts (wechat.md §6.1). */
export const mediaCalls = {
  /** For articles; counts against nothing. */
  'cgi-bin/media/uploadimg': upload<Upload>()(z.object({ url: z.string() })),
  /** The id of a thumb has a name of its own on the wire. */
  'cgi-bin/media/upload': upload<Upload & { readonly type: MediaType }>()(
    z
      .object({
        type: z.string(),
        media_id: z.string().optional(),
        thumb_media_id: z.string().optional(),
        created_at: z.int(),
      })
      .transform(({ type, media_id, thumb_media_id, created_at }) => ({
        ...{ type, created_at, media_id: media_id ?? thumb_media_id ?? '' },
      }))
      .refine(({ media_id }) => media_id !== ''),
  ),
  /** A film comes as the address from which it is loaded. */
  'cgi-bin/media/get': orFile(get<{ readonly media_id: string }>()(z.object({ video_url: z.string() }))),
  /** Makes a film that was uploaded one that can be sent to many. */
  'cgi-bin/media/uploadvideo': post<{ readonly media_id: string; readonly title: string; readonly description: string }>()(
    z.object({ type: z.string(), media_id: z.string(), created_at: z.int() }),
  ),
};

/** Files that stay (wechat.md §6.1). */
export const materialCalls = {
  /** A film takes a title and an introduction with it. */
  'cgi-bin/material/add_material': upload<
    Upload &
      (
        | { readonly type: Exclude<MediaType, 'video'> }
        | { readonly type: 'video'; readonly description: { readonly title: string; readonly introduction: string } }
      )
  >()(z.object({ media_id: z.string(), url: z.string().optional() }), materials),
  'cgi-bin/material/get_material': orFile(
    ask<{ readonly media_id: string }>()(
      z.union([
        z.object({ news_item: z.array(news) }),
        z.object({ title: z.string(), description: z.string(), down_url: z.string() }),
      ]),
      materials,
    ),
  ),
  'cgi-bin/material/del_material': ask<{ readonly media_id: string }>()(done, materials),
  'cgi-bin/material/get_materialcount': get()(
    z.object({ voice_count: z.int(), video_count: z.int(), image_count: z.int(), news_count: z.int() }),
    materials,
  ),
  /** At most 20 at a time. */
  'cgi-bin/material/batchget_material': ask<{
    readonly type: 'image' | 'voice' | 'video' | 'news';
    readonly offset: number;
    readonly count: number;
  }>()(
    z.object({
      ...counts,
      item: z.array(
        z.object({
          ...timed,
          name: z.string().optional(),
          url: z.string().optional(),
          content: z.object({ news_item: z.array(news) }).optional(),
        }),
      ),
    }),
    materials,
  ),
};

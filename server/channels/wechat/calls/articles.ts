import { z } from 'zod';
import { ask, done, get, longId, post } from './row.ts';

/** One article of a draft. */
export interface DraftArticle {
  readonly title: string;
  readonly content: string;
  readonly article_type?: 'news' | 'newspic';
  readonly author?: string;
  readonly digest?: string;
  readonly content_source_url?: string;
  /** Of an article with words: the material that is its cover. */
  readonly thumb_media_id?: string;
  readonly image_info?: { readonly image_list: readonly { readonly image_media_id: string }[] };
  readonly need_open_comment?: 0 | 1;
  readonly only_fans_can_comment?: 0 | 1;
}

const article = z.object({
  title: z.string().default(''),
  author: z.string().default(''),
  digest: z.string().default(''),
  content: z.string().default(''),
  content_source_url: z.string().default(''),
  thumb_media_id: z.string().default(''),
  url: z.string().optional(),
  is_deleted: z.boolean().optional(),
});
const articles = { news_item: z.array(article) };
const counts = { total_count: z.int(), item_count: z.int() };
const materials = { needs: 'materials' } as const;

interface Slice {
  readonly offset: number;
  /** At most 20. */
  readonly count: number;
  /** 1 leaves the words out. */
  readonly no_content?: 0 | 1;
}

/** Articles before they are published or sent (wechat.md §6.1). */
export const draftCalls = {
  /** One to eight articles. */
  'cgi-bin/draft/add': post<{ readonly articles: readonly DraftArticle[] }>()(z.object({ media_id: z.string() }), materials),
  'cgi-bin/draft/get': ask<{ readonly media_id: string }>()(z.object(articles), materials),
  'cgi-bin/draft/delete': ask<{ readonly media_id: string }>()(done, materials),
  'cgi-bin/draft/update': ask<{ readonly media_id: string; readonly index: number; readonly articles: DraftArticle }>()(
    done,
    materials,
  ),
  'cgi-bin/draft/count': get()(z.object({ total_count: z.int() }), materials),
  'cgi-bin/draft/batchget': ask<Slice>()(
    z.object({
      ...counts,
      item: z.array(z.object({ media_id: z.string(), content: z.object(articles), update_time: z.int() })),
    }),
    materials,
  ),
};

/** Publishing a draft: nobody is told, and no quota is used (wechat.md §6.1). */
export const publishCalls = {
  'cgi-bin/freepublish/submit': post<{ readonly media_id: string }>()(
    z.object({ publish_id: longId, msg_data_id: longId.optional() }),
    materials,
  ),
  'cgi-bin/freepublish/get': ask<{ readonly publish_id: string }>()(
    z.object({
      publish_id: longId,
      /** 0 published, 1 under way; all others failed, each for its reason. */
      publish_status: z.int(),
      article_id: z.string().optional(),
      article_detail: z.object({ count: z.int(), item: z.array(z.object({ idx: z.int(), article_url: z.string() })) }).optional(),
      fail_idx: z.array(z.int()).default([]),
    }),
    materials,
  ),
  'cgi-bin/freepublish/getarticle': ask<{ readonly article_id: string }>()(z.object(articles), materials),
  'cgi-bin/freepublish/batchget': ask<Slice>()(
    z.object({
      ...counts,
      item: z.array(z.object({ article_id: z.string(), content: z.object(articles), update_time: z.int() })),
    }),
    materials,
  ),
  'cgi-bin/freepublish/delete': ask<{ readonly article_id: string; readonly index?: number }>()(done, materials),
};

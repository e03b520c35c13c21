import type { MessageContent } from '../contract.ts';
import type { Article, Slice } from '../draft-records.ts';
import { bytesOf, optionalTextOf, textOf, wholeNumberOf } from './fields.ts';
import { pageUrlOf } from './files.ts';
import { refuse } from './row.ts';

type Fields = Readonly<Record<string, unknown>>;

/** An article as it was sent, checked and cleaned (wechat.md §6.1). */
export function readArticle(fields: Fields): Article {
  const kind = optionalTextOf(fields, 'article_type') ?? 'news';
  if (kind !== 'news' && kind !== 'newspic') refuse('value-wrong', 40035, 'invalid parameter: article_type');
  const content = textOf(fields, 'content', [44004, 'empty content']);
  if ([...content].length >= mostCharacters || bytesOf(content) >= mostBytes)
    refuse('limit-passed', 45002, 'content size out of limit');
  return {
    article_type: kind === 'newspic' ? 'newspic' : 'news',
    title: within(textOf(fields, 'title', [45003, 'title size out of limit']), 32, [45003, 'title size out of limit']),
    author: within(optionalTextOf(fields, 'author') ?? '', 16, [45110, 'author size out of limit']),
    digest: within(optionalTextOf(fields, 'digest') ?? '', 128, [45004, 'description size out of limit']),
    content: clean(content),
    content_source_url: optionalTextOf(fields, 'content_source_url') ?? '',
    thumb_media_id: kind === 'newspic' ? pictureOf(fields) : textOf(fields, 'thumb_media_id', [40007, 'invalid media_id']),
    need_open_comment: switchOf(fields.need_open_comment),
    only_fans_can_comment: switchOf(fields.only_fans_can_comment),
  };
}

/** An article as calls give it back. */
export function writtenArticle(article: Article, id: string, place: number, isWithContent: boolean) {
  const { content, ...rest } = article;
  return {
    ...rest,
    ...(isWithContent && { content }),
    url: articleUrl(id, place),
    thumb_url: `http://mmbiz.qpic.cn/mmbiz/${article.thumb_media_id}/0`,
  };
}

/** The address of an article: the same for all who were sent the same draft. `place` is counted from 1. */
export function articleUrl(id: string, place: number): string {
  return `http://mp.weixin.qq.com/s?__biz=sandbox&mid=${encodeURIComponent(id)}&idx=${place}#rd`;
}

/** The article as it stands in a chat. */
export function articleContent(article: Article, id: string, place: number): MessageContent {
  const { title, digest, thumb_media_id: thumb } = article;
  return { kind: 'article', title, text: digest, pictureUrl: pageUrlOf(thumb), url: articleUrl(id, place) };
}

/** From which on and how many, as lists of articles are asked for. */
export function sliceOf(body: Readonly<Record<string, unknown>>): Slice {
  const offset = wholeNumberOf(body, 'offset');
  const count = wholeNumberOf(body, 'count');
  if (offset < 0 || count < 1 || count > 20) refuse('limit-passed', 40035, 'invalid parameter: count');
  return { offset, count };
}

/** Epoch seconds. */
export function seconds(at: number): number {
  return Math.floor(at / 1000);
}

const mostCharacters = 20_000;
const mostBytes = 1 << 20;

function within(text: string, most: number, wrong: readonly [number, string]): string {
  return [...text].length <= most ? text : refuse('limit-passed', ...wrong);
}

/** Scripts and pictures from elsewhere are taken out. */
function clean(content: string): string {
  return content
    .replace(/<script\b.*?(<\/script\s*>|$)/gis, '')
    .replace(/\son\w+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, '')
    .replace(/<img\b[^<>]*>/gi, (picture) => (/\ssrc\s*=\s*["']?https?:\/\/mmbiz\.qpic\.cn\//i.test(picture) ? picture : ''));
}

/** The first picture of a message of pictures. */
function pictureOf(fields: Fields): string {
  const { image_info: info } = fields as { image_info?: { image_list?: { image_media_id?: unknown }[] } };
  const first = Array.isArray(info?.image_list) ? info.image_list[0]?.image_media_id : undefined;
  return typeof first === 'string' ? first : refuse('value-missing', 40007, 'invalid media_id');
}

function switchOf(value: unknown): 0 | 1 {
  return value === 1 || value === '1' || value === true ? 1 : 0;
}

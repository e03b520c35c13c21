import type { MessageContent } from '../contract.ts';
import type { openDraftRecords } from '../draft-records.ts';
import type { MediaRecords, MediaType } from '../media-records.ts';
import { articleContent } from './articles.ts';
import { bytesOf, objectOf, objectsOf, optionalTextOf, textOf } from './fields.ts';
import { mediaOf, pageUrlOf } from './files.ts';
import { type AccountCall, refuse } from './row.ts';

/** Where the contents find what they name. */
interface Shelves {
  readonly media: MediaRecords;
  readonly drafts: Awaited<ReturnType<typeof openDraftRecords>>;
}

type Fields = Readonly<Record<string, unknown>>;
type Read = (fields: Fields, call: AccountCall, shelves: Shelves) => Promise<MessageContent> | MessageContent;

/** What the account sends by customer message, as it stands in the follower's chat (wechat.md §7). */
export async function customerContent(call: AccountCall, shelves: Shelves): Promise<MessageContent> {
  const kind = textOf(call.body, 'msgtype', wrongKind);
  const read = readers.get(kind) ?? refuse('value-wrong', ...wrongKind);
  return read(objectOf(call.body, kind, [40035, `invalid parameter: ${kind}`]), call, shelves);
}

/** A picture, a voice or a video that was uploaded. */
export async function mediaContent(
  fields: Fields,
  call: AccountCall,
  { media }: Pick<Shelves, 'media'>,
  type: 'image' | 'voice' | 'video',
): Promise<MessageContent> {
  const mediaId = textOf(fields, 'media_id', wrongMedia);
  await mediaOf(media, call, mediaId, [type]);
  const title = optionalTextOf(fields, 'title');
  const text = optionalTextOf(fields, 'description');
  return { kind: 'media', type, mediaId, ...(title && { title }), ...(text && { text }), url: pageUrlOf(mediaId) };
}

/** A text, up to 2,048 bytes. */
export function textContent(fields: Fields, { bytes }: AccountCall): MessageContent {
  const text = textOf(fields, 'content', [44004, 'empty content']);
  if (bytesOf(text) > longestText) refuse('limit-passed', 45002, 'content size out of limit');
  // Characters that were sent escaped are shown as they were sent (wechat.md §0).
  return { kind: 'text', text: escapes.test(bytes.toString('utf8')) ? text.replace(/[^\0-\x7f]/g, escaped) : text };
}

/** Music at an address, with a picture that was uploaded. */
export async function musicContent(fields: Fields, call: AccountCall, shelves: Pick<Shelves, 'media'>): Promise<MessageContent> {
  await checkThumb(fields, call, shelves);
  const url = textOf(fields, 'musicurl');
  textOf(fields, 'hqmusicurl');
  return { kind: 'music', title: optionalTextOf(fields, 'title') ?? '', text: optionalTextOf(fields, 'description') ?? '', url };
}

/** A coupon of the platform, by its id alone. */
export function cardContent(fields: Fields): MessageContent {
  return { kind: 'card', cardId: textOf(fields, 'card_id') };
}

/** An escaped character beyond ASCII: one behind a backslash that is itself escaped is none. */
const escapes = /(?<!\\)(?:\\\\)*\\u(?!00[0-7])[0-9a-f]{4}/i;
/** In bytes of UTF-8. */
const longestText = 2048;
const wrongKind = [40008, 'invalid message type'] as const;
const wrongMedia = [40007, 'invalid media_id'] as const;

const readers: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['text', textContent],
  ['image', (fields, call, shelves) => mediaContent(fields, call, shelves, 'image')],
  ['voice', (fields, call, shelves) => mediaContent(fields, call, shelves, 'voice')],
  ['video', readVideo],
  ['music', musicContent],
  ['news', readNews],
  ['mpnews', readDraft],
  ['mpnewsarticle', readPublished],
  ['msgmenu', readMenu],
  ['wxcard', cardContent],
  ['miniprogrampage', readMiniProgram],
]);

async function readVideo(fields: Fields, call: AccountCall, shelves: Shelves): Promise<MessageContent> {
  await checkThumb(fields, call, shelves);
  return mediaContent(fields, call, shelves, 'video');
}

function readNews(fields: Fields): MessageContent {
  const articles = objectsOf(fields, 'articles', [44003, 'empty news data']);
  const first = articles[0] ?? refuse('value-missing', 44003, 'empty news data');
  if (articles.length > 1) refuse('limit-passed', 45008, 'article size out of limit');
  const [title = '', text = '', url = '', pictureUrl = ''] = ['title', 'description', 'url', 'picurl'].map((name) =>
    optionalTextOf(first, name),
  );
  return { kind: 'article', title, text, url, pictureUrl };
}

async function readDraft(fields: Fields, { account }: AccountCall, { drafts }: Shelves): Promise<MessageContent> {
  const draft = await drafts.find(account.appId, textOf(fields, 'media_id', wrongMedia));
  const first = draft?.articles[0] ?? refuse('nothing-there', ...wrongMedia);
  if (draft && draft.articles.length > 1) refuse('limit-passed', 45008, 'article size out of limit');
  return articleContent(first, draft?._id ?? '', 1);
}

async function readPublished(fields: Fields, { account }: AccountCall, { drafts }: Shelves): Promise<MessageContent> {
  const publication = await drafts.publicationOf(account.appId, textOf(fields, 'article_id', wrongArticle));
  const place = publication?.articles.findIndex((_, index) => !publication.deleted.includes(index + 1)) ?? -1;
  const article = publication?.articles[place] ?? refuse('nothing-there', ...wrongArticle);
  return articleContent(article, publication?.articleId ?? '', place + 1);
}

const wrongArticle = [53600, 'invalid article_id'] as const;

function readMenu(fields: Fields): MessageContent {
  const list = objectsOf(fields, 'list');
  if (list.length === 0) refuse('value-missing', 40035, 'invalid parameter: list');
  const choices = list.map((choice) => ({ id: idOf(choice), text: textOf(choice, 'content') }));
  return {
    kind: 'choices',
    head: optionalTextOf(fields, 'head_content') ?? '',
    choices,
    tail: optionalTextOf(fields, 'tail_content') ?? '',
  };
}

/** The ids of choices are texts, or numbers in older samples. */
function idOf(choice: Fields): string {
  return typeof choice.id === 'number' ? String(choice.id) : textOf(choice, 'id');
}

async function readMiniProgram(fields: Fields, call: AccountCall, shelves: Shelves): Promise<MessageContent> {
  const appId = textOf(fields, 'appid', [40013, 'invalid appid']);
  if (!/^wx[0-9a-z]{16}$/.test(appId)) refuse('value-wrong', 40013, 'invalid appid');
  const thumb = await checkThumb(fields, call, shelves);
  const title = textOf(fields, 'title');
  return { kind: 'mini-program', title, appId, path: textOf(fields, 'pagepath'), pictureUrl: pageUrlOf(thumb) };
}

/** The picture of a video, of music, of a mini-program. */
async function checkThumb(fields: Fields, call: AccountCall, { media }: Pick<Shelves, 'media'>): Promise<string> {
  const id = textOf(fields, 'thumb_media_id', wrongMedia);
  const types: readonly MediaType[] = ['thumb', 'image'];
  await mediaOf(media, call, id, types);
  return id;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

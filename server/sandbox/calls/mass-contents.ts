import type { MessageContent } from '../contract.ts';
import type { openDraftRecords } from '../draft-records.ts';
import type { MediaRecords } from '../media-records.ts';
import { articleContent, articleUrl } from './articles.ts';
import { cardContent, mediaContent, musicContent, textContent } from './customer-contents.ts';
import { objectOf, textOf, textsOf } from './fields.ts';
import { type AccountCall, refuse } from './row.ts';

interface Shelves {
  readonly media: MediaRecords;
  readonly drafts: Awaited<ReturnType<typeof openDraftRecords>>;
}

/** What a mass message brings. */
export interface MassContent {
  readonly kind: string;
  /** A line in the chat for each article, for each picture. */
  readonly contents: MessageContent[];
  readonly articleUrls: string[];
  /** The draft that it is. */
  readonly draftId?: string;
}

type Fields = Readonly<Record<string, unknown>>;
type Read = (fields: Fields, call: AccountCall, shelves: Shelves) => Promise<Omit<MassContent, 'kind'>>;

/** What the account sends to many, read and checked (wechat.md §6.2). */
export async function massContent(call: AccountCall, shelves: Shelves): Promise<MassContent> {
  const kind = textOf(call.body, 'msgtype', wrongKind);
  const read = readers.get(kind) ?? refuse('value-wrong', ...wrongKind);
  // Pictures came one by one once, as a field of another name.
  const name = kind === 'image' && call.body.images !== undefined ? 'images' : kind;
  return { kind, ...(await read(objectOf(call.body, name, [40035, `invalid parameter: ${name}`]), call, shelves)) };
}

const wrongKind = [40008, 'invalid message type'] as const;
const mostPictures = 20;

const readers: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['mpnews', readDraft],
  ['text', async (fields, call) => only(textContent(fields, call))],
  ['voice', async (fields, call, shelves) => only(await mediaContent(fields, call, shelves, 'voice'))],
  ['image', readPictures],
  ['images', readPictures],
  ['mpvideo', async (fields, call, shelves) => only(await mediaContent(fields, call, shelves, 'video'))],
  ['music', async (fields, call, shelves) => only(await musicContent(fields, call, shelves))],
  ['wxcard', async (fields) => only(cardContent(fields))],
]);

async function readDraft(fields: Fields, { account }: AccountCall, { drafts }: Shelves): Promise<Omit<MassContent, 'kind'>> {
  const draft = await drafts.find(account.appId, textOf(fields, 'media_id', [40007, 'invalid media_id']));
  if (!draft) return refuse('nothing-there', 40007, 'invalid media_id');
  return {
    contents: draft.articles.map((article, index) => articleContent(article, draft._id, index + 1)),
    articleUrls: draft.articles.map((_, index) => articleUrl(draft._id, index + 1)),
    draftId: draft._id,
  };
}

async function readPictures(fields: Fields, call: AccountCall, shelves: Shelves): Promise<Omit<MassContent, 'kind'>> {
  if (fields.media_ids === undefined) return only(await mediaContent(fields, call, shelves, 'image'));
  const contents: MessageContent[] = [];
  for (const media_id of textsOf(fields, 'media_ids', mostPictures, [40007, 'invalid media_id']))
    contents.push(await mediaContent({ media_id }, call, shelves, 'image'));
  return { contents, articleUrls: [] };
}

function only(content: MessageContent): Omit<MassContent, 'kind'> {
  return { contents: [content], articleUrls: [] };
}

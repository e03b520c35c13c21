import { parseStringPromise } from 'xml2js';
import type { MessageContent, RuleCode } from './contract.ts';

/** An element as xml2js gives it: its text, or lists of its children by name. */
type XmlElement = string | { readonly [name: string]: readonly XmlElement[] };

/** The elements of a reply. */
export type ReplyXml = Exclude<XmlElement, string>;

/** What a reply means: something to show, nothing to show, or which rule it breaks. */
export type Reading =
  | { content: MessageContent }
  | { rule: 'handed-over' }
  | { rule: Extract<RuleCode, 'missing-field' | 'text-too-long'>; why: string };

/** In bytes of UTF-8 (wechat.md §1.6). */
const longestText = 2048;

/**
 * Reads a document with the root `xml`; undefined for anything else. Deliberately not the server's own reader: two readers that
 * agree are worth more than one that agrees with itself. A DOCTYPE is refused, and a byte order mark, which xml2js would pass over.
 */
export async function readReply(text: string): Promise<ReplyXml | undefined> {
  if (text.startsWith('\ufeff') || /<!DOCTYPE/i.test(text)) return undefined;
  // xml2js stops at the end of the root. Inside another one, whatever follows the document shows up beside it.
  const wrapped = `<answer>${text.replace(/^<\?xml [^>]*\?>/, '')}</answer>`;
  try {
    const document: unknown = await parseStringPromise(wrapped, { strict: true, explicitRoot: false });
    if (!isElement(document) || Object.keys(document).length !== 1) return undefined;
    const [root, ...others] = document.xml ?? [];
    return isElement(root) && others.length === 0 ? root : undefined;
  } catch {
    return undefined;
  }
}

/** The text at a path of elements of which each occurs exactly once; undefined when there is none. */
export function textAt(element: ReplyXml, ...path: readonly string[]): string | undefined {
  let at: XmlElement | undefined = element;
  for (const name of path) {
    const found: readonly XmlElement[] | undefined = typeof at === 'object' && Object.hasOwn(at, name) ? at[name] : undefined;
    at = found?.length === 1 ? found[0] : undefined;
  }
  return typeof at === 'string' ? at : undefined;
}

/** How each type of reply is read, by MsgType (wechat.md §1.6). */
export const replyReaders: ReadonlyMap<string, (reply: ReplyXml) => Reading> = new Map([
  ['text', readText],
  ['image', (reply) => readMedia(reply, 'image', 'Image')],
  ['voice', (reply) => readMedia(reply, 'voice', 'Voice')],
  ['video', (reply) => readMedia(reply, 'video', 'Video')],
  ['music', readMusic],
  ['news', readNews],
  ['transfer_customer_service', () => ({ rule: 'handed-over' })],
]);

function readText(reply: ReplyXml): Reading {
  const text = textAt(reply, 'Content');
  if (!text) return missing('Content');
  const bytes = Buffer.byteLength(text);
  if (bytes > longestText) return { rule: 'text-too-long', why: `The text has ${bytes} bytes; ${longestText} are allowed.` };
  return { content: { kind: 'text', text } };
}

function readMedia(reply: ReplyXml, type: 'image' | 'voice' | 'video', wrapper: string): Reading {
  const mediaId = textAt(reply, wrapper, 'MediaId');
  if (!mediaId) return missing(`${wrapper}/MediaId`);
  const title = textAt(reply, wrapper, 'Title');
  const text = textAt(reply, wrapper, 'Description');
  return { content: { kind: 'media', type, mediaId, ...(title && { title }), ...(text && { text }) } };
}

function readMusic(reply: ReplyXml): Reading {
  if (!textAt(reply, 'Music', 'ThumbMediaId')) return missing('Music/ThumbMediaId');
  const [title = '', text = '', url = ''] = ['Title', 'Description', 'MusicUrl'].map((name) => textAt(reply, 'Music', name));
  return { content: { kind: 'music', title, text, url } };
}

/** Of several articles the platform shows the first alone, since October 2018. */
function readNews(reply: ReplyXml): Reading {
  const articles = reply.Articles?.[0];
  const first = typeof articles === 'object' ? articles.item?.[0] : undefined;
  if (!/^[1-9]\d*$/.test(textAt(reply, 'ArticleCount') ?? '')) return missing('ArticleCount');
  if (typeof first !== 'object') return missing('Articles/item');
  const [title = '', text = '', pictureUrl = '', url = ''] = ['Title', 'Description', 'PicUrl', 'Url'].map((name) =>
    textAt(first, name),
  );
  if (!title) return missing('Articles/item/Title');
  return { content: { kind: 'article', title, text, pictureUrl, url } };
}

function missing(path: string): Reading {
  return { rule: 'missing-field', why: `The reply has no ${path}, or not exactly one.` };
}

function isElement(value: unknown): value is ReplyXml {
  return typeof value === 'object' && value !== null;
}

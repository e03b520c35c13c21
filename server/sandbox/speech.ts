import { z } from 'zod';
import { fault } from '../kernel/errors.ts';
import type { Random } from '../kernel/random.ts';
import { makeMediaId, makeMessageId } from './accounts.ts';
import type { MessageContent, Speech } from './contract.ts';
import { isMenuStep, menuNotice, menuStepSchemas } from './menu-steps.ts';

/** Something that a follower did, as the platform tells the server. */
export interface Notice {
  /** MsgType, or the Event of an event. */
  readonly kind: string;
  /** What it says in short, for the wire log. */
  readonly excerpt?: string;
  /** The elements of the message behind the four common ones, in order. Strings travel as CDATA, numbers bare. */
  readonly elements: Elements;
  readonly isEvent: boolean;
}

/** Elements in order; one that holds others has them as its value. */
export type Elements = readonly (readonly [name: string, value: string | number | bigint | Elements])[];

/** What XML 1.0 cannot carry and is therefore lost on the wire; with the u flag it takes lone surrogates but not pairs. */
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Words of a follower, in characters. */
const words = (longest: number) => z.string().min(1).max(longest);
const webAddress = words(1024).refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), 'is not an http(s) address');

/** Something that is seen: neither white space nor characters without a shape alone. */
const visible = /[^\s\p{Cc}\p{Cf}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u;
const isSeen = (text: string) => visible.test(text.replace(forbidden, ''));

/** A name as people give it: white space at its ends is dropped. */
export const nameSchema = z.string().trim().pipe(words(32).refine(isSeen, 'shows nothing'));
/** The scene of a QR code: at most 64 characters (wechat.md §9.1). */
export const entryCodeSchema = words(64);

const speechSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: words(2000).refine(isSeen, 'shows nothing') }),
  z.strictObject({
    kind: z.literal('place'),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    label: words(200),
  }),
  z.strictObject({ kind: z.literal('image'), url: webAddress }),
  z.strictObject({ kind: z.literal('voice'), text: words(2000).optional() }),
  z.strictObject({ kind: z.literal('link'), title: words(200), text: words(500), url: webAddress }),
  z.strictObject({ kind: z.literal('menu'), key: words(128) }),
  ...menuStepSchemas,
  z.strictObject({ kind: z.literal('scan'), entryCode: entryCodeSchema }),
  z.strictObject({ kind: z.literal('choice'), choiceId: words(128), text: words(2000).refine(isSeen, 'shows nothing') }),
]) satisfies z.ZodType<Speech>;

/** The value as a Speech. Throws the fault `request.malformed` that names what is wrong. */
export function parseSpeech(value: unknown): Speech {
  return parse(speechSchema, value, 'message');
}

/** The value as the schema has it. Throws the fault `request.malformed` that names the field and what is wrong with it. */
export function parse<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw fault('request.malformed', `The ${what} is malformed: ${faults.join('; ')}.`);
}

/** What appears in the chat at once; undefined for what shows no bubble (menu buttons, a scan). */
export function bubbleOf(speech: Speech): MessageContent | undefined {
  if (speech.kind === 'choice') return { kind: 'text', text: speech.text };
  if (speech.kind === 'menu' || isMenuStep(speech)) return undefined;
  return speech.kind === 'scan' ? undefined : speech;
}

/** A follower's words as the platform's message (wechat.md §1.3, §1.4). `ticket` is that of a scanned code. */
export function noticeOf(speech: Speech, random: Random, ticket: string): Notice {
  const message = (kind: string, excerpt: string | undefined, ...elements: Elements): Notice => ({
    kind,
    ...(excerpt !== undefined && { excerpt }),
    elements: [...elements, ['MsgId', makeMessageId(random)]],
    isEvent: false,
  });
  if (isMenuStep(speech)) return menuNotice(speech);
  switch (speech.kind) {
    case 'text':
      return message('text', speech.text, ['Content', speech.text]);
    case 'choice':
      return message('text', speech.text, ['Content', speech.text], ['bizmsgmenuid', speech.choiceId]);
    case 'place':
      // Location_X is the latitude, Location_Y the longitude.
      return message(
        'location',
        speech.label,
        ['Location_X', speech.latitude],
        ['Location_Y', speech.longitude],
        ['Scale', 16],
        ['Label', speech.label],
      );
    case 'image':
      return message('image', speech.url, ['PicUrl', speech.url], ['MediaId', makeMediaId(random)]);
    case 'voice': {
      const heard: Elements = speech.text === undefined ? [] : [['Recognition', speech.text]];
      return message('voice', speech.text, ['MediaId', makeMediaId(random)], ['Format', 'amr'], ...heard);
    }
    case 'link':
      return message('link', speech.title, ['Title', speech.title], ['Description', speech.text], ['Url', speech.url]);
    case 'menu':
      return event('CLICK', speech.key, ['EventKey', speech.key]);
    case 'scan':
      return event('SCAN', speech.entryCode, ['EventKey', speech.entryCode], ['Ticket', ticket]);
  }
}

/** A follow. By a QR code the key has the prefix `qrscene_`, which the event of a later scan lacks (wechat.md §1.4). */
export function followNotice(entryCode: string | undefined, ticket: string): Notice {
  if (entryCode === undefined) return event('subscribe', undefined, ['EventKey', '']);
  return event('subscribe', entryCode, ['EventKey', `qrscene_${entryCode}`], ['Ticket', ticket]);
}

export const unfollowNotice: Notice = event('unsubscribe', undefined, ['EventKey', '']);

/** The message's XML: who, when and what, in the platform's order. `sentAt` is epoch ms; the wire has whole seconds. */
export function writeNotice(notice: Notice, { from, to, sentAt }: { from: string; to: string; sentAt: number }): string {
  const kind: Elements = notice.isEvent
    ? [
        ['MsgType', 'event'],
        ['Event', notice.kind],
      ]
    : [['MsgType', notice.kind]];
  return writeElements([
    ['ToUserName', to],
    ['FromUserName', from],
    ['CreateTime', Math.floor(sentAt / 1000)],
    ...kind,
    ...notice.elements,
  ]);
}

/** A document of the platform. Written here and not with the server's own writer, so that a fault of that one cannot hide. */
export function writeElements(elements: Elements): string {
  return `<xml>${inner(elements)}</xml>`;
}

function inner(elements: Elements): string {
  return elements.map(([name, value]) => `<${name}>${written(value)}</${name}>`).join('');
}

function written(value: Elements[number][1]): string {
  if (typeof value === 'string') return cdata(value);
  return typeof value === 'object' ? inner(value) : String(value);
}

/** An event of the platform. */
export function event(kind: string, excerpt: string | undefined, ...elements: Elements): Notice {
  return { kind, ...(excerpt !== undefined && { excerpt }), elements, isEvent: true };
}

function cdata(text: string): string {
  return `<![CDATA[${text.replace(forbidden, '').replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
}

import type { MediaFacts, MediaRecords, MediaType } from '../media-records.ts';
import { type FormFile, readForm } from '../multipart.ts';
import { type AccountCall, refuse } from './row.ts';

/** A file as it was uploaded, once it is known to be what it should be. */
export interface Upload {
  readonly file: FormFile;
  readonly contentType: string;
  /** The form's other fields. */
  readonly fields: ReadonlyMap<string, string>;
}

/** What may be uploaded as what, in bytes, with the code for what is larger (wechat.md §0, §6.1). */
const limits = {
  image: {
    types: ['image/jpeg', 'image/png', 'image/gif', 'image/bmp'],
    largest: 10 << 20,
    tooLarge: [40009, 'invalid image size'],
  },
  voice: { types: ['audio/amr', 'audio/mpeg'], largest: 2 << 20, tooLarge: [40010, 'invalid voice size'] },
  video: { types: ['video/mp4'], largest: 10 << 20, tooLarge: [40011, 'invalid video size'] },
  thumb: { types: ['image/jpeg'], largest: 64 << 10, tooLarge: [40012, 'invalid thumb size'] },
} as const satisfies Record<MediaType, { types: readonly string[]; largest: number; tooLarge: readonly [number, string] }>;

/** Bytes of the largest form that an upload may come in. */
export const largestForm = 12 << 20;

/** Is it a type that can be uploaded. */
export function isMediaType(value: string | undefined): value is MediaType {
  return value !== undefined && Object.hasOwn(limits, value);
}

/** What the file is to be. It stands in the query; EasyWeChat sends it as a field of the form. */
export function mediaTypeOf({ query, bytes, contentType }: AccountCall): MediaType {
  const type = query.type ?? readForm(bytes, contentType)?.fields.get('type');
  return isMediaType(type) ? type : refuse('value-wrong', 40004, 'invalid media type');
}

/** The file of the form in one of these fields, checked as this type. */
export function readUpload({ bytes, contentType }: AccountCall, type: MediaType, names: readonly string[] = ['media']): Upload {
  const form = readForm(bytes, contentType);
  const file = names.map((name) => form?.files.get(name)).find((found) => found !== undefined);
  if (!form || !file) return refuse('value-missing', 41005, 'media data missing');
  if (file.bytes.length === 0) refuse('value-missing', 44001, 'empty media data');
  const { types, largest, tooLarge } = limits[type];
  const found = typeOfBytes(file.bytes);
  if (!types.some((one) => one === found)) refuse('value-wrong', 40005, 'invalid file type');
  if (file.bytes.length > largest) refuse('limit-passed', tooLarge[0], tooLarge[1]);
  return { file, contentType: found, fields: form.fields };
}

/** The account's file of one of these types, which has not expired; 40007 for all others. */
export async function mediaOf(
  media: MediaRecords,
  { account, now }: AccountCall,
  mediaId: string,
  types: readonly MediaType[],
): Promise<MediaFacts> {
  const found = await media.find(account.appId, mediaId, now);
  return found && types.includes(found.type) ? found : refuse('nothing-there', 40007, 'invalid media_id');
}

/** Where the sandbox's page finds the file. */
export function pageUrlOf(mediaId: string): string {
  return `/sandbox/api/media/${mediaId}`;
}

/** The address of a picture that articles may show (wechat.md §6.1). */
export function pictureUrlOf(mediaId: string): string {
  return `http://mmbiz.qpic.cn/mmbiz/${mediaId}/0`;
}

/** What a file is, as its first bytes say: names and headers say what they like. */
function typeOfBytes(bytes: Buffer): string {
  const start = bytes.toString('hex', 0, 12);
  const found = signatures.find(([pattern]) => pattern.test(start));
  return found?.[1] ?? 'application/octet-stream';
}

/** The first bytes in hexadecimal digits. */
const signatures: readonly (readonly [RegExp, string])[] = [
  [/^ffd8ff/, 'image/jpeg'],
  [/^89504e470d0a1a0a/, 'image/png'],
  [/^474946383[79]61/, 'image/gif'],
  [/^424d/, 'image/bmp'],
  [/^2321414d52/, 'audio/amr'],
  [/^(494433|ff[ef])/, 'audio/mpeg'],
  [/^.{8}66747970/, 'video/mp4'],
];

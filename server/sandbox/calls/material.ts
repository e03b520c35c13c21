import type { CallParts } from '../call-table.ts';
import { openDraftRecords } from '../draft-records.ts';
import { type MediaType, openMediaRecords } from '../media-records.ts';
import { textOf, wholeNumberOf } from './fields.ts';
import { isMediaType, largestForm, mediaOf, mediaTypeOf, pictureUrlOf, readUpload } from './files.ts';
import { type AccountRows, fileAnswer, ok, refuse } from './row.ts';

/** How much material an account may have (wechat.md §6.1). */
const most: Record<MediaType, number> = { image: 5_000, voice: 1_000, video: 1_000, thumb: 5_000 };
const allTypes = ['image', 'voice', 'video', 'thumb'] as const;
const unknownMedia = [40007, 'invalid media_id'] as const;

/** §6.1: files that stay. */
export async function materialCalls({ database, random }: CallParts): Promise<AccountRows> {
  const media = await openMediaRecords(database);
  const drafts = await openDraftRecords(database);
  const row = { section: '6.1', opens: 'token', needs: { isVerified: true } } as const;

  return {
    'cgi-bin/material/add_material': {
      ...row,
      method: 'POST',
      form: 'bytes',
      largestBody: largestForm,
      async answer(call) {
        const { account, now } = call;
        const { appId } = account;
        const type = mediaTypeOf(call);
        const { file, contentType, fields } = readUpload(call, type);
        const described = type === 'video' ? describedBy(fields.get('description')) : {};
        if ((await media.count(appId, type)) >= most[type]) refuse('limit-passed', 45026, 'material count out of limit');
        const kept = { appId, type, contentType, name: file.name, bytes: file.bytes, ...described };
        const { _id } = await media.add({ ...kept, createdAt: now, isMaterial: true }, random);
        return { media_id: _id, ...(type !== 'voice' && type !== 'video' && { url: pictureUrlOf(_id) }) };
      },
    },

    'cgi-bin/material/get_material': {
      ...row,
      method: 'POST',
      async answer(call) {
        const id = textOf(call.body, 'media_id', unknownMedia);
        const found = await mediaOf(media, call, id, allTypes);
        if (!found.isMaterial) refuse('nothing-there', ...unknownMedia);
        if (found.type === 'video') {
          const { title, introduction: description } = found;
          return { title, description, down_url: `http://203.205.158.84/vweixinp.tc.qq.com/${id}.f10.mp4` };
        }
        const file = await media.file(id);
        return file ? fileAnswer(file.contentType, file.bytes, file.name) : refuse('nothing-there', ...unknownMedia);
      },
    },

    'cgi-bin/material/del_material': {
      ...row,
      method: 'POST',
      async answer({ account, body }) {
        const isGone = await media.remove(account.appId, textOf(body, 'media_id', unknownMedia));
        return isGone ? ok : refuse('nothing-there', ...unknownMedia);
      },
    },

    'cgi-bin/material/get_materialcount': {
      ...row,
      method: 'GET',
      async answer({ account: { appId } }) {
        const [voice_count, video_count, image_count] = await Promise.all(
          (['voice', 'video', 'image'] as const).map((type) => media.count(appId, type)),
        );
        return { voice_count, video_count, image_count, news_count: await drafts.count(appId) };
      },
    },

    'cgi-bin/material/batchget_material': {
      ...row,
      method: 'POST',
      async answer({ account: { appId }, body }) {
        const type = textOf(body, 'type', [40004, 'invalid media type']);
        if (!isMediaType(type)) return refuse('value-wrong', 40004, 'invalid media type');
        const offset = wholeNumberOf(body, 'offset');
        const count = wholeNumberOf(body, 'count');
        if (offset < 0 || count < 1 || count > 20) refuse('limit-passed', 40035, 'invalid parameter');
        const found = await media.list(appId, type, { offset, count });
        const item = found.map(({ _id, name, createdAt }) => ({
          media_id: _id,
          name,
          update_time: Math.floor(createdAt / 1000),
          ...(type === 'image' && { url: pictureUrlOf(_id) }),
        }));
        return { total_count: await media.count(appId, type), item_count: item.length, item };
      },
    },
  };
}

/** What is said of a video: JSON in a field of the form. */
function describedBy(text: string | undefined): { title: string; introduction: string } {
  const fields = parse(text ?? '');
  return { title: textOf(fields, 'title'), introduction: textOf(fields, 'introduction') };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  return refuse('value-wrong', 47001, 'data format error');
}

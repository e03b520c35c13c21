import type { CallParts } from '../call-table.ts';
import { openMediaRecords } from '../media-records.ts';
import { optionalTextOf, textOf } from './fields.ts';
import { largestForm, mediaOf, mediaTypeOf, pictureUrlOf, readUpload } from './files.ts';
import { type AccountRows, fileAnswer, refuse } from './row.ts';

const threeDays = 3 * 86_400_000;
const largestPicture = 1 << 20;

/** §6.1: files that are kept for three days, and pictures within articles. */
export async function mediaCalls({ database, random }: CallParts): Promise<AccountRows> {
  const media = await openMediaRecords(database);

  return {
    'cgi-bin/media/upload': {
      method: 'POST',
      section: '6.1',
      opens: 'token',
      form: 'bytes',
      largestBody: largestForm,
      async answer(call) {
        const { account, now } = call;
        const type = mediaTypeOf(call);
        const { file, contentType } = readUpload(call, type);
        const kept = { appId: account.appId, type, contentType, name: file.name, bytes: file.bytes };
        const { _id } = await media.add({ ...kept, createdAt: now, expiresAt: now + threeDays }, random);
        const id = type === 'thumb' ? { thumb_media_id: _id } : { media_id: _id };
        return { type, ...id, created_at: Math.floor(now / 1000) };
      },
    },

    'cgi-bin/media/get': {
      method: 'GET',
      section: '6.1',
      opens: 'token',
      async answer(call) {
        const id = textOf(call.query, 'media_id', [40007, 'invalid media_id']);
        const { type } = await mediaOf(media, call, id, ['image', 'voice', 'video', 'thumb']);
        if (type === 'video') return { video_url: `http://203.205.158.84/vweixinp.tc.qq.com/${id}.f10.mp4` };
        const file = await media.file(id);
        return file ? fileAnswer(file.contentType, file.bytes, file.name) : refuse('nothing-there', 40007, 'invalid media_id');
      },
    },

    'cgi-bin/media/uploadvideo': {
      method: 'POST',
      section: '6.1',
      opens: 'token',
      needs: { isVerified: true },
      async answer(call) {
        const { account, body, now } = call;
        const id = textOf(body, 'media_id', [40007, 'invalid media_id']);
        await mediaOf(media, call, id, ['video']);
        const file = (await media.file(id)) ?? refuse('nothing-there', 40007, 'invalid media_id');
        const { _id: _, isMaterial: _isMaterial, ...copied } = file;
        const described = { title: textOf(body, 'title'), introduction: optionalTextOf(body, 'description') ?? '' };
        const kept = { ...copied, ...described, appId: account.appId, createdAt: now, expiresAt: now + threeDays };
        return { type: 'video', media_id: (await media.add(kept, random))._id, created_at: Math.floor(now / 1000) };
      },
    },

    'cgi-bin/media/uploadimg': {
      method: 'POST',
      section: '6.1',
      opens: 'token',
      form: 'bytes',
      largestBody: largestForm,
      async answer(call) {
        const { account, now } = call;
        const { file, contentType } = readUpload(call, 'image', ['media', 'buffer']);
        if (!/jpeg|png/.test(contentType)) refuse('value-wrong', 40005, 'invalid file type');
        if (file.bytes.length >= largestPicture) refuse('limit-passed', 40009, 'invalid image size');
        const kept = { appId: account.appId, type: 'image' as const, contentType, name: file.name, bytes: file.bytes };
        const { _id } = await media.add({ ...kept, createdAt: now }, random);
        return { url: pictureUrlOf(_id) };
      },
    },
  };
}

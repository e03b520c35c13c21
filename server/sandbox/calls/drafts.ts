import type { CallParts } from '../call-table.ts';
import { type DraftRecord, openDraftRecords } from '../draft-records.ts';
import { openMediaRecords } from '../media-records.ts';
import { readArticle, seconds, sliceOf, writtenArticle } from './articles.ts';
import { objectOf, objectsOf, textOf, wholeNumberOf } from './fields.ts';
import { mediaOf } from './files.ts';
import { publicationCalls } from './publications.ts';
import { type AccountCall, type AccountRows, ok, refuse } from './row.ts';

const wrongMedia = [40007, 'invalid media_id'] as const;
const mostArticles = 8;
const row = { section: '6.1', opens: 'token', needs: { isVerified: true } } as const;

/** §6.1: drafts of articles, and what is published of them. */
export async function draftCalls(parts: CallParts): Promise<AccountRows> {
  const { database, random } = parts;
  const drafts = await openDraftRecords(database);
  const media = await openMediaRecords(database);

  /** The articles of a call, each with a picture that is there. */
  async function articlesOf(call: AccountCall) {
    const given = objectsOf(call.body, 'articles', [44003, 'empty news data']);
    if (given.length === 0) refuse('value-missing', 44003, 'empty news data');
    if (given.length > mostArticles) refuse('limit-passed', 45008, 'article size out of limit');
    const articles = given.map(readArticle);
    for (const { thumb_media_id: id } of articles) await mediaOf(media, call, id, ['image', 'thumb']);
    return articles;
  }

  async function find({ account, body }: AccountCall): Promise<DraftRecord> {
    const draft = await drafts.find(account.appId, textOf(body, 'media_id', wrongMedia));
    return draft ?? refuse('nothing-there', ...wrongMedia);
  }

  return {
    'cgi-bin/draft/add': {
      ...row,
      method: 'POST',
      largestBody: 10 << 20,
      async answer(call) {
        const { _id } = await drafts.add(call.account.appId, await articlesOf(call), call.now, random);
        return { media_id: _id };
      },
    },
    'cgi-bin/draft/get': {
      ...row,
      method: 'POST',
      async answer(call) {
        const draft = await find(call);
        return { ...writtenDraft(draft, true), create_time: seconds(draft.createdAt), update_time: seconds(draft.updatedAt) };
      },
    },
    'cgi-bin/draft/delete': {
      ...row,
      method: 'POST',
      async answer({ account, body }) {
        const isGone = await drafts.remove(account.appId, textOf(body, 'media_id', wrongMedia));
        return isGone ? ok : refuse('nothing-there', ...wrongMedia);
      },
    },
    'cgi-bin/draft/update': {
      ...row,
      method: 'POST',
      largestBody: 2 << 20,
      async answer(call) {
        const { _id } = await find(call);
        const index = wholeNumberOf(call.body, 'index');
        const article = readArticle(objectOf(call.body, 'articles'));
        await mediaOf(media, call, article.thumb_media_id, ['image', 'thumb']);
        const isThere = await drafts.change(call.account.appId, _id, index, article, call.now);
        return isThere ? ok : refuse('value-wrong', 40114, 'invalid index value');
      },
    },
    'cgi-bin/draft/count': {
      ...row,
      method: 'GET',
      answer: async ({ account }) => ({ total_count: await drafts.count(account.appId) }),
    },
    'cgi-bin/draft/batchget': {
      ...row,
      method: 'POST',
      async answer({ account: { appId }, body }) {
        const found = await drafts.list(appId, sliceOf(body));
        const item = found.map((draft) => ({
          media_id: draft._id,
          content: writtenDraft(draft, !body.no_content),
          update_time: seconds(draft.updatedAt),
        }));
        return { total_count: await drafts.count(appId), item_count: item.length, item };
      },
    },
    'cgi-bin/media/uploadnews': {
      ...row,
      method: 'POST',
      largestBody: 10 << 20,
      async answer(call) {
        const { _id } = await drafts.add(call.account.appId, await articlesOf(call), call.now, random, { isUnlisted: true });
        return { type: 'news', media_id: _id, created_at: seconds(call.now) };
      },
    },
    ...(await publicationCalls(parts, drafts)),
  };
}

function writtenDraft({ _id, articles }: DraftRecord, isWithContent: boolean) {
  return { news_item: articles.map((article, index) => writtenArticle(article, _id, index + 1, isWithContent)) };
}

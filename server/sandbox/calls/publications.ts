import { digestOf } from '../../kernel/digest.ts';
import { makeMediaId, makeMessageId } from '../accounts.ts';
import type { CallParts } from '../call-table.ts';
import type { Article, openDraftRecords, PublicationRecord } from '../draft-records.ts';
import { openOutcomeRecords } from '../outcome-records.ts';
import { type Elements, event, type Notice } from '../speech.ts';
import { articleUrl, seconds, sliceOf, writtenArticle } from './articles.ts';
import { textOf, wholeNumberOf } from './fields.ts';
import { type AccountRows, ok, refuse } from './row.ts';

/** How long the platform takes to publish: the answer is there first. */
const delay = 1_000;
const wrongArticle = [53600, 'invalid article_id'] as const;
const row = { section: '6.1', opens: 'token', method: 'POST', needs: { isVerified: true } } as const;

/** §6.1: articles that are published without being sent to anybody. */
export async function publicationCalls(
  { database, post, work, random }: Pick<CallParts, 'database' | 'post' | 'work' | 'random'>,
  drafts: Awaited<ReturnType<typeof openDraftRecords>>,
): Promise<AccountRows> {
  const outcomes = openOutcomeRecords(database);

  function publish(publication: PublicationRecord): void {
    work.later(delay, async () => {
      const { _id, appId } = publication;
      const { publication: status = 0 } = await outcomes.find(appId);
      const isFirst = await drafts.endPublication(_id, status);
      if (isFirst) await post.tell(appId, publisherOf(appId), finishNotice({ ...publication, status }));
    });
  }
  // What an earlier run left undone.
  for (const one of await drafts.unendedPublications()) publish(one);

  return {
    'cgi-bin/freepublish/submit': {
      ...row,
      async answer({ account: { appId }, body, now }) {
        const draft = await drafts.find(appId, textOf(body, 'media_id', [40007, 'invalid media_id']));
        if (!draft) return refuse('nothing-there', 40007, 'invalid media_id');
        const publishId = makeMessageId(random);
        const publication = {
          ...{ _id: String(publishId), appId, articleId: makeMediaId(random), articles: draft.articles },
          ...{ status: 1 as const, deleted: [], createdAt: now },
        };
        if (!(await drafts.publish(draft._id, publication))) refuse('used-already', 40007, 'invalid media_id');
        publish(publication);
        return { ...ok, publish_id: publishId, msg_data_id: makeMessageId(random) };
      },
    },
    'cgi-bin/freepublish/get': {
      ...row,
      async answer({ account, body }) {
        // Ids are longer than a number holds: SDKs that are careful send them as texts.
        const found = await drafts.publication(account.appId, textOf(body, 'publish_id'));
        const { _id, status, articleId, articles } = found ?? refuse('nothing-there', 40035, 'invalid parameter: publish_id');
        if (status !== 0) return { publish_id: BigInt(_id), publish_status: status, fail_idx: refusedPlaces(status, articles) };
        const item = articles.map((_, index) => ({ idx: index + 1, article_url: articleUrl(articleId, index + 1) }));
        const article_detail = { count: item.length, item };
        return { publish_id: BigInt(_id), publish_status: 0, article_id: articleId, article_detail, fail_idx: [] };
      },
    },
    'cgi-bin/freepublish/getarticle': {
      ...row,
      async answer({ account, body }) {
        const found = await drafts.publicationOf(account.appId, textOf(body, 'article_id', wrongArticle));
        return found ? writtenPublication(found, true) : refuse('nothing-there', ...wrongArticle);
      },
    },
    'cgi-bin/freepublish/batchget': {
      ...row,
      async answer({ account: { appId }, body }) {
        const found = await drafts.listPublications(appId, sliceOf(body));
        const item = found.map((one) => ({
          article_id: one.articleId,
          content: writtenPublication(one, !body.no_content),
          update_time: seconds(one.createdAt),
        }));
        return { total_count: await drafts.countPublications(appId), item_count: item.length, item };
      },
    },
    'cgi-bin/freepublish/delete': {
      ...row,
      async answer({ account: { appId }, body }) {
        const articleId = textOf(body, 'article_id', wrongArticle);
        const { articles } = (await drafts.publicationOf(appId, articleId)) ?? refuse('nothing-there', ...wrongArticle);
        const place = body.index === undefined ? 0 : wholeNumberOf(body, 'index');
        if (place < 0 || place > articles.length) refuse('value-wrong', 40114, 'invalid index value');
        await drafts.deleteArticles(appId, articleId, place === 0 ? articles.map((_, index) => index + 1) : [place]);
        return ok;
      },
    },
  };
}

function writtenPublication({ articleId, articles, deleted }: PublicationRecord, isWithContent: boolean) {
  const written = articles.map((article, index) => ({
    ...writtenArticle(article, articleId, index + 1, isWithContent),
    is_deleted: deleted.includes(index + 1),
  }));
  return { news_item: written };
}

/** The event that tells what was published (wechat.md §1.4). */
function finishNotice({ _id, articleId, articles, status }: PublicationRecord): Notice {
  const refused = refusedPlaces(status, articles).map((place) => ['fail_idx', place] as const);
  const outcome: Elements = [
    ['publish_id', BigInt(_id)],
    ['publish_status', status],
  ];
  if (status !== 0) return event('FREEPUBLISHJOBFINISH', articleId, ['PublishEventInfo', [...outcome, ...refused]]);
  const items = articles.map((_, index) => {
    const item = [
      ['idx', index + 1],
      ['article_url', articleUrl(articleId, index + 1)],
    ] as const;
    return ['item', item] as const;
  });
  const detail: Elements = [['count', items.length], ...items];
  const info: Elements = [...outcome, ['article_id', articleId], ['article_detail', detail]];
  return event('FREEPUBLISHJOBFINISH', articleId, ['PublishEventInfo', info]);
}

/** The articles that were refused: all of them. */
function refusedPlaces(status: PublicationRecord['status'], articles: readonly Article[]): number[] {
  return status === 0 || status === 1 ? [] : articles.map((_, index) => index + 1);
}

/** Who publishes on the platform's side: always the same for an account, and none of its followers. */
function publisherOf(appId: string): string {
  return `o${digestOf(`publisher ${appId}`).slice(0, 27)}`;
}

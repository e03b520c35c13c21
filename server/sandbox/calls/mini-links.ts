import { toBuffer } from 'qrcode';
import { makeShortKey } from '../accounts.ts';
import type { CallParts } from '../call-table.ts';
import type { CodeRecords, LinkRecord } from './code-records.ts';
import { optionalTextOf, textOf, wholeNumberOf } from './fields.ts';
import { type AccountCall, type AccountRow, type CallAnswer, type CallRows, fileAnswer, ok, refuse } from './row.ts';

type Fields = Readonly<Record<string, unknown>>;

const codesInAll = 100_000;
const day = 86_400_000;
const longestDays = 30;
const wrong = [40097, 'invalid args'] as const;
const badPath = [40165, 'invalid weapp pagepath'] as const;
const badQuery = [40212, 'invalid query'] as const;

/** §9.3: codes and links that open a page of the mini program. What they open is a page that the sandbox does not have. */
export function miniLinkCalls({ random }: Pick<CallParts, 'random'>, codes: CodeRecords): CallRows {
  const limitedCode = row(undefined, async ({ account: { appId }, body }) => {
    const path = textOf(body, 'path', badPath);
    if (path.length > 1024) refuse('limit-passed', ...badPath);
    const width = widthOf(body);
    if ((await codes.countLimited(appId)) > codesInAll) refuse('limit-passed', 45029, 'qrcode count out of limit');
    return picture(`https://mp.weixin.qq.com/a/~${appId}/${path}`, width);
  });

  const unlimitedCode: AccountRow = {
    ...row('none', async ({ account: { appId }, body }) => {
      const scene = textOf(body, 'scene', [40169, 'invalid length for scene, or the data is not json string']);
      if (!/^[\w!#$&'()*+,/:;=?@.~-]{1,32}$/.test(scene))
        refuse('value-wrong', 40169, 'invalid length for scene, or the data is not json string');
      const page = optionalTextOf(body, 'page', [41030, 'invalid page']) ?? '';
      if (/^\/|\?/.test(page)) refuse('value-wrong', 41030, 'invalid page');
      return picture(`https://mp.weixin.qq.com/a/~${appId}/${page}?scene=${encodeURIComponent(scene)}`, widthOf(body));
    }),
    quota: 5_000 * 60 * 24,
    perMinute: 5_000,
  };

  /** A link that lives until a time or for some days. */
  async function makeLink({ account: { appId }, body, now }: AccountCall, place: Fields, prefix: string): Promise<string> {
    const { path = '', query = '' } = placeOf(place);
    const link: LinkRecord = {
      _id: `${prefix}${makeShortKey(random)}`,
      appId,
      path,
      query,
      version: versionOf(place),
      createdAt: now,
      expiresAt: endOf(body, now),
    };
    await codes.addLink(link);
    return link._id;
  }

  async function tell({ account, body }: AccountCall, field: string, info: string): Promise<CallAnswer> {
    const link = await codes.findLink(textOf(body, field, wrong));
    if (link?.appId !== account.appId) refuse('nothing-there', ...wrong);
    if (body.query_type === 1) return { ...ok, quota_info: { remain_visit_quota: 3_000_000 } };
    const { appId, path, query, version, createdAt, expiresAt } = link;
    const times = { create_time: Math.floor(createdAt / 1000), expire_time: Math.floor(expiresAt / 1000) };
    return { ...ok, [info]: { appid: appId, path, query, ...times, env_version: version } };
  }

  return {
    'wxa/getwxacode': limitedCode,
    'cgi-bin/wxaapp/createwxaqrcode': limitedCode,
    'wxa/getwxacodeunlimit': unlimitedCode,
    'wxa/genwxashortlink': row(undefined, async ({ body }) => {
      const page = textOf(body, 'page_url', badPath);
      const title = optionalTextOf(body, 'page_title') ?? page;
      return { ...ok, link: `#小程序://${title.slice(0, 20)}/${makeShortKey(random)}` };
    }),
    'wxa/generatescheme': row(500_000, async (call) => {
      if (call.body.is_expire === false) refuse('limit-passed', 85400, 'reach max long time quota limit');
      return { ...ok, openlink: await makeLink(call, fieldsOf(call.body.jump_wxa), 'weixin://dl/business/?t=') };
    }),
    'wxa/generatenfcscheme': row(500_000, async (call) => {
      textOf(call.body, 'model_id', wrong);
      // A tag is printed once: its link lasts as long as any may.
      const lasting = { ...call, body: { expire_type: 1, expire_interval: longestDays } };
      return { ...ok, openlink: await makeLink(lasting, fieldsOf(call.body.jump_wxa), 'weixin://dl/business/?t=') };
    }),
    'wxa/generate_urllink': row(500_000, async (call) => ({
      ...ok,
      url_link: await makeLink(call, call.body, 'https://wxaurl.cn/'),
    })),
    'wxa/queryscheme': row(undefined, (call) => tell(call, 'scheme', 'scheme_info')),
    'wxa/query_urllink': row(undefined, (call) => tell(call, 'url_link', 'url_link_info')),
  };
}

function row(quota: AccountRow['quota'], answer: AccountRow['answer']): AccountRow {
  const needs = { isVerified: true } as const;
  return { method: 'POST', section: '9.3', opens: 'token', needs, ...(quota !== undefined && { quota }), answer };
}

async function picture(text: string, width: number): Promise<CallAnswer> {
  return fileAnswer('image/png', await toBuffer(text, { type: 'png', width }));
}

function widthOf(body: Fields): number {
  const width = body.width === undefined ? 430 : wholeNumberOf(body, 'width', wrong);
  return width >= 280 && width <= 1280 ? width : refuse('limit-passed', ...wrong);
}

/** Which page, and what it is told. */
function placeOf(place: Fields): { path?: string; query?: string } {
  const path = optionalTextOf(place, 'path', badPath) ?? '';
  if (path.length > 1024 || path.includes('?')) refuse('value-wrong', ...badPath);
  const query = optionalTextOf(place, 'query', badQuery) ?? '';
  if (!/^[\w!#$&'()*+,/:;=?@.~%-]{0,1024}$/.test(query)) refuse('value-wrong', ...badQuery);
  return { path, query };
}

function versionOf(place: Fields): string {
  const version = optionalTextOf(place, 'env_version', wrong) ?? 'release';
  return /^(release|trial|develop)$/.test(version) ? version : refuse('value-wrong', ...wrong);
}

/** When it ends, epoch ms: thirty days ahead at most. */
function endOf(body: Fields, now: number): number {
  if (body.expire_type === 1) {
    const days = wholeNumberOf(body, 'expire_interval', [85401, 'invalid expire_interval']);
    return days >= 1 && days <= longestDays ? now + days * day : refuse('limit-passed', 85401, 'invalid expire_interval');
  }
  if (body.expire_time === undefined) return now + longestDays * day;
  const end = wholeNumberOf(body, 'expire_time', wrong) * 1000;
  if (end > now + longestDays * day) refuse('limit-passed', 85400, 'reach max long time quota limit');
  return end > now ? end : refuse('value-wrong', ...wrong);
}

function fieldsOf(value: unknown): Fields {
  if (value === undefined) return {};
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : refuse('value-wrong', ...wrong);
}

import { toBuffer } from 'qrcode';
import { makeShortKey, makeTicket } from '../accounts.ts';
import type { CallParts } from '../call-table.ts';
import type { CodeRecord, CodeRecords } from './code-records.ts';
import { bytesOf, optionalTextOf, textOf, wholeNumberOf } from './fields.ts';
import { type AccountCall, type CallAnswer, type CallRows, fileAnswer, ok, pageAnswer, refuse } from './row.ts';

const longestLife = 2_592_000;
/** Seconds that a temporary code lives where nothing is said. */
const usualLife = 60;
const permanentAtMost = 100_000;
const largestScene = 4_294_967_295;
const wrong = [40097, 'invalid args'] as const;
const needs = { kind: 'service', isVerified: true } as const;

/** §9.1, §9.2: codes by which people come, and short keys. */
export function codeCalls({ random }: Pick<CallParts, 'random'>, codes: CodeRecords): CallRows {
  async function create({ account: { appId }, body, now }: AccountCall): Promise<CallAnswer> {
    const action = textOf(body, 'action_name', wrong);
    const kind = kinds.get(action) ?? refuse('value-wrong', ...wrong);
    const scene = kind.isText ? textScene(body) : numberScene(body, kind.isPermanent ? 100_000 : largestScene);
    const made = { _id: makeTicket(random), appId, url: `http://weixin.qq.com/q/${makeTicket(random).slice(0, 23)}`, scene };
    if (kind.isPermanent) return answerCode(await keepPermanent({ ...made, createdAt: now }));
    const seconds = body.expire_seconds === undefined ? usualLife : wholeNumberOf(body, 'expire_seconds', wrong);
    if (seconds < 1 || seconds > longestLife) refuse('limit-passed', ...wrong);
    await codes.add({ ...made, createdAt: now, expiresAt: now + seconds * 1000 });
    return { ...answerCode(made), expire_seconds: seconds };
  }

  /** There is one permanent code of each scene. */
  async function keepPermanent(code: CodeRecord): Promise<CodeRecord> {
    const found = await codes.findPermanent(code.appId, code.scene);
    if (found) return found;
    if ((await codes.countPermanent(code.appId)) >= permanentAtMost) refuse('limit-passed', 45029, 'qrcode count out of limit');
    await codes.add(code);
    return code;
  }

  return {
    'cgi-bin/qrcode/create': { method: 'POST', section: '9.1', opens: 'token', needs, answer: create },
    'cgi-bin/showqrcode': {
      method: 'GET',
      section: '9.1',
      opens: 'itself',
      async answer({ query }) {
        const code = await codes.find(query.ticket ?? '');
        if (!code) return pageAnswer('<html><body>404 Not Found</body></html>', { status: 404 });
        return fileAnswer('image/png', await toBuffer(code.url, { type: 'png', width: 430 }));
      },
    },
    'cgi-bin/shorten/gen': {
      method: 'POST',
      section: '9.2',
      opens: 'token',
      needs: { isVerified: true },
      async answer({ account, body, now }) {
        const data = textOf(body, 'long_data', wrong);
        if (bytesOf(data) > 4096) refuse('limit-passed', ...wrong);
        const seconds = body.expire_seconds === undefined ? longestLife : wholeNumberOf(body, 'expire_seconds', wrong);
        if (seconds < 1 || seconds > longestLife) refuse('limit-passed', ...wrong);
        const key = makeShortKey(random);
        await codes.addKey({ _id: key, appId: account.appId, data, createdAt: now, expiresAt: now + seconds * 1000 });
        return { ...ok, short_key: key };
      },
    },
    'cgi-bin/shorten/fetch': {
      method: 'POST',
      section: '9.2',
      opens: 'token',
      needs: { isVerified: true },
      async answer({ account, body, now }) {
        const found = await codes.findKey(textOf(body, 'short_key', wrong));
        if (found?.appId !== account.appId || found.expiresAt <= now) refuse('nothing-there', ...wrong);
        const { data, createdAt, expiresAt } = found;
        const left = Math.floor((expiresAt - now) / 1000);
        return { ...ok, long_data: data, create_time: Math.floor(createdAt / 1000), expire_seconds: left };
      },
    },
  };
}

const kinds = new Map(
  Object.entries({
    QR_SCENE: { isText: false, isPermanent: false },
    QR_STR_SCENE: { isText: true, isPermanent: false },
    QR_LIMIT_SCENE: { isText: false, isPermanent: true },
    QR_LIMIT_STR_SCENE: { isText: true, isPermanent: true },
  }),
);

/** Without the inner object the code is made all the same and tells of the scene 0; one out of range tells of the largest number. */
function numberScene(body: AccountCall['body'], largest: number): string {
  const { scene_id: id } = sceneOf(body);
  if (id === undefined) return '0';
  if (typeof id !== 'number' || !Number.isInteger(id)) refuse('value-wrong', ...wrong);
  return String(id < 1 || id > largest ? largestScene : id);
}

function textScene(body: AccountCall['body']): string {
  const scene = sceneOf(body);
  if (scene.scene_str === undefined) return '0';
  const text = optionalTextOf(scene, 'scene_str', wrong) ?? '';
  return text.length >= 1 && text.length <= 64 ? text : refuse('limit-passed', ...wrong);
}

function sceneOf(body: AccountCall['body']): Readonly<Record<string, unknown>> {
  const { action_info: info } = body;
  const scene = typeof info === 'object' && info !== null && 'scene' in info ? info.scene : undefined;
  return typeof scene === 'object' && scene !== null ? (scene as Record<string, unknown>) : {};
}

function answerCode({ _id: ticket, url }: Pick<CodeRecord, '_id' | 'url'>): Readonly<Record<string, unknown>> {
  return { ticket, url };
}

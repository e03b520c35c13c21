import type { CallParts } from '../call-table.ts';
import { openDraftRecords } from '../draft-records.ts';
import { type MassAudience, type MassRecord, openMassRecords, type QuotaUse } from '../mass-records.ts';
import { openMediaRecords } from '../media-records.ts';
import { dayOf, endOfDay, endOfMonth } from '../months.ts';
import { objectOf, optionalTextOf, textOf, textsOf, wholeNumberOf } from './fields.ts';
import { type MassContent, massContent } from './mass-contents.ts';
import { createMassRun } from './mass-run.ts';
import type { PeopleRecords } from './people-records.ts';
import { checkFollows } from './receivers.ts';
import { type AccountCall, type AccountRows, type CallAnswer, ok, refuse } from './row.ts';

const mostOpenids = 10_000;
/** Bytes of the longest list of them. */
const largestList = 1 << 20;
/** Characters of the sender's own id (wechat.md §6.2: observed, the manual says more). */
const longestClientId = 32;
const minute = 60_000;
/** How many followers a minute each speed is, in tens of thousands. */
const speeds = [80, 60, 45, 30, 10];
const row = { method: 'POST', section: '6.2', opens: 'token', needs: { isVerified: true } } as const;

/** §6.2, §6.3: messages to many, their quotas, and what became of them. */
export async function massCalls(parts: CallParts, people: PeopleRecords): Promise<AccountRows> {
  const { database, records, post } = parts;
  const masses = await openMassRecords(database);
  const shelves = { media: await openMediaRecords(database), drafts: await openDraftRecords(database) };
  const run = createMassRun(parts, masses);
  for (const mass of await masses.unended()) run.start(mass._id, mass.appId);

  /** Submits a message: its quota is used, its id is kept, and it is sent behind the answer. */
  async function submit(call: AccountCall, audience: MassAudience): Promise<CallAnswer> {
    const { account, now } = call;
    const { appId } = account;
    const clientId = clientIdOf(call);
    const earlier = clientId && (await masses.submittedBy(appId, clientId, now));
    if (earlier) return repeated(earlier, now);
    const content = await massContent(call, shelves);
    const used = await useQuotas(call, audience);
    const mass = await massOf(call, audience, content, used);
    if (clientId && !(await masses.keepClientId(appId, clientId, mass._id, now))) {
      for (const use of used) await masses.giveBack(appId, use);
      refuse('too-fast', 45066, 'same clientmsgid retry too fast');
    }
    await masses.add(mass);
    run.start(mass._id, appId);
    const { dataId } = mass;
    const submitted = { errcode: 0, errmsg: 'send job submission success', msg_id: Number(mass._id) };
    return dataId === undefined ? submitted : { ...submitted, msg_data_id: dataId };
  }

  async function useQuotas({ account: { appId, kind }, now }: AccountCall, audience: MassAudience): Promise<QuotaUse[]> {
    const used: QuotaUse[] = [];
    for (const { most, ...use } of quotasOf(kind, audience, now)) {
      if (await masses.use(appId, use, most, now)) used.push(use);
      else {
        for (const one of used) await masses.giveBack(appId, one);
        refuse('used-already', 45028, 'has no masssend quota');
      }
    }
    return used;
  }

  async function massOf(call: AccountCall, audience: MassAudience, content: MassContent, used: QuotaUse[]): Promise<MassRecord> {
    const { account, now } = call;
    const number = await masses.nextNumber();
    const { draftId, articleUrls, kind, contents } = content;
    const draft = draftId && `${draftId}/${dayOf(now)}`;
    const dataId = draft && ((await masses.dataIdOf(account.appId, draft)) ?? firstDataId + number);
    return {
      _id: String(firstMassId + number),
      appId: account.appId,
      ...(draft && dataId ? { draft, dataId } : {}),
      ...{ audience, contents, articleUrls, kind, used },
      ...{ status: 'SENDING', deleted: [], sentUpTo: '', total: 0, filtered: 0, sent: 0, failed: 0, submittedAt: now },
    };
  }

  return {
    'cgi-bin/message/mass/sendall': {
      ...row,
      quota: 100,
      perMinute: 60,
      async answer(call) {
        const filter = objectOf(call.body, 'filter');
        if (filter.is_to_all === true) return submit(call, 'all');
        const tagId = wholeNumberOf(filter, 'tag_id', [45159, 'invalid tag id']);
        if (!(await people.hasTag(call.account.appId, tagId))) refuse('nothing-there', 45159, 'invalid tag id');
        return submit(call, { tagId });
      },
    },
    'cgi-bin/message/mass/send': {
      ...row,
      largestBody: largestList,
      quota: 100,
      perMinute: 60,
      async answer(call) {
        const openids = [...new Set(textsOf(call.body, 'touser', mostOpenids))];
        if (openids.length < 2) refuse('limit-passed', 40032, 'invalid openid list size');
        const known = await people.find(call.account.appId, openids);
        if (known.size < openids.length) refuse('value-wrong', 40003, 'invalid openid');
        return submit(call, { openids });
      },
    },
    'cgi-bin/message/mass/preview': {
      ...row,
      quota: 100,
      async answer(call) {
        const person = await previewerOf(records, call);
        const { contents } = await massContent(call, shelves);
        checkFollows(person);
        for (const content of contents) await post.show([person._id], content);
        return { errcode: 0, errmsg: 'preview success', msg_id: firstMassId + (await masses.nextNumber()) };
      },
    },
    ...afterwards(masses),
  };
}

type MassRecords = Awaited<ReturnType<typeof openMassRecords>>;

/** What can be asked and done once a message is submitted, and how fast they go out. */
function afterwards(masses: MassRecords): AccountRows {
  async function find({ account, body }: AccountCall): Promise<MassRecord> {
    const id = String(wholeNumberOf(body, 'msg_id', wrongMass));
    return (await masses.find(account.appId, id)) ?? refuse('nothing-there', ...wrongMass);
  }
  return {
    'cgi-bin/message/mass/get': {
      ...row,
      async answer(call) {
        const { _id, status } = await find(call);
        return { msg_id: Number(_id), msg_status: status };
      },
    },
    'cgi-bin/message/mass/delete': {
      ...row,
      quota: 10,
      async answer(call) {
        const { _id, kind, status, articleUrls } = await find(call);
        const isSent = status === 'SEND_SUCCESS' || status === 'DELETE';
        if (!isSent || (kind !== 'mpnews' && kind !== 'mpvideo')) refuse('value-wrong', 40008, 'invalid message type');
        const place = call.body.article_idx === undefined ? 0 : wholeNumberOf(call.body, 'article_idx', wrongPlace);
        if (place < 0 || place > Math.max(1, articleUrls.length)) refuse('value-wrong', ...wrongPlace);
        await masses.takeDown(call.account.appId, _id, place);
        return ok;
      },
    },
    'cgi-bin/message/mass/speed/get': {
      ...row,
      method: 'GET or POST',
      form: 'bytes',
      async answer({ account }) {
        const speed = await masses.speed(account.appId);
        return { speed, realspeed: speeds[speed] ?? 0 };
      },
    },
    'cgi-bin/message/mass/speed/set': {
      ...row,
      async answer({ account, body }) {
        const speed = wholeNumberOf(body, 'speed', [45084, 'speed is missing']);
        if (speeds[speed] === undefined) refuse('value-wrong', 45083, 'speed out of range');
        await masses.setSpeed(account.appId, speed);
        return ok;
      },
    },
  };
}

const firstMassId = 1_000_001_000;
const firstDataId = 2_247_480_000;
const wrongMass = [40035, 'invalid parameter: msg_id'] as const;
const wrongPlace = [40060, 'invalid article_idx'] as const;

/** What of the account's a message uses up: a subscription account has one a day; only what goes to all stands in the history. */
function quotasOf(kind: 'subscription' | 'service', audience: MassAudience, now: number): (QuotaUse & { most: number })[] {
  if (kind === 'subscription') return [{ name: 'day', until: endOfDay(now), most: 1 }];
  if (audience !== 'all') return [];
  return [
    { name: 'history-day', until: endOfDay(now), most: 1 },
    { name: 'history-month', until: endOfMonth(now), most: 4 },
  ];
}

function clientIdOf({ body }: AccountCall): string | undefined {
  const clientId = optionalTextOf(body, 'clientmsgid');
  if (clientId !== undefined && clientId.length > longestClientId) refuse('limit-passed', 45067, 'clientmsgid size out of limit');
  return clientId || undefined;
}

/** The same message again is no second one: the answer says which it was, after a minute. */
function repeated({ massId, at }: { massId: string; at: number }, now: number): CallAnswer {
  if (now - at < minute) refuse('too-fast', 45066, 'same clientmsgid retry too fast');
  return { errcode: 45065, errmsg: 'clientmsgid exist', msg_id: Number(massId) };
}

/** Whom a preview is for: an openid, or the name by which the person is known in the app. */
async function previewerOf(records: CallParts['records'], { account, body }: AccountCall) {
  const name = optionalTextOf(body, 'towxname');
  if (name) {
    const found = (await records.followers()).find((one) => one.appId === account.appId && one.name === name);
    return found ?? refuse('value-wrong', 40132, 'invalid weixin username');
  }
  const person = await records.findFollower(textOf(body, 'touser', [41009, 'missing openid']));
  return person?.appId === account.appId ? person : refuse('value-wrong', 40003, 'invalid openid');
}

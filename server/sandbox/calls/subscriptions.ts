import { makeMessageId } from '../accounts.ts';
import type { CallParts } from '../call-table.ts';
import type { GrantPlace } from '../grant-records.ts';
import { event } from '../speech.ts';
import { library } from '../template-library.ts';
import { openTemplateRecords, type TemplateRecord } from '../template-records.ts';
import { optionalTextOf, textOf, wholeNumberOf, writtenOf } from './fields.ts';
import { formOf } from './forms.ts';
import { receiverOf } from './receivers.ts';
import { type AccountCall, type AccountRows, ok, refuse } from './row.ts';

const wrongTemplate = [40037, 'invalid template_id'] as const;
const wrongPattern = [200014, 'invalid template tid'] as const;
const mostTemplates = 50;

/** §8.2, §8.3: messages that a follower has agreed to, one for each time. */
export async function subscriptionCalls({ database, records, post, random }: CallParts): Promise<AccountRows> {
  const templates = await openTemplateRecords(database);

  async function send(call: AccountCall, place: GrantPlace): Promise<bigint> {
    const { account, body } = call;
    const { _id: openid } = await receiverOf(records, call);
    const template = await templates.find(account.appId, 'subscription', textOf(body, 'template_id', wrongTemplate));
    const found = template ?? refuse('nothing-there', ...wrongTemplate);
    const content = formOf(found, body);
    checkPage(optionalTextOf(body, 'page'));
    const isGranted = await records.grants.take({ openid, place, templateId: found._id });
    if (!isGranted) refuse('not-to-this-person', 43101, 'user refuse to accept the msg');
    await post.show([openid], content);
    const messageId = makeMessageId(random);
    await post.tell(account.appId, openid, sentNotice(found._id, messageId));
    return messageId;
  }

  return {
    'cgi-bin/message/subscribe/bizsend': {
      section: '8.2',
      opens: 'token',
      method: 'POST',
      needs: { isVerified: true },
      async answer(call) {
        await send(call, 'account');
        return ok;
      },
    },
    'cgi-bin/message/subscribe/send': {
      section: '8.3',
      opens: 'token',
      method: 'POST',
      quota: 10_000_000,
      answer: async (call) => ({ ...ok, msgid: await send(call, 'mini-program') }),
    },
    ...ownTemplates(templates),
    ...publicTemplates(),
  };
}

/** The templates that an account has taken into use. */
function ownTemplates(templates: Awaited<ReturnType<typeof openTemplateRecords>>): AccountRows {
  const row = { section: '8.3', opens: 'token' } as const;
  return {
    'wxaapi/newtmpl/addtemplate': {
      ...row,
      method: 'POST',
      async answer({ account: { appId }, body, now }) {
        const tid = writtenOf(body.tid);
        const pattern = library.find(({ id }) => id === tid) ?? refuse('nothing-there', ...wrongPattern);
        const places = Array.isArray(body.kidList) ? body.kidList.map((kid) => Number(writtenOf(kid))) : [];
        const fields = places.map((kid) => pattern.fields[kid - 1]).filter((field) => field !== undefined);
        const isWhole = fields.length === places.length && new Set(places).size === places.length;
        if (!isWhole || fields.length < 2 || fields.length > 5) refuse('value-wrong', 200020, 'invalid keyword id list');
        if ([...(optionalTextOf(body, 'sceneDesc') ?? '')].length > 15) refuse('value-wrong', 200021, 'invalid scene desc');
        if ((await templates.list(appId, 'subscription')).length >= mostTemplates)
          refuse('limit-passed', 200012, 'private template count out of limit');
        return { ...ok, priTmplId: await templates.add(appId, 'subscription', pattern, fields, now) };
      },
    },
    'wxaapi/newtmpl/deltemplate': {
      ...row,
      method: 'POST',
      async answer({ account, body }) {
        const isGone = await templates.remove(account.appId, 'subscription', textOf(body, 'priTmplId', wrongTemplate));
        return isGone ? ok : refuse('nothing-there', ...wrongTemplate);
      },
    },
    'wxaapi/newtmpl/gettemplate': {
      ...row,
      method: 'GET',
      answer: async ({ account }) => ({
        ...ok,
        data: (await templates.list(account.appId, 'subscription')).map(privateTemplate),
      }),
    },
  };
}

/** The platform's library. */
function publicTemplates(): AccountRows {
  const row = { section: '8.3', opens: 'token', method: 'GET' } as const;
  return {
    'wxaapi/newtmpl/getcategory': { ...row, answer: async () => ({ ...ok, data: [{ id: 307, name: '线下零售' }] }) },
    'wxaapi/newtmpl/getpubtemplatetitles': {
      ...row,
      async answer({ query }) {
        const start = wholeNumberOf(query, 'start');
        const limit = wholeNumberOf(query, 'limit');
        textOf(query, 'ids');
        if (start < 0 || limit < 1 || limit > 30) refuse('limit-passed', 40035, 'invalid parameter: limit');
        const data = typed.map(({ id, title }) => ({ tid: Number(id), title, type: 2, categoryId: '307' }));
        return { ...ok, count: data.length, data: data.slice(start, start + limit) };
      },
    },
    'wxaapi/newtmpl/getpubtemplatekeywords': {
      ...row,
      async answer({ query }) {
        const pattern = typed.find(({ id }) => id === query.tid) ?? refuse('nothing-there', ...wrongPattern);
        const data = pattern.fields.map(({ key, name, example }, index) => ({
          kid: index + 1,
          name,
          example,
          rule: key.replace(/\d+$/, ''),
        }));
        return { ...ok, count: data.length, data };
      },
    },
  };
}

/** Subscription messages have types only. */
const typed = library.filter(({ id }) => /^\d+$/.test(id));

function privateTemplate({ _id, title, content, example }: TemplateRecord) {
  return { priTmplId: _id, title, content, example, type: 2, keywordEnumValueList: [] };
}

function sentNotice(templateId: string, messageId: bigint) {
  const list = [
    ['TemplateId', templateId],
    ['MsgID', messageId],
    ['ErrorCode', 0],
    ['ErrorStatus', 'success'],
  ] as const;
  return event('subscribe_msg_sent_event', templateId, ['SubscribeMsgSentEvent', [['List', list]]]);
}

/** A page of the mini-program, as its path and query. */
function checkPage(page: string | undefined): void {
  if (page !== undefined && /^[a-z]+:\/\/|\s/i.test(page)) refuse('value-wrong', 41030, 'invalid page');
}

import { makeMessageId } from '../accounts.ts';
import type { CallParts } from '../call-table.ts';
import { oneOffGrant } from '../grant-records.ts';
import { industryOf } from '../industries.ts';
import { openOutcomeRecords } from '../outcome-records.ts';
import { event } from '../speech.ts';
import { library } from '../template-library.ts';
import { openTemplateRecords } from '../template-records.ts';
import { objectOf, optionalTextOf, textOf, wholeNumberOf } from './fields.ts';
import { formOf } from './forms.ts';
import { checkFollows, receiverOf } from './receivers.ts';
import { type AccountCall, type AccountRows, ok, refuse } from './row.ts';

const wrongTemplate = [40037, 'invalid template_id'] as const;
const wrongIndustry = [40102, 'invalid industry id'] as const;

/** §8.1: template messages, and the templates of an account. */
export async function templateCalls({ database, records, post, random }: CallParts): Promise<AccountRows> {
  const templates = await openTemplateRecords(database);
  const outcomes = openOutcomeRecords(database);
  const row = { section: '8.1', opens: 'token', needs: { kind: 'service', isVerified: true } } as const;

  async function send(call: AccountCall) {
    const { account, body, now } = call;
    const person = await receiverOf(records, call);
    const template = await templates.find(account.appId, 'template', textOf(body, 'template_id', wrongTemplate));
    const content = formOf(template ?? refuse('nothing-there', ...wrongTemplate), body);
    const clientId = optionalTextOf(body, 'client_msg_id');
    checkFollows(person);
    const openid = person._id;
    const msgid = makeMessageId(random);
    const earlier = clientId && (await templates.repeatOf(openid, clientId, String(msgid), now));
    if (earlier) return { ...ok, msgid: BigInt(earlier) };
    const status = person.refusesMessages ? 'failed:user block' : ((await outcomes.find(account.appId)).template ?? 'success');
    if (status === 'success') await post.show([openid], content);
    await post.tell(account.appId, openid, event('TEMPLATESENDJOBFINISH', status, ['MsgID', msgid], ['Status', status]));
    return { ...ok, msgid };
  }

  return {
    'cgi-bin/message/template/send': { ...row, method: 'POST', answer: send },

    'cgi-bin/template/api_set_industry': {
      ...row,
      method: 'POST',
      async answer({ account, body }) {
        const [first = 0, second = 0] = ['industry_id1', 'industry_id2'].map((name) => wholeNumberOf(body, name, wrongIndustry));
        if (!industryOf(first) || !industryOf(second)) refuse('value-wrong', ...wrongIndustry);
        await templates.setIndustries(account.appId, first, second);
        return ok;
      },
    },
    'cgi-bin/template/get_industry': {
      ...row,
      method: 'GET',
      async answer({ account }) {
        const { first, second } = await templates.industries(account.appId);
        return { primary_industry: industryOf(first), secondary_industry: industryOf(second) };
      },
    },

    'cgi-bin/template/api_add_template': {
      ...row,
      method: 'POST',
      async answer({ account, body, now }) {
        const shortId = textOf(body, 'template_id_short', wrongTemplate);
        const pattern = library.find(({ id }) => id === shortId) ?? refuse('nothing-there', ...wrongTemplate);
        const names = body.keyword_name_list;
        const isNamed = Array.isArray(names) && names.length > 0;
        const fields = isNamed ? names.map((name) => pattern.fields.find((field) => field.name === name)) : pattern.fields;
        const chosen = fields.filter((field) => field !== undefined);
        if (chosen.length < fields.length) refuse('value-wrong', 40035, 'invalid parameter: keyword_name_list');
        return { ...ok, template_id: await templates.add(account.appId, 'template', pattern, chosen, now) };
      },
    },

    'cgi-bin/template/get_all_private_template': {
      ...row,
      method: 'GET',
      async answer({ account }) {
        const list = await templates.list(account.appId, 'template');
        return {
          template_list: list.map(({ _id, title, industry, content, example }) => ({
            template_id: _id,
            title,
            primary_industry: industry[0],
            deputy_industry: industry[1],
            content,
            example,
          })),
        };
      },
    },

    'cgi-bin/template/del_private_template': {
      ...row,
      method: 'POST',
      async answer({ account, body }) {
        const isGone = await templates.remove(account.appId, 'template', textOf(body, 'template_id', wrongTemplate));
        return isGone ? ok : refuse('nothing-there', ...wrongTemplate);
      },
    },

    ...oneOffCalls(records, post),
  };
}

/** The old one-off message: for whoever agreed to it on its page, following or not. */
function oneOffCalls(records: CallParts['records'], post: CallParts['post']): AccountRows {
  return {
    'cgi-bin/message/template/subscribe': {
      section: '8.1',
      opens: 'token',
      method: 'POST',
      needs: { isVerified: true },
      async answer(call) {
        const { body } = call;
        const { _id: openid } = await receiverOf(records, call);
        const templateId = textOf(body, 'template_id', wrongTemplate);
        const scene = wholeNumberOf(body, 'scene');
        if (scene < 0 || scene > 10_000) refuse('value-wrong', 40035, 'invalid parameter: scene');
        const title = textOf(body, 'title');
        const text = textOf(objectOf(objectOf(body, 'data'), 'content'), 'value');
        if ([...title].length > 15) refuse('limit-passed', 45003, 'title size out of limit');
        if ([...text].length > 200) refuse('limit-passed', 45002, 'content size out of limit');
        if (!(await records.grants.take(oneOffGrant(openid, templateId, scene))))
          refuse('not-to-this-person', 43101, 'user refuse to accept the msg');
        const url = optionalTextOf(body, 'url');
        await post.show([openid], { kind: 'form', title, fields: [{ name: '', text }], ...(url && { url }) });
        return ok;
      },
    },
  };
}

import { z } from 'zod';
import { ask, done, get, longId, post } from './row.ts';

type Values = Readonly<Record<string, { readonly value: string }>>;
interface Page {
  readonly appid: string;
  readonly pagepath?: string;
}

/** A template message. With both a page and a url the page wins, the url is for old phones. */
export interface TemplateMessage {
  readonly touser: string;
  readonly template_id: string;
  readonly url?: string;
  readonly miniprogram?: Page;
  /** Two with the same id to one follower are one, for about ten minutes. */
  readonly client_msg_id?: string;
  readonly data: Values;
}

const template = z.object({
  template_id: z.string(),
  title: z.string(),
  primary_industry: z.string().default(''),
  deputy_industry: z.string().default(''),
  content: z.string(),
  example: z.string().default(''),
});
const industry = z.object({ first_class: z.string(), second_class: z.string() });

/** Template messages of service accounts (wechat.md §8.1). */
export const templateCalls = {
  'cgi-bin/message/template/send': post<TemplateMessage>()(z.object({ msgid: longId }), { needs: 'template-messages' }),
  'cgi-bin/template/api_set_industry': ask<{ readonly industry_id1: string; readonly industry_id2: string }>()(done, {
    needs: 'template-messages',
  }),
  'cgi-bin/template/get_industry': get()(z.object({ primary_industry: industry, secondary_industry: industry }), {
    needs: 'template-messages',
  }),
  'cgi-bin/template/api_add_template': post<{
    readonly template_id_short: string;
    readonly keyword_name_list?: readonly string[];
  }>()(z.object({ template_id: z.string() }), { needs: 'template-messages' }),
  'cgi-bin/template/get_all_private_template': get()(z.object({ template_list: z.array(template) }), {
    needs: 'template-messages',
  }),
  'cgi-bin/template/del_private_template': post<{ readonly template_id: string }>()(done, { needs: 'template-messages' }),
  /** Once to somebody who has agreed on the page of `confirmOnceUrl`, following or not. */
  'cgi-bin/message/template/subscribe': post<{
    readonly touser: string;
    readonly template_id: string;
    readonly url?: string;
    readonly miniprogram?: Page;
    readonly scene: string;
    readonly title: string;
    readonly data: { readonly content: { readonly value: string; readonly color?: string } };
  }>()(done),
};

const keyword = z.object({ kid: z.int(), name: z.string(), example: z.string().default(''), rule: z.string().default('') });
const privateTemplate = z.object({
  priTmplId: z.string(),
  title: z.string(),
  content: z.string(),
  example: z.string().default(''),
  /** 2 for one message a consent, 3 for as many as wanted. */
  type: z.int(),
  keywordEnumValueList: z.array(z.object({ keywordCode: z.string(), enumValueList: z.array(z.string()) })).default([]),
});

/** Messages to those who agreed to one of this kind: of accounts (wechat.md §8.2) and of mini-programs (§8.3). */
export const subscriptionCalls = {
  'cgi-bin/message/subscribe/bizsend': post<{
    readonly touser: string;
    readonly template_id: string;
    readonly page?: string;
    readonly miniprogram?: Page;
    readonly data: Values;
  }>()(done, { needs: 'subscription-notices' }),
  'cgi-bin/message/subscribe/send': post<{
    readonly touser: string;
    readonly template_id: string;
    readonly page?: string;
    readonly data: Values;
    readonly miniprogram_state?: 'developer' | 'trial' | 'formal';
    readonly lang?: 'zh_CN' | 'en_US' | 'zh_HK' | 'zh_TW';
  }>()(z.object({ msgid: longId.optional() }), { limits: { day: 10_000_000 } }),

  'wxaapi/newtmpl/addtemplate': post<{
    readonly tid: string;
    readonly kidList: readonly number[];
    readonly sceneDesc?: string;
  }>()(z.object({ priTmplId: z.string() })),
  'wxaapi/newtmpl/deltemplate': post<{ readonly priTmplId: string }>()(done),
  'wxaapi/newtmpl/getcategory': get()(z.object({ data: z.array(z.object({ id: z.int(), name: z.string() })).default([]) })),
  'wxaapi/newtmpl/getpubtemplatekeywords': get<{ readonly tid: string }>()(
    z.object({ count: z.int().optional(), data: z.array(keyword).default([]) }),
  ),
  'wxaapi/newtmpl/getpubtemplatetitles': get<{ readonly ids: string; readonly start: number; readonly limit: number }>()(
    z.object({
      count: z.int().optional(),
      data: z
        .array(z.object({ tid: z.int(), title: z.string(), type: z.int(), categoryId: z.union([z.int(), z.string()]) }))
        .default([]),
    }),
  ),
  'wxaapi/newtmpl/gettemplate': get()(z.object({ data: z.array(privateTemplate).default([]) })),
};

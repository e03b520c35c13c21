import { done, post } from './row.ts';

/** What one message of customer service says (wechat.md §7). */
export type CustomerContent =
  | { readonly msgtype: 'text'; readonly text: { readonly content: string } }
  | { readonly msgtype: 'image'; readonly image: { readonly media_id: string } }
  | { readonly msgtype: 'voice'; readonly voice: { readonly media_id: string } }
  | {
      readonly msgtype: 'video';
      readonly video: {
        readonly media_id: string;
        readonly thumb_media_id: string;
        readonly title?: string;
        readonly description?: string;
      };
    }
  | {
      readonly msgtype: 'music';
      readonly music: {
        readonly musicurl: string;
        readonly hqmusicurl: string;
        readonly thumb_media_id: string;
        readonly title?: string;
        readonly description?: string;
      };
    }
  /** Exactly one article since 2018. */
  | { readonly msgtype: 'news'; readonly news: { readonly articles: readonly [CustomerArticle] } }
  | { readonly msgtype: 'mpnews'; readonly mpnews: { readonly media_id: string } }
  | { readonly msgtype: 'mpnewsarticle'; readonly mpnewsarticle: { readonly article_id: string } }
  /** What is chosen comes back as a text with `bizmsgmenuid`. */
  | {
      readonly msgtype: 'msgmenu';
      readonly msgmenu: {
        readonly head_content: string;
        readonly list: readonly { readonly id: string; readonly content: string }[];
        readonly tail_content: string;
      };
    }
  | { readonly msgtype: 'wxcard'; readonly wxcard: { readonly card_id: string } }
  | {
      readonly msgtype: 'miniprogrampage';
      readonly miniprogrampage: {
        readonly title: string;
        readonly appid: string;
        readonly pagepath: string;
        readonly thumb_media_id: string;
      };
    }
  /** Of a mini-program's customer service. */
  | {
      readonly msgtype: 'link';
      readonly link: { readonly title: string; readonly description: string; readonly url: string; readonly thumb_url: string };
    };

export interface CustomerArticle {
  readonly title: string;
  readonly description: string;
  readonly url: string;
  readonly picurl: string;
}

/** A message to one follower, as an agent of the account when one is named. */
export type CustomerMessage = CustomerContent & {
  readonly touser: string;
  readonly customservice?: { readonly kf_account: string };
};

/** Messages of customer service: to those who have just been in touch (wechat.md §7). */
export const messageCalls = {
  'cgi-bin/message/custom/send': post<CustomerMessage>()(done, { needs: 'customer-messages' }),
  'cgi-bin/message/custom/typing': post<{ readonly touser: string; readonly command: 'Typing' | 'CancelTyping' }>()(done, {
    needs: 'customer-messages',
  }),
};

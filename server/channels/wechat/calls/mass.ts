import { z } from 'zod';
import { ask, done, longId, post } from './row.ts';

/** What is sent to many (wechat.md §6.2). */
export type MassContent =
  | { readonly msgtype: 'mpnews'; readonly mpnews: { readonly media_id: string }; readonly send_ignore_reprint?: 0 | 1 }
  | { readonly msgtype: 'text'; readonly text: { readonly content: string } }
  | { readonly msgtype: 'voice'; readonly voice: { readonly media_id: string } }
  | {
      readonly msgtype: 'image';
      readonly images: {
        readonly media_ids: readonly string[];
        readonly recommend?: string;
        readonly need_open_comment?: 0 | 1;
        readonly only_fans_can_comment?: 0 | 1;
      };
    }
  | {
      readonly msgtype: 'mpvideo';
      readonly mpvideo: { readonly media_id: string; readonly title?: string; readonly description?: string };
    }
  | { readonly msgtype: 'wxcard'; readonly wxcard: { readonly card_id: string } };

/** The name under which a job is known: sent again it is not done again. At most 32 characters, whatever the manual says. */
interface Named {
  readonly clientmsgid: string;
}

const job = z.object({ msg_id: longId, msg_data_id: longId.optional() });
const sending = {
  needs: 'mass-sending',
  mayRepeat: 'clientmsgid',
  // The job of that name is under way: the answer says which it is.
  doneBefore: [45065],
  limits: { minute: 60 },
} as const;

/** Messages to many. Success means that the job is queued; how it went comes as an event (wechat.md §6.2, §6.3). */
export const massCalls = {
  'cgi-bin/message/mass/sendall': post<
    MassContent &
      Named & { readonly filter: { readonly is_to_all: true } | { readonly is_to_all: false; readonly tag_id: number } }
  >()(job, sending),
  /** To 2 … 10,000 openids. */
  'cgi-bin/message/mass/send': post<MassContent & Named & { readonly touser: readonly string[] }>()(job, sending),
  'cgi-bin/message/mass/preview': post<MassContent & ({ readonly touser: string } | { readonly towxname: string })>()(
    z.object({ msg_id: longId.optional() }),
    { needs: 'mass-sending', limits: { day: 100 } },
  ),
  'cgi-bin/message/mass/get': ask<{ readonly msg_id: string }>()(z.object({ msg_id: longId, msg_status: z.string() }), {
    needs: 'mass-sending',
  }),
  /** Takes the page of an article away; what stands in the chats stays. */
  'cgi-bin/message/mass/delete': ask<{ readonly msg_id: string; readonly article_idx?: number; readonly url?: string }>()(done, {
    needs: 'mass-sending',
  }),
  'cgi-bin/message/mass/speed/get': ask()(z.object({ speed: z.int(), realspeed: z.int() }), { needs: 'mass-sending' }),
  /** 0 is the fastest. */
  'cgi-bin/message/mass/speed/set': ask<{ readonly speed: 0 | 1 | 2 | 3 | 4 }>()(done, { needs: 'mass-sending' }),
};

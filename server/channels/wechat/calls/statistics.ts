import { z } from 'zod';
import { ask } from './row.ts';

/** Days as the platform writes them, `2026-07-15`, the last at latest yesterday. */
export interface Days {
  readonly begin_date: string;
  readonly end_date: string;
}

/** Accounts with many articles have been answered 40,000 rows at once. */
const traits = { needs: 'statistics', mostBytes: 64 * 1024 * 1024 } as const;
const count = z.int().default(0);
const day = { ref_date: z.string() };
const hour = { ...day, ref_hour: z.int() };

const rows = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  ask<Days>()(z.object({ list: z.array(z.object(shape)) }), traits);

const reading = {
  int_page_read_user: count,
  int_page_read_count: count,
  ori_page_read_user: count,
  ori_page_read_count: count,
  share_user: count,
  share_count: count,
  add_to_fav_user: count,
  add_to_fav_count: count,
};
const sources = {
  int_page_from_session_read_user: count,
  int_page_from_session_read_count: count,
  int_page_from_hist_msg_read_user: count,
  int_page_from_hist_msg_read_count: count,
  int_page_from_feed_read_user: count,
  int_page_from_feed_read_count: count,
  int_page_from_friends_read_user: count,
  int_page_from_friends_read_count: count,
  int_page_from_other_read_user: count,
  int_page_from_other_read_count: count,
  feed_share_from_session_user: count,
  feed_share_from_session_cnt: count,
  feed_share_from_feed_user: count,
  feed_share_from_feed_cnt: count,
  feed_share_from_other_user: count,
  feed_share_from_other_cnt: count,
};
const userReading = { user_source: z.int().optional(), ...reading };
const sharing = { share_scene: z.int(), share_user: count, share_count: count };
const incoming = { msg_type: z.int(), msg_user: count, msg_count: count };
const spread = { count_interval: z.int(), msg_user: count };
const replies = { callback_count: count, fail_count: count, total_time_cost: count, max_time_cost: count };

/** What happened on an account, by day or hour (wechat.md §12). How many days one call may span stands beside each. */
export const statisticsCalls = {
  /** 7 */
  'datacube/getusersummary': rows({ ...day, user_source: z.int(), new_user: count, cancel_user: count }),
  /** 7 */
  'datacube/getusercumulate': rows({ ...day, user_source: z.int().optional(), cumulate_user: count }),
  /** 1 */
  'datacube/getarticlesummary': rows({ ...day, msgid: z.string(), title: z.string(), ...reading }),
  /** 1 */
  'datacube/getarticletotal': rows({
    ...day,
    msgid: z.string(),
    title: z.string(),
    details: z.array(z.object({ stat_date: z.string(), target_user: count, ...reading, ...sources })),
  }),
  /** 3 */
  'datacube/getuserread': rows({ ...day, ...userReading }),
  /** 1 */
  'datacube/getuserreadhour': rows({ ...hour, ...userReading }),
  /** 7 */
  'datacube/getusershare': rows({ ...day, ...sharing }),
  /** 1 */
  'datacube/getusersharehour': rows({ ...hour, ...sharing }),
  /** 7 */
  'datacube/getupstreammsg': rows({ ...day, ...incoming }),
  /** 1 */
  'datacube/getupstreammsghour': rows({ ...hour, ...incoming }),
  /** 30 */
  'datacube/getupstreammsgweek': rows({ ...day, ...incoming }),
  /** 30 */
  'datacube/getupstreammsgmonth': rows({ ...day, ...incoming }),
  /** 15 */
  'datacube/getupstreammsgdist': rows({ ...day, ...spread }),
  /** 30 */
  'datacube/getupstreammsgdistweek': rows({ ...day, ...spread }),
  /** 30 */
  'datacube/getupstreammsgdistmonth': rows({ ...day, ...spread }),
  /** 30 */
  'datacube/getinterfacesummary': rows({ ...day, ...replies }),
  /** 1 */
  'datacube/getinterfacesummaryhour': rows({ ...hour, ...replies }),
};

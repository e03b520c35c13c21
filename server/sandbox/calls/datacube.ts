import type { FollowerRecord } from '../records.ts';
import type { DatacubeRecords, Period, Said } from './datacube-records.ts';
import { textOf } from './fields.ts';
import { type AccountCall, type AccountRow, type CallRows, refuse } from './row.ts';

const day = 86_400_000;
const hour = 3_600_000;
/** Days begin at midnight in China. */
const platformOffset = 8 * hour;
const badDate = [61500, 'date format error'] as const;
const messageTypes = { text: 1, choice: 1, image: 2, voice: 3, link: 6 } as const;

/** How somebody came, as the figures number it; all else is 0. */
const sources = new Map<string, number>([
  ['ADD_SCENE_SEARCH', 1],
  ['ADD_SCENE_PROFILE_CARD', 17],
  ['ADD_SCENE_QR_CODE', 30],
  ['ADD_SCENE_PAID', 51],
  ['ADD_SCENE_PROFILE_LINK', 57],
  ['ADD_SCENE_WECHAT_ADVERTISEMENT', 100],
  ['ADD_SCENE_WXA', 149],
  ['ADD_SCENE_REPRINT', 161],
  ['ADD_SCENE_CHANNELS', 200],
  ['ADD_SCENE_LIVESTREAM', 201],
]);

/** One day, or one hour of it, of the asked period. */
interface Slot extends Period {
  readonly date: string;
}

/** §12: the platform's figures, counted from what happened in the sandbox. Of articles nothing is known. */
export function datacubeCalls(figures: DatacubeRecords): CallRows {
  const summary = row(7, async ({ account }, days) => {
    const people = await figures.people(account.appId);
    return days.flatMap((slot) => {
      const fresh = people.filter(({ followedAt }) => isIn(followedAt, slot)).map(sourceOf);
      const gone = people.filter(({ unfollowedAt, isFollowing }) => !isFollowing && isIn(unfollowedAt, slot)).map(sourceOf);
      const count = (of: readonly number[], source: number) => of.filter((one) => one === source).length;
      return [...new Set([...fresh, ...gone])]
        .sort((a, b) => a - b)
        .map((one) => ({ ref_date: slot.date, user_source: one, new_user: count(fresh, one), cancel_user: count(gone, one) }));
    });
  });
  const cumulate = row(7, async ({ account }, days) => {
    const people = await figures.people(account.appId);
    return days.map(({ date, until }) => ({
      ref_date: date,
      user_source: 0,
      cumulate_user: people.filter((one) => followedAt(one, until)).length,
    }));
  });

  async function saidIn({ account }: AccountCall, period: Period): Promise<Said[]> {
    const people = await figures.people(account.appId);
    return figures.said(
      people.map(({ _id }) => _id),
      period,
    );
  }

  const messages = (mostDays: number, cut: (days: readonly Slot[]) => readonly (Slot & { hour?: number })[]) =>
    row(mostDays, async (call, days) => {
      const said = await saidIn(call, spanOf(days));
      return cut(days).flatMap((slot) => countByType(said, slot));
    });
  const distribution = (mostDays: number, cut: (days: readonly Slot[]) => readonly Slot[]) =>
    row(mostDays, async (call, days) => {
      const said = await saidIn(call, spanOf(days));
      return cut(days).flatMap((slot) => countByFrequency(said, slot));
    });
  const callbacks = (mostDays: number, cut: (days: readonly Slot[]) => readonly (Slot & { hour?: number })[]) =>
    row(mostDays, async ({ account }, days) => {
      const tried = await figures.tried(account.appId, spanOf(days));
      return cut(days).flatMap((slot) => {
        const times = tried.filter(({ at }) => isIn(at, slot));
        if (times.length === 0) return [];
        const lengths = times.map(({ milliseconds }) => milliseconds);
        return [
          {
            ref_date: slot.date,
            ...hourOf(slot),
            callback_count: times.length,
            fail_count: times.filter(({ isRefused }) => isRefused).length,
            total_time_cost: lengths.reduce((sum, one) => sum + one, 0),
            max_time_cost: Math.max(...lengths),
          },
        ];
      });
    });

  const whole = (days: readonly Slot[]) => [{ ...spanOf(days), date: days[0]?.date ?? '' }];
  const articles = {
    getarticlesummary: 1,
    getarticletotal: 1,
    getuserread: 3,
    getuserreadhour: 1,
    getusershare: 7,
    getusersharehour: 1,
  };
  const calls: Record<string, AccountRow> = {
    getusersummary: summary,
    getusercumulate: cumulate,
    getupstreammsg: messages(7, (days) => days),
    getupstreammsghour: messages(1, hoursOf),
    getupstreammsgweek: messages(30, whole),
    getupstreammsgmonth: messages(30, whole),
    getupstreammsgdist: distribution(15, (days) => days),
    getupstreammsgdistweek: distribution(30, whole),
    getupstreammsgdistmonth: distribution(30, whole),
    getinterfacesummary: callbacks(30, (days) => days),
    getinterfacesummaryhour: callbacks(1, hoursOf),
  };
  for (const [name, mostDays] of Object.entries(articles)) calls[name] = row(mostDays, async () => []);
  return Object.fromEntries(Object.entries(calls).map(([name, one]) => [`datacube/${name}`, one]));
}

/** A call with a period of so many days at most, which ended yesterday at the latest. */
function row(mostDays: number, list: (call: AccountCall, days: readonly Slot[]) => Promise<readonly object[]>): AccountRow {
  return {
    method: 'POST',
    section: '12',
    opens: 'token',
    needs: { isVerified: true },
    async answer(call) {
      const first = dayOf(textOf(call.body, 'begin_date', badDate));
      const last = dayOf(textOf(call.body, 'end_date', badDate));
      if (last < first || last - first >= mostDays * day || last + day > call.now)
        refuse('limit-passed', 61501, 'date range error');
      const days = Array.from({ length: (last - first) / day + 1 }, (_, place) => slotAt(first + place * day, day));
      return { list: await list(call, days) };
    },
  };
}

/** When the day begins, epoch ms. */
function dayOf(text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text) refuse('value-wrong', ...badDate);
  return at - platformOffset;
}

function sourceOf({ scene = 'ADD_SCENE_SEARCH' }: FollowerRecord): number {
  return sources.get(scene) ?? 0;
}

function slotAt(since: number, length: number): Slot {
  return { since, until: since + length, date: new Date(since + platformOffset).toISOString().slice(0, 10) };
}

function hoursOf(days: readonly Slot[]): (Slot & { hour: number })[] {
  return days.flatMap(({ since, date }) =>
    Array.from({ length: 24 }, (_, place) => ({ ...slotAt(since + place * hour, hour), date, hour: place * 100 })),
  );
}

function spanOf(days: readonly Slot[]): Period {
  return { since: days[0]?.since ?? 0, until: days.at(-1)?.until ?? 0 };
}

function isIn(at: number | undefined, { since, until }: Period): boolean {
  return at !== undefined && at >= since && at < until;
}

/** Did this person follow when the day ended. */
function followedAt({ followedAt: since, unfollowedAt, isFollowing }: FollowerRecord, until: number): boolean {
  return since !== undefined && since < until && (isFollowing || (unfollowedAt ?? 0) >= until);
}

function countByType(said: readonly Said[], slot: Slot & { hour?: number }): object[] {
  const here = said.filter(({ at }) => isIn(at, slot));
  return [...new Set(Object.values(messageTypes))].flatMap((type) => {
    const ofType = here.filter(({ kind }) => kind in messageTypes && messageTypes[kind as keyof typeof messageTypes] === type);
    if (ofType.length === 0) return [];
    const people = new Set(ofType.map(({ openid }) => openid));
    return [{ ref_date: slot.date, ...hourOf(slot), msg_type: type, msg_user: people.size, msg_count: ofType.length }];
  });
}

/** How many people have sent 1 to 5 messages, 6 to 10, more. */
function countByFrequency(said: readonly Said[], slot: Slot): object[] {
  const counts = new Map<string, number>();
  for (const { openid, at } of said) if (isIn(at, slot)) counts.set(openid, (counts.get(openid) ?? 0) + 1);
  const intervals = [...counts.values()].map((count) => (count <= 5 ? 1 : count <= 10 ? 2 : 3));
  return [1, 2, 3].flatMap((interval) => {
    const people = intervals.filter((one) => one === interval).length;
    return people === 0 ? [] : [{ ref_date: slot.date, count_interval: interval, msg_user: people }];
  });
}

function hourOf({ hour }: { hour?: number }): { ref_hour?: number } {
  return hour === undefined ? {} : { ref_hour: hour };
}

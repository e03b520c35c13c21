import { expect, test } from 'vitest';
import { openPlatform } from './platform.ts';

const day = 86_400_000;

async function openFigures() {
  const platform = await openPlatform();
  // It is 15 July 2026, ten in the morning where the platform is.
  const list = async (name: string, begin_date: string, end_date = begin_date) =>
    platform.call(`datacube/${name}`, { begin_date, end_date });
  const tomorrow = async () => {
    await platform.clock.advance(day);
    await platform.renew();
  };
  return { ...platform, list, tomorrow };
}

test('who came and who left is counted by day, and how many there are in all', async () => {
  const { list, tomorrow, sandbox, openid, addFollower } = await openFigures();
  await addFollower('王一川', 'door');
  await tomorrow();
  await sandbox.unfollow(openid);
  await tomorrow();
  const found = (await list('getusersummary', '2026-07-15', '2026-07-16')) as { list?: { ref_date: string; new_user: number }[] };
  expect(found.list?.map(({ ref_date }) => ref_date)).toEqual(['2026-07-15', '2026-07-15', '2026-07-16']);
  expect(found.list).toMatchObject([
    { user_source: 1, new_user: 1, cancel_user: 0 },
    { user_source: 30, new_user: 1, cancel_user: 0 },
    { user_source: 1, new_user: 0, cancel_user: 1 },
  ]);
  expect(await list('getusercumulate', '2026-07-14', '2026-07-16')).toEqual({
    list: [0, 2, 1].map((cumulate_user, place) => ({ ref_date: `2026-07-1${place + 4}`, user_source: 0, cumulate_user })),
  });
});

test('what followers said is counted by kind, by hour and by how often', async () => {
  const { list, tomorrow, sandbox, openid } = await openFigures();
  for (let times = 0; times < 6; times++) await sandbox.say(openid, { kind: 'text', text: `${times}` });
  await sandbox.say(openid, { kind: 'image', url: 'https://pic.example/1.jpg' });
  await tomorrow();
  expect(await list('getupstreammsg', '2026-07-15')).toEqual({
    list: [
      { ref_date: '2026-07-15', msg_type: 1, msg_user: 1, msg_count: 6 },
      { ref_date: '2026-07-15', msg_type: 2, msg_user: 1, msg_count: 1 },
    ],
  });
  expect(await list('getupstreammsghour', '2026-07-15')).toMatchObject({
    list: [{ ref_hour: 1000, msg_count: 6 }, { ref_hour: 1000 }],
  });
  expect(await list('getupstreammsgdist', '2026-07-15')).toEqual({
    list: [{ ref_date: '2026-07-15', count_interval: 2, msg_user: 1 }],
  });
  expect(await list('getinterfacesummary', '2026-07-15')).toMatchObject({ list: [{ callback_count: 8, fail_count: 0 }] });
  expect(await list('getupstreammsg', '2026-07-14')).toEqual({ list: [] });
});

test.each([
  ['a day that is no date', 'getusersummary', '2026-02-30', '2026-02-30', 61500],
  ['another way to write it', 'getusersummary', '20260714', '20260714', 61500],
  ['today', 'getusersummary', '2026-07-15', '2026-07-15', 61501],
  ['an end before the begin', 'getusersummary', '2026-07-14', '2026-07-13', 61501],
  ['eight days', 'getusersummary', '2026-07-07', '2026-07-14', 61501],
  ['two days of a call that takes one', 'getarticletotal', '2026-07-13', '2026-07-14', 61501],
])('%s is refused', async (_, name, from, to, errcode) => {
  const { list } = await openFigures();
  expect(await list(name, from, to)).toMatchObject({ errcode });
});

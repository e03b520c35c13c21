import { describe, expect, it } from 'vitest';
import { formatUntil, formatWhen } from '../../console/src/console/texts/times.ts';

const now = new Date(2026, 6, 16, 14, 32).getTime();
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

describe('when something was', () => {
  it.each([
    [now - minute, '今天 14:31', 'today 14:31'],
    [now - 15 * hour, '昨天 23:32', 'yesterday 23:32'],
    [now - 5 * day, '7月11日 14:32', '11 July 14:32'],
    [new Date(2025, 11, 31, 9, 5).getTime(), '2025年12月31日', '31 December 2025'],
  ])('%d is said as %s', (at, zh, en) => {
    expect([formatWhen(at, now, 'zh'), formatWhen(at, now, 'en')]).toEqual([zh, en]);
  });
});

describe('how long it still is', () => {
  it.each([
    [now + 6 * hour + 10 * minute, '6 小时后', 'in 6 hours'],
    [now + 90_000, '2 分钟后', 'in 2 minutes'],
    [now + 7 * day, '7月23日', '23 July'],
    [now + 200 * day, '2027年2月1日', '1 February 2027'],
  ])('until %d is said as %s', (at, zh, en) => {
    expect([formatUntil(at, now, 'zh'), formatUntil(at, now, 'en')]).toEqual([zh, en]);
  });

  it('is never less than nothing', () => {
    expect(formatUntil(now - hour, now, 'en')).toBe('this minute');
  });
});

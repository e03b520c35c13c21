import { useEffect, useState } from 'react';
import type { Language } from '../shared/preferences.ts';

/** Hours and minutes: 14:32. */
export function formatMinute(at: number): string {
  return minute.format(at);
}

/** To the second: 14:32:07. */
export function formatSecond(at: number): string {
  return second.format(at);
}

/** Day and minute as a chat writes them: the time alone for today, "昨天 14:32", "7月16日 14:32". */
export function formatMoment(at: number, now: number, language: Language, yesterday: string): string {
  const days = Math.round((startOfDay(now) - startOfDay(at)) / day);
  if (days <= 0) return formatMinute(at);
  if (days === 1) return `${yesterday} ${formatMinute(at)}`;
  return `${formatDay(at, language)} ${formatMinute(at)}`;
}

export function formatDay(at: number, language: Language): string {
  return new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { month: 'long', day: 'numeric' }).format(at);
}

/** 7月16日 周三, Wed 16 July. */
export function formatDate(at: number, language: Language): string {
  const weekday = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { weekday: 'short' }).format(at);
  const date = formatDay(at, language);
  return language === 'zh' ? `${date} ${weekday}` : `${weekday} ${date}`;
}

/** Now by the sandbox's clock, kept true to the minute. */
export function useMinute(offset: number): number {
  const [now, setNow] = useState(() => Date.now() + offset);
  useEffect(() => {
    const tick = () => setNow(Date.now() + offset);
    tick();
    const timer = setInterval(tick, 5000);
    return () => clearInterval(timer);
  }, [offset]);
  return now;
}

function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

const day = 86_400_000;
const minute = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const second = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

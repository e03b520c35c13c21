import { useEffect, useState } from 'react';
import type { Language } from '../../../../server/api/contract.ts';

/** When something was, as people say it: "今天 14:32", "昨天 14:32", "7月16日 14:32", "2025年7月16日". */
export function formatWhen(at: number, now: number, language: Language): string {
  const days = Math.round((startOfDay(now) - startOfDay(at)) / day);
  if (days === 0 || days === 1) return `${relative(language).format(-days, 'day')} ${formatMinute(at)}`;
  return new Date(at).getFullYear() === new Date(now).getFullYear()
    ? `${formatDay(at, language)} ${formatMinute(at)}`
    : formatDate(at, language);
}

/** How long it is until then: "6 小时后" under a day, the date otherwise. */
export function formatUntil(at: number, now: number, language: Language): string {
  const left = at - now;
  if (left >= day)
    return new Date(at).getFullYear() === new Date(now).getFullYear() ? formatDay(at, language) : formatDate(at, language);
  const text =
    left >= hour
      ? relative(language).format(Math.floor(left / hour), 'hour')
      : relative(language).format(Math.max(0, Math.ceil(left / minute)), 'minute');
  // Chinese type sets a space between a figure and a word, which Intl does not.
  return text.replace(/(\d)(?=\p{Script=Han})/u, '$1 ');
}

/** To the second, with the zone: what a person quotes to another. */
export function formatExactly(at: number, language: Language): string {
  return new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'long', timeStyle: 'long' }).format(at);
}

/** To the second, of today or not: what a line of a log shows. */
export function formatSecond(at: number): string {
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(at);
}

export function formatDate(at: number, language: Language): string {
  return new Intl.DateTimeFormat(localeOf(language), { year: 'numeric', month: 'long', day: 'numeric' }).format(at);
}

/** Now, kept true to some seconds while it is shown. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 15_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function formatDay(at: number, language: Language): string {
  return new Intl.DateTimeFormat(localeOf(language), { month: 'long', day: 'numeric' }).format(at);
}

function formatMinute(at: number): string {
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }).format(at);
}

const relative = (language: Language) => new Intl.RelativeTimeFormat(localeOf(language), { numeric: 'auto' });
const localeOf = (language: Language) => (language === 'zh' ? 'zh-CN' : 'en-GB');
const startOfDay = (at: number) => new Date(at).setHours(0, 0, 0, 0);
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

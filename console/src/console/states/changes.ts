/** One thing that somebody else changed, in words. */
export interface StaleChange {
  label: string;
  before: string;
  now: string;
}

/** What differs between two versions in these fields, in the words that people read; `labels` names the fields that are shown. */
export function changesBetween<Thing extends object>(
  before: Thing,
  now: Thing,
  labels: { readonly [Field in keyof Thing]?: string },
  say: (field: keyof Thing, value: Thing[keyof Thing]) => string = (_, value) => String(value ?? ''),
): StaleChange[] {
  const fields = Object.keys(labels) as (keyof Thing)[];
  return fields
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(now[field]))
    .map((field) => ({ label: labels[field] ?? '', before: say(field, before[field]), now: say(field, now[field]) }));
}

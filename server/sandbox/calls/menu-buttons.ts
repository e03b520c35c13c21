import { bytesOf, objectsOf, optionalTextOf } from './fields.ts';
import type { MenuButton } from './menu-records.ts';
import { refuse } from './row.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a button of each type has to say, beside its name (wechat.md §4). */
const needed = new Map<string, readonly (keyof MenuButton & string)[]>(
  Object.entries({
    click: ['key'],
    view: ['url'],
    scancode_push: ['key'],
    scancode_waitmsg: ['key'],
    pic_sysphoto: ['key'],
    pic_photo_or_album: ['key'],
    pic_weixin: ['key'],
    location_select: ['key'],
    media_id: ['media_id'],
    view_limited: ['media_id'],
    article_id: ['article_id'],
    article_view_limited: ['article_id'],
    miniprogram: ['url', 'appid', 'pagepath'],
  } as const),
);

/** The codes of both levels: how many, name, key, address. */
const levels = {
  first: { most: 3, count: 40016, name: 40018, key: 40019, url: 40020, longestName: 16 },
  sub: { most: 5, count: 40023, name: 40025, key: 40026, url: 40027, longestName: 60 },
} as const;

/** The buttons of a menu as the platform keeps them. Refuses with the code of what is wrong. */
export function buttonsOf(body: Fields): MenuButton[] {
  const buttons = objectsOf(body, 'button', [40016, 'invalid button size']);
  return readLevel(buttons, 'first');
}

function readLevel(buttons: Fields[], level: keyof typeof levels): MenuButton[] {
  const { most, count } = levels[level];
  if (buttons.length < 1 || buttons.length > most) refuse('limit-passed', count, `invalid ${wordOf(level)} size`);
  return buttons.map((button) => readButton(button, level));
}

function readButton(button: Fields, level: keyof typeof levels): MenuButton {
  const { name: badName, longestName } = levels[level];
  const name = optionalTextOf(button, 'name', [badName, `invalid ${wordOf(level)} name size`]) ?? '';
  if (name === '' || bytesOf(name) > longestName) refuse('limit-passed', badName, `invalid ${wordOf(level)} name size`);
  const below = button.sub_button;
  const isParent = Array.isArray(below) ? below.length > 0 : below !== undefined && below !== null;
  if (!isParent) return { ...readAction(button, level), name, sub_button: [] };
  if (level === 'sub') refuse('value-wrong', 40022, 'invalid sub button level');
  return { name, sub_button: readLevel(objectsOf(button, 'sub_button', [40023, 'invalid sub button size']), 'sub') };
}

/** What happens on a tap. */
function readAction(button: Fields, level: keyof typeof levels): Omit<MenuButton, 'name' | 'sub_button'> {
  const { key: badKey, url: badUrl } = levels[level];
  const type = optionalTextOf(button, 'type', [40015, 'invalid menu type']) ?? '';
  const fields = needed.get(type);
  if (!fields) refuse('value-wrong', level === 'first' ? 40015 : 40024, `invalid ${wordOf(level)} type`);
  const read = fields.map((field) => [field, readField(button, field, { key: badKey, url: badUrl })] as const);
  return { type, ...Object.fromEntries(read) };
}

function readField(button: Fields, field: string, bad: { key: number; url: number }): string {
  const value = optionalTextOf(button, field) ?? '';
  if (field === 'key' && (value === '' || bytesOf(value) > 128)) refuse('limit-passed', bad.key, 'invalid button key size');
  if (field === 'url') {
    if (value === '' || bytesOf(value) > 1024) refuse('limit-passed', bad.url, 'invalid button url size');
    if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) refuse('value-wrong', 40055, 'invalid button url domain');
  }
  if (value === '') refuse('value-missing', field.endsWith('_id') ? 40007 : 40035, `invalid ${field}`);
  return value;
}

function wordOf(level: keyof typeof levels): string {
  return level === 'first' ? 'button' : 'sub button';
}

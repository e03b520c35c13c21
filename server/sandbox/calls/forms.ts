import type { MessageContent } from '../contract.ts';
import { isAllowed, isTyped } from '../template-fields.ts';
import { linesOf } from '../template-library.ts';
import type { TemplateRecord } from '../template-records.ts';
import { objectOf, optionalTextOf } from './fields.ts';
import { refuse } from './row.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A template message as it stands in the chat: what each field holds, checked by its type. */
export function formOf({ title, content }: TemplateRecord, body: Fields): MessageContent {
  const data = objectOf(body, 'data', [47003, 'argument invalid! data is empty']);
  const fields = linesOf(content).map(({ name, key }) => ({ name, key, text: fieldText(data, key) }));
  const shown = fields.filter(({ key }) => key !== 'first' && key !== 'remark').map(({ name, text }) => ({ name, text }));
  return { kind: 'form', title, fields: shown, ...targetOf(body) };
}

/** Where a tap leads: the mini-program wins over the address. */
function targetOf(body: Fields): { url?: string; path?: string } {
  const url = optionalTextOf(body, 'url');
  const page = optionalTextOf(body, 'page');
  const hasMiniProgram = body.miniprogram !== undefined && body.miniprogram !== null && body.miniprogram !== '';
  const path = hasMiniProgram ? pathOf(objectOf(body, 'miniprogram')) : page;
  return { ...(url && { url }), ...(path && { path }) };
}

function pathOf(program: Fields): string | undefined {
  // SDKs send the whole object with empty texts when there is none.
  const appId = optionalTextOf(program, 'appid');
  if (!appId) return undefined;
  if (!/^wx[0-9a-z]{16}$/.test(appId)) refuse('value-wrong', 40013, 'invalid appid');
  return optionalTextOf(program, 'pagepath') ?? optionalTextOf(program, 'path') ?? '';
}

function fieldText(data: Fields, key: string): string {
  const field = data[key];
  const value = typeof field === 'object' && field !== null ? (field as Fields).value : field;
  const text = typeof value === 'number' ? String(value) : value;
  if (text === undefined || text === null || text === '') {
    return isTyped(key) ? refuse('value-missing', 47003, `argument invalid! data.${key}.value is empty`) : '';
  }
  if (typeof text !== 'string' || !isAllowed(key, text))
    return refuse('value-wrong', 47003, `argument invalid! data.${key}.value invalid`);
  return text;
}

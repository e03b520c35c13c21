import type { CallParts } from '../call-table.ts';
import type { FollowerRecord } from '../records.ts';
import { objectOf, textOf, wholeNumberOf, writtenOf } from './fields.ts';
import { buttonsOf } from './menu-buttons.ts';
import type { MatchRule, MenuButton, MenuRecord, MenuRecords } from './menu-records.ts';
import { type AccountCall, type AccountRow, type CallRows, ok, refuse } from './row.ts';

const conditionalAtMost = 100;
const domainsAtMost = 3;
const nothingThere = ['nothing-there', 46003, 'menu no exist'] as const;
const platformTypes = { ios: '1', android: '2', other: '3' } as const;

/** §4: the menu below the chat, one for all and others for some. */
export function menuCalls({ records }: Pick<CallParts, 'records'>, menus: MenuRecords): CallRows {
  async function add({ account, body }: AccountCall): Promise<{ menuid: string }> {
    const button = buttonsOf(body);
    const rule = ruleOf(objectOf(body, 'matchrule', [65304, 'match rule empty']));
    const all = await menus.all(account.appId);
    if (!all.some(({ matchrule }) => !matchrule))
      refuse('nothing-there', 65303, 'there is no selfmenu, please create selfmenu first');
    const conditional = all.filter(({ matchrule }) => matchrule);
    if (conditional.length >= conditionalAtMost) refuse('limit-passed', 65305, 'conditional menu exceeds limit');
    const domains = new Set([...conditional.flatMap((menu) => domainsOf(menu.button)), ...domainsOf(button)]);
    if (domains.size > domainsAtMost) refuse('limit-passed', 65316, 'conditional menu jumps to too many domains');
    return { menuid: String(await menus.addConditional(account.appId, button, rule)) };
  }

  return {
    'cgi-bin/menu/create': row('POST', 1_000, async ({ account, body, bytes }) => {
      // Escaped Chinese was shown as it stands (wechat.md §0).
      if (/\\u[0-9a-f]{4}/i.test(bytes.toString('utf8')))
        refuse('value-wrong', 40033, 'invalid charset. please check your request, if include \\uxxxx will create fail!');
      await menus.setDefault(account.appId, buttonsOf(body));
      return ok;
    }),
    'cgi-bin/menu/get': row('GET', 10_000, async ({ account }) => {
      const all = await menus.all(account.appId);
      const plain = all.find(({ matchrule }) => !matchrule) ?? refuse(...nothingThere);
      const conditional = all.filter(({ matchrule }) => matchrule);
      if (conditional.length === 0) return { menu: { button: plain.button } };
      const shown = conditional.map(({ _id, button, matchrule }) => ({ button, matchrule, menuid: _id }));
      return { menu: { button: plain.button, menuid: plain._id }, conditionalmenu: shown };
    }),
    'cgi-bin/get_current_selfmenu_info': row('GET', 10_000, async ({ account }) => {
      const plain = (await menus.all(account.appId)).find(({ matchrule }) => !matchrule);
      return { is_menu_open: plain ? 1 : 0, selfmenu_info: { button: plain ? plain.button.map(nestedOf) : [] } };
    }),
    'cgi-bin/menu/delete': row('GET', 1_000, async ({ account }) => {
      await menus.removeAll(account.appId);
      return ok;
    }),
    'cgi-bin/menu/addconditional': row('POST', 2_000, add),
    'cgi-bin/menu/delconditional': row('POST', 2_000, async ({ account, body }) => {
      const id = wholeNumberOf(body, 'menuid', [65301, 'no such conditional menu']);
      if (!(await menus.removeConditional(account.appId, id))) refuse('nothing-there', 65301, 'no such conditional menu');
      return ok;
    }),
    'cgi-bin/menu/trymatch': row('POST', 20_000, async ({ account, body }) => {
      const person = await records.findFollower(textOf(body, 'user_id', [40035, 'invalid user_id']));
      if (person?.appId !== account.appId) refuse('nothing-there', 65302, 'there is no such user');
      const menu = menuFor(person, await menus.all(account.appId)) ?? refuse(...nothingThere);
      return { button: menu.button };
    }),
  };
}

/** The menu that this person sees; undefined when the account has none. */
export function menuFor(person: FollowerRecord, all: readonly MenuRecord[]): MenuRecord | undefined {
  const fitting = all.find(({ matchrule }) => matchrule && fits(person, matchrule));
  return fitting ?? all.find(({ matchrule }) => !matchrule);
}

/** Of several tags the one that was applied last counts. */
function fits({ tagIds = [], system = 'ios' }: FollowerRecord, { tag_id: tag, client_platform_type: type }: MatchRule): boolean {
  return (tag === undefined || tag === String(tagIds.at(-1))) && (type === undefined || type === platformTypes[system]);
}

function ruleOf(given: Readonly<Record<string, unknown>>): MatchRule {
  const said = Object.entries(given).filter(([, value]) => value !== '' && value !== null);
  if (said.some(([name]) => /^(sex|country|province|city|language)$/.test(name)))
    refuse('value-wrong', 65320, 'matchrule contains privacy fields');
  const rule = Object.fromEntries(
    said.filter(([name]) => /^(tag_id|client_platform_type)$/.test(name)).map(([name, value]) => [name, writtenOf(value)]),
  );
  if (Object.keys(rule).length === 0) refuse('value-missing', 65304, 'match rule empty');
  if (rule.client_platform_type !== undefined && !/^[123]$/.test(rule.client_platform_type))
    refuse('value-wrong', 40035, 'invalid client_platform_type');
  return rule;
}

/** The other nesting of the call that also knows menus made by hand. */
function nestedOf({ sub_button: below, ...button }: MenuButton): object {
  return below.length === 0 ? button : { ...button, sub_button: { list: below.map(nestedOf) } };
}

function domainsOf(buttons: readonly MenuButton[]): string[] {
  return buttons.flatMap(({ type, url, sub_button: below }) => [
    ...(type === 'view' && url !== undefined ? [new URL(url).hostname] : []),
    ...domainsOf(below),
  ]);
}

/** Of subscription accounts only verified ones may have a menu by call. */
function row(method: AccountRow['method'], quota: number, answer: AccountRow['answer']): AccountRow {
  return {
    method,
    section: '4',
    opens: 'token',
    quota,
    async answer(call, desk) {
      if (call.account.kind === 'subscription' && !call.account.isVerified) refuse('not-granted', 48001, 'api unauthorized');
      return answer(call, desk);
    },
  };
}

import type { Account, Follower, Message, Page, PhoneMenu, SandboxState, WireRow } from '../../../server/sandbox/contract.ts';

import type { FaultState } from '../../../server/sandbox/script-contract.ts';

/** Everything the page shows that the server knows. A value: each change makes a new one. */
export interface View {
  phase: 'loading' | 'ready' | 'failed';
  connection: 'live' | 'lost';
  accounts: readonly Account[];
  followers: readonly Follower[];
  /** Whose phone is shown. */
  chosen?: string;
  /** Whose phone stands beside it, where one does. */
  beside?: string;
  /** Which account's people are shown, where nobody is chosen. */
  appId?: string;
  chats: Readonly<Record<string, Chat>>;
  /** The menus below the chats, by openid, as they were read last. */
  menus: Readonly<Record<string, PhoneMenu>>;
  /** Until when an account is seen to type, by openid, epoch ms of the sandbox. */
  typing: Readonly<Record<string, number>>;
  wire: Wire;
  /** Sandbox time minus this browser's, ms. */
  clockOffset: number;
  /** How far the sandbox's clock is ahead of the server's, ms. */
  ahead: number;
  /** What goes wrong by choice, and how often it has; absent until it is read. */
  faults?: FaultState;
}

export interface Chat {
  /** Oldest first. */
  messages: readonly Message[];
  hasMore: boolean;
  isLoaded: boolean;
}

export interface Wire {
  /** Newest first. */
  rows: readonly WireRow[];
  hasMore: boolean;
  isLoaded: boolean;
  query: WireQuery;
}

/** What of the wire log is shown: rows that contain `find`, and of them all, one direction's or the refused ones. */
export interface WireQuery {
  find: string;
  show: 'all' | WireRow['direction'] | 'refused';
}

export const emptyChat: Chat = { messages: [], hasMore: false, isLoaded: false };

export const firstView: View = {
  phase: 'loading',
  connection: 'live',
  accounts: [],
  followers: [],
  chats: {},
  menus: {},
  typing: {},
  wire: { rows: [], hasMore: false, isLoaded: false, query: { find: '', show: 'all' } },
  clockOffset: 0,
  ahead: 0,
};

/** The view after the server said what there is. Whose phone was shown stays, if they are still there. */
export function withState(view: View, state: SandboxState, now: number): View {
  const isThere = state.followers.some(({ openid }) => openid === view.chosen);
  const isOfShown = (follower: Follower) => view.appId === undefined || follower.appId === view.appId;
  const chosen = isThere ? view.chosen : state.followers.find(isOfShown)?.openid;
  const isBesideThere = state.followers.some(({ openid }) => openid === view.beside && openid !== chosen);
  const { chosen: _gone, beside: _besideGone, ...rest } = view;
  return {
    ...rest,
    ...(chosen === undefined ? {} : { chosen }),
    ...(isBesideThere && view.beside !== undefined && { beside: view.beside }),
    phase: 'ready',
    accounts: state.accounts,
    followers: state.followers,
    clockOffset: state.now - now,
    // What is shown stays until it is read anew.
    chats: Object.fromEntries(Object.entries(view.chats).map(([openid, chat]) => [openid, { ...chat, isLoaded: false }])),
  };
}

/** With this account in place of the one with the same app id, or behind the others. */
export function withAccount(view: View, account: Account): View {
  const known = view.accounts.some(({ appId }) => appId === account.appId);
  const accounts = known
    ? view.accounts.map((other) => (other.appId === account.appId ? account : other))
    : [...view.accounts, account];
  return { ...view, accounts };
}

/** With the phone of one of this account's people: of whoever has the name of the person shown before, else of the first. */
export function withChosenAccount(view: View, appId: string): View {
  const { chosen, beside: _, ...rest } = view;
  const name = view.followers.find(({ openid }) => openid === chosen)?.name;
  const people = view.followers.filter((follower) => follower.appId === appId);
  const next = people.find((follower) => follower.name === name) ?? people[0];
  return { ...rest, appId, ...(next && { chosen: next.openid }) };
}

/** With this person's phone in the first place; who stands beside it takes the other's place where they change. */
export function withChosen(view: View, chosen: string): View {
  if (chosen !== view.beside) return { ...view, chosen };
  const { beside: _, ...rest } = view;
  return { ...rest, chosen, ...(view.chosen !== undefined && { beside: view.chosen }) };
}

/** With this person's phone beside the other, or with nobody's. */
export function withBeside(view: View, openid: string | undefined): View {
  const { beside: _, ...rest } = view;
  return openid === undefined || openid === view.chosen ? rest : { ...rest, beside: openid };
}

/** The account that the shown person would follow. */
export function accountOf({ accounts, followers, chosen, appId: shown }: View): Account | undefined {
  const follower = followers.find(({ openid }) => openid === chosen);
  return accounts.find(({ appId }) => appId === (follower?.appId ?? shown)) ?? accounts[0];
}

/** The people of the account that is shown. */
export function peopleOf(view: View): readonly Follower[] {
  const account = accountOf(view);
  return view.followers.filter(({ appId }) => appId === account?.appId);
}

/** With this follower in place of the one with the same openid, or behind the others. */
export function withFollower(view: View, follower: Follower): View {
  const known = view.followers.some(({ openid }) => openid === follower.openid);
  const followers = known
    ? view.followers.map((other) => (other.openid === follower.openid ? follower : other))
    : [...view.followers, follower];
  return { ...view, followers };
}

/** With these lines in the chat, each once, in the order of their ids. */
export function withMessages(view: View, openid: string, messages: readonly Message[], more: Partial<Chat> = {}): View {
  const chat = view.chats[openid] ?? emptyChat;
  return withChat(view, openid, { ...chat, ...more, messages: merge(chat.messages, messages) });
}

/** With the newest page of a chat in place of what was known, but for lines that came since it was asked for. */
export function withNewestMessages(view: View, openid: string, { items, hasMore }: Page<Message>): View {
  const since = newerThan(view.chats[openid]?.messages ?? [], items.at(-1)?.id);
  return withChat(view, openid, { messages: merge(items, since), hasMore, isLoaded: true });
}

/** With these rows in the wire log, each once, newest first. */
export function withRows(view: View, rows: readonly WireRow[], more: Partial<Wire> = {}): View {
  return { ...view, wire: { ...view.wire, ...more, rows: merge(view.wire.rows, rows).reverse() } };
}

/** With the newest page of the wire log in place of what was known, but for rows that came since it was asked for. */
export function withNewestRows(view: View, { items, hasMore }: Page<WireRow>): View {
  const since = newerThan(view.wire.rows, items[0]?.id).filter((row) => fits(row, view.wire.query));
  const rows = merge(items, since).reverse();
  return { ...view, wire: { ...view.wire, rows, hasMore, isLoaded: true } };
}

/** Is the row one of those asked for. A search is the server's to answer, since it looks into what a row does not hold. */
export function fits(row: WireRow, { find, show }: WireQuery): boolean {
  return find === '' && isShown(row, show);
}

/** Is the row one of these, whatever is searched for. */
export function isShown({ verdict, direction }: WireRow, show: WireQuery['show']): boolean {
  return show === 'all' || show === verdict || show === direction;
}

function withChat(view: View, openid: string, chat: Chat): View {
  return { ...view, chats: { ...view.chats, [openid]: chat } };
}

function newerThan<Item extends { id: string }>(items: readonly Item[], id = ''): Item[] {
  return items.filter((item) => item.id > id);
}

function merge<Item extends { id: string }>(known: readonly Item[], come: readonly Item[]): Item[] {
  const byId = new Map([...known, ...come].map((item) => [item.id, item]));
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

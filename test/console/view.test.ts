import { describe, expect, test } from 'vitest';
import {
  accountOf,
  firstView,
  fits,
  peopleOf,
  type View,
  withAccount,
  withBeside,
  withChosen,
  withChosenAccount,
  withFollower,
  withMessages,
  withNewestMessages,
  withNewestRows,
  withRows,
  withState,
} from '../../console/src/sandbox/view.ts';
import type { Account, Follower, Message, SandboxState, WireRow } from '../../server/sandbox/contract.ts';

const ming: Follower = { openid: 'oMing', appId: 'wx1', name: '林小满', isFollowing: false };
const ke: Follower = { openid: 'oKe', appId: 'wx1', name: '陈可', isFollowing: true };
const state = (followers: Follower[]): SandboxState => ({ accounts: [], followers, cursor: '1', now: 5000 });
const line = (id: string, text = id): Message => ({
  id,
  openid: 'oMing',
  at: 0,
  from: 'follower',
  content: { kind: 'text', text },
  deliveryId: id,
});
const row = (id: string, verdict: WireRow['verdict'] = 'accepted'): WireRow => ({
  id,
  at: 0,
  direction: 'callback',
  kind: 'text',
  appId: 'wx1',
  attempt: 1,
  milliseconds: 1,
  verdict,
  rule: 'reply-shown',
  section: '1.6',
});
const chat = (view: View) => view.chats.oMing?.messages.map(({ id }) => id);
const rows = (view: View) => view.wire.rows.map(({ id }) => id);

describe('the people', () => {
  test('start with the first one chosen, and stay with whom the reader chose', () => {
    const view = withState(firstView, state([ming, ke]), 2000);
    expect(view).toMatchObject({ phase: 'ready', chosen: 'oMing', clockOffset: 3000 });
    expect(withState({ ...view, chosen: 'oKe' }, state([ming, ke]), 2000).chosen).toBe('oKe');
  });

  test('fall back to the first when the chosen one is gone, and to nobody when all are', () => {
    const view = { ...firstView, chosen: 'oGone' };
    expect(withState(view, state([ming]), 0).chosen).toBe('oMing');
    expect(withState(view, state([]), 0)).not.toHaveProperty('chosen');
  });

  test('are replaced in their place, or added behind', () => {
    const view = withFollower(withState(firstView, state([ming]), 0), ke);
    const followed = withFollower(view, { ...ming, isFollowing: true });
    expect(followed.followers.map(({ name, isFollowing }) => [name, isFollowing])).toEqual([
      ['林小满', true],
      ['陈可', true],
    ]);
  });
});

describe('a chat', () => {
  test('holds each line once, in order, and the newest of its states', () => {
    const view = withMessages(withMessages(firstView, 'oMing', [line('2'), line('1')]), 'oMing', [line('2', 'changed')]);
    expect(chat(view)).toEqual(['1', '2']);
    expect(view.chats.oMing?.messages[1]?.content).toEqual({ kind: 'text', text: 'changed' });
  });

  test('read anew after a break drops what is out of date and keeps what came meanwhile', () => {
    const before = withMessages(firstView, 'oMing', [line('1'), line('9')]);
    const view = withNewestMessages(before, 'oMing', { items: [line('5'), line('6')], hasMore: true });
    expect(chat(view)).toEqual(['5', '6', '9']);
    expect(view.chats.oMing).toMatchObject({ hasMore: true, isLoaded: true });
  });

  test('stays in sight while everything is read anew', () => {
    const before = withNewestMessages(firstView, 'oMing', { items: [line('1')], hasMore: false });
    const view = withState(before, state([ming]), 0);
    expect(chat(view)).toEqual(['1']);
    expect(view.chats.oMing?.isLoaded).toBe(false);
  });
});

describe('the wire log', () => {
  test('is newest first, each row once', () => {
    expect(rows(withRows(withRows(firstView, [row('1'), row('3')]), [row('2'), row('3')]))).toEqual(['3', '2', '1']);
  });

  test('read by another question drops what does not fit it, and keeps what came meanwhile and does', () => {
    const all = withRows(firstView, [row('1'), row('8'), row('9', 'refused')]);
    const onlyRefused = { ...all, wire: { ...all.wire, query: { find: '', show: 'refused' as const } } };
    expect(rows(withNewestRows(onlyRefused, { items: [row('5', 'refused')], hasMore: false }))).toEqual(['9', '5']);
    const searched = { ...all, wire: { ...all.wire, query: { find: '5', show: 'all' as const } } };
    expect(rows(withNewestRows(searched, { items: [row('5')], hasMore: false }))).toEqual(['5']);
  });
});

describe('several accounts', () => {
  const account = (appId: string, name = appId): Account => ({
    appId,
    originalId: `gh_${appId}`,
    name,
    kind: 'service',
    isVerified: true,
    mode: 'safe',
  });
  const elsewhere: Follower = { ...ming, openid: 'oMingElsewhere', appId: 'wx2' };
  const other: Follower = { ...ke, openid: 'oOther', appId: 'wx2', name: '王一川' };
  const accounts = [account('wx1'), account('wx2'), account('wx3')];
  const view = withState(firstView, { ...state([ming, ke, other, elsewhere]), accounts }, 0);

  test('the people of one are shown, of the account of whoever is chosen', () => {
    expect(peopleOf(view)).toEqual([ming, ke]);
    expect(accountOf(withChosenAccount(view, 'wx2'))?.appId).toBe('wx2');
    expect(peopleOf(withChosenAccount(view, 'wx2'))).toEqual([other, elsewhere]);
  });

  test('the same person is shown on another account, else its first', () => {
    expect(withChosenAccount(view, 'wx2').chosen).toBe('oMingElsewhere');
    expect(withChosenAccount({ ...view, chosen: 'oKe' }, 'wx2').chosen).toBe('oOther');
  });

  test('an account without people stays chosen, also when everything is read anew', () => {
    const empty = withChosenAccount(view, 'wx3');
    expect(empty).not.toHaveProperty('chosen');
    const again = withState(empty, { ...state([ming]), accounts }, 0);
    expect([again.chosen, accountOf(again)?.appId, peopleOf(again)]).toEqual([undefined, 'wx3', []]);
  });

  test('an account that has changed takes its place, a new one stands last', () => {
    const changed = withAccount(withAccount(view, account('wx2', '新名字')), account('wx4'));
    expect(changed.accounts.map(({ name }) => name)).toEqual(['wx1', '新名字', 'wx3', 'wx4']);
  });
});

describe('a second phone', () => {
  const view: View = { ...firstView, followers: [ming, ke], chosen: 'oMing' };
  const both = withBeside(view, 'oKe');

  test('changes places with the first when its person is chosen there', () => {
    expect(withChosen(both, 'oKe')).toMatchObject({ chosen: 'oKe', beside: 'oMing' });
    expect(withChosen(both, 'oOther')).toMatchObject({ chosen: 'oOther', beside: 'oKe' });
  });

  test('is nobody’s twice, and is gone with its person or with the account', () => {
    expect(withBeside(both, 'oMing')).not.toHaveProperty('beside');
    expect(withBeside(both, undefined)).not.toHaveProperty('beside');
    expect(withState(both, state([ming, ke]), 0).beside).toBe('oKe');
    expect(withState(both, state([ming]), 0)).not.toHaveProperty('beside');
    expect(withChosenAccount(both, 'wx2')).not.toHaveProperty('beside');
  });
});

test('one direction, or what was refused, is shown of the rows that come', () => {
  const call: WireRow = { ...row('1', 'refused'), direction: 'call' };
  const shows = ['all', 'callback', 'call', 'refused'] as const;
  expect(shows.filter((show) => fits(call, { find: '', show }))).toEqual(['all', 'call', 'refused']);
  expect(shows.filter((show) => fits(row('2'), { find: '', show }))).toEqual(['all', 'callback']);
  expect(fits(call, { find: 'x', show: 'all' })).toBe(false);
});

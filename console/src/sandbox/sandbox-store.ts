import type {
  AddressList,
  Begun,
  EntryCode,
  Follower,
  FollowerSettings,
  Message,
  NewAccount,
  NewFollower,
  OwnedAccount,
  Page,
  PhoneMenu,
  SandboxEvents,
  SandboxState,
  ServerSettings,
  ServerVerdict,
  Speech,
  Subscription,
  SubscriptionAnswers,
  SubscriptionEnd,
  WireDetail,
  WireRow,
} from '../../../server/sandbox/contract.ts';
import type { FaultPlan } from '../../../server/sandbox/faults.ts';
import type { ClockPush, FaultState, SandboxTime, ScriptState } from '../../../server/sandbox/script-contract.ts';
import { openLiveEvents } from '../shared/live-events.ts';
import { read, send } from '../shared/request.ts';
import {
  accountOf,
  firstView,
  fits,
  isShown,
  type View,
  type WireQuery,
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
} from './view.ts';

/** The page's memory of the sandbox: keeps a View true by reading once and listening on. Requests that fail throw a RequestFailure. */
export type SandboxStore = ReturnType<typeof createSandboxStore>;

export function createSandboxStore() {
  let view: View = firstView;
  let isListening = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let isScriptWanted = false;
  const listeners = new Set<() => void>();
  /** What each person has typed and not sent, by openid. */
  const drafts = new Map<string, string>();

  function show(next: View) {
    view = next;
    for (const listener of listeners) listener();
  }

  const once = createSingleFlight();

  /** Reads everything anew; goes on trying until the server answers. */
  const load = () => once(loadAll);

  async function loadAll() {
    clearTimeout(retry);
    try {
      const state = await read<SandboxState>(`${api}/state`);
      // Openids are letters, digits, "-" and "_": a hash that is none of them names nobody.
      const hinted = location.hash.slice(1);
      show(withState({ ...view, chosen: view.chosen ?? hinted }, state, Date.now()));
      if (!isListening) listen(state.cursor);
      isListening = true;
      await Promise.all([loadChats(), loadMenus(), loadScript(), loadWire()]);
    } catch {
      if (view.phase !== 'ready') show({ ...view, phase: 'failed' });
      retry = setTimeout(load, retryDelay);
    }
  }

  function listen(after: string) {
    openLiveEvents<SandboxEvents>({
      after,
      address: (last) => `${api}/events?after=${encodeURIComponent(last)}`,
      onConnection: (isLive) => {
        const connection = isLive ? 'live' : 'lost';
        if (view.connection !== connection) show({ ...view, connection });
      },
      handlers: {
        account: (account) => show(withAccount(view, account)),
        follower: (follower) => {
          show(withFollower(view, follower));
          // Their tags may have changed, and with them the menu.
          if (shown().includes(follower.openid)) loadMenus().catch(() => {});
        },
        message: (message) => show(withMessages(view, message.openid, [message])),
        wire: addRow,
        typing: ({ openid, until }) => show({ ...view, typing: { ...view.typing, [openid]: until } }),
        reset: () => void load(),
      },
    });
  }

  function addRow(row: WireRow) {
    if (menuCalls.test(row.kind)) loadMenus().catch(() => {});
    if (view.faults && hasFaults(view.faults)) loadScriptSoon();
    if (fits(row, view.wire.query)) show(withRows(view, [row]));
    // A search may find it by what only the server sees. One that fails is made good by the next, or by the next connection.
    else if (view.wire.query.find !== '') loadWire().catch(() => {});
  }

  /** Whose phones are seen. */
  const shown = () => [view.chosen, view.beside].filter((openid) => openid !== undefined);

  const loadChats = () => Promise.all(shown().map((openid) => loadChat(openid)));

  async function loadChat(openid: string, before?: string) {
    if (before === undefined && view.chats[openid]?.isLoaded) return;
    const page = await read<Page<Message>>(`${chatPath(openid)}/messages?${search({ before, limit: String(pageSize) })}`);
    if (before === undefined) show(withNewestMessages(view, openid, page));
    else show(withMessages(view, openid, page.items, { hasMore: page.hasMore }));
  }

  /** Reads the clock and the faults anew. */
  async function loadScript() {
    const { clock, faults } = await read<ScriptState>(`${api}/script`);
    show({ ...view, ahead: clock.ahead, clockOffset: clock.now - Date.now(), faults });
  }

  /** How often a fault has struck need not be read with each of many rows. */
  function loadScriptSoon() {
    if (isScriptWanted) return;
    isScriptWanted = true;
    setTimeout(() => {
      isScriptWanted = false;
      loadScript().catch(() => {});
    }, scriptDelay);
  }

  async function moveClock(push: ClockPush) {
    const { now, ahead } = await send<SandboxTime>(`${api}/script/clock`, push);
    show({ ...view, ahead, clockOffset: now - Date.now() });
  }

  /** Reads the menus of the shown phones anew. */
  async function loadMenus() {
    for (const openid of shown()) {
      const menu = await read<PhoneMenu>(`${chatPath(openid)}/menu`);
      show({ ...view, menus: { ...view.menus, [openid]: menu } });
    }
  }

  async function loadWire(before?: string) {
    const { query } = view.wire;
    const wanted = {
      before,
      limit: String(pageSize),
      find: query.find || undefined,
      verdict: query.show === 'refused' ? 'refused' : undefined,
      direction: query.show === 'call' || query.show === 'callback' ? query.show : undefined,
    };
    const page = await read<Page<WireRow>>(`${api}/wire?${search(wanted)}`);
    if (view.wire.query !== query) return;
    if (before === undefined) show(withNewestRows(view, page));
    else show(withRows(view, page.items, { hasMore: page.hasMore }));
  }

  return {
    view: () => view,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    load,
    choose: (openid: string) => choose(withChosen(view, openid)),
    chooseBeside: (openid: string | undefined) => choose(withBeside(view, openid)),
    chooseAccount: (appId: string) => choose(withChosenAccount(view, appId)),
    /** The accounts with their credentials, as their owner sees them. */
    ownedAccounts: () => read<OwnedAccount[]>(`${api}/accounts`),
    addAccount: (account: NewAccount) => send<OwnedAccount>(`${api}/accounts`, account),
    changeServer: (appId: string, settings: ServerSettings) =>
      send<ServerVerdict>(`${accountPath(appId)}/server`, settings, 'PUT'),
    changeAddresses: (appId: string, list: AddressList) => send<OwnedAccount>(`${accountPath(appId)}/addresses`, list, 'PUT'),
    draft: (openid: string) => drafts.get(openid) ?? '',
    keepDraft: (openid: string, text: string) => void drafts.set(openid, text),
    loadOlder: (openid: string) => loadChat(openid, view.chats[openid]?.messages[0]?.id),
    loadOlderRows: () => loadWire(view.wire.rows.at(-1)?.id),
    async query(query: WireQuery) {
      const rows = view.wire.rows.filter((row) => isShown(row, query.show));
      show({ ...view, wire: { ...view.wire, rows, query } });
      await loadWire();
    },
    detail: (id: string, signal: AbortSignal) => read<WireDetail>(`${api}/wire/${encodeURIComponent(id)}`, signal),
    async addFollower(name: string) {
      const account = accountOf(view);
      const body: NewFollower = account ? { name, appId: account.appId } : { name };
      const follower = await send<Follower>(`${api}/followers`, body);
      show(withFollower(view, follower));
      this.choose(follower.openid);
    },
    /** The QR codes by which people come to the account. */
    codes: (appId: string) => read<EntryCode[]>(`${accountPath(appId)}/codes`),
    follow: (openid: string, entryCode?: string) => act(openid, 'follow', entryCode === undefined ? {} : { entryCode }),
    unfollow: (openid: string) => act(openid, 'unfollow', {}),
    say: (openid: string, speech: Speech) => act(openid, 'messages', speech),
    /** Moves the sandbox's clock forward, ms. */
    push: (forward: number) => moveClock({ forward }),
    /** Sets it to the real time again. */
    pullBack: () => moveClock({ ahead: 0 }),
    async setFaults(plan: FaultPlan) {
      show({ ...view, faults: await send<FaultState>(`${api}/script/faults`, plan, 'PUT') });
    },
    subscriptions: (openid: string) => read<Subscription[]>(`${chatPath(openid)}/subscriptions`),
    /** Agrees to one subscription message on a page of the account. */
    agree: (openid: string, templateId: string) =>
      act(openid, 'subscriptions', {
        place: 'account',
        answers: [{ templateId, isAccepted: true }],
      } satisfies SubscriptionAnswers),
    endSubscription: (openid: string, templateId: string) =>
      act(openid, 'subscriptions/end', { place: 'account', templateId } satisfies SubscriptionEnd),
    async changeSettings(openid: string, settings: FollowerSettings) {
      show(withFollower(view, await send<Follower>(`${chatPath(openid)}/settings`, settings, 'PUT')));
    },
  };

  function choose(next: View) {
    show(next);
    history.replaceState(null, '', `#${encodeURIComponent(next.chosen ?? '')}`);
    // What cannot be read now is read with everything else once the server is back.
    Promise.all([loadChats(), loadMenus()]).catch(() => load());
  }

  async function act(
    openid: string,
    what: 'follow' | 'unfollow' | 'messages' | 'subscriptions' | 'subscriptions/end',
    body: object,
  ) {
    const { follower, message } = await send<Begun>(`${chatPath(openid)}/${what}`, body);
    show(withFollower(view, follower));
    // The stream may have brought a newer state of this line already.
    const isKnown = view.chats[openid]?.messages.some(({ id }) => id === message?.id);
    if (message && !isKnown) show(withMessages(view, openid, [message]));
  }
}

function hasFaults({ plan }: FaultState): boolean {
  return plan.calls.length + plan.callbacks.length > 0;
}

/** Who asks while it runs gets the run that is under way. */
function createSingleFlight() {
  let running: Promise<void> | undefined;
  return (work: () => Promise<void>) => {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  };
}

function chatPath(openid: string): string {
  return `${api}/followers/${encodeURIComponent(openid)}`;
}

function accountPath(appId: string): string {
  return `${api}/accounts/${encodeURIComponent(appId)}`;
}

function search(values: Record<string, string | undefined>): string {
  return new URLSearchParams(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  ).toString();
}

/** Calls after which a menu may be another. */
const menuCalls = /^cgi-bin\/(menu|tags)\//;
const api = 'api';
const pageSize = 50;
const retryDelay = 1500;
const scriptDelay = 800;

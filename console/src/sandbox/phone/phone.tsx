import { BatteryFull, Signal, UserRound, Wifi } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Account, Follower } from '../../../../server/sandbox/contract.ts';
import { useSandbox } from '../store-context.ts';
import { useTexts } from '../texts/texts.ts';
import { formatMinute, useMinute } from '../times.ts';
import { accountOf, emptyChat, peopleOf } from '../view.ts';
import { Ask, type Asked } from './ask.tsx';
import { ChatLog } from './chat-log.tsx';
import { FollowBar, FollowByCode } from './follow-bar.tsx';
import { InputBar } from './input-bar.tsx';
import { MenuBar } from './menu-bar.tsx';
import { Profile } from './profile.tsx';

interface PhoneProps {
  /** Shows a delivery in the wire log. */
  onOpenDelivery: (deliveryId: string) => void;
}

/** The chosen person's phone, with their chat with the account open. */
export function Phone({ onOpenDelivery }: PhoneProps) {
  const { view } = useSandbox();
  const texts = useTexts();
  const follower = view.followers.find(({ openid }) => openid === view.chosen);
  const account = accountOf(view);
  return (
    <section
      className="phone"
      id="phone"
      role="tabpanel"
      aria-label={follower ? texts.phoneOf(follower.name) : texts.views.phone}
    >
      <div className="screen">
        <Status />
        {follower && account ? (
          <Conversation key={follower.openid} follower={follower} account={account} onOpenDelivery={onOpenDelivery} />
        ) : view.phase === 'loading' ? (
          <Bones />
        ) : (
          <p className="nobody">{texts.noPeople}</p>
        )}
      </div>
    </section>
  );
}

/** The phone of a second person, who can be changed for another. */
export function PhoneBeside({ onOpenDelivery }: PhoneProps) {
  const { store, view } = useSandbox();
  const texts = useTexts();
  const people = peopleOf(view).filter(({ openid }) => openid !== view.chosen);
  const follower = people.find(({ openid }) => openid === view.beside);
  const account = accountOf(view);
  if (!follower || !account) return null;
  return (
    <section className="phone beside" aria-label={texts.phoneOf(follower.name)}>
      <div className="screen">
        <Status>
          <select
            aria-label={texts.onPhone.besideWho}
            value={follower.openid}
            onChange={(event) => store.chooseBeside(event.target.value)}
          >
            {people.map(({ openid, name }) => (
              <option key={openid} value={openid}>
                {name}
              </option>
            ))}
          </select>
        </Status>
        <Conversation key={follower.openid} follower={follower} account={account} onOpenDelivery={onOpenDelivery} />
      </div>
    </section>
  );
}

function Conversation({ follower, account, onOpenDelivery }: { follower: Follower; account: Account } & PhoneProps) {
  const texts = useTexts();
  const isTyping = useTyping(follower.openid);
  const [over, setOver] = useState<'profile' | 'code' | Asked>();
  const [hasFollowed, setHasFollowed] = useState(false);
  const opener = useRef<Element | null>(null);

  function cover(sheet: typeof over) {
    opener.current = document.activeElement;
    setOver(sheet);
  }

  function uncover() {
    setOver(undefined);
    // What opened the sheet is inert until it is gone.
    requestAnimationFrame(() => opener.current instanceof HTMLElement && opener.current.focus());
  }

  return (
    <>
      <div className="conversation" {...(over ? { inert: '' } : {})}>
        <header className="chat-head">
          <h2>{isTyping ? texts.typing : account.name}</h2>
          <button type="button" className="round" aria-label={texts.profile} onClick={() => cover('profile')}>
            <UserRound className="icon" aria-hidden="true" />
          </button>
        </header>
        <ChatSpace follower={follower} account={account} onOpenDelivery={onOpenDelivery} />
        {follower.isFollowing ? (
          <Bottom follower={follower} isWanted={hasFollowed} onAsk={cover} />
        ) : (
          <FollowBar follower={follower} account={account} onFollow={() => setHasFollowed(true)} onScan={() => cover('code')} />
        )}
      </div>
      {over === 'profile' && <Profile follower={follower} account={account} onClose={uncover} />}
      {over === 'code' && <FollowByCode follower={follower} onFollow={() => setHasFollowed(true)} onClose={uncover} />}
      {typeof over === 'object' && <Ask asked={over} follower={follower} onClose={uncover} />}
    </>
  );
}

/** The account's menu, or where one types. Who has just followed sees the menu first, as the platform shows it. */
function Bottom({ follower, isWanted, onAsk }: { follower: Follower; isWanted: boolean; onAsk: (asked: Asked) => void }) {
  const menu = useSandbox().view.menus[follower.openid];
  const [isTyping, setTyping] = useState(false);
  const hasMenu = menu !== undefined && menu.buttons.length > 0;
  if (hasMenu && !isTyping) return <MenuBar follower={follower} menu={menu} onAsk={onAsk} onType={() => setTyping(true)} />;
  const onMenu = hasMenu ? () => setTyping(false) : undefined;
  return <InputBar follower={follower} isWanted={isWanted || isTyping} onMenu={onMenu} onAsk={onAsk} />;
}

/** Does the person see that the account types. It stops by itself. */
function useTyping(openid: string): boolean {
  const { typing, clockOffset } = useSandbox().view;
  const lasts = (typing[openid] ?? 0) - clockOffset - Date.now();
  const [, setOver] = useState(0);
  useEffect(() => {
    if (lasts <= 0) return;
    const timer = setTimeout(() => setOver((times) => times + 1), lasts);
    return () => clearTimeout(timer);
  }, [lasts]);
  return lasts > 0;
}

/** The chat; its shape while it is read; nothing where a person who does not follow has none. */
function ChatSpace({ follower, account, onOpenDelivery }: { follower: Follower; account: Account } & PhoneProps) {
  const chat = useSandbox().view.chats[follower.openid] ?? emptyChat;
  if (!chat.isLoaded && chat.messages.length === 0) return <Bones />;
  if (!follower.isFollowing && chat.messages.length === 0) return null;
  return <ChatLog chat={chat} follower={follower} account={account} onOpenDelivery={onOpenDelivery} />;
}

function Status({ children }: { children?: ReactNode }) {
  const { view } = useSandbox();
  return (
    <div className="status">
      <span aria-hidden="true">{formatMinute(useMinute(view.clockOffset))}</span>
      {children}
      <Signal className="icon" aria-hidden="true" />
      <Wifi className="icon" aria-hidden="true" />
      <BatteryFull className="icon" aria-hidden="true" />
    </div>
  );
}

/** A chat's shape while it is read. */
function Bones() {
  return (
    <div className="chat bones" role="status" aria-label={useTexts().loading}>
      <i />
      <i className="me" />
      <i />
    </div>
  );
}

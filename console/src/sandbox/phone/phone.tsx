import { BatteryFull, Signal, UserRound, Wifi } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Account, Follower } from '../../../../server/sandbox/contract.ts';
import { chatOf } from '../sandbox-store.ts';
import { useSandbox } from '../store-context.ts';
import { useTexts } from '../texts/texts.ts';
import { formatMinute, useMinute } from '../times.ts';
import { accountOf, emptyChat } from '../view.ts';
import { ChatLog } from './chat-log.tsx';
import { FollowBar } from './follow-bar.tsx';
import { InputBar } from './input-bar.tsx';
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

function Conversation({ follower, account, onOpenDelivery }: { follower: Follower; account: Account } & PhoneProps) {
  const texts = useTexts();
  const [isProfileOpen, setProfileOpen] = useState(false);
  const [hasFollowed, setHasFollowed] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);

  function closeProfile() {
    setProfileOpen(false);
    // The button is inert until the sheet is gone.
    requestAnimationFrame(() => opener.current?.focus());
  }

  return (
    <>
      <div className="conversation" {...(isProfileOpen ? { inert: '' } : {})}>
        <header className="chat-head">
          <h2>{account.name}</h2>
          <button type="button" className="round" aria-label={texts.profile} ref={opener} onClick={() => setProfileOpen(true)}>
            <UserRound className="icon" aria-hidden="true" />
          </button>
        </header>
        <ChatSpace follower={follower} account={account} onOpenDelivery={onOpenDelivery} />
        {follower.isFollowing ? (
          <InputBar follower={follower} isWanted={hasFollowed} />
        ) : (
          <FollowBar follower={follower} account={account} onFollow={() => setHasFollowed(true)} />
        )}
      </div>
      {isProfileOpen && <Profile follower={follower} account={account} onClose={closeProfile} />}
    </>
  );
}

/** The chat; its shape while it is read; nothing where a person who does not follow has none. */
function ChatSpace({ follower, account, onOpenDelivery }: { follower: Follower; account: Account } & PhoneProps) {
  const chat = chatOf(useSandbox().view) ?? emptyChat;
  if (!chat.isLoaded && chat.messages.length === 0) return <Bones />;
  if (!follower.isFollowing && chat.messages.length === 0) return null;
  return <ChatLog chat={chat} follower={follower} account={account} onOpenDelivery={onOpenDelivery} />;
}

function Status() {
  const { view } = useSandbox();
  return (
    <div className="status" aria-hidden="true">
      <span>{formatMinute(useMinute(view.clockOffset))}</span>
      <Signal className="icon" />
      <Wifi className="icon" />
      <BatteryFull className="icon" />
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

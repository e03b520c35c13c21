import { CircleAlert } from 'lucide-react';
import type { Account, Follower, Message } from '../../../../server/sandbox/contract.ts';
import { Face, ShopFace } from '../face.tsx';
import { useTexts } from '../texts/texts.ts';
import { Bubble } from './bubble.tsx';

interface ChatLineProps {
  message: Message;
  follower: Follower;
  account: Account;
  onOpenDelivery: (deliveryId: string) => void;
}

/** One line of the chat: a bubble of the person or the account, or a line of the system. */
export function ChatLine({ message, follower, account, onOpenDelivery }: ChatLineProps) {
  const texts = useTexts();
  const { content, from } = message;
  if (content.kind === 'outage') return <Outage text={content.text} />;
  if (content.kind === 'notice')
    return (
      <p className="notice">{content.notice === 'followed' ? texts.followed(account.name) : texts.unfollowed(account.name)}</p>
    );
  const isMine = from === 'follower';
  return (
    <div className={isMine ? 'say me' : 'say'}>
      {isMine ? <Face name={follower.name} openid={follower.openid} /> : <ShopFace />}
      <span className="sr">{isMine ? texts.you : account.name}: </span>
      <Bubble content={content} follower={follower} />
      {isMine && <Delivered message={message} onOpen={() => onOpenDelivery(message.deliveryId ?? '')} />}
    </div>
  );
}

function Outage({ text }: { text: string }) {
  return (
    <p className="notice outage">
      <CircleAlert className="icon" aria-hidden="true" />
      {text}
    </p>
  );
}

/** Beside a line of the person's own: how its delivery stands. Its room is kept, so that nothing moves when it changes. */
function Delivered({ message, onOpen }: { message: Message; onOpen: () => void }) {
  const texts = useTexts();
  const state = message.delivery ?? 'answered';
  if (state === 'failed') {
    return (
      <button
        type="button"
        className="delivered failed"
        aria-label={texts.delivery.failed}
        title={texts.delivery.failed}
        onClick={onOpen}
      >
        <CircleAlert className="icon" aria-hidden="true" />
      </button>
    );
  }
  return (
    <span className={`delivered ${state}`}>
      <span className="sr">{texts.delivery[state]}</span>
    </span>
  );
}

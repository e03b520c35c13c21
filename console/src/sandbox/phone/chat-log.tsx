import { useLayoutEffect, useRef } from 'react';
import type { Account, Follower, Message } from '../../../../server/sandbox/contract.ts';
import { usePreferences } from '../../shared/preferences.ts';
import { useSandbox } from '../store-context.ts';
import { useTexts } from '../texts/texts.ts';
import { formatMoment, useMinute } from '../times.ts';
import type { Chat } from '../view.ts';
import { ChatLine } from './chat-line.tsx';

interface ChatLogProps {
  chat: Chat;
  follower: Follower;
  account: Account;
  onOpenDelivery: (deliveryId: string) => void;
}

/** The chat, oldest first. Stays at its end while the reader is there, and where they are while they read further up. */
export function ChatLog({ chat, follower, account, onOpenDelivery }: ChatLogProps) {
  const { store, view } = useSandbox();
  const texts = useTexts();
  const now = useMinute(view.clockOffset);
  const [{ language }] = usePreferences();
  const log = useSteadyScroll(chat.messages);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <div className="chat" role="log" aria-live="polite" aria-label={texts.chatWith(account.name)} ref={log} tabIndex={0}>
      {chat.hasMore && (
        <button
          type="button"
          className="button bare earlier"
          onClick={() => void store.loadOlder(follower.openid).catch(() => {})}
        >
          {texts.older}
        </button>
      )}
      {chat.messages.map((message, index) => (
        <div className="line" key={message.id}>
          {startsAnew(message, chat.messages[index - 1]) && (
            <p className="when">
              <time dateTime={new Date(message.at).toISOString()}>
                {formatMoment(message.at, now, language, texts.yesterday)}
              </time>
            </p>
          )}
          <ChatLine message={message} follower={follower} account={account} onOpenDelivery={onOpenDelivery} />
        </div>
      ))}
    </div>
  );
}

/** A chat names the time where there was a pause. */
function startsAnew(message: Message, before: Message | undefined): boolean {
  return before === undefined || message.at - before.at > pause;
}

function useSteadyScroll(messages: readonly Message[]) {
  const log = useRef<HTMLDivElement>(null);
  const before = useRef({ first: '', last: '', fromEnd: 0 });
  useLayoutEffect(() => {
    const element = log.current;
    if (!element) return;
    const first = messages[0]?.id ?? '';
    const last = messages.at(-1);
    const { first: firstBefore, last: lastBefore, fromEnd } = before.current;
    const isOlderAdded = firstBefore !== '' && first < firstBefore;
    // Whoever says something wants to see it said, wherever they were reading.
    const hasSpoken = messages.some(({ id, from }) => from === 'follower' && id > lastBefore);
    if (isOlderAdded || hasSpoken || fromEnd < nearEnd)
      element.scrollTop = element.scrollHeight - element.clientHeight - (isOlderAdded ? fromEnd : 0);
    before.current.first = first;
    before.current.last = last?.id ?? '';
  }, [messages]);
  useLayoutEffect(() => {
    const element = log.current;
    if (!element) return;
    const remember = () => {
      before.current.fromEnd = element.scrollHeight - element.clientHeight - element.scrollTop;
    };
    // A keyboard that opens, or a bar that grows, takes room from the log: its end stays in sight.
    const watch = new ResizeObserver(() => {
      if (before.current.fromEnd < nearEnd) element.scrollTop = element.scrollHeight;
    });
    element.addEventListener('scroll', remember, { passive: true });
    watch.observe(element);
    return () => {
      element.removeEventListener('scroll', remember);
      watch.disconnect();
    };
  }, []);
  return log;
}

const pause = 5 * 60_000;
const nearEnd = 48;

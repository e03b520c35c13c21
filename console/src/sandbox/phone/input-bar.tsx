import { ArrowUp, Image, Link, MapPin, Menu, Mic, Plus, ScanLine } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Follower } from '../../../../server/sandbox/contract.ts';
import { describeFailure, useFailure } from '../failure.ts';
import { useSandbox } from '../store-context.ts';
import { useTexts } from '../texts/texts.ts';
import type { Asked } from './ask.tsx';

interface InputBarProps {
  follower: Follower;
  /** Does it take the focus when it appears: the button that brought it is gone. */
  isWanted: boolean;
  /** Shows the account's menu instead; absent where it has none. */
  onMenu?: (() => void) | undefined;
  onAsk: (asked: Asked) => void;
}

/** Where the person types. Enter sends, Shift+Enter starts a line. What could not be sent comes back into the box. */
export function InputBar({ follower, isWanted, onMenu, onAsk }: InputBarProps) {
  const { store } = useSandbox();
  const texts = useTexts();
  const [draft, setDraft] = useState(store.draft(follower.openid));
  const [failure, setFailure] = useFailure();
  const [hasMore, setHasMore] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (isWanted) box.current?.focus();
  }, [isWanted]);

  // Kept apart from the box, which is gone as soon as another person's phone is shown.
  function keep(text: string) {
    store.keepDraft(follower.openid, text);
    setDraft(text);
  }

  async function send(event?: FormEvent) {
    event?.preventDefault();
    const text = draft.trim();
    if (text === '' || text.length > longestText) return;
    keep('');
    box.current?.focus();
    try {
      await store.say(follower.openid, { kind: 'text', text });
      setFailure(undefined);
    } catch (error) {
      setFailure(describeFailure(error, texts, texts.notSent));
      const typedSince = store.draft(follower.openid);
      keep(typedSince ? `${text}\n${typedSince}` : text);
    }
  }

  /** While an input method composes, Enter picks a word and must not send. */
  function pressed(event: KeyboardEvent) {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  }

  const left = longestText - draft.trim().length;
  return (
    <form className={onMenu ? 'input-bar with-menu' : 'input-bar'} onSubmit={send}>
      {failure && (
        <p className="said" role="alert">
          {failure}
        </p>
      )}
      {left < soonFull && (
        <p className={left < 0 ? 'said' : 'left'} role="status">
          {left < 0 ? texts.tooLong(-left) : texts.left(left)}
        </p>
      )}
      {onMenu && (
        <button
          type="button"
          className="round"
          aria-label={texts.onPhone.showMenu}
          title={texts.onPhone.showMenu}
          onClick={onMenu}
        >
          <Menu className="icon" aria-hidden="true" />
        </button>
      )}
      <label>
        <span className="sr">{texts.input}</span>
        <textarea
          ref={box}
          rows={1}
          enterKeyHint="send"
          placeholder={texts.input}
          value={draft}
          aria-invalid={left < 0}
          onChange={(event) => keep(event.target.value)}
          onKeyDown={pressed}
        />
      </label>
      {draft.trim() === '' ? (
        <button
          type="button"
          className="round more"
          aria-label={texts.onPhone.more}
          title={texts.onPhone.more}
          aria-expanded={hasMore}
          onClick={() => setHasMore(!hasMore)}
        >
          <Plus className="icon" aria-hidden="true" />
        </button>
      ) : (
        <button type="submit" className="round send" aria-label={texts.send} disabled={left < 0}>
          <ArrowUp className="icon" aria-hidden="true" />
        </button>
      )}
      {hasMore && draft.trim() === '' && <More onAsk={onAsk} />}
    </form>
  );
}

/** What else than words can be sent. */
function More({ onAsk }: Pick<InputBarProps, 'onAsk'>) {
  const texts = useTexts().onPhone;
  return (
    <ul className="more-list">
      {askKinds.map(({ what, Icon }) => (
        <li key={what}>
          <button type="button" onClick={() => onAsk({ what })}>
            <Icon className="icon" aria-hidden="true" />
            {texts.asks[what]}
          </button>
        </li>
      ))}
    </ul>
  );
}

const askKinds = [
  { what: 'place', Icon: MapPin },
  { what: 'scan', Icon: ScanLine },
  { what: 'picture', Icon: Image },
  { what: 'voice', Icon: Mic },
  { what: 'link', Icon: Link },
] as const;

const longestText = 2000;
const soonFull = 100;

import { ArrowUp } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Follower } from '../../../../server/sandbox/contract.ts';
import { describeFailure, useFailure } from '../failure.ts';
import { useSandbox } from '../store-context.ts';
import { useTexts } from '../texts/texts.ts';

interface InputBarProps {
  follower: Follower;
  /** Does it take the focus when it appears: the button that brought it is gone. */
  isWanted: boolean;
}

/** Where the person types. Enter sends, Shift+Enter starts a line. What could not be sent comes back into the box. */
export function InputBar({ follower, isWanted }: InputBarProps) {
  const { store } = useSandbox();
  const texts = useTexts();
  const [draft, setDraft] = useState(store.draft(follower.openid));
  const [failure, setFailure] = useFailure();
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
      await store.say(follower.openid, text);
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
    <form className="input-bar" onSubmit={send}>
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
      <button type="submit" className="round send" aria-label={texts.send} disabled={draft.trim() === '' || left < 0}>
        <ArrowUp className="icon" aria-hidden="true" />
      </button>
    </form>
  );
}

const longestText = 2000;
const soonFull = 100;

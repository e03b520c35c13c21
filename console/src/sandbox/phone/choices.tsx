import { useRef } from 'react';
import type { Follower, MessageContent } from '../../../../server/sandbox/contract.ts';
import { describeFailure, useFailure } from '../failure.ts';
import { useSandbox } from '../store-context.ts';
import { useTexts } from '../texts/texts.ts';

interface ChoicesProps {
  content: Extract<MessageContent, { kind: 'choices' }>;
  follower: Follower;
}

/** A menu in the chat: a tap says its words. */
export function Choices({ content, follower }: ChoicesProps) {
  const { store } = useSandbox();
  const texts = useTexts();
  const [failure, setFailure] = useFailure();
  const isBusy = useRef(false);

  async function choose({ id: choiceId, text }: { id: string; text: string }) {
    if (isBusy.current) return;
    isBusy.current = true;
    await store.say(follower.openid, { kind: 'choice', choiceId, text }).then(
      () => setFailure(undefined),
      (error) => setFailure(describeFailure(error, texts, texts.notDone)),
    );
    isBusy.current = false;
  }

  return (
    <div className="bubble choices">
      {content.head && <p>{content.head}</p>}
      {content.choices.map((choice) => (
        <button key={choice.id} type="button" onClick={() => choose(choice)}>
          {choice.text}
        </button>
      ))}
      {content.tail && <p>{content.tail}</p>}
      {failure && (
        <p className="said" role="alert">
          {failure}
        </p>
      )}
    </div>
  );
}

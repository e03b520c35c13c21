import { useEffect, useRef, useState } from 'react';
import type { Follower, Subscription } from '../../../../server/sandbox/contract.ts';
import { describeFailure, useFailure } from '../failure.ts';
import { useSandbox } from '../store-context.ts';
import { useTexts } from '../texts/texts.ts';

/** What the person lets the account send: all of its messages or none, and subscription messages one by one. */
export function Subscriptions({ follower }: { follower: Follower }) {
  const { store } = useSandbox();
  const texts = useTexts();
  const [failure, setFailure] = useFailure();
  const [subscriptions, setSubscriptions] = useState<readonly Subscription[]>([]);
  const isBusy = useRef(false);
  const { openid } = follower;

  useEffect(() => {
    let isShown = true;
    store.subscriptions(openid).then(
      (read) => isShown && setSubscriptions(read),
      // Without a server there is nothing to agree to.
      () => {},
    );
    return () => {
      isShown = false;
    };
  }, [store, openid]);

  async function change(work: () => Promise<unknown>) {
    if (isBusy.current) return;
    isBusy.current = true;
    try {
      await work();
      setSubscriptions(await store.subscriptions(openid));
      setFailure(undefined);
    } catch (error) {
      setFailure(describeFailure(error, texts, texts.notDone));
    }
    isBusy.current = false;
  }

  const words = texts.subscriptions;
  const takes = follower.refusesMessages !== true;
  return (
    <section className="subscriptions" aria-label={words.label}>
      <button
        type="button"
        role="switch"
        aria-checked={takes}
        className="switch"
        onClick={() => change(() => store.changeSettings(openid, { refusesMessages: takes }))}
      >
        {words.receive}
      </button>
      {subscriptions.map(({ templateId, title, left }) => (
        <div key={templateId} className="subscription">
          <p>
            <b>{title}</b>
            <small>{words.left(left.account)}</small>
          </p>
          <button type="button" className="button" onClick={() => change(() => store.agree(openid, templateId))}>
            {words.allow}
            <span className="sr"> {title}</span>
          </button>
          <button
            type="button"
            className="button bare"
            aria-disabled={left.account === 0}
            onClick={() => left.account > 0 && change(() => store.endSubscription(openid, templateId))}
          >
            {words.end}
            <span className="sr"> {title}</span>
          </button>
        </div>
      ))}
      {failure && (
        <p className="said" role="alert">
          {failure}
        </p>
      )}
    </section>
  );
}

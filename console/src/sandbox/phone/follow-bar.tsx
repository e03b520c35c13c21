import { useState } from 'react';
import type { Account, Follower } from '../../../../server/sandbox/contract.ts';
import { ShopFace } from '../face.tsx';
import { describeFailure, useFailure } from '../failure.ts';
import { useSandbox } from '../store-context.ts';
import { describeKind, useTexts } from '../texts/texts.ts';

interface FollowBarProps {
  follower: Follower;
  account: Account;
  /** Told before the request is sent. */
  onFollow: () => void;
}

/** The account's card where the input bar will be: the one thing to do before there is a chat. */
export function FollowBar({ follower, account, onFollow }: FollowBarProps) {
  const { store } = useSandbox();
  const texts = useTexts();
  const [failure, setFailure] = useFailure();
  const [isBusy, setBusy] = useState(false);
  const hasLeft = follower.unfollowedAt !== undefined;

  async function follow() {
    setBusy(true);
    setFailure(undefined);
    onFollow();
    await store.follow(follower.openid).catch((error) => setFailure(describeFailure(error, texts, texts.notDone)));
    setBusy(false);
  }

  return (
    <div className="follow-bar">
      <div className="introduction">
        <ShopFace />
        <p>
          <b>{account.name}</b>
          <small>{describeKind(account, texts)}</small>
        </p>
      </div>
      <p className="promise">{hasLeft ? texts.introductionGone(account.name) : texts.introduction(account.name)}</p>
      {failure && (
        <p className="said" role="alert">
          {failure}
        </p>
      )}
      <button type="button" className="button main large" disabled={isBusy} onClick={follow}>
        {hasLeft ? texts.followAgain : texts.follow}
      </button>
    </div>
  );
}

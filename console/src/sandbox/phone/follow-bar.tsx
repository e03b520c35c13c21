import { ScanLine } from 'lucide-react';
import { useState } from 'react';
import type { Account, Follower } from '../../../../server/sandbox/contract.ts';
import { ShopFace } from '../face.tsx';
import { describeFailure, useFailure } from '../failure.ts';
import { useSandbox } from '../store-context.ts';
import { describeKind, useTexts } from '../texts/texts.ts';
import { AskForm } from './ask.tsx';
import { CodeFields, sceneOf, useCodes } from './ask-scan.tsx';
import { Sheet } from './sheet.tsx';

interface FollowBarProps {
  follower: Follower;
  account: Account;
  /** Told before the request is sent. */
  onFollow: () => void;
  /** Asks for the code by which they come. */
  onScan: () => void;
}

/** The account's card where the input bar will be: the one thing to do before there is a chat. */
export function FollowBar({ follower, account, onFollow, onScan }: FollowBarProps) {
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
      <button type="button" className="button bare" onClick={onScan}>
        <ScanLine className="icon" aria-hidden="true" />
        {texts.onPhone.scanFollow}
      </button>
    </div>
  );
}

interface FollowByCodeProps {
  follower: Follower;
  /** Told before the request is sent. */
  onFollow: () => void;
  onClose: () => void;
}

/** The sheet in which a person scans the code by which they come. */
export function FollowByCode({ follower, onFollow, onClose }: FollowByCodeProps) {
  const { store } = useSandbox();
  const texts = useTexts().onPhone;
  const [content, setContent] = useState('');
  const codes = useCodes(follower.appId);
  const scene = sceneOf(content.trim(), codes);

  async function follow() {
    onFollow();
    await store.follow(follower.openid, scene);
  }

  return (
    <Sheet label={texts.scanFollow} onClose={onClose}>
      <AskForm act={follow} action={texts.scanFollow} isReady={scene !== undefined} onDone={onClose}>
        <CodeFields content={content} onChange={setContent} codes={codes} />
        <p className="will" role="status">
          {content.trim() !== '' && (scene === undefined ? texts.unknownCode : texts.willFollow(scene))}
        </p>
      </AskForm>
    </Sheet>
  );
}

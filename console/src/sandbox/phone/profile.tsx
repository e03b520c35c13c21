import { type ReactNode, useRef } from 'react';
import type { Account, Follower } from '../../../../server/sandbox/contract.ts';
import { CopyButton } from '../../shared/copy-button.tsx';
import { usePreferences } from '../../shared/preferences.ts';
import { ShopFace } from '../face.tsx';
import { describeFailure, useFailure } from '../failure.ts';
import { useSandbox } from '../store-context.ts';
import { describeKind, useTexts } from '../texts/texts.ts';
import { formatDay, formatMinute } from '../times.ts';
import { Sheet } from './sheet.tsx';
import { Subscriptions } from './subscriptions.tsx';

interface ProfileProps {
  follower: Follower;
  account: Account;
  onClose: () => void;
}

/** The sheet behind the person icon: who the account is, how it knows this person, and the way out. */
export function Profile({ follower, account, onClose }: ProfileProps) {
  const texts = useTexts();
  return (
    <Sheet
      label={texts.profile}
      onClose={onClose}
      head={
        <>
          <ShopFace />
          <p>
            <b>{account.name}</b>
            <small>{`${describeKind(account, texts)} · ${texts.mode[account.mode]}`}</small>
          </p>
        </>
      }
    >
      <Facts follower={follower} account={account} />
      <Subscriptions follower={follower} />
      {follower.isFollowing && <Unfollow follower={follower} account={account} onDone={onClose} />}
    </Sheet>
  );
}

function Facts({ follower, account }: { follower: Follower; account: Account }) {
  const texts = useTexts();
  const [{ language }] = usePreferences();
  return (
    <dl className="facts">
      <Fact name={texts.yourOpenid} value={follower.openid} />
      <Fact name={texts.originalId} value={account.originalId} />
      <Fact name={texts.appId} value={account.appId} />
      {account.callbackUrl ? (
        <Fact name={texts.callbackUrl} value={account.callbackUrl} />
      ) : (
        <Fact name={texts.callbackUrl}>{texts.notConnected}</Fact>
      )}
      {follower.isFollowing && follower.followedAt !== undefined && (
        <Fact
          name={texts.followedSince}
        >{`${formatDay(follower.followedAt, language)} ${formatMinute(follower.followedAt)}`}</Fact>
      )}
    </dl>
  );
}

/** A fact to read, or one to copy. */
function Fact({ name, value, children }: { name: string; value?: string; children?: ReactNode }) {
  const texts = useTexts();
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value === undefined ? children : <code>{value}</code>}
        {value !== undefined && <CopyButton text={value} label={texts.copy(name)} doneLabel={texts.copied} />}
      </dd>
    </div>
  );
}

function Unfollow({ follower, account, onDone }: { follower: Follower; account: Account; onDone: () => void }) {
  const { store } = useSandbox();
  const texts = useTexts();
  const [failure, setFailure] = useFailure();
  const isBusy = useRef(false);

  async function unfollow() {
    if (isBusy.current) return;
    isBusy.current = true;
    await store.unfollow(follower.openid).then(onDone, (error) => setFailure(describeFailure(error, texts, texts.notDone)));
    isBusy.current = false;
  }

  return (
    <footer>
      <p>{texts.unfollowMeans(account.name)}</p>
      {failure && (
        <p className="said" role="alert">
          {failure}
        </p>
      )}
      <button type="button" className="button danger large" onClick={unfollow}>
        {texts.unfollow}
      </button>
    </footer>
  );
}

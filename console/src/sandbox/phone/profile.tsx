import { X } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import type { Account, Follower } from '../../../../server/sandbox/contract.ts';
import { CopyButton } from '../../shared/copy-button.tsx';
import { usePreferences } from '../../shared/preferences.ts';
import { ShopFace } from '../face.tsx';
import { describeFailure, useFailure } from '../failure.ts';
import { useSandbox } from '../store-context.ts';
import { describeKind, useTexts } from '../texts/texts.ts';
import { formatDay, formatMinute } from '../times.ts';

interface ProfileProps {
  follower: Follower;
  account: Account;
  onClose: () => void;
}

/** The sheet behind the person icon: who the account is, how it knows this person, and the way out. */
export function Profile({ follower, account, onClose }: ProfileProps) {
  const texts = useTexts();
  const sheet = useRef<HTMLDivElement>(null);
  useEffect(() => sheet.current?.focus(), []);

  function pressed(event: KeyboardEvent) {
    if (event.key === 'Escape') onClose();
    if (event.key === 'Tab') keepFocus(event, sheet.current);
  }

  return (
    <div className="sheet-ground">
      {/* For the pointer alone: by keyboard there are Escape and the button, and a reader is told of one way out. */}
      <button type="button" className="scrim" aria-hidden="true" tabIndex={-1} onClick={onClose} />
      <div
        className="sheet"
        role="dialog"
        aria-modal="true"
        aria-label={texts.profile}
        ref={sheet}
        tabIndex={-1}
        onKeyDown={pressed}
      >
        <header>
          <ShopFace />
          <p>
            <b>{account.name}</b>
            <small>{`${describeKind(account, texts)} · ${texts.mode[account.mode]}`}</small>
          </p>
          <button type="button" className="round" aria-label={texts.close} onClick={onClose}>
            <X className="icon" aria-hidden="true" />
          </button>
        </header>
        <Facts follower={follower} account={account} />
        {follower.isFollowing && <Unfollow follower={follower} account={account} onDone={onClose} />}
      </div>
    </div>
  );
}

/** Behind the last of its controls comes the first: what is under the sheet cannot be reached. */
function keepFocus(event: KeyboardEvent, sheet: HTMLElement | null): void {
  const controls = [...(sheet?.querySelectorAll<HTMLElement>('button, a[href]') ?? [])];
  const at = controls.indexOf(document.activeElement as HTMLElement);
  const isLeaving = event.shiftKey ? at <= 0 : at === controls.length - 1;
  if (!isLeaving) return;
  event.preventDefault();
  controls.at(event.shiftKey ? -1 : 0)?.focus();
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

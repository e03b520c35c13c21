import { Plus, X } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import type { OwnedAccount } from '../../../../server/sandbox/contract.ts';
import { CopyButton } from '../../shared/copy-button.tsx';
import { describeFailure, useFailure } from '../failure.ts';
import { useSandbox } from '../store-context.ts';
import { describeKind, useTexts } from '../texts/texts.ts';
import { accountOf } from '../view.ts';
import { AddressList } from './address-list.tsx';
import { NewAccountForm } from './new-account-form.tsx';
import { ServerForm } from './server-form.tsx';

interface AccountsProps {
  onClose: () => void;
  /** Shows a row of the wire log. */
  onOpenRow: (id: string) => void;
}

/** The platform's own page: the accounts with their credentials, where each one's callbacks go, and whence tokens may be asked for. */
export function Accounts({ onClose, onOpenRow }: AccountsProps) {
  const { store, view } = useSandbox();
  const texts = useTexts();
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const { accounts, put, failure } = useOwnedAccounts();
  const [chosen, setChosen] = useState(() => accountOf(view)?.appId);
  const account = accounts?.find(({ appId }) => appId === chosen) ?? (chosen === undefined ? undefined : accounts?.[0]);
  useEffect(() => dialog.current?.showModal(), []);

  /** The browser gives the focus back to what opened the dialog, which it does not for one that just disappears. */
  const close = () => dialog.current?.close();

  function see(appId: string) {
    store.chooseAccount(appId);
    close();
  }

  function openRow(id: string) {
    close();
    onOpenRow(id);
  }

  return (
    <dialog className="platform" ref={dialog} aria-labelledby={title} onClose={onClose}>
      <header className="platform-head">
        <div>
          <h2 id={title}>{texts.accounts.title}</h2>
          <p>{texts.accounts.about}</p>
        </div>
        <button type="button" className="round" aria-label={texts.close} onClick={close}>
          <X className="icon" aria-hidden="true" />
        </button>
      </header>
      {failure && (
        <p className="said" role="alert">
          {failure}
        </p>
      )}
      <div className="platform-body">
        <AccountList accounts={accounts ?? []} chosen={account?.appId} onChoose={setChosen} />
        {account ? (
          <Settings key={account.appId} account={account} onChanged={put} onSee={see} onOpenRow={openRow} />
        ) : (
          chosen === undefined && (
            <NewAccountForm
              onAdded={(added) => {
                put(added);
                setChosen(added.appId);
              }}
            />
          )
        )}
      </div>
    </dialog>
  );
}

/** The accounts as their owner sees them; read when the page is opened, and again when the server is back. */
function useOwnedAccounts() {
  const { store, view } = useSandbox();
  const texts = useTexts();
  const [accounts, setAccounts] = useState<readonly OwnedAccount[]>();
  const [failure, setFailure] = useFailure();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the connection is what asks again.
  useEffect(() => {
    store.ownedAccounts().then(setAccounts, (error) => setFailure(describeFailure(error, texts, texts.notDone)));
  }, [store, view.connection]);

  function put(account: OwnedAccount) {
    setAccounts((known = []) =>
      known.some(({ appId }) => appId === account.appId)
        ? known.map((other) => (other.appId === account.appId ? account : other))
        : [...known, account],
    );
  }
  return { accounts, put, failure };
}

interface AccountListProps {
  accounts: readonly OwnedAccount[];
  /** None while a new one is being registered. */
  chosen: string | undefined;
  onChoose: (appId: string | undefined) => void;
}

function AccountList({ accounts, chosen, onChoose }: AccountListProps) {
  const texts = useTexts();
  return (
    <nav className="account-list" aria-label={texts.accounts.list}>
      {accounts.map((account) => (
        <button key={account.appId} type="button" aria-current={account.appId === chosen} onClick={() => onChoose(account.appId)}>
          <b>{account.name}</b>
          <small>{`${describeKind(account, texts)} · ${account.server ? texts.mode[account.mode] : texts.notConnected}`}</small>
        </button>
      ))}
      <button type="button" aria-current={chosen === undefined} className="add-account" onClick={() => onChoose(undefined)}>
        <Plus className="icon" aria-hidden="true" />
        {texts.accounts.add}
      </button>
    </nav>
  );
}

interface SettingsProps {
  account: OwnedAccount;
  onChanged: (account: OwnedAccount) => void;
  onSee: (appId: string) => void;
  onOpenRow: (id: string) => void;
}

function Settings({ account, onChanged, onSee, onOpenRow }: SettingsProps) {
  const texts = useTexts();
  const { appId, originalId, appSecret, name } = account;
  return (
    <div className="account-settings">
      <section>
        <h3>{name}</h3>
        <dl className="facts">
          <Credential name={texts.appId} value={appId} />
          <Credential name={texts.originalId} value={originalId} />
          <Credential name={texts.accounts.appSecret} value={appSecret} />
        </dl>
        <button type="button" className="button" onClick={() => onSee(appId)}>
          {texts.accounts.see(name)}
        </button>
      </section>
      <ServerForm account={account} onChanged={onChanged} onOpenRow={onOpenRow} />
      <AddressList account={account} onChanged={onChanged} />
    </div>
  );
}

function Credential({ name, value }: { name: string; value: string }) {
  const texts = useTexts();
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <code>{value}</code>
        <CopyButton text={value} label={texts.copy(name)} doneLabel={texts.copied} />
      </dd>
    </div>
  );
}

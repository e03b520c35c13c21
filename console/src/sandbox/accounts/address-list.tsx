import { type FormEvent, useState } from 'react';
import type { OwnedAccount } from '../../../../server/sandbox/contract.ts';
import { describeFailure, useFailure } from '../failure.ts';
import { useSandbox } from '../store-context.ts';
import { useTexts } from '../texts/texts.ts';

interface AddressListProps {
  account: OwnedAccount;
  onChanged: (account: OwnedAccount) => void;
}

/** The white list: one address a line. */
export function AddressList({ account, onChanged }: AddressListProps) {
  const { store } = useSandbox();
  const texts = useTexts();
  const [written, setWritten] = useState(account.addresses.join('\n'));
  const [isSaved, setSaved] = useState(false);
  const [failure, setFailure] = useFailure();

  async function save(event: FormEvent) {
    event.preventDefault();
    const addresses = written.split(/[\s,，;；]+/).filter((address) => address !== '');
    setFailure(undefined);
    await store.changeAddresses(account.appId, { addresses }).then(
      (changed) => {
        setWritten(changed.addresses.join('\n'));
        setSaved(true);
        onChanged(changed);
      },
      (error) => setFailure(describeFailure(error, texts, texts.notDone)),
    );
  }

  return (
    <form onSubmit={save}>
      <section>
        <h3>{texts.accounts.addresses}</h3>
        <p>{texts.accounts.addressesAbout}</p>
        <label className="entry-field">
          <span>{texts.accounts.addressesLabel}</span>
          <textarea
            className="mono"
            rows={3}
            spellCheck={false}
            value={written}
            onChange={(event) => {
              setWritten(event.target.value);
              setSaved(false);
            }}
          />
        </label>
        <div className="submit">
          <button type="submit" className="button">
            {texts.accounts.save}
          </button>
          <p role="status" className="verdict accepted">
            {isSaved ? texts.accounts.saved : ''}
          </p>
        </div>
        {failure && (
          <p className="said" role="alert">
            {failure}
          </p>
        )}
      </section>
    </form>
  );
}

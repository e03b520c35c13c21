import { type FormEvent, useRef } from 'react';
import type { OwnedAccount } from '../../../../server/sandbox/contract.ts';
import { describeFailure, useFailure } from '../failure.ts';
import { useSandbox } from '../store-context.ts';
import { useTexts } from '../texts/texts.ts';

/** Registers an account, as one does on the platform. */
export function NewAccountForm({ onAdded }: { onAdded: (account: OwnedAccount) => void }) {
  const { store } = useSandbox();
  const texts = useTexts();
  const [failure, setFailure] = useFailure();
  const isBusy = useRef(false);

  async function register(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const name = String(form.get('name')).trim();
    if (name === '' || isBusy.current) return;
    isBusy.current = true;
    const kind = form.get('kind') === 'subscription' ? 'subscription' : 'service';
    await store
      .addAccount({ name, kind, isVerified: form.has('isVerified') })
      .then(onAdded, (error) => setFailure(describeFailure(error, texts, texts.notDone)));
    isBusy.current = false;
  }

  return (
    <form className="account-settings" onSubmit={register}>
      <section>
        <h3>{texts.accounts.add}</h3>
        <label className="entry-field">
          <span>{texts.accounts.name}</span>
          {/* biome-ignore lint/a11y/noAutofocus: the reader has just asked for this field. */}
          <input name="name" maxLength={32} required autoFocus autoComplete="off" placeholder={texts.accounts.nameExample} />
        </label>
        <fieldset className="choices">
          <legend>{texts.accounts.kind}</legend>
          <label>
            <input type="radio" name="kind" value="service" defaultChecked />
            {texts.accountKind.service}
          </label>
          <label>
            <input type="radio" name="kind" value="subscription" />
            {texts.accountKind.subscription}
          </label>
          <label>
            <input type="checkbox" name="isVerified" defaultChecked />
            {texts.verified}
          </label>
        </fieldset>
        {failure && (
          <p className="said" role="alert">
            {failure}
          </p>
        )}
        <button type="submit" className="button main">
          {texts.accounts.register}
        </button>
      </section>
    </form>
  );
}

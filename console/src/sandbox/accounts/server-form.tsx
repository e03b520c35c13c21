import { type FormEvent, useState } from 'react';
import type { Mode, OwnedAccount, ServerVerdict } from '../../../../server/sandbox/contract.ts';
import { describeFailure, useFailure } from '../failure.ts';
import { useSandbox } from '../store-context.ts';
import { useTexts } from '../texts/texts.ts';

interface ServerFormProps {
  account: OwnedAccount;
  onChanged: (account: OwnedAccount) => void;
  onOpenRow: (id: string) => void;
}

/** Where callbacks go and how they are signed and sealed. Submitting has the platform test the address; the verdict is told in words. */
export function ServerForm({ account, onChanged, onOpenRow }: ServerFormProps) {
  const { store } = useSandbox();
  const texts = useTexts();
  const { server, appId } = account;
  const [mode, setMode] = useState<Mode>(server?.mode ?? 'safe');
  const [verdict, setVerdict] = useState<ServerVerdict>();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useFailure();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isBusy) return;
    const form = new FormData(event.currentTarget);
    const field = (name: string) => String(form.get(name)).trim();
    const key = field('encodingAesKey');
    setBusy(true);
    setVerdict(undefined);
    setFailure(undefined);
    const settings = { url: field('url'), token: field('token'), mode, ...(key !== '' && { encodingAesKey: key }) };
    await store.changeServer(appId, settings).then(
      (given) => {
        setVerdict(given);
        if (given.isAccepted) onChanged(given.account);
      },
      (error) => setFailure(describeFailure(error, texts, texts.notDone)),
    );
    setBusy(false);
  }

  return (
    <form onSubmit={submit} autoComplete="off">
      <section>
        <h3>{texts.accounts.server}</h3>
        <p>{texts.accounts.serverAbout}</p>
        <Entry name="url" label={texts.accounts.url} value={server?.url} type="url" pattern="https?://.+" />
        <Entry
          name="token"
          label={texts.accounts.token}
          value={server?.token}
          pattern="\s*[A-Za-z0-9]{3,32}\s*"
          rule={texts.accounts.tokenRule}
        />
        <Entry
          name="encodingAesKey"
          label={texts.accounts.encodingAesKey}
          value={server?.encodingAesKey}
          pattern="\s*[A-Za-z0-9]{43}\s*"
          rule={mode === 'plain' ? texts.accounts.encodingAesKeyPlain : texts.accounts.encodingAesKeyRule}
          isOptional={mode === 'plain'}
        />
        <fieldset className="choices">
          <legend>{texts.accounts.mode}</legend>
          {modes.map((one) => (
            <label key={one}>
              <input type="radio" name="mode" checked={mode === one} onChange={() => setMode(one)} />
              {texts.mode[one]}
            </label>
          ))}
        </fieldset>
        <div className="submit">
          <button type="submit" className="button main" disabled={isBusy}>
            {isBusy ? texts.accounts.submitting : texts.accounts.submit}
          </button>
          <div role="status">{verdict && <Verdict verdict={verdict} onOpenRow={onOpenRow} />}</div>
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

interface EntryProps {
  name: string;
  label: string;
  value: string | undefined;
  pattern: string;
  type?: 'url' | 'text';
  /** What may be entered, in words. */
  rule?: string;
  isOptional?: boolean;
}

function Entry({ name, label, value, pattern, type = 'text', rule, isOptional = false }: EntryProps) {
  return (
    <label className="entry-field">
      <span>
        {label}
        {rule && <small>{rule}</small>}
      </span>
      <input
        className="mono"
        name={name}
        type={type}
        defaultValue={value}
        pattern={pattern}
        title={rule}
        required={!isOptional}
        spellCheck={false}
        autoComplete="off"
      />
    </label>
  );
}

function Verdict({ verdict: { isAccepted, row }, onOpenRow }: { verdict: ServerVerdict; onOpenRow: (id: string) => void }) {
  const texts = useTexts();
  const words = texts.accounts;
  const isOtherStatus = row.rule === 'wrong-status' && row.status !== undefined;
  const reason = isOtherStatus ? words.status(row.status ?? 0) : (words.because[row.rule] ?? texts.rules[row.rule]);
  return (
    <p className={isAccepted ? 'verdict accepted' : 'verdict refused'}>
      {isAccepted ? words.accepted : words.notAccepted(reason)}
      <button type="button" className="button bare small" onClick={() => onOpenRow(row.id)}>
        {words.seeWire}
      </button>
    </p>
  );
}

const modes: readonly Mode[] = ['plain', 'compatible', 'safe'];

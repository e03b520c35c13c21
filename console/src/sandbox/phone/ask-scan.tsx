import { useEffect, useState } from 'react';
import type { EntryCode, Speech } from '../../../../server/sandbox/contract.ts';
import { usePreferences } from '../../shared/preferences.ts';
import { useSandbox } from '../store-context.ts';
import { useTexts } from '../texts/texts.ts';
import { formatMoment, useMinute } from '../times.ts';
import { AskField, AskForm, type AskFormProps, useSay } from './ask.tsx';
import { readCodeImage } from './code-image.ts';

/** What the person scans: one of the account's codes, or what was pasted. Says what will come of it. */
export function AskScan({ asked: { button }, follower, onDone }: AskFormProps) {
  const texts = useTexts().onPhone;
  const say = useSay(follower);
  const [content, setContent] = useState('');
  const codes = useCodes(follower.appId);
  const written = content.trim();
  const scene = sceneOf(written, codes);
  const isReady = written !== '' && (button !== undefined || scene !== undefined);

  function said(): Speech[] {
    if (!button) return [{ kind: 'scan', entryCode: scene ?? written }];
    return [{ kind: 'menu-scan', key: button.key ?? '', content: written, isAwaited: button.type === 'scancode_waitmsg' }];
  }

  return (
    <AskForm onDone={onDone} act={() => say(said())} action={texts.scan} isReady={isReady}>
      <CodeFields content={content} onChange={setContent} codes={codes} isFree={button !== undefined} />
      <p className="will" role="status">
        {written !== '' &&
          (button ? texts.willTell(button.key ?? '') : scene === undefined ? texts.unknownCode : texts.willScan(scene))}
      </p>
    </AskForm>
  );
}

interface CodeFieldsProps {
  content: string;
  onChange: (content: string) => void;
  codes: readonly EntryCode[];
  /** Anything can be scanned, not codes of the account alone. */
  isFree?: boolean;
}

/** A field for what a code says, and the codes that there are. */
export function CodeFields({ content, onChange, codes, isFree = false }: CodeFieldsProps) {
  const { view } = useSandbox();
  const texts = useTexts();
  const words = texts.onPhone;
  const [{ language }] = usePreferences();
  const now = useMinute(view.clockOffset);
  return (
    <>
      <AskField label={isFree ? words.scannedAny : words.scanned} hint={words.scannedRule}>
        <input
          value={content}
          maxLength={1024}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
        />
      </AskField>
      <CodeUpload onRead={onChange} />
      {codes.length === 0 ? (
        !isFree && <p className="hint">{words.noCodes}</p>
      ) : (
        <fieldset className="codes">
          <legend>{words.codes}</legend>
          {codes.map(({ ticket, url, scene, expiresAt }) => (
            <button
              key={ticket}
              type="button"
              aria-pressed={content === url}
              disabled={expiresAt !== undefined && expiresAt <= now}
              onClick={() => onChange(url)}
            >
              <b>{scene}</b>
              <small>
                {expiresAt === undefined
                  ? words.permanent
                  : expiresAt <= now
                    ? words.over
                    : words.until(formatMoment(expiresAt, now, language, texts.yesterday))}
              </small>
            </button>
          ))}
        </fieldset>
      )}
    </>
  );
}

/** A picture of a code, as a person would hold the camera before it. */
function CodeUpload({ onRead }: { onRead: (content: string) => void }) {
  const words = useTexts().onPhone;
  const [isUnread, setUnread] = useState(false);

  async function read(file: Blob | undefined) {
    if (!file) return;
    // What is no picture at all holds no code either.
    const content = await readCodeImage(file).catch(() => undefined);
    setUnread(content === undefined);
    if (content !== undefined) onRead(content);
  }

  return (
    <AskField label={words.codeImage} {...(isUnread ? { hint: words.noCodeInImage } : {})}>
      <input type="file" accept="image/*" onChange={(event) => void read(event.target.files?.[0])} />
    </AskField>
  );
}

/** The codes of the account, read once the sheet is open. */
export function useCodes(appId: string): readonly EntryCode[] {
  const { store } = useSandbox();
  const [codes, setCodes] = useState<readonly EntryCode[]>([]);
  useEffect(() => {
    // What cannot be read can still be written.
    store.codes(appId).then(setCodes, () => {});
  }, [store, appId]);
  return codes;
}

/** The scene behind what a code says; a text that is no address is a scene itself. Undefined for codes of others. */
export function sceneOf(written: string, codes: readonly EntryCode[]): string | undefined {
  if (written === '') return undefined;
  if (/^\w+:\/\//.test(written)) return codes.find(({ url }) => url === written)?.scene;
  return written.length > longestScene ? undefined : written;
}

const longestScene = 64;

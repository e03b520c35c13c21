import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import type { Follower, PhoneButton, Speech } from '../../../../server/sandbox/contract.ts';
import { describeFailure, useFailure } from '../failure.ts';
import { useSandbox } from '../store-context.ts';
import type { AskKind } from '../texts/phone-texts.ts';
import { useTexts } from '../texts/texts.ts';
import { AskPlace } from './ask-place.tsx';
import { AskScan } from './ask-scan.tsx';
import { Sheet } from './sheet.tsx';

/** What the phone asks the person for, and the menu button behind which it does. */
export interface Asked {
  what: AskKind;
  button?: PhoneButton;
}

interface AskProps {
  asked: Asked;
  follower: Follower;
  onClose: () => void;
}

/** The sheet in which a person says where they are, what they scanned, which picture they send. */
export function Ask({ asked, follower, onClose }: AskProps) {
  const texts = useTexts().onPhone;
  const label = asked.button ? `${texts.asks[asked.what]} · ${asked.button.name}` : texts.asks[asked.what];
  const form = { asked, follower, onDone: onClose };
  return (
    <Sheet label={label} onClose={onClose}>
      {asked.what === 'place' && <AskPlace {...form} />}
      {asked.what === 'scan' && <AskScan {...form} />}
      {asked.what === 'picture' && <AskPicture {...form} />}
      {asked.what === 'voice' && <AskVoice {...form} />}
      {asked.what === 'link' && <AskLink {...form} />}
    </Sheet>
  );
}

/** Does what was said, one after the other. */
export function useSay(follower: Follower) {
  const { store } = useSandbox();
  return async (speeches: Speech[]) => {
    for (const speech of speeches) await store.say(follower.openid, speech);
  };
}

/** What every form of the sheet is given. */
export interface AskFormProps {
  asked: Asked;
  follower: Follower;
  onDone: () => void;
}

function AskPicture({ asked: { button }, follower, onDone }: AskFormProps) {
  const texts = useTexts().onPhone;
  const say = useSay(follower);
  const [url, setUrl] = useState(usualPicture);

  function sent(): Speech[] {
    const image: Speech = { kind: 'image', url };
    return button
      ? [{ kind: 'menu-picture', key: button.key ?? '', from: pictureSources[button.type ?? ''] ?? 'album', url }, image]
      : [image];
  }

  return (
    <AskForm onDone={onDone} act={() => say(sent())} action={texts.send}>
      <AskField label={texts.pictureAddress} hint={texts.pictureRule}>
        <input type="url" value={url} required maxLength={1024} onChange={(event) => setUrl(event.target.value)} />
      </AskField>
    </AskForm>
  );
}

function AskVoice({ follower, onDone }: AskFormProps) {
  const texts = useTexts().onPhone;
  const say = useSay(follower);
  const [text, setText] = useState('');
  const said = text.trim();
  return (
    <AskForm
      onDone={onDone}
      act={() => say([said === '' ? { kind: 'voice' } : { kind: 'voice', text: said }])}
      action={texts.send}
    >
      <AskField label={texts.heard} hint={texts.heardRule}>
        <input value={text} maxLength={2000} autoComplete="off" onChange={(event) => setText(event.target.value)} />
      </AskField>
    </AskForm>
  );
}

function AskLink({ follower, onDone }: AskFormProps) {
  const texts = useTexts().onPhone;
  const say = useSay(follower);
  const [link, setLink] = useState({ title: '', text: '', url: 'https://' });
  const change = (part: Partial<typeof link>) => setLink({ ...link, ...part });
  return (
    <AskForm onDone={onDone} act={() => say([{ kind: 'link', ...link }])} action={texts.send}>
      <AskField label={texts.linkTitle}>
        <input
          value={link.title}
          required
          maxLength={200}
          autoComplete="off"
          onChange={(event) => change({ title: event.target.value })}
        />
      </AskField>
      <AskField label={texts.linkText}>
        <input
          value={link.text}
          required
          maxLength={500}
          autoComplete="off"
          onChange={(event) => change({ text: event.target.value })}
        />
      </AskField>
      <AskField label={texts.linkAddress}>
        <input type="url" value={link.url} required maxLength={1024} onChange={(event) => change({ url: event.target.value })} />
      </AskField>
    </AskForm>
  );
}

interface AskFormFrame {
  act: () => Promise<void>;
  /** What the button says. */
  action: string;
  isReady?: boolean;
  onDone: () => void;
  children: ReactNode;
}

/** A form of the sheet: it stays open, and says why, when what was to be done is refused. */
export function AskForm({ act, action, isReady = true, onDone, children }: AskFormFrame) {
  const texts = useTexts();
  const [failure, setFailure] = useFailure();
  const isBusy = useRef(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (isBusy.current || !isReady) return;
    isBusy.current = true;
    try {
      await act();
      onDone();
    } catch (error) {
      setFailure(describeFailure(error, texts, texts.notDone));
    }
    isBusy.current = false;
  }

  return (
    <form className="ask" onSubmit={submit}>
      {children}
      {failure && (
        <p className="said" role="alert">
          {failure}
        </p>
      )}
      <button type="submit" className="button main large" disabled={!isReady}>
        {action}
      </button>
    </form>
  );
}

export function AskField({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: its control is what it is given.
    <label className="ask-field">
      <span>{label}</span>
      <span className="field">{children}</span>
      {hint && <small>{hint}</small>}
    </label>
  );
}

const usualPicture = 'https://example.com/bread.jpg';
const pictureSources: Readonly<Record<string, 'camera' | 'camera-or-album' | 'album'>> = {
  pic_sysphoto: 'camera',
  pic_photo_or_album: 'camera-or-album',
  pic_weixin: 'album',
};

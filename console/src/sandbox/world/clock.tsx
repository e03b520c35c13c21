import { FastForward, RotateCcw } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { usePreferences } from '../../shared/preferences.ts';
import { describeFailure, useFailure } from '../failure.ts';
import { useSandbox } from '../store-context.ts';
import { type Texts, useTexts } from '../texts/texts.ts';
import { formatDate, formatMinute, useMinute } from '../times.ts';

/** The sandbox's time in the bar, and behind it how to move it and what follows. */
export function Clock() {
  const texts = useTexts();
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const leave = (event: PointerEvent) => box.current?.contains(event.target as Node) || setOpen(false);
    document.addEventListener('pointerdown', leave);
    return () => document.removeEventListener('pointerdown', leave);
  }, [isOpen]);

  function close() {
    setOpen(false);
    opener.current?.focus();
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape anywhere in it closes what its button has opened.
    <div className="clock" ref={box} onKeyDown={(event) => event.key === 'Escape' && isOpen && close()}>
      <button
        type="button"
        className="clock-face"
        ref={opener}
        aria-expanded={isOpen}
        title={texts.world.clock.label}
        onClick={() => setOpen(!isOpen)}
      >
        <span className="sr">{texts.world.clock.label} </span>
        <Face />
      </button>
      {isOpen && (
        <section className="pop clock-pop" aria-label={texts.world.clock.label}>
          <ClockSettings />
        </section>
      )}
    </div>
  );
}

/** Date and time, and how far ahead of the real one they are. */
function Face() {
  const { view } = useSandbox();
  const texts = useTexts();
  const [{ language }] = usePreferences();
  const now = useMinute(view.clockOffset);
  return (
    <>
      <b>
        <span className="clock-date">{formatDate(now, language)} </span>
        {formatMinute(now)}
      </b>
      <small className={view.ahead > 0 ? 'ahead' : ''}>{describeAhead(view.ahead, texts)}</small>
    </>
  );
}

/** The buttons that move the time, and what follows from it. */
export function ClockSettings() {
  const { store, view } = useSandbox();
  const texts = useTexts();
  const words = texts.world.clock;
  const [failure, setFailure] = useFailure();
  const [done, setDone] = useState('');

  async function move(work: Promise<void>, said: string) {
    setDone('');
    try {
      await work;
      setFailure(undefined);
      setDone(said);
    } catch (error) {
      setFailure(describeFailure(error, texts, texts.notDone));
    }
  }

  const steps = [
    [words.minute, () => minute],
    [words.hour, () => hour],
    [words.day, () => day],
    [words.month, () => untilNextMonth(Date.now() + view.clockOffset)],
  ] as const;
  return (
    <div className="clock-settings">
      <p className="clock-now">
        <Face />
      </p>
      <fieldset className="pushes">
        <legend>
          <FastForward className="icon" aria-hidden="true" />
          {words.push}
        </legend>
        {steps.map(([label, length]) => (
          <button
            key={label}
            type="button"
            className="button"
            onClick={() => move(store.push(length()), `${words.pushed} ${label}`)}
          >
            {label}
          </button>
        ))}
      </fieldset>
      {/* It stays where it is, and keeps the focus, when there is nothing to go back from. */}
      <button
        type="button"
        className="button"
        aria-disabled={view.ahead === 0}
        onClick={() => view.ahead > 0 && move(store.pullBack(), words.returned)}
      >
        <RotateCcw className="icon" aria-hidden="true" />
        {words.back}
      </button>
      <p className="done" role="status">
        {done}
      </p>
      {failure && (
        <p className="said" role="alert">
          {failure}
        </p>
      )}
      <p className="clock-words">{words.follows}</p>
      <p className="clock-words">{words.stays}</p>
      <p className="clock-words">{words.behind}</p>
    </div>
  );
}

function describeAhead(ahead: number, texts: Texts): string {
  if (ahead <= 0) return texts.world.clock.real;
  return texts.world.clock.ahead(Math.floor(ahead / day), Math.floor((ahead % day) / hour), Math.floor((ahead % hour) / minute));
}

/** From then until the first of the next month in China, where the platform's months begin. */
function untilNextMonth(at: number): number {
  const there = new Date(at + platformOffset);
  return Date.UTC(there.getUTCFullYear(), there.getUTCMonth() + 1) - platformOffset - at;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const platformOffset = 8 * hour;

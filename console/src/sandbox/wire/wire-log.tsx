import { Search, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useSandbox } from '../store-context.ts';
import { useTexts } from '../texts/texts.ts';
import type { WireQuery } from '../view.ts';
import { useKeptPlace } from './kept-place.ts';
import { WireEntry } from './wire-entry.tsx';

interface WireLogProps {
  /** The row that is open. */
  open: string | undefined;
  onOpen: (id: string | undefined) => void;
}

/** Everything that went over the wire, newest first, as it happens. */
export function WireLog({ open, onOpen }: WireLogProps) {
  const { store, view } = useSandbox();
  const texts = useTexts();
  const { rows, hasMore, isLoaded } = view.wire;
  const { list, newCount, toTop } = useKeptPlace(rows);
  // The address check comes with the start; what a person does comes after.
  const isQuiet = isLoaded && rows.every(({ openid }) => openid === undefined);
  return (
    <section className="wire" aria-label={texts.wire}>
      <Head />
      {newCount > 0 && (
        <button type="button" className="button small newer" onClick={toTop}>
          {texts.rows(newCount)}
        </button>
      )}
      <div className="rows" ref={list}>
        {!isLoaded && rows.length === 0 && <div className="bones" role="status" aria-label={texts.loading} />}
        <ul onKeyDown={moveBetweenRows}>
          {rows.map((row) => (
            <WireEntry
              key={row.id}
              row={row}
              isOpen={row.id === open}
              onToggle={() => onOpen(row.id === open ? undefined : row.id)}
              onOpen={onOpen}
            />
          ))}
        </ul>
        {isQuiet && <Nothing />}
        {hasMore && (
          <button type="button" className="button bare earlier" onClick={() => void store.loadOlderRows().catch(() => {})}>
            {texts.moreRows}
          </button>
        )}
      </div>
    </section>
  );
}

/** Up and down go from row to row, past what an open row holds. */
function moveBetweenRows(event: KeyboardEvent<HTMLUListElement>) {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('.row')];
  const index = rows.indexOf(document.activeElement as HTMLElement);
  if (step === 0 || index < 0) return;
  event.preventDefault();
  rows[index + step]?.focus();
}

function Head() {
  const { store, view } = useSandbox();
  const texts = useTexts();
  const { query } = view.wire;
  const isLive = view.connection === 'live';

  function filter(show: WireQuery['show']) {
    // What fails is read with everything else once the server is back.
    store.query({ ...query, show }).catch(() => store.load());
  }

  return (
    <header className="wire-head">
      <h2>{texts.wire}</h2>
      <span className={isLive ? 'tag live' : 'tag'}>{isLive ? texts.live : texts.paused}</span>
      <fieldset className="segment">
        <legend className="sr">{texts.filter}</legend>
        {shows.map((show) => (
          <button key={show} type="button" aria-pressed={query.show === show} onClick={() => filter(show)}>
            {texts.shows[show]}
          </button>
        ))}
      </fieldset>
      <Find />
    </header>
  );
}

function Find() {
  const { store, view } = useSandbox();
  const texts = useTexts();
  const [written, setWritten] = useState(view.wire.query.find);
  const wanted = written.trim();
  const field = useRef<HTMLInputElement>(null);
  const { query } = view.wire;
  useEffect(() => {
    if (wanted === query.find) return;
    const timer = setTimeout(() => store.query({ ...query, find: wanted }).catch(() => store.load()), typingPause);
    return () => clearTimeout(timer);
  }, [wanted, query, store]);

  function clear() {
    setWritten('');
    field.current?.focus();
  }

  return (
    <search className="field">
      <Search className="icon" aria-hidden="true" />
      <input
        ref={field}
        type="text"
        value={written}
        placeholder={texts.find}
        aria-label={texts.findLabel}
        spellCheck={false}
        onChange={(event) => setWritten(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && setWritten('')}
      />
      <button type="button" className="clear" aria-label={texts.showAll} disabled={written === ''} onClick={clear}>
        <X className="icon" aria-hidden="true" />
      </button>
    </search>
  );
}

/** What will be here, or why nothing is shown and how to see the rest. */
function Nothing() {
  const { store, view } = useSandbox();
  const texts = useTexts();
  const { find, show } = view.wire.query;
  if (find === '' && show === 'all') {
    return (
      <div className="nothing">
        <b>{texts.emptyWire}</b>
        <p>{texts.emptyWireText}</p>
      </div>
    );
  }
  return (
    <div className="nothing">
      <b>{find === '' && show !== 'all' ? texts.nothingOf[show] : texts.nothingFound}</b>
      {show !== 'all' && (
        <button type="button" className="button" onClick={() => store.query({ find, show: 'all' }).catch(() => store.load())}>
          {texts.showAll}
        </button>
      )}
    </div>
  );
}

const shows = ['all', 'callback', 'call', 'refused'] as const satisfies WireQuery['show'][];
const typingPause = 200;

import { Columns2, Plus } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Follower } from '../../../server/sandbox/contract.ts';
import { Face } from './face.tsx';
import { describeFailure, useFailure } from './failure.ts';
import { useSandbox } from './store-context.ts';
import { useTexts } from './texts/texts.ts';
import { peopleOf } from './view.ts';

/** The people whose phones there are, as tabs, and a way to add one. */
export function People() {
  const { store, view } = useSandbox();
  const texts = useTexts();
  const tabs = useRef<HTMLDivElement>(null);
  const people = peopleOf(view);

  function move(event: KeyboardEvent) {
    const index = people.findIndex(({ openid }) => openid === view.chosen);
    const next = people[wanted(event.key, index, people.length)];
    if (!next) return;
    event.preventDefault();
    store.choose(next.openid);
    tabs.current?.querySelector<HTMLElement>(`#${tabId(next)}`)?.focus();
  }

  useEffect(() => {
    if (view.chosen)
      tabs.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [view.chosen]);

  return (
    <div className="people">
      <div className="tabs" role="tablist" aria-label={texts.people} ref={tabs} onKeyDown={move}>
        {people.map((follower) => (
          <PersonTab key={follower.openid} follower={follower} isChosen={follower.openid === view.chosen} />
        ))}
      </div>
      {view.phase === 'ready' && <AddPerson />}
      {people.length > 1 && <BesideSwitch />}
    </div>
  );
}

/** The id of a person's tab, by which their phone says whose it is. */
export function tabId({ openid }: Pick<Follower, 'openid'>): string {
  return `person-${openid.replace(/[^\w-]/g, '')}`;
}

function PersonTab({ follower, isChosen }: { follower: Follower; isChosen: boolean }) {
  const { store } = useSandbox();
  const texts = useTexts();
  const { name, openid, isFollowing, unfollowedAt } = follower;
  return (
    <button
      type="button"
      role="tab"
      id={tabId(follower)}
      className="person"
      aria-selected={isChosen}
      aria-controls="phone"
      tabIndex={isChosen ? 0 : -1}
      onClick={() => store.choose(openid)}
    >
      <Face name={name} openid={openid} isAway={!isFollowing} />
      <span className="person-name">
        {name}
        {!isFollowing && <small>{unfollowedAt === undefined ? texts.notFollowing : texts.gone}</small>}
      </span>
    </button>
  );
}

/** Shows a second phone beside the first: that of whoever comes next. */
function BesideSwitch() {
  const { store, view } = useSandbox();
  const texts = useTexts().onPhone;
  const people = peopleOf(view);
  const isOn = view.beside !== undefined;
  const next = people[(people.findIndex(({ openid }) => openid === view.chosen) + 1) % people.length];
  const label = isOn ? texts.besideOff : texts.beside;
  return (
    <button
      type="button"
      className="button small beside-switch"
      aria-pressed={isOn}
      aria-label={texts.beside}
      title={label}
      onClick={() => store.chooseBeside(isOn ? undefined : next?.openid)}
    >
      <Columns2 className="icon" aria-hidden="true" />
    </button>
  );
}

function AddPerson() {
  const { store } = useSandbox();
  const texts = useTexts();
  const [isOpen, setOpen] = useState(false);
  const [failure, setFailure] = useFailure();
  const opener = useRef<HTMLButtonElement>(null);
  const isBusy = useRef(false);

  function close() {
    setOpen(false);
    setFailure(undefined);
    opener.current?.focus();
  }

  async function add(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('name')).trim();
    if (name === '' || isBusy.current) return;
    isBusy.current = true;
    await store.addFollower(name).then(close, (error) => setFailure(describeFailure(error, texts, texts.notDone)));
    isBusy.current = false;
  }

  return (
    <div className="add-person">
      <button
        type="button"
        className="button small"
        ref={opener}
        aria-label={texts.addPerson}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Plus className="icon" aria-hidden="true" />
        <span className="wide">{texts.addShort}</span>
      </button>
      {isOpen && (
        <form className="pop" onSubmit={add} onKeyDown={(event) => event.key === 'Escape' && close()}>
          <label className="field">
            <span className="sr">{texts.newName}</span>
            {/* biome-ignore lint/a11y/noAutofocus: the reader has just asked for this field. */}
            <input name="name" maxLength={32} autoFocus autoComplete="off" placeholder={texts.newNameExample} />
          </label>
          <button type="submit" className="button main">
            {texts.add}
          </button>
          {failure && <p role="alert">{failure}</p>}
        </form>
      )}
    </div>
  );
}

function wanted(key: string, index: number, count: number): number {
  if (key === 'ArrowRight') return (index + 1) % count;
  if (key === 'ArrowLeft') return (index - 1 + count) % count;
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  return -1;
}

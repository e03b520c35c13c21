import { Keyboard, Menu } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import type { Follower, PhoneButton, PhoneMenu, Speech } from '../../../../server/sandbox/contract.ts';
import { describeFailure, useFailure } from '../failure.ts';
import { useSandbox } from '../store-context.ts';
import { useTexts } from '../texts/texts.ts';
import type { Asked } from './ask.tsx';

interface MenuBarProps {
  follower: Follower;
  menu: PhoneMenu;
  onAsk: (asked: Asked) => void;
  onType: () => void;
}

/** The account's menu below the chat. A button tells the server at once, asks for something first, or opens others. */
export function MenuBar({ follower, menu, onAsk, onType }: MenuBarProps) {
  const { store } = useSandbox();
  const texts = useTexts();
  const [open, setOpen] = useState<number>();
  const [failure, setFailure] = useFailure();
  const [note, setNote] = useState<string>();

  async function tap(button: PhoneButton) {
    setOpen(undefined);
    setFailure(undefined);
    const what = asking(button.type);
    if (what) return onAsk({ what, button });
    const speech = speechOf(button, menu);
    setNote(speech ? undefined : texts.onPhone.notShown(button.type ?? ''));
    if (!speech) return;
    if (speech.kind === 'menu-page') setNote(texts.onPhone.opens(speech.url));
    if (speech.kind === 'menu-app') setNote(texts.onPhone.opens(`${texts.miniProgram} ${speech.path}`));
    await store.say(follower.openid, speech).catch((error) => setFailure(describeFailure(error, texts, texts.notDone)));
  }

  return (
    <nav className="menu-bar" aria-label={texts.onPhone.menu}>
      {failure && (
        <p className="said" role="alert">
          {failure}
        </p>
      )}
      {note && (
        <p className="left" role="status">
          {note}
        </p>
      )}
      <button
        type="button"
        className="menu-switch"
        aria-label={texts.onPhone.showKeyboard}
        title={texts.onPhone.showKeyboard}
        onClick={onType}
      >
        <Keyboard className="icon" aria-hidden="true" />
      </button>
      {menu.buttons.map((button, place) => (
        <TopButton
          // biome-ignore lint/suspicious/noArrayIndexKey: two buttons may bear the same name; their places are all that tells them apart.
          key={place}
          button={button}
          isOpen={open === place}
          onToggle={() => setOpen(open === place ? undefined : place)}
          onTap={tap}
        />
      ))}
    </nav>
  );
}

interface TopButtonProps {
  button: PhoneButton;
  isOpen: boolean;
  onToggle: () => void;
  onTap: (button: PhoneButton) => Promise<void>;
}

function TopButton({ button, isOpen, onToggle, onTap }: TopButtonProps) {
  const opener = useRef<HTMLButtonElement>(null);
  const hasBelow = button.below.length > 0;

  function pressed(event: KeyboardEvent) {
    if (event.key !== 'Escape' || !isOpen) return;
    onToggle();
    opener.current?.focus();
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape on any of its buttons closes what one of them has opened.
    <div className="menu-cell" onKeyDown={pressed}>
      <button
        type="button"
        ref={opener}
        {...(hasBelow && { 'aria-expanded': isOpen })}
        onClick={() => (hasBelow ? onToggle() : void onTap(button))}
      >
        {hasBelow && <Menu className="icon" aria-hidden="true" />}
        <span>{button.name}</span>
      </button>
      {isOpen && (
        <ul className="menu-below">
          {button.below.map((below, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above.
            <li key={place}>
              <button
                type="button"
                onClick={() => {
                  opener.current?.focus();
                  void onTap(below);
                }}
              >
                {below.name}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** What the phone asks for before this button tells anything. */
function asking(type = ''): Asked['what'] | undefined {
  if (type.startsWith('scancode_')) return 'scan';
  if (type.startsWith('pic_')) return 'picture';
  return type === 'location_select' ? 'place' : undefined;
}

/** What a tap tells the server; undefined for buttons that tell it nothing. */
function speechOf({ type, key = '', url = '', path = '' }: PhoneButton, { menuId = 0 }: PhoneMenu): Speech | undefined {
  if (type === 'click') return { kind: 'menu', key };
  if (type === 'view') return { kind: 'menu-page', url, menuId };
  return type === 'miniprogram' ? { kind: 'menu-app', path, menuId } : undefined;
}

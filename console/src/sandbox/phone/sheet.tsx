import { X } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import { useTexts } from '../texts/texts.ts';

interface SheetProps {
  label: string;
  /** What stands beside the way out; the label where nothing is said. */
  head?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

/** A sheet over the phone's screen: it has the focus until it is closed. */
export function Sheet({ label, head, onClose, children }: SheetProps) {
  const texts = useTexts();
  const sheet = useRef<HTMLDivElement>(null);
  useEffect(() => sheet.current?.focus(), []);

  function pressed(event: KeyboardEvent) {
    if (event.key === 'Escape') onClose();
    if (event.key === 'Tab') keepFocus(event, sheet.current);
  }

  return (
    <div className="sheet-ground">
      {/* For the pointer alone: by keyboard there are Escape and the button, and a reader is told of one way out. */}
      <button type="button" className="scrim" aria-hidden="true" tabIndex={-1} onClick={onClose} />
      <div className="sheet" role="dialog" aria-modal="true" aria-label={label} ref={sheet} tabIndex={-1} onKeyDown={pressed}>
        <header>
          {head ?? <h2>{label}</h2>}
          <button type="button" className="round" aria-label={texts.close} onClick={onClose}>
            <X className="icon" aria-hidden="true" />
          </button>
        </header>
        {children}
      </div>
    </div>
  );
}

/** Behind the last of its controls comes the first: what is under the sheet cannot be reached. */
function keepFocus(event: KeyboardEvent, sheet: HTMLElement | null): void {
  const controls = [...(sheet?.querySelectorAll<HTMLElement>('button:enabled, a[href], input:enabled, textarea') ?? [])];
  const at = controls.indexOf(document.activeElement as HTMLElement);
  const isLeaving = event.shiftKey ? at <= 0 : at === controls.length - 1;
  if (!isLeaving) return;
  event.preventDefault();
  controls.at(event.shiftKey ? -1 : 0)?.focus();
}

import { Button } from 'antd';
import { GitCompareArrows } from 'lucide-react';
import { useTexts } from '../texts/texts.ts';
import type { StaleChange } from './changes.ts';

interface StaleNoteProps {
  changes: readonly StaleChange[];
  onKeepMine: () => void;
  onTakeTheirs: () => void;
}

/** For a change that was refused because there is a newer version (412): what the other changed, and the two ways on. */
export function StaleNote({ changes, onKeepMine, onTakeTheirs }: StaleNoteProps) {
  const { stale } = useTexts();
  return (
    <div className="problem stale" role="alert">
      <GitCompareArrows className="icon" aria-hidden="true" />
      <div>
        <b>{stale.title}</b>
        <p>{stale.text}</p>
        {changes.length === 0 && <p>{stale.nothing}</p>}
        <ul>
          {changes.map(({ label, before, now }) => (
            <li key={label}>{stale.row(label, before, now)}</li>
          ))}
        </ul>
        <p className="row">
          <Button size="small" onClick={onKeepMine}>
            {stale.keepMine}
          </Button>
          <Button size="small" type="text" onClick={onTakeTheirs}>
            {stale.takeTheirs}
          </Button>
        </p>
      </div>
    </div>
  );
}

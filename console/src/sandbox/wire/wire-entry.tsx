import { ArrowDownLeft, ArrowUpRight, Zap } from 'lucide-react';
import { type RefObject, useEffect, useRef } from 'react';
import type { Verdict, WireRow } from '../../../../server/sandbox/contract.ts';
import { useTexts } from '../texts/texts.ts';
import { formatSecond } from '../times.ts';
import { WireOpen } from './wire-open.tsx';

interface WireEntryProps {
  row: WireRow;
  isOpen: boolean;
  onToggle: () => void;
  /** Opens another row. */
  onOpen: (id: string) => void;
}

/** One try of a callback as a row; open, with everything that went over the wire. */
export function WireEntry({ row, isOpen, onToggle, onOpen }: WireEntryProps) {
  const item = useRef<HTMLLIElement>(null);
  useScrolledIntoView(item, isOpen);
  return (
    <li ref={item} className={isOpen ? 'entry open' : 'entry'}>
      <button type="button" className="row" aria-expanded={isOpen} onClick={onToggle}>
        <Row row={row} />
      </button>
      {isOpen && <WireOpen row={row} onOpen={onOpen} />}
    </li>
  );
}

function Row({ row }: { row: WireRow }) {
  const texts = useTexts();
  const Arrow = row.direction === 'call' ? ArrowUpRight : ArrowDownLeft;
  return (
    <>
      <time className="mono" dateTime={new Date(row.at).toISOString()}>
        {formatSecond(row.at)}
      </time>
      <span className={row.direction === 'call' ? 'path out' : 'path'}>
        <Arrow className="icon" aria-hidden="true" />
        <span className="path-words">{row.direction === 'call' ? texts.toPlatform : texts.fromPlatform}</span>
      </span>
      <span className="kind">
        <b>{texts.kinds[row.kind] ?? row.kind}</b>
        {row.fault && (
          <span className="struck">
            <Zap className="icon" aria-hidden="true" />
            {texts.world.names[row.fault]}
          </span>
        )}
        {row.excerpt && <span className="excerpt">{row.excerpt}</span>}
        {row.attempt > 1 && <span className="attempt">{texts.attempt(row.attempt)}</span>}
        <span className="mono">{row.kind.replace('cgi-bin/', '')}</span>
      </span>
      <span className="who">{row.followerName}</span>
      <span className={`tag ${verdictTones[row.verdict]}`}>
        {row.verdict === 'refused' && <Zap className="icon" aria-hidden="true" />}
        {row.status === undefined ? '' : `${row.status} `}
        {texts.rules[row.rule]}
      </span>
      <span className="duration">
        <i style={{ width: barWidth(row.milliseconds) }} />
        <span aria-hidden="true">{row.milliseconds} ms</span>
        <span className="sr">{texts.milliseconds(row.milliseconds)}</span>
      </span>
    </>
  );
}

/** Opened from elsewhere, a row may be out of sight. */
function useScrolledIntoView(item: RefObject<HTMLLIElement | null>, isOpen: boolean) {
  useEffect(() => {
    if (isOpen) item.current?.scrollIntoView({ block: 'nearest' });
  }, [item, isOpen]);
}

/** By the square root, so that 3 ms is seen and 5 s, the longest there is, fits. */
function barWidth(milliseconds: number): number {
  return Math.max(2, Math.round(Math.sqrt(Math.min(milliseconds, longest) / longest) * widest));
}

const longest = 5000;
const widest = 48;
const verdictTones: Record<Verdict, string> = { accepted: 'jade', acknowledged: 'ok', refused: 'stop' };

import { ArrowDownLeft, ArrowUpRight, Check as CheckIcon, Minus, X } from 'lucide-react';
import type { Account, Check } from '../../../../../server/api/contract.ts';
import { usePreferences } from '../../../shared/preferences.ts';
import { useTexts } from '../../texts/texts.ts';
import { formatDate, formatSecond } from '../../texts/times.ts';
import { haltOf, type StepOfCheck } from './check-record.ts';
import { useCheckTexts } from './check-texts.ts';

/** The check's two lanes: from us to the platform, and from the platform to us. */
export function CheckLanes({ account, check }: { account: Account; check: Check }) {
  const texts = useCheckTexts();
  return (
    <div className="lanes">
      {(['out', 'in'] as const).map((side) => {
        const Icon = side === 'out' ? ArrowUpRight : ArrowDownLeft;
        const steps = check.steps.filter((step) => step.side === side);
        const halt = haltOf(steps);
        return (
          <div key={side}>
            <h3>
              <Icon className="icon" aria-hidden="true" />
              {texts.sides[side]}
            </h3>
            <ol className="lane">
              {steps.map((step) => (
                <LaneStep key={step.name} account={account} step={step} isHalt={step === halt} />
              ))}
            </ol>
          </div>
        );
      })}
    </div>
  );
}

function LaneStep({ account, step, isHalt }: { account: Account; step: StepOfCheck; isHalt: boolean }) {
  const texts = useCheckTexts();
  const { name, outcome } = step;
  const Icon = { passed: CheckIcon, failed: X, waiting: Minus }[outcome];
  const showsWay = outcome === 'failed' || isHalt;
  return (
    <li className={outcome}>
      <Icon className="icon" aria-hidden="true" />
      <span className="lane-name">
        <span className="sr">{texts.outcomes[outcome]} </span>
        {texts.steps[name] ?? name}
      </span>
      <LaneNote step={step} />
      {showsWay && <WayOut account={account} step={step} />}
    </li>
  );
}

/** What stands at the end of a step's line: how long, until when, or what it waits for. */
function LaneNote({ step }: { step: StepOfCheck }) {
  const texts = useCheckTexts();
  const [{ language }] = usePreferences();
  const { name, outcome, reason, detail = '', milliseconds } = step;
  const note = reason === undefined ? undefined : texts.notes[reason];
  if (note) return <small>{note(detail)}</small>;
  if (outcome === 'waiting') return <small>{reason === undefined ? texts.waiting : ''}</small>;
  const time = Date.parse(detail);
  if (outcome === 'passed' && name === 'certificate' && time) return <small>{texts.until(formatDate(time, language))}</small>;
  if (outcome === 'passed' && name === 'knocked' && time) return <small>{formatSecond(time)}</small>;
  const words = [outcome === 'passed' && detail, milliseconds !== undefined && texts.milliseconds(milliseconds)];
  return <small>{words.filter(Boolean).join(texts.comma)}</small>;
}

function WayOut({ account, step: { outcome, reason = '', detail } }: { account: Account; step: StepOfCheck }) {
  const texts = useCheckTexts();
  const { openSandbox } = useTexts();
  const isSandbox = account.platform === 'sandbox';
  const here = isSandbox ? { ...texts.sandboxReasons, ...(account.source === 'configuration' ? texts.demoReasons : {}) } : {};
  const way = here[reason] ?? texts.reasons[reason] ?? texts.unknown;
  return (
    <div className={`way-out ${outcome}`}>
      <b>{way.title}</b>
      {way.text}
      {outcome === 'failed' && detail !== undefined && (
        <span className="compare">
          {texts.details} <span className="mono">{detail}</span>
        </span>
      )}
      {here[reason] && <a href="../sandbox/">{openSandbox}</a>}
    </div>
  );
}

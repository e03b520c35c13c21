import { Copy, Gauge, KeyRound, type LucideIcon, MailX, ServerCrash, SlidersHorizontal, Timer } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import type { FaultPlan } from '../../../../server/sandbox/faults.ts';
import { describeFailure, useFailure } from '../failure.ts';
import { useSandbox } from '../store-context.ts';
import { useTexts } from '../texts/texts.ts';
import { FaultPlanDialog } from './fault-plan.tsx';
import { levelOf, rulesOf, type Slider, sliders, withLevel } from './plan.ts';

/** What goes wrong by choice: a slider for what people meet most, and the way to everything else. */
export function Faults() {
  const { store, view } = useSandbox();
  const texts = useTexts();
  const words = texts.world.faults;
  const [isOpen, setOpen] = useState(false);
  const [failure, setFailure] = useFailure();
  const { faults } = view;
  if (!faults) return null;
  const { plan } = faults;
  const others = rulesOf(faults).length - sliders.filter((slider) => levelOf(faults, slider).probability > 0).length;

  function set(next: FaultPlan) {
    store.setFaults(next).then(
      () => setFailure(undefined),
      (error) => setFailure(describeFailure(error, texts, texts.notDone)),
    );
  }

  return (
    <section className="faults" aria-label={words.label}>
      <h2>
        {words.label}
        <small className="faults-about">{words.about}</small>
      </h2>
      <div className="sliders">
        {sliders.map((slider) => (
          <FaultSlider key={`${slider.side} ${slider.fault}`} slider={slider} onSet={set} />
        ))}
      </div>
      <div className="faults-all">
        <button type="button" className="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
          <SlidersHorizontal className="icon" aria-hidden="true" />
          {words.all}
          {others > 0 && <span className="tag">{others}</span>}
        </button>
        <p className="faults-off">
          <button
            type="button"
            className="link"
            disabled={plan.calls.length + plan.callbacks.length === 0}
            onClick={() => set({ ...plan, calls: [], callbacks: [] })}
          >
            {words.allOff}
          </button>
          <small>{words.seed(plan.seed)}</small>
        </p>
      </div>
      {failure && (
        <p className="said" role="alert">
          {failure}
        </p>
      )}
      {isOpen && <FaultPlanDialog onClose={() => setOpen(false)} />}
    </section>
  );
}

function FaultSlider({ slider, onSet }: { slider: Slider; onSet: (plan: FaultPlan) => void }) {
  const { view } = useSandbox();
  const texts = useTexts();
  const { names, faults: words } = texts.world;
  const what = useId();
  const level = view.faults ? levelOf(view.faults, slider) : { probability: 0, struck: 0 };
  const [moved, setMoved] = useState<number>();
  const latest = useRef(view.faults);
  latest.current = view.faults;
  const set = useRef(onSet);
  set.current = onSet;
  useEffect(() => {
    if (moved === undefined) return;
    const timer = setTimeout(() => {
      if (latest.current) set.current(withLevel(latest.current, slider, moved / 100));
      setMoved(undefined);
    }, pause);
    return () => clearTimeout(timer);
  }, [moved, slider]);

  const percent = moved ?? Math.round(level.probability * 100);
  const Icon = icons[slider.fault] ?? Timer;
  const says = slider.side === 'calls' ? texts.world.calls[slider.fault] : texts.world.callbacks[slider.fault];
  return (
    <label className={percent > 0 ? 'fault on' : 'fault'} title={`${words.side[slider.side]}：${says}`}>
      <span className="fault-name">
        <Icon className="icon" aria-hidden="true" />
        {names[slider.fault]}
      </span>
      <span className="fault-level" aria-hidden="true">
        {percent === 0 ? words.off : `${percent} %`}
        {percent > 0 && level.struck > 0 && <span className="fault-struck">{` · ${words.struck(level.struck)}`}</span>}
      </span>
      <input
        type="range"
        min={0}
        max={100}
        step={5}
        value={percent}
        aria-valuetext={percent === 0 ? words.off : `${percent} %`}
        aria-describedby={what}
        style={{ '--level': `${percent}%` } as React.CSSProperties}
        onChange={(event) => setMoved(event.target.valueAsNumber)}
      />
      <small id={what} className="fault-words" aria-hidden="true">
        {words.side[slider.side]} · {says}
      </small>
    </label>
  );
}

const icons: Readonly<Record<string, LucideIcon>> = {
  late: Timer,
  twice: Copy,
  lost: MailX,
  'token-gone': KeyRound,
  'used-up': Gauge,
  down: ServerCrash,
};
/** A slider that is drawn sets what it shows once it rests. */
const pause = 250;

import { Plus, Trash2, X } from 'lucide-react';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { describeFailure, useFailure } from '../failure.ts';
import { useSandbox } from '../store-context.ts';
import { useTexts } from '../texts/texts.ts';
import { callbackFaults, callFaults } from './fault-names.ts';
import { planOf, type Rule, rulesOf } from './plan.ts';

/** Every rule of what goes wrong: which callback or call, how, how often, how long. Applied all at once. */
export function FaultPlanDialog({ onClose }: { onClose: () => void }) {
  const { store, view } = useSandbox();
  const texts = useTexts();
  const words = texts.world.faults;
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const [seed, setSeed] = useState(view.faults?.plan.seed ?? 0);
  const [rules, setRules] = useState<(Rule & { id: number })[]>(() =>
    view.faults ? rulesOf(view.faults).map(({ struck: _, ...rule }, id) => ({ ...(rule as Rule), id })) : [],
  );
  const [failure, setFailure] = useFailure();
  useEffect(() => dialog.current?.showModal(), []);
  const close = () => dialog.current?.close();

  async function apply(event: FormEvent) {
    event.preventDefault();
    const plain = rules.map(({ id: _, ...rule }) => rule as Rule);
    await store.setFaults(planOf(seed, plain)).then(close, (error) => setFailure(describeFailure(error, texts, texts.notDone)));
  }

  function add() {
    const id = Math.max(0, ...rules.map((rule) => rule.id)) + 1;
    setRules([...rules, { id, side: 'calls', name: '*', fault: 'slow', probability: 0.3 }]);
  }

  return (
    <dialog className="platform plan" ref={dialog} aria-labelledby={title} onClose={onClose}>
      <header className="platform-head">
        <div>
          <h2 id={title}>{words.title}</h2>
          <p>{words.titleAbout}</p>
        </div>
        <button type="button" className="round" aria-label={texts.close} onClick={close}>
          <X className="icon" aria-hidden="true" />
        </button>
      </header>
      <form className="plan-form" onSubmit={apply}>
        <div className="plan-rules">
          {rules.length === 0 && <p>{words.none}</p>}
          {rules.map((rule) => (
            <RuleFields
              key={rule.id}
              rule={rule}
              onChange={(next) => setRules(rules.map((other) => (other.id === rule.id ? { ...next, id: rule.id } : other)))}
              onRemove={() => setRules(rules.filter(({ id }) => id !== rule.id))}
            />
          ))}
          <button type="button" className="button" onClick={add}>
            <Plus className="icon" aria-hidden="true" />
            {words.add}
          </button>
        </div>
        <datalist id="callback-names">
          {callbackNames.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <datalist id="call-names">
          {callNames.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        {failure && (
          <p className="said" role="alert">
            {failure}
          </p>
        )}
        <footer className="plan-foot">
          <label>
            <span>{words.seedLabel}</span>
            <span className="field">
              <input
                type="number"
                min={0}
                max={4_294_967_295}
                required
                value={Number.isNaN(seed) ? '' : seed}
                onChange={(event) => setSeed(event.target.valueAsNumber)}
              />
            </span>
          </label>
          <small className="plan-seed-about">{words.seedAbout}</small>
          <button type="submit" className="button main">
            {words.apply}
          </button>
        </footer>
      </form>
    </dialog>
  );
}

interface RuleFieldsProps {
  rule: Rule;
  onChange: (rule: Rule) => void;
  onRemove: () => void;
}

function RuleFields({ rule, onChange, onRemove }: RuleFieldsProps) {
  const texts = useTexts();
  const { faults: words, names } = texts.world;
  const change = (part: Partial<Rule>) => onChange({ ...rule, ...part } as Rule);
  const says = rule.side === 'calls' ? texts.world.calls[rule.fault] : texts.world.callbacks[rule.fault];
  const percent = Math.round(rule.probability * 100);

  function changeSide(side: Rule['side']) {
    if (side === 'calls') onChange({ ...rule, side, name: '*', fault: 'slow' });
    else onChange({ ...rule, side, name: '*', fault: 'late' });
  }

  return (
    <fieldset className="plan-rule">
      <legend className="sr">{`${words.side[rule.side]} ${rule.name} ${names[rule.fault]}`}</legend>
      <label className="plan-side">
        <span>{words.sideLabel}</span>
        <select value={rule.side} onChange={(event) => changeSide(event.target.value as Rule['side'])}>
          <option value="callbacks">{words.side.callbacks}</option>
          <option value="calls">{words.side.calls}</option>
        </select>
      </label>
      <label className="plan-name">
        <span>{words.name}</span>
        <input
          value={rule.name}
          required
          maxLength={100}
          spellCheck={false}
          title={words.nameRule}
          list={rule.side === 'calls' ? 'call-names' : 'callback-names'}
          onChange={(event) => change({ name: event.target.value.trim() })}
        />
      </label>
      <label className="plan-fault">
        <span>{words.fault}</span>
        <select value={rule.fault} onChange={(event) => change({ fault: event.target.value as never })}>
          {(rule.side === 'calls' ? callFaults : callbackFaults).map((fault) => (
            <option key={fault} value={fault}>
              {names[fault]}
            </option>
          ))}
        </select>
      </label>
      <label className="plan-chance">
        <span>
          {words.chance} <b>{percent} %</b>
        </span>
        <input
          type="range"
          min={0}
          max={100}
          step={1}
          value={percent}
          aria-valuetext={`${percent} %`}
          style={{ '--level': `${percent}%` } as React.CSSProperties}
          onChange={(event) => change({ probability: event.target.valueAsNumber / 100 })}
        />
      </label>
      <label>
        <span>{words.times}</span>
        <input
          type="number"
          min={1}
          max={1_000_000}
          placeholder={words.timesRule}
          value={rule.times ?? ''}
          onChange={(event) => change({ times: event.target.value === '' ? undefined : event.target.valueAsNumber })}
        />
      </label>
      <label>
        <span>{words.lasts}</span>
        <input
          type="number"
          min={0}
          max={60_000}
          placeholder="2000"
          disabled={!lasting.includes(rule.fault)}
          value={rule.lasts ?? ''}
          onChange={(event) => change({ lasts: event.target.value === '' ? undefined : event.target.valueAsNumber })}
        />
      </label>
      <button type="button" className="round plan-remove" aria-label={words.remove(names[rule.fault])} onClick={onRemove}>
        <Trash2 className="icon" aria-hidden="true" />
      </button>
      <small className="plan-words">{says}</small>
    </fieldset>
  );
}

const lasting: readonly string[] = ['slow', 'late', 'out-of-order'];
const callbackNames = ['*', 'text', 'image', 'voice', 'location', 'link', 'subscribe', 'unsubscribe', 'SCAN', 'CLICK', 'VIEW'];
const callNames = [
  ...['*', 'cgi-bin/token', 'cgi-bin/stable_token', 'cgi-bin/user/*', 'cgi-bin/user/info', 'cgi-bin/user/get', 'cgi-bin/tags/*'],
  ...['cgi-bin/menu/*', 'cgi-bin/message/custom/send', 'cgi-bin/message/template/send', 'cgi-bin/message/mass/*'],
  ...['cgi-bin/media/*', 'cgi-bin/qrcode/create', 'cgi-bin/draft/*', 'datacube/*'],
];

import { Check, Minus } from 'lucide-react';
import type { AccountDetail } from '../../../../../server/api/contract.ts';
import type { Capability } from '../../../../../server/channels/channel.ts';
import { useCapabilityTexts } from './capability-texts.ts';
import { useAccountTexts } from './texts.ts';
import './capability-panel.css';

/** What the account can do, and what it lacks for the rest. */
export function CapabilityPanel({ account }: { account: AccountDetail }) {
  const texts = useAccountTexts();
  const { names, reasons, can: canWord, cannot } = useCapabilityTexts();
  const all = Object.entries(account.capabilities) as [Capability, AccountDetail['capabilities'][Capability]][];
  const sorted = [...all].sort(([, one], [, other]) => Number(other.can) - Number(one.can));
  return (
    <section className="panel padded capabilities" aria-label={texts.can}>
      <h2>
        {texts.can}
        <small>{texts.canCount(all.filter(([, { can }]) => can).length, all.length)}</small>
      </h2>
      <p className="muted">{texts.canText}</p>
      <ul>
        {sorted.map(([name, ability]) => (
          <li key={name} className={ability.can ? 'can' : 'cannot'}>
            {ability.can ? <Check className="icon" aria-hidden="true" /> : <Minus className="icon" aria-hidden="true" />}
            <span className="sr">{ability.can ? canWord : cannot} </span>
            <span>{names[name]}</span>
            {!ability.can && <small>{reasons[ability.reason]}</small>}
          </li>
        ))}
      </ul>
    </section>
  );
}

import { Check, Minus, X } from 'lucide-react';
import { type ReactNode, useId } from 'react';

export type StepState = 'done' | 'halted' | 'waiting';

interface StepProps {
  state: StepState;
  title: string;
  text: ReactNode;
  action?: ReactNode;
  children?: ReactNode;
}

/** One of the steps that connect an account. */
export function Step({ state, title, text, action, children }: StepProps) {
  const heading = useId();
  const Icon = icons[state];
  return (
    <section className={`panel first-step ${state}`} aria-labelledby={heading}>
      <span className="step">
        <Icon className="icon" aria-hidden="true" />
      </span>
      <div className="step-words">
        <h2 id={heading}>{title}</h2>
        <p className="muted">{text}</p>
      </div>
      {action}
      {children && <div className="inside">{children}</div>}
    </section>
  );
}

const icons = { done: Check, halted: X, waiting: Minus };

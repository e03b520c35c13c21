import type { CallbackFault, CallFault, FaultPlan } from '../../../../server/sandbox/faults.ts';
import type { FaultState } from '../../../../server/sandbox/script-contract.ts';

/** One rule of a plan, with its side. */
export type Rule = ({ side: 'calls' } & FaultPlan['calls'][number]) | ({ side: 'callbacks' } & FaultPlan['callbacks'][number]);

/** A fault that has a slider of its own: it strikes any callback, or any call. */
export type Slider = { side: 'calls'; fault: CallFault } | { side: 'callbacks'; fault: CallbackFault };

/** The faults that people meet most. */
export const sliders: readonly Slider[] = [
  { side: 'callbacks', fault: 'late' },
  { side: 'callbacks', fault: 'twice' },
  { side: 'callbacks', fault: 'lost' },
  { side: 'calls', fault: 'token-gone' },
  { side: 'calls', fault: 'used-up' },
  { side: 'calls', fault: 'down' },
];

/** The rules of both sides, callbacks first, each with how often it has struck. */
export function rulesOf({ plan, struck }: FaultState): (Rule & { struck: number })[] {
  return [
    ...plan.callbacks.map((rule, place) => ({ ...rule, side: 'callbacks' as const, struck: struck.callbacks[place] ?? 0 })),
    ...plan.calls.map((rule, place) => ({ ...rule, side: 'calls' as const, struck: struck.calls[place] ?? 0 })),
  ];
}

/** The plan of these rules. */
export function planOf(seed: number, rules: readonly Rule[]): FaultPlan {
  return {
    seed,
    calls: rules.flatMap((rule) => (rule.side === 'calls' ? [without(rule)] : [])),
    callbacks: rules.flatMap((rule) => (rule.side === 'callbacks' ? [without(rule)] : [])),
  };
}

/** How often the slider's fault strikes, from 0 to 1, and how often it has. */
export function levelOf(state: FaultState, slider: Slider): { probability: number; struck: number } {
  return rulesOf(state).find((rule) => isOf(rule, slider)) ?? { probability: 0, struck: 0 };
}

/** The plan with the slider's fault striking so often; at 0 its rule is gone. The rules of others stay as they are. */
export function withLevel(state: FaultState, slider: Slider, probability: number): FaultPlan {
  const rules: Rule[] = rulesOf(state).map(({ struck: _, ...rule }) => rule as Rule);
  const known = rules.some((rule) => isOf(rule, slider));
  const changed = known
    ? rules.map((rule) => (isOf(rule, slider) ? { ...rule, probability } : rule))
    : [...rules, { ...slider, name: '*', probability } as Rule];
  return planOf(
    state.plan.seed,
    changed.filter((rule) => rule.probability > 0 || !isOf(rule, slider)),
  );
}

/** Is it the rule that the slider moves: for all names, without an end. */
function isOf(rule: Rule, { side, fault }: Slider): boolean {
  return rule.side === side && rule.fault === fault && rule.name === '*' && rule.times === undefined;
}

function without<Some extends Rule>({ side: _, ...rule }: Some): Omit<Some, 'side'> {
  return rule;
}

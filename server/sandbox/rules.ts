import type { RuleCode, Verdict } from './contract.ts';

interface Rule {
  verdict: Verdict;
  /** Section of the platform's facts (wechat.md). */
  section: string;
  /** Is the callback sent again: only when no answer came, a status other than 200 counting as none. */
  isTriedAgain?: true;
}

/** The rule with this code. */
export function ruleOf(code: RuleCode): Rule {
  return rules[code];
}

/** Every rule that can decide over an answer to a callback. */
const rules = {
  'reply-shown': { verdict: 'accepted', section: '1.6' },
  'handed-over': { verdict: 'accepted', section: '1.6' },
  'address-echoed': { verdict: 'accepted', section: '1.1' },
  success: { verdict: 'acknowledged', section: '1.2' },
  empty: { verdict: 'acknowledged', section: '1.2' },
  'address-not-echoed': { verdict: 'refused', section: '1.1' },
  late: { verdict: 'refused', section: '1.2', isTriedAgain: true },
  unreachable: { verdict: 'refused', section: '1.2', isTriedAgain: true },
  interrupted: { verdict: 'refused', section: '1.2', isTriedAgain: true },
  'wrong-status': { verdict: 'refused', section: '1.2', isTriedAgain: true },
  'too-large': { verdict: 'refused', section: '1.2' },
  'not-xml': { verdict: 'refused', section: '1.2' },
  'not-encrypted': { verdict: 'refused', section: '2' },
  'wrong-signature': { verdict: 'refused', section: '2' },
  undecipherable: { verdict: 'refused', section: '2' },
  'missing-field': { verdict: 'refused', section: '1.6' },
  'wrong-receiver': { verdict: 'refused', section: '1.6' },
  'unknown-type': { verdict: 'refused', section: '1.6' },
  'text-too-long': { verdict: 'refused', section: '1.6' },
} as const satisfies Record<RuleCode, Rule>;

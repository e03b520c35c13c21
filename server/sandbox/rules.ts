import type { RuleCode, Verdict } from './contract.ts';

interface Rule {
  verdict: Verdict;
  /** Section of the platform's facts (wechat.md); `0` is said of every call, and the call itself then tells which is meant. */
  section: string;
  /** Is the callback sent again: only when no answer came, a status other than 200 counting as none. */
  isTriedAgain?: true;
}

/** The rule with this code. */
export function ruleOf(code: RuleCode): Rule {
  return rules[code];
}

/** Every rule that can decide over an answer to a callback, or over a call. */
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
  'call-answered': { verdict: 'accepted', section: '0' },
  'unknown-call': { verdict: 'refused', section: '0' },
  'wrong-method': { verdict: 'refused', section: '0' },
  'malformed-call': { verdict: 'refused', section: '0' },
  'wrong-grant': { verdict: 'refused', section: '3.1' },
  'no-app-id': { verdict: 'refused', section: '3.1' },
  'no-secret': { verdict: 'refused', section: '3.1' },
  'unknown-app': { verdict: 'refused', section: '3.1' },
  'wrong-secret': { verdict: 'refused', section: '3.1' },
  'address-not-allowed': { verdict: 'refused', section: '3.1' },
  'no-token': { verdict: 'refused', section: '3.1' },
  'wrong-token': { verdict: 'refused', section: '3.1' },
  'token-over': { verdict: 'refused', section: '3.1' },
  'quota-used-up': { verdict: 'refused', section: '3.2' },
  'not-granted': { verdict: 'refused', section: '0' },
  'value-missing': { verdict: 'refused', section: '0' },
  'value-wrong': { verdict: 'refused', section: '0' },
  'limit-passed': { verdict: 'refused', section: '0' },
  'nothing-there': { verdict: 'refused', section: '0' },
  'used-already': { verdict: 'refused', section: '0' },
  'out-of-time': { verdict: 'refused', section: '0' },
  'not-to-this-person': { verdict: 'refused', section: '0' },
  'too-fast': { verdict: 'refused', section: '0' },
  'fault-chosen': { verdict: 'refused', section: '0' },
} as const satisfies Record<RuleCode, Rule>;

import type { Check } from '../../../../../server/api/contract.ts';

export type StepOfCheck = Check['steps'][number];

/** Where a check, or one side of it, stands: the first step that failed, else the first that waits for something a person can do; neither when all is well. */
export function haltOf(steps: readonly StepOfCheck[]): StepOfCheck | undefined {
  const failed = steps.find(({ outcome }) => outcome === 'failed');
  return failed ?? steps.find(({ outcome, reason }) => outcome === 'waiting' && reason !== undefined && !calm.has(reason));
}

/** Waits that ask nothing of anybody. */
const calm = new Set(['not-from-here', 'address-not-listed']);

/** What is sent to whoever helps: the check as it was answered, which holds no secret. */
export function recordOf(account: { name: string; appId: string; mode: string; callbackUrl: string }, check: Check): string {
  const { name, appId, mode, callbackUrl } = account;
  return `${JSON.stringify({ name, appId, mode, callbackUrl, checkedAt: new Date(check.startedAt).toISOString(), ...check }, null, 2)}\n`;
}

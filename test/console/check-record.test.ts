import { describe, expect, it } from 'vitest';
import { haltOf, recordOf, type StepOfCheck } from '../../console/src/console/pages/accounts/check-record.ts';

const step = (name: string, outcome: StepOfCheck['outcome'], reason?: string): StepOfCheck => ({
  name,
  side: 'in',
  outcome,
  ...(reason === undefined ? {} : { reason }),
});
const checkOf = (...steps: StepOfCheck[]) => ({ startedAt: Date.UTC(2026, 0, 2), milliseconds: 12, steps });

describe('where a check stands', () => {
  it('is nowhere when every step passed', () => {
    expect(haltOf([step('token', 'passed'), step('answered', 'passed')])).toBeUndefined();
  });

  it('is at the step that failed, also behind one that waits for a person', () => {
    const steps = [step('knocked', 'waiting', 'nobody-came'), step('signature', 'failed', 'tokens-differ')];
    expect(haltOf(steps)?.name).toBe('signature');
  });

  it('is at the first step that waits for a person, where none failed', () => {
    const steps = [step('reachable', 'passed'), step('knocked', 'waiting', 'nobody-came'), step('answered', 'waiting')];
    expect(haltOf(steps)?.name).toBe('knocked');
  });

  it('is not at a step that only waits for the one before, nor at one that asks nothing of anybody', () => {
    expect(haltOf([step('reachable', 'waiting', 'not-from-here'), step('answered', 'waiting')])).toBeUndefined();
  });
});

it('the record of a check names the account and holds every step', () => {
  const account = { name: '半日麦', appId: 'wx1', mode: 'safe', callbackUrl: 'https://a.example/wechat/1' };
  const record = JSON.parse(recordOf(account, checkOf(step('token', 'failed', 'wrong-secret'))));
  expect(record).toMatchObject({ ...account, checkedAt: '2026-01-02T00:00:00.000Z', milliseconds: 12 });
  expect(record.steps).toEqual([{ name: 'token', side: 'in', outcome: 'failed', reason: 'wrong-secret' }]);
});

import { describe, expect, test } from 'vitest';
import { callbackFaults, callFaults } from '../../console/src/sandbox/world/fault-names.ts';
import { levelOf, planOf, rulesOf, type Slider, withLevel } from '../../console/src/sandbox/world/plan.ts';
import * as server from '../../server/sandbox/faults.ts';
import type { FaultState } from '../../server/sandbox/script-contract.ts';

const down: Slider = { side: 'calls', fault: 'down' };
const one = { name: 'cgi-bin/user/get', fault: 'down', probability: 0.5 } as const;
const limited = { name: '*', fault: 'down', probability: 1, times: 1 } as const;
const late = { name: '*', fault: 'late', probability: 0.2, lasts: 500 } as const;

function stateOf(plan: Partial<FaultState['plan']>, struck: Partial<FaultState['struck']> = {}): FaultState {
  return { plan: { seed: 7, calls: [], callbacks: [], ...plan }, struck: { calls: [], callbacks: [], ...struck } };
}

describe('a slider', () => {
  test('adds a rule for all names behind the others, moves it, and takes it away at 0', () => {
    const before = stateOf({ calls: [one], callbacks: [late] });
    const added = withLevel(before, down, 0.3);
    expect(added).toEqual({ seed: 7, calls: [one, { name: '*', fault: 'down', probability: 0.3 }], callbacks: [late] });
    const moved = withLevel(stateOf(added), down, 1);
    expect(moved.calls[1]).toEqual({ name: '*', fault: 'down', probability: 1 });
    expect(withLevel(stateOf(moved), down, 0)).toEqual(before.plan);
  });

  test('neither shows nor touches a rule of one call, or one that ends', () => {
    const state = stateOf({ calls: [one, limited] }, { calls: [4, 1] });
    expect(levelOf(state, down)).toEqual({ probability: 0, struck: 0 });
    expect(withLevel(state, down, 0)).toEqual(state.plan);
  });

  test('shows how often its own rule has struck', () => {
    const state = stateOf({ calls: [one, { ...one, name: '*' }] }, { calls: [4, 2] });
    expect(levelOf(state, down)).toMatchObject({ probability: 0.5, struck: 2 });
  });
});

test('a plan that is taken apart and put together is the same', () => {
  const { plan } = stateOf({ calls: [one, limited], callbacks: [late] });
  const rules = rulesOf(stateOf(plan)).map(({ struck: _, ...rule }) => rule);
  expect(planOf(7, rules as Parameters<typeof planOf>[1])).toEqual(plan);
});

test('every fault of the sandbox is offered', () => {
  expect([...callFaults].sort()).toEqual([...server.callFaults].sort());
  expect([...callbackFaults].sort()).toEqual([...server.callbackFaults].sort());
});

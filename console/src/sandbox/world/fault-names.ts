import type { CallbackFault, CallFault } from '../../../../server/sandbox/faults.ts';

/** The faults of callbacks and of calls, in the order in which they are offered. */
export const callbackFaults = Object.keys({
  late: 0,
  twice: 0,
  'out-of-order': 0,
  lost: 0,
  'answer-lost': 0,
} satisfies Record<CallbackFault, 0>) as CallbackFault[];

export const callFaults = Object.keys({
  slow: 0,
  lost: 0,
  twice: 0,
  cut: 0,
  'broken-json': 0,
  down: 0,
  busy: 0,
  'too-fast': 0,
  'used-up': 0,
  'token-refused': 0,
  'token-gone': 0,
} satisfies Record<CallFault, 0>) as CallFault[];

import { z } from 'zod';

/**
 * What goes wrong with a call:
 * `slow` answers late · `lost` does it and never answers · `twice` does it twice · `cut` does it and breaks the connection off ·
 * `broken-json` does it and answers half of the JSON · `down` 502 and a page of a proxy · `busy` -1 · `used-up` 45009 ·
 * `too-fast` 45011 · `token-refused` 40014 though the token is good · `token-gone` voids the account's tokens, 40001. What is not said to do it leaves everything as it was.
 */
export const callFaults = [
  'slow',
  'lost',
  'twice',
  'cut',
  'broken-json',
  'down',
  'busy',
  'too-fast',
  'used-up',
  'token-refused',
  'token-gone',
] as const;
export type CallFault = (typeof callFaults)[number];

/**
 * What goes wrong with one try of a callback:
 * `late` it is sent later · `twice` it is sent twice at once · `out-of-order` it waits until a later one has overtaken it ·
 * `lost` it never arrives · `answer-lost` it arrives and the answer does not come back. What failed is tried again as always.
 */
export const callbackFaults = ['late', 'twice', 'out-of-order', 'lost', 'answer-lost'] as const;
export type CallbackFault = (typeof callbackFaults)[number];

interface Chance {
  /** A call by its path (`cgi-bin/user/info`), a callback by its kind (`text`, `subscribe`); `*` at the end stands for any rest. */
  readonly name: string;
  /** 0 to 1: of each that fits. */
  readonly probability: number;
  /** How many times at most; without an end where nothing is said. */
  readonly times?: number | undefined;
  /** How long `slow`, `late` and `out-of-order` last at most, ms; 2,000 where nothing is said. */
  readonly lasts?: number | undefined;
}

/** What is to go wrong, and how often. The first rule of a side that strikes decides. */
export interface FaultPlan {
  /** The same seed has the same ones struck, as long as the same things arrive in the same order. */
  readonly seed: number;
  readonly calls: readonly (Chance & { readonly fault: CallFault })[];
  readonly callbacks: readonly (Chance & { readonly fault: CallbackFault })[];
}

/** What has struck. */
export interface Struck<Fault> {
  readonly fault: Fault;
  readonly lasts: number;
}

/** Draws what goes wrong. */
export interface Faults {
  plan(): FaultPlan;
  /** How often each rule has struck since the plan was set: those of the calls, those of the callbacks. */
  struck(): { calls: readonly number[]; callbacks: readonly number[] };
  /** Begins anew with this plan. */
  set(plan: FaultPlan): void;
  ofCall(name: string): Struck<CallFault> | undefined;
  ofCallback(kind: string): Struck<CallbackFault> | undefined;
}

const chance = {
  name: z.string().min(1).max(100),
  probability: z.number().min(0).max(1),
  times: z.number().int().min(1).max(1_000_000).optional(),
  lasts: z.number().int().min(0).max(60_000).optional(),
};

export const faultPlanSchema = z.strictObject({
  seed: z.number().int().min(0).max(0xffff_ffff).default(0),
  calls: z
    .array(z.strictObject({ ...chance, fault: z.enum(callFaults) }))
    .max(50)
    .default([]),
  callbacks: z
    .array(z.strictObject({ ...chance, fault: z.enum(callbackFaults) }))
    .max(50)
    .default([]),
}) satisfies z.ZodType<FaultPlan>;

export const noFaults: FaultPlan = { seed: 0, calls: [], callbacks: [] };

const usualLength = 2_000;

export function createFaults(first: FaultPlan): Faults {
  let plan = first;
  let calls = drawerOf(plan.calls, plan.seed);
  // Another seed than the calls have: how many of those come must not change what strikes here.
  let callbacks = drawerOf(plan.callbacks, plan.seed ^ 0x5bd1e995);

  return {
    plan: () => plan,
    struck: () => ({ calls: calls.struck, callbacks: callbacks.struck }),
    set(next) {
      plan = next;
      calls = drawerOf(plan.calls, plan.seed);
      callbacks = drawerOf(plan.callbacks, plan.seed ^ 0x5bd1e995);
    },
    ofCall: (name) => calls.draw(name),
    ofCallback: (kind) => callbacks.draw(kind),
  };
}

function drawerOf<Fault>(rules: readonly (Chance & { readonly fault: Fault })[], seed: number) {
  const struck = rules.map(() => 0);
  // Each rule draws from a row of its own, so that adding one leaves the others as they are.
  const rows = rules.map((_, place) => createRow(seed + Math.imul(place + 1, 0x9e3779b9)));

  function draw(name: string): Struck<Fault> | undefined {
    for (const [place, { fault, probability, times = Infinity, lasts = usualLength, name: pattern }] of rules.entries()) {
      const count = struck[place] ?? 0;
      if (!fits(pattern, name) || count >= times || (rows[place]?.() ?? 1) >= probability) continue;
      struck[place] = count + 1;
      return { fault, lasts };
    }
    return undefined;
  }
  return { struck, draw };
}

function fits(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/** Numbers from 0 up to 1 that follow from the seed (mulberry32). */
function createRow(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
